#pragma once
// What a worker tells the Overlord about one task (Druid: TaskAnnouncement, WorkerHistoryItem).

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace copse::runner::overlord {

enum class TaskState : std::uint8_t { running, success, failed };

/// As the Overlord spells it: RUNNING, SUCCESS, FAILED.
[[nodiscard]] std::string_view name(TaskState state);

/// Where a task's peon listens. No host: unknown, which is written with both ports -1; a port that
/// is left out would read as 0, a known location.
struct TaskLocation {
  std::string host;
  std::int32_t port = -1;      ///< plain HTTP
  std::int32_t tls_port = -1;  ///< HTTPS; exactly one of the two is positive
  std::string pod;             ///< its name; the Overlord shows it from Druid 28 on

  bool operator==(const TaskLocation&) const = default;
};

/// Characters of an error that the Overlord keeps; it cuts the rest and writes `...`.
inline constexpr std::size_t error_text_limit = 100;

struct Announcement {
  std::string id;
  std::string type;
  std::string data_source;
  std::int32_t required_capacity = 1;  ///< at least 1, or the Overlord cannot read the answer
  TaskState state = TaskState::running;
  std::int64_t duration_ms = -1;  ///< of the run, once it has ended
  std::string error;              ///< only of a failure
  TaskLocation location;

  bool operator==(const Announcement&) const = default;
};

namespace change {

/// A task was taken, got a place, or ended.
struct Update {
  std::shared_ptr<const Announcement> task;
};

/// A task has ended and the Overlord knows it: it is spoken of no more.
struct Removal {
  std::string task_id;
};

/// Whether new tasks are wanted.
struct Availability {
  bool disabled = false;
};

}  // namespace change

using Change = std::variant<change::Update, change::Removal, change::Availability>;

}  // namespace copse::runner::overlord
