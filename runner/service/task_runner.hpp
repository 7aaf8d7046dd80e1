#pragma once
// Runs tasks as Jobs: the driver around the job machine. It owns the state of every task, carries
// out what `job/step` asks for, and feeds back what the cluster shows. It decides nothing.
//
// All calls and callbacks are on the io_context's one thread; status files are read on one thread
// beside it. Three watches a namespace (Jobs, pods, Events), whatever the number of tasks; two
// requests a task that goes well (create, delete), three when its payload needs a ConfigMap.

#include "adapters/mounted_payload.hpp"
#include "runner/job/step.hpp"
#include "runner/kube/failure.hpp"
#include "runner/service/held_ends.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace copse::runner::kube {
class Transport;
}

namespace copse::runner::service {

/// Index of a task within one TaskRunner: the lowest that is free. A task that has come to its end
/// (phase done) leaves its index to a later one.
enum class TaskIndex : std::uint32_t {};

/// One task, ready to be created.
struct TaskSpec {
  std::string id;                   ///< the Druid task id, under which its status is looked for
  std::string namespace_name = {};  ///< of its Job; empty: the first of RunnerOptions
  std::string job_name;
  std::string task_label;  ///< value of copse/task
  std::string job_json;
  job::event::Begin begin;  ///< what is known of a Job from before a restart
  /// The ConfigMap that its pod waits for, also of a Job from before a restart: it may lack it.
  std::optional<adapters::MountedPayload> payload = std::nullopt;
};

struct RunnerOptions {
  /// Those that are watched from the start; Jobs that say nothing else are created in the first.
  std::vector<std::string> namespaces;
  std::string owner;  ///< value of copse/owner; with druid.k8s.peons it selects what is watched
  std::string
      log_directory;  ///< task-log store of type `file`; empty: only termination messages count
  job::Rules rules;
  std::chrono::milliseconds pods_catch_up = service::pods_catch_up;  ///< see held_ends.hpp
};

/// What may be shown. Every callback may be empty.
struct RunnerEvents {
  std::move_only_function<void(TaskIndex, job::Phase)> moved;
  std::move_only_function<void(TaskIndex, const job::Outcome&)> ended;
  std::move_only_function<void(TaskIndex, std::string_view node)> scheduled;  ///< once a pod
  std::move_only_function<void(TaskIndex)> pulled;  ///< its pod has its image; at most once
  std::move_only_function<void(TaskIndex, const job::GivenUp&)>
      blocked;  ///< why it cannot start now; once a reason
  std::move_only_function<void(TaskIndex, const job::PodPlace&)>
      located;  ///< its container runs; once a pod
  std::move_only_function<void(TaskIndex, const job::PodLog&)>
      started;  ///< its container has begun to run: there is a log; before `ended`
  std::move_only_function<void(const kube::Failure&)>
      trouble;  ///< a list or watch failed and will be repeated, or a Job may not be deleted
  std::move_only_function<void(const kube::Failure&)>
      deaf;  ///< Events may not be read: why a pod cannot be created is not known
  std::move_only_function<void()> all_done;  ///< nothing more will come of any task
};

/// Watches that are open in each namespace: of Jobs, of pods, of Events.
inline constexpr std::size_t watch_count = 3;

/// What can be seen of the watches: the oldest age, and the lists of all namespaces.
struct WatchFigures {
  std::chrono::milliseconds jobs_age{0};  ///< since something was heard of it
  std::chrono::milliseconds pods_age{0};
  std::uint64_t job_lists = 0;
  std::uint64_t pod_lists = 0;
  std::uint64_t event_lists = 0;
};

class TaskRunner {
 public:
  /// `io` and `transport` outlive the runner.
  TaskRunner(boost::asio::io_context& io, kube::Transport& transport, RunnerOptions options,
             RunnerEvents events);
  TaskRunner(const TaskRunner&) = delete;
  TaskRunner& operator=(const TaskRunner&) = delete;
  ~TaskRunner();

  /// Adds a task; it begins once start() was called and the watches of its namespace are in step
  /// with the cluster. A namespace that is not watched yet is watched from now on.
  TaskIndex add(TaskSpec spec);

  /// Opens the watches. Jobs of these tasks that are there already are taken over, not created
  /// again.
  void start();

  /// Cancels one task; `ended` comes when its pods are gone.
  void cancel(TaskIndex task);

  /// The end of this task is recorded: see job::Rules::hold_until_released.
  void release(TaskIndex task);

  /// Cancels every task that has not ended: deletes its Job and waits until its pods are gone.
  void cancel_all();

  /// Lets go: no more callbacks, no more requests; what is in the cluster stays.
  void stop();

  /// Tasks that have a Job in the cluster and have not ended.
  [[nodiscard]] std::vector<TaskIndex> live() const;

  /// Tasks of which something may still come: an end, or the deletion of their Job.
  [[nodiscard]] std::size_t unfinished() const;

  /// Tasks whose creation was asked for and is not answered: they may have a Job.
  [[nodiscard]] std::size_t unanswered() const;

  [[nodiscard]] std::string_view job_name(TaskIndex task) const;

  /// Of its Job.
  [[nodiscard]] const std::string& namespace_of(TaskIndex task) const;

  [[nodiscard]] WatchFigures watches() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

/// Label that all peon Jobs and pods of Druid have, as a selector together with our own.
[[nodiscard]] std::string selector_of(const std::string& owner);

}  // namespace copse::runner::service
