#pragma once
// What a Job must know of its task: a few header fields, and how Druid's task classes answer for
// the peon.
//
// The rest of the task document is payload that nobody here looks at. Traits stand for Java methods
// which have no trace in JSON (Task.supportsQueries and the like): known per type, overridable by
// who knows better.

#include "engine/diagnostic.hpp"
#include "engine/source.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace copse::adapters {

/// Which broadcast datasources a peon loads before it starts.
enum class BroadcastMode : std::uint8_t { all, none, only_required };

/// `ALL`, `NONE`, `ONLY_REQUIRED`.
[[nodiscard]] std::string_view name(BroadcastMode mode);

/// What the context key `broadcastDatasourcesToLoad` holds.
enum class BroadcastSources : std::uint8_t { absent, empty, listed, not_a_list };

struct TaskHeader {
  std::string id;
  std::string type;
  std::string group_id;                    ///< the id where the document has none, as in Druid
  std::optional<std::string> data_source;  ///< absent: Druid fails the launch
  std::optional<std::string>
      broadcast_mode;  ///< context key `broadcastDatasourceLoadingMode`, a scalar as text
  BroadcastSources broadcast_sources = BroadcastSources::absent;
};

/// Reads the header of a task document (an object, not one of Druid's envelopes). `dataSource` may
/// also stand in `spec.dataSchema`, where a specification that was never submitted has it. One pass
/// of simdjson.
[[nodiscard]] std::expected<TaskHeader, engine::Diagnostics> read_task_header(
    const engine::Source& source);

struct TaskTraits {
  bool supports_queries = false;
  BroadcastMode broadcast_default = BroadcastMode::all;  ///< without the context key
  bool broadcast_is_fixed = false;                       ///< the context key is not looked at
  std::optional<std::string> node_type;                  ///< for the overlord adapters only

  bool operator==(const TaskTraits&) const = default;
};

/// What Druid's own class of that type answers: streaming tasks and MSQ workers support queries,
/// `kill` and the MSQ controller load no broadcast datasource. Other types have the defaults of
/// AbstractTask.
[[nodiscard]] TaskTraits traits_of(std::string_view type);

/// The mode that the task's context asks for, or Druid's message about it.
[[nodiscard]] std::expected<BroadcastMode, std::string> broadcast_mode(const TaskHeader& task,
                                                                       const TaskTraits& traits);

}  // namespace copse::adapters
