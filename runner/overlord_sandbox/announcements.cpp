// What an announcement means to the runner, by what it knows of the task (Druid:
// HttpRemoteTaskRunner.taskAddedOrUpdated).
#include "runner/overlord_sandbox/task_runner.hpp"

namespace copse::runner::overlord_sandbox {
namespace {

using overlord::TaskState;

TaskStatus status_of(const overlord::Announcement& task) {
  return {.id = task.id,
          .state = task.state,
          .duration_ms = task.duration_ms,
          .error = cut_error(task.error),
          .location = task.location};
}

}  // namespace

void TaskRunner::announced(const std::string& host, const Announced& announced) {
  const bool is_running = announced.task.state == TaskState::running;
  Item* item = known_or_adopted(host, announced);
  if (item == nullptr) {
    if (is_running) kill(host, announced.task.id);
  } else if (is_running) {
    announced_running(host, announced, *item);
  } else {
    announced_end(host, announced, *item);
  }
}

// A task of the store that the runner does not know is adopted: after a restart, or a change of
// leader.
Item* TaskRunner::known_or_adopted(const std::string& host, const Announced& announced) {
  const std::string& id = announced.task.id;
  const auto at = items_.find(id);
  if (at != items_.end()) return &at->second;
  const StoredTask* stored = metadata_.find(id);
  if (stored == nullptr || stored->status.is_complete()) return nullptr;
  act(action::Moved{id});
  return &items_.emplace(id, Item{.state = ItemState::running, .worker = host}).first->second;
}

void TaskRunner::place(Item& item, const std::string& host, const Announced& announced) {
  if (item.state == ItemState::pending || item.state == ItemState::assigning) {
    item.worker = host;
    item.state = ItemState::running;
    act(action::Moved{announced.task.id});
  }
  if (item.worker != host || item.location == announced.task.location) return;
  item.location = announced.task.location;
  act(action::Moved{announced.task.id});
}

void TaskRunner::announced_running(const std::string& host, const Announced& announced,
                                   Item& item) {
  if (item.state == ItemState::complete) return kill(host, announced.task.id);
  place(item, host, announced);
  if (item.worker != host) kill(host, announced.task.id);
}

void TaskRunner::announced_end(const std::string& host, const Announced& announced, Item& item) {
  if (item.state == ItemState::complete) return;
  place(item, host, announced);
  if (item.worker == host) complete(item, status_of(announced.task));
}

}  // namespace copse::runner::overlord_sandbox
