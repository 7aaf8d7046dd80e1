#pragma once
// What a rule changes in the pod template: fields that a policy may set, and what Kubernetes takes
// as their values.
//
// The field names are those of the policy language. Where a value is an attribute of the task it
// is known only when the task is decided; what Kubernetes would refuse then fails that task.

#include "engine/attribute.hpp"
#include "engine/source.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace copse::engine {

enum class Field : std::uint8_t {
  cpu,             ///< request and limit of the first container
  memory,          ///< the same
  storage,         ///< the same, of ephemeral-storage
  label,           ///< of Job and pod, by key
  annotation,      ///< of Job and pod, by key
  node,            ///< nodeSelector, by key
  tolerate,        ///< a toleration, by key and effect
  env,             ///< of the first container, by name
  java_opts,       ///< JAVA_OPTS of the first container
  priority_class,  ///< priorityClassName
  deadline,        ///< activeDeadlineSeconds of the Job
  grace,           ///< terminationGracePeriodSeconds of the pod
  namespace_name   ///< where the Job is created
};

inline constexpr std::size_t field_count = 13;

/// `javaOpts`, as the language writes it.
[[nodiscard]] std::string_view name(Field field);
[[nodiscard]] std::optional<Field> field_named(std::string_view name);

/// True of those that are set for a key: label, annotation, node, tolerate, env.
[[nodiscard]] bool has_key(Field field);

/// Variables that Druid's adapter sets in the first container itself.
inline constexpr std::array<std::string_view, 7> druid_variables{"TASK_DIR",
                                                                 "druid_indexer_task_baseTaskDir",
                                                                 "TASK_ID",
                                                                 "LOAD_BROADCAST_DATASOURCE_MODE",
                                                                 "LOAD_BROADCAST_SEGMENTS",
                                                                 "DRUID_POD_TEMPLATE",
                                                                 "TASK_JSON"};

/// One field and what it is set to.
struct Override {
  Field field = Field::cpu;
  std::string key;
  std::string value;  ///< of cpu, memory, storage the request; of a deadline as `2h`
  std::string upper;  ///< of cpu, memory, storage the limit; of a toleration the effect, or empty
  std::optional<Attribute> attribute;  ///< the value, when the task has it; else `value`
  std::string profile;                 ///< that says it; empty: the rule itself
  Span span;                           ///< in the policy

  bool operator==(const Override&) const = default;
};

/// True of `javaOpts` and of `env "JAVA_OPTS"`, which are the same variable.
[[nodiscard]] bool sets_java_opts(const Override& override);

/// True when they set the same thing.
[[nodiscard]] bool same_target(const Override& a, const Override& b);

/// True when they set it to the same: `cpu 500m` is `cpu 0.5`, `deadline 60m` is `deadline 1h`.
[[nodiscard]] bool is_alike(const Override& a, const Override& b);

/// `cpu 2..4`, `label "team" = "fraud"`: as the language writes it.
[[nodiscard]] std::string in_words(const Override& override);

/// Cores that cpu can ask for, and bytes that memory and storage must. Kubernetes takes what is
/// beyond and starts nothing: `memory 4` is four bytes.
inline constexpr std::int64_t most_cores = 100'000;
inline constexpr std::int64_t least_bytes = 1024 * 1024;

/// Why Kubernetes, or Druid, would refuse it: a label value with a blank, a limit below its
/// request, a variable that Druid sets. Nothing when it is sound. An attribute's value is looked at
/// as `value`.
[[nodiscard]] std::optional<std::string> fault_of(const Override& override);

}  // namespace copse::engine
