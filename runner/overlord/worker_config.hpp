#pragma once
// The runner strategy of `k8sAndWorker` as an unmodified Overlord can carry it out: copse and the
// middle managers announce different worker categories, and the Overlord's worker configuration
// says which category a task type goes to (Druid: WorkerBehaviorConfig, WorkerCategorySpec). Pure:
// a policy and the configuration in force become the configuration to publish.
//
// What Druid does with it (WorkerSelectUtils): a task's type is looked up in `categoryMap`; the
// category is that of its supervisor id, else of its data source, else `defaultCategory`. With
// `strong` the task waits for a worker of that category. A type that is not listed, or whose
// category is null, goes to *any* worker, copse included; so all types that are known or were seen
// are listed, and one that nobody has seen yet goes anywhere until it is published again.
//
// What is the operator's stays: the autoscaler, task limits, unknown members, and every entry and
// affinity that agrees with the policy, e.g. several categories of middle managers for types that
// the policy sends to workers. Only what contradicts the policy is replaced. (Therefore publish
// before types are moved when `copse.worker.category` is renamed: a former name of copse's own
// category is not told from one of middle managers.)

#include "engine/diagnostic.hpp"
#include "engine/policy.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::overlord {

/// GET gives the configuration in force, POST replaces it; below it `/history`.
inline constexpr std::string_view worker_config_path = "/druid/indexer/v1/worker";

/// Headers of a POST, which the Overlord keeps in the history of its configuration.
inline constexpr std::string_view worker_config_author_header = "X-Druid-Author";
inline constexpr std::string_view worker_config_comment_header = "X-Druid-Comment";
inline constexpr std::string_view worker_config_author = "copse";

/// Characters of a comment: the width of its column in Druid's audit table.
inline constexpr std::size_t worker_config_comment_limit = 2048;

/// `runner strategy of POLICY, version V`, fit for a header: what is not printable ASCII becomes
/// `?`, and a long name is cut.
[[nodiscard]] std::string worker_config_comment(std::string_view policy, std::string_view version);

/// Task types of Druid and its extensions, old aliases included.
inline constexpr std::array known_task_types{std::string_view("archive"),
                                             std::string_view("compact"),
                                             std::string_view("index"),
                                             std::string_view("index_hadoop"),
                                             std::string_view("index_kafka"),
                                             std::string_view("index_kinesis"),
                                             std::string_view("index_materialized_view"),
                                             std::string_view("index_parallel"),
                                             std::string_view("index_rabbit"),
                                             std::string_view("index_realtime"),
                                             std::string_view("index_realtime_appenderator"),
                                             std::string_view("index_sub"),
                                             std::string_view("kill"),
                                             std::string_view("move"),
                                             std::string_view("noop"),
                                             std::string_view("partial_dimension_cardinality"),
                                             std::string_view("partial_dimension_distribution"),
                                             std::string_view("partial_index_generate"),
                                             std::string_view("partial_index_generic_merge"),
                                             std::string_view("partial_index_merge"),
                                             std::string_view("partial_range_index_generate"),
                                             std::string_view("query_controller"),
                                             std::string_view("query_worker"),
                                             std::string_view("restore"),
                                             std::string_view("single_phase_sub_task")};

using TaskTypes = std::set<std::string, std::less<>>;

/// The categories that workers announce.
struct WorkerCategories {
  std::string copse = "copse";                               ///< `copse.worker.category`
  std::string middle_managers = "_default_worker_category";  ///< where Druid's own workers are
};

/// One difference between the configuration in force and the one to publish.
struct WorkerConfigChange {
  enum class Kind : std::uint8_t {
    category,     ///< of all tasks of `task_type`
    data_source,  ///< of those of data source `name`
    supervisor,   ///< of those of supervisor `name`
    setting       ///< member `name` of the configuration
  };
  Kind kind = Kind::category;
  std::string task_type;
  std::string name;
  std::optional<std::string> before;  ///< of a category: absent means any worker
  std::optional<std::string> after;   ///< absent: a setting that goes

  bool operator==(const WorkerConfigChange&) const = default;
};

using WorkerConfigChanges = std::vector<WorkerConfigChange>;

struct WorkerConfig {
  std::string document;         ///< JSON, the body of the POST
  WorkerConfigChanges changes;  ///< settings first, then types in their order; never empty
};

/// The configuration that makes the Overlord send each task where `runner` says; nothing, when the
/// one in force does already. `seen` are types of tasks that were met beside the known ones.
/// `in_force` is what GET answered; empty or `null` where nothing was set yet.
///
/// The policy is taken rather than its image, because the answer is the policy's own rules in other
/// words: types that a rule names are listed, and a rule that cannot be said is named with its
/// place. Fails with P0304 for such a rule: one that asks for anything but the type (tag, data
/// source, …) and sends what it takes elsewhere than the rest of that type, or fails its tasks;
/// with I0003 when `in_force` is no worker configuration; with C0007 when both categories are the
/// same.
[[nodiscard]] std::expected<std::optional<WorkerConfig>, engine::Diagnostic> plan_worker_config(
    const engine::Policy& runner, const WorkerCategories& categories, const TaskTypes& seen,
    std::string_view in_force);

/// The changes for people, a line each: `index_kafka  any worker -> copse`, columns aligned.
[[nodiscard]] std::string to_text(const WorkerConfigChanges& changes);

/// The changes as a JSON array of `{"taskType"[,"dataSource"|"supervisorId"],"from","to"}` and
/// `{"setting","from","to"}`; a category that is null is any worker.
[[nodiscard]] std::string to_json(const WorkerConfigChanges& changes);

}  // namespace copse::runner::overlord
