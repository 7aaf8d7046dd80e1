#pragma once
// A Druid task as it came: its JSON document, and the few members that everybody needs.
//
// The document is never rewritten: the peon gets what the Overlord (or the file) said, member for
// member.

#include "engine/diagnostic.hpp"
#include "engine/source.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

namespace copse::engine {

struct Task {
  std::string document;  ///< the task's JSON object, with document_padding bytes of spare capacity
  std::string id;
  std::string type;
  std::string group_id;                     ///< the id when the document names none, as in Druid
  std::optional<std::string> data_source;   ///< facts.hpp says where it is looked for
  std::optional<std::int64_t> duration_ms;  ///< how long it ran, where that was recorded
  std::string origin;                       ///< where it was read: `tasks.ndjson:17`
};

/// Bytes of one task document. Kubernetes takes objects up to 3 MiB, and a task-log store more;
/// nothing that Druid makes comes near.
inline constexpr std::size_t task_size_limit = 64UL * 1024 * 1024;

/// Reads one task. Druid's envelope `{"task": ID, "payload": {…}}`, which the Overlord's API
/// answers, is unwrapped; `"duration": MS` in it is kept. Fails with diagnostics that name file,
/// line and cause: not JSON, not an object, no `type` or `id`, too large, too deep. `first_line` is
/// the line of `source` at which its text starts in the file.
[[nodiscard]] std::expected<Task, Diagnostics> read_task(const Source& source,
                                                         std::uint32_t first_line = 1);

}  // namespace copse::engine
