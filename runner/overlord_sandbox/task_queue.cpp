#include "runner/overlord_sandbox/task_queue.hpp"

#include <algorithm>
#include <utility>

namespace copse::runner::overlord_sandbox {
namespace {

RunnerState state_of(ItemState state) {
  switch (state) {
    case ItemState::pending:
    case ItemState::assigning:
      return RunnerState::pending;
    case ItemState::running:
      return RunnerState::running;
    case ItemState::complete:
      return RunnerState::none;
  }
  return RunnerState::none;
}

}  // namespace

TaskQueue::TaskQueue(Metadata& metadata, TaskRunner& runner, const Options& options)
    : metadata_(metadata), runner_(runner), options_(options) {}

void TaskQueue::start(Time now) {
  next_ = now + options_.times.queue_start;
  last_ = now;
}

std::expected<void, Refusal> TaskQueue::add(Task task, Moment created, Time now) {
  const std::string id = task.id;
  if (!metadata_.insert(std::move(task), created))
    return std::unexpected(Refusal{"entryAlreadyExists", "Task[" + id + "] already exists"});
  request_management(now);
  return {};
}

void TaskQueue::shutdown(const std::string& task_id, Time now) {
  const StoredTask* stored = metadata_.find(task_id);
  if (stored == nullptr || stored->status.is_complete()) return;
  end(failure(task_id, "Shutdown request from user"), now);
}

void TaskQueue::completed(const TaskStatus& status, Time now) {
  // Before the start nobody listens: the first look finds the result.
  if (is_started()) end(status, now);
}

// Druid: notifyStatus. Storing comes first; the runner forgets a complete task, and kills a running
// one.
void TaskQueue::end(const TaskStatus& status, Time now) {
  const StoredTask* stored = metadata_.find(status.id);
  if (stored != nullptr && !stored->status.is_complete()) {
    TaskStatus located = status;
    const Item* item = runner_.find(status.id);
    located.location = item == nullptr ? overlord::TaskLocation{} : item->location;
    metadata_.set_status(located);
  }
  runner_.shutdown(status.id);
  request_management(now);
}

void TaskQueue::request_management(Time now) {
  if (next_) next_ = std::min(*next_, std::max(now, last_ + options_.times.management));
}

void TaskQueue::woke(Time now) {
  if (!next_ || *next_ > now) return;
  last_ = now;
  next_ = now + options_.times.idle_management;
  manage(now);
}

void TaskQueue::manage(Time now) {
  const std::map<std::uint64_t, std::string> active = metadata_.active();
  for (const auto& [number, id] : active) {
    const Item* item = runner_.find(id);
    if (item == nullptr) {
      runner_.run(metadata_.find(id)->task);
    } else if (item->state == ItemState::complete) {
      end(TaskStatus(*item->result), now);
    }
  }
  std::vector<std::string> unwanted;
  for (const auto& [id, item] : runner_.items()) {
    const StoredTask* stored = metadata_.find(id);
    if (stored == nullptr || stored->status.is_complete()) unwanted.push_back(id);
  }
  for (const std::string& id : unwanted) runner_.shutdown(id);
}

std::optional<TaskReport> report_of(const Metadata& metadata, const TaskRunner& runner,
                                    std::string_view task_id) {
  const StoredTask* stored = metadata.find(task_id);
  if (stored == nullptr) return std::nullopt;
  TaskReport report{.group_id = stored->task.group_id,
                    .type = stored->task.type,
                    .data_source = stored->task.data_source,
                    .created = stored->created,
                    .status = stored->status,
                    .runner = RunnerState::waiting};
  if (const Item* item = runner.find(task_id)) {
    report.runner = state_of(item->state);
    report.status.location = item->location;
    report.worker = item->worker;
  }
  return report;
}

std::optional<TaskStatus> status_of(const Metadata& metadata, const TaskRunner& runner,
                                    std::string_view task_id) {
  const Item* item = runner.find(task_id);
  if (item != nullptr && item->state != ItemState::complete)
    return TaskStatus{.id = std::string(task_id), .location = item->location};
  const StoredTask* stored = metadata.find(task_id);
  return stored == nullptr ? std::nullopt : std::optional(stored->status);
}

}  // namespace copse::runner::overlord_sandbox
