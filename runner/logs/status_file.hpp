#pragma once
// The status that a task leaves behind: Druid's TaskStatus document.
//
// Druid's task-log store of type `file` keeps it as `DIR/ID.status.json`; the peon puts it there
// itself (encapsulatedTask). The same document may stand in a container's termination message.

#include "runner/job/outcome.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace copse::runner::logs {

/// Reads a TaskStatus. `absent` when the text is not one at all (an ordinary termination message),
/// `unreadable` when it says neither SUCCESS nor FAILED.
[[nodiscard]] job::StatusReport parse_task_status(std::string_view text);

/// `DIR/ID.status.json`.
[[nodiscard]] std::string status_path(std::string_view directory, std::string_view task_id);

/// Bytes of a status file; Druid's own are under 2 KiB.
inline constexpr std::size_t status_size_limit = 1U << 20U;

/// How much older than its Job a status file may be: the clocks of the cluster and of the log store
/// differ.
inline constexpr std::chrono::seconds clock_skew{60};

/// Reads the status file of a task. Blocks on the file system. A file that was written before
/// `job_created` (less clock_skew) belongs to an earlier run of the same id and is absent.
[[nodiscard]] job::StatusReport read_status_file(
    const std::string& directory, const std::string& task_id,
    std::optional<std::chrono::sys_seconds> job_created);

}  // namespace copse::runner::logs
