#pragma once
// What an Overlord keeps and says of a task's state (Druid: TaskStatus, TaskStatusPlus). Pure.

#include "runner/overlord/announcement.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace copse::runner::overlord_sandbox {

using Moment = std::chrono::sys_time<std::chrono::milliseconds>;

struct TaskStatus {
  std::string id;
  overlord::TaskState state = overlord::TaskState::running;
  std::int64_t duration_ms = -1;
  std::string error = {};  ///< empty: null
  overlord::TaskLocation location = {};

  [[nodiscard]] bool is_complete() const { return state != overlord::TaskState::running; }

  bool operator==(const TaskStatus&) const = default;
};

/// FAILED, its text cut to overlord::error_text_limit characters (UTF-16, as Java counts) and
/// `...`.
[[nodiscard]] TaskStatus failure(std::string id, std::string_view text);

/// As above, of any text.
[[nodiscard]] std::string cut_error(std::string_view text);

/// Where the runner has a task.
enum class RunnerState : std::uint8_t { waiting, pending, running, none };

/// `WAITING`, `PENDING`, `RUNNING`, `NONE`
[[nodiscard]] std::string_view name(RunnerState state);

/// Everything that users may ask of a task.
struct TaskReport {
  std::string group_id;
  std::string type;
  std::string data_source;
  Moment created{};
  TaskStatus status = {};  ///< of the store; the location is the runner's while it knows the task
  RunnerState runner = RunnerState::none;
  std::string worker = {};  ///< that has it; empty: none
};

/// `{"id":…,"status":…,"duration":…,"errorMsg":…,"location":…}`
[[nodiscard]] std::string to_json(const TaskStatus& status);

/// TaskStatusPlus.
[[nodiscard]] std::string to_json(const TaskReport& report);

/// `2026-01-01T00:00:00.000Z`
[[nodiscard]] std::string iso_text(Moment moment);

}  // namespace copse::runner::overlord_sandbox
