#pragma once
// Druid's dynamic configuration of the Kubernetes task runner, as values:
// `{"type":"default","podTemplateSelectStrategy":{…}|null,"capacity":N|null}` and its strategies.
//
// Read as Druid's own mapper reads it: unknown members are ignored, numbers and booleans become
// texts where a text is wanted, an unknown `type` falls back to the default. What Druid does in
// silence is a warning. Source: Druid's page "MM-less Druid in K8s"; the classes were run for
// releases 33, 37 and 39.

#include "engine/diagnostic.hpp"
#include "engine/release.hpp"
#include "engine/source.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace copse::grammar {

/// A list of texts in which null may stand. A null matches nothing, but it makes a list not empty.
using Texts = std::vector<std::optional<std::string>>;

/// One entry of `context.tags`. `values` absent: null, at which Druid fails when a task has the
/// tag.
struct TagCondition {
  std::string tag;
  std::optional<Texts> values;

  bool operator==(const TagCondition&) const = default;
};

struct Selector {
  bool is_null = false;  ///< the list says null: Druid fails each task that gets this far
  std::optional<std::string> selection_key;
  std::optional<std::vector<TagCondition>> tags;  ///< absent or empty: any
  std::optional<Texts> types;                     ///< absent or empty: any
  std::optional<Texts> data_sources;              ///< absent or empty: any
  engine::Span span;

  bool operator==(const Selector&) const = default;
};

/// `{"type":"default"}`: the template that is named like the task type, else `base`.
struct ByTaskType {
  bool operator==(const ByTaskType&) const = default;
};

/// `{"type":"selectorBased"}`: the first selector that matches.
struct SelectorBased {
  std::vector<Selector> selectors;

  bool operator==(const SelectorBased&) const = default;
};

using Strategy = std::variant<ByTaskType, SelectorBased>;

struct DynamicConfiguration {
  std::optional<Strategy> strategy;      ///< absent: by task type
  std::optional<std::int32_t> capacity;  ///< absent: the static property counts

  bool operator==(const DynamicConfiguration&) const = default;
};

/// What was read, and what is worth saying about it.
template <typename T>
struct Reading {
  T value;
  engine::Diagnostics warnings;
};

/// Whether a text is known to be JSON: large ones need not be looked through twice.
enum class Json : std::uint8_t { unknown, valid };

/// Reads a whole dynamic configuration. Fails where Druid's mapper does, for the given release.
[[nodiscard]] std::expected<Reading<DynamicConfiguration>, engine::Diagnostics>
read_dynamic_configuration(const engine::Source& source, engine::Release release,
                           Json json = Json::unknown);

/// Reads a bare `podTemplateSelectStrategy`.
[[nodiscard]] std::expected<Reading<DynamicConfiguration>, engine::Diagnostics> read_strategy(
    const engine::Source& source, engine::Release release, Json json = Json::unknown);

/// The configuration as Druid would write it back (sets in the order in which they were written).
[[nodiscard]] std::string to_json(const DynamicConfiguration& configuration,
                                  engine::Release release);

}  // namespace copse::grammar
