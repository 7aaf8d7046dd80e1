#pragma once
// The logs of all tasks: each is followed from the start of its container to its end, and stored as
// it comes (Druid's task-log store of type `file`). The driver around logs/LogFollow.
//
// One request a task, as long as its stream is not cut. At most `live_limit` logs are followed at a
// time; those of further tasks are fetched when their pods have ended. What the store does not take
// (full, away) is fetched again from the cluster, a few times.
//
// All calls and callbacks are on the io_context's one thread; one other thread writes.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace copse::runner::kube {
class Transport;
}

namespace copse::runner::service {

/// Logs that are followed while their tasks run.
inline constexpr std::size_t live_log_limit = 256;

/// Streams beyond these, for the ends of logs whose tasks wait for them.
inline constexpr unsigned final_log_streams = 32;

/// Bytes that wait for the store; beyond them streams are closed, and opened again later.
inline constexpr std::size_t unwritten_log_limit = std::size_t{32} << 20U;

/// Tries to store a log, and the pause between two.
inline constexpr unsigned log_store_tries = 5;
inline constexpr std::size_t log_store_pause_ms = 2'000;

struct LogStore {
  std::string directory;  ///< where logs go
  std::string positions;  ///< where it is kept how far each has come
  std::size_t live_limit = live_log_limit;
};

/// The container whose log it is.
struct LogSource {
  std::string namespace_name;
  std::string pod;
  std::string container;
};

struct LogEvents {
  /// Nothing more will come of this task's log. `note`: what is missing and why; empty: it is
  /// whole.
  std::move_only_function<void(const std::string& task_id, const std::string& note)> done;
  std::move_only_function<void(const std::string& text)> trouble;  ///< may be empty
};

class TaskLogs {
 public:
  /// `io` and `transport` outlive it.
  TaskLogs(boost::asio::io_context& io, kube::Transport& transport, LogStore store,
           LogEvents events);
  TaskLogs(const TaskLogs&) = delete;
  TaskLogs& operator=(const TaskLogs&) = delete;
  ~TaskLogs();

  /// The container runs, or has run. `done` comes once; not from within this call.
  void begin(const std::string& task_id, LogSource source);

  /// What is still to come of it comes now.
  void finish(const std::string& task_id);

  /// Logs that are not done.
  [[nodiscard]] std::size_t open() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace copse::runner::service
