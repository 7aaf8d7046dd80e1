#pragma once
// The tasks that an Overlord is responsible for (Druid: TaskQueue): it stores them and their ends,
// hands them to the runner, and ends what should not run. A pure machine between metadata store and
// runner.

#include "runner/overlord_sandbox/metadata.hpp"
#include "runner/overlord_sandbox/options.hpp"
#include "runner/overlord_sandbox/task_runner.hpp"

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace copse::runner::overlord_sandbox {

class TaskQueue {
 public:
  /// All outlive it.
  TaskQueue(Metadata& metadata, TaskRunner& runner, const Options& options);

  /// Takes up the active tasks of the store. Until then nothing is managed.
  void start(Time now);

  [[nodiscard]] bool is_started() const { return next_.has_value(); }

  /// Fails when there is a task of this id already.
  [[nodiscard]] std::expected<void, Refusal> add(Task task, Moment created, Time now);

  /// A user wants the end of a task: it is FAILED at once, and the runner is told. One that is
  /// complete or unknown stays as it is.
  void shutdown(const std::string& task_id, Time now);

  /// The runner has a result.
  void completed(const TaskStatus& status, Time now);

  /// Looks at all tasks when it is time.
  void woke(Time now);

  [[nodiscard]] std::optional<Time> wake() const { return next_; }

 private:
  void manage(Time now);
  void end(const TaskStatus& status, Time now);
  void request_management(Time now);

  Metadata& metadata_;
  TaskRunner& runner_;
  const Options& options_;
  std::optional<Time> next_;
  Time last_{};
};

/// What users are told of a task (Druid: OverlordResource.getTaskStatus): the store's status, the
/// runner's location. Nothing: unknown.
[[nodiscard]] std::optional<TaskReport> report_of(const Metadata& metadata,
                                                  const TaskRunner& runner,
                                                  std::string_view task_id);

/// What workers and supervisors are told (Druid: TaskQueue.getTaskStatus): RUNNING for as long as
/// the runner has it, also when its end was stored.
[[nodiscard]] std::optional<TaskStatus> status_of(const Metadata& metadata,
                                                  const TaskRunner& runner,
                                                  std::string_view task_id);

}  // namespace copse::runner::overlord_sandbox
