#pragma once
// All tasks that an Overlord has handed over: the driver around `duty`. It owns their states,
// writes the journal, drives the TaskRunner, and keeps the History up to date that the Overlord
// polls. It decides nothing: `duty` does, and the ports below.
//
// All calls and callbacks are on the io_context's one thread. The journal's writer thread reports
// to it by a post.

#include "runner/overlord/history.hpp"
#include "runner/service/duty.hpp"
#include "runner/service/task_event.hpp"
#include "runner/service/task_logs.hpp"
#include "runner/service/task_runner.hpp"
#include "runner/store/journal.hpp"

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace copse::runner::service {

/// A decision, and the Job that it comes to.
struct Launchable {
  TaskSpec spec;
  store::Decided decided;
};

/// What an announcement says of a task besides its state.
struct TaskHead {
  std::string id;
  std::string type;
  std::string data_source;  ///< empty: the task names none
  std::int32_t required_capacity = 1;
};

/// What the worker asks of others.
struct WorkerPorts {
  /// The head of a task's JSON document, or what is wrong with it.
  std::move_only_function<std::expected<TaskHead, std::string>(const std::string& document)> head;

  /// Decides and builds the Job, or says why there can be none. Called once for an attempt.
  std::move_only_function<std::expected<Launchable, std::string>(const std::string& document)>
      decide;

  /// The Job of a decision that was taken before a restart.
  std::move_only_function<std::expected<TaskSpec, std::string>(const std::string& document,
                                                               const store::Decided& decided)>
      rebuild;

  /// The history has grown: whoever polls can be answered.
  std::move_only_function<void()> news;

  /// The end of a task was announced: the Overlord may be asked whether it knows.
  std::move_only_function<void(const std::string& task_id)> ended;

  /// The cluster, the store or the disk does not do what it should; work goes on. May be empty.
  std::move_only_function<void(const std::string& text)> trouble = {};

  /// The journal takes nothing (the text says why), or takes something again (no text). May be
  /// empty.
  std::move_only_function<void(const std::string& fault)> journal = {};

  /// An append to the journal was answered, after so long. May be empty.
  std::move_only_function<void(std::chrono::microseconds took)> journaled = {};

  /// What happens to each task. May be empty.
  std::move_only_function<void(const TaskEvent& event)> happened = {};
};

/// How an assignment is answered: 200, or 400 with this text when it is no task.
using Assigned = std::move_only_function<void(std::expected<void, std::string>)>;

class Worker {
 public:
  /// `io`, `transport` and `history` outlive the worker. Without `logs` none are stored.
  Worker(boost::asio::io_context& io, kube::Transport& transport, store::Journal journal,
         overlord::History& history, RunnerOptions options, std::optional<LogStore> logs,
         WorkerPorts ports);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  /// Of the journal.
  [[nodiscard]] store::Figures journal() const;

  /// Takes up the tasks of the journal. Once, before `start`; what an Overlord sends earlier waits
  /// for it.
  void recover(store::TaskEntries entries);

  /// Opens the watches.
  void start();

  /// A task's JSON document from the Overlord. `answered` is called once.
  void assign(std::string document, Assigned answered);

  /// Stops a task. One that is not known is announced as failed, or the Overlord would ask for
  /// ever.
  void kill(const std::string& task_id);

  /// The Overlord knows that this task has ended.
  void acknowledged(const std::string& task_id);

  [[nodiscard]] bool knows(std::string_view task_id) const;
  [[nodiscard]] std::size_t tasks() const;
  /// Every task was acknowledged, and nothing of any is left in the cluster.
  [[nodiscard]] bool is_idle() const;
  [[nodiscard]] std::size_t open_logs() const;
  [[nodiscard]] WatchFigures watches() const;
  [[nodiscard]] std::vector<std::string> task_ids() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace copse::runner::service
