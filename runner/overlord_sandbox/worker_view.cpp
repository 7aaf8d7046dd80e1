#include "runner/overlord_sandbox/worker_view.hpp"

#include "runner/overlord_sandbox/status.hpp"

#include <utility>

namespace copse::runner::overlord_sandbox {
namespace {

using overlord::TaskState;
namespace change = overlord::change;

Announced vanished(Announced announced) {
  announced.task.state = TaskState::failed;
  announced.task.duration_ms = -1;
  announced.task.error = cut_error(
      "This task disappeared on the worker where it was assigned. See overlord logs for more "
      "details.");
  return announced;
}

}  // namespace

WorkerView::WorkerView(overlord::WorkerNode node, const std::vector<Announced>& expected)
    : node_(std::move(node)) {
  for (const Announced& announced : expected) put(announced);
}

std::vector<Announced> WorkerView::apply_full(const std::vector<ChangeItem>& items) {
  std::map<std::string, Announced, std::less<>> before = std::exchange(tasks_, {});
  used_ = used_by_parallel_ = 0;
  groups_.clear();
  std::vector<Announced> delta;
  for (const ChangeItem& item : items) {
    if (const auto* announced = std::get_if<Announced>(&item)) {
      put(*announced);
      delta.push_back(*announced);
    } else if (const auto* availability = std::get_if<change::Availability>(&item)) {
      will_be_disabled_ = availability->disabled;
    }
  }
  for (auto& [id, announced] : before) {
    if (!tasks_.contains(id) && announced.task.state == TaskState::running)
      delta.push_back(vanished(std::move(announced)));
  }
  is_initialised_ = true;
  return delta;
}

std::vector<Announced> WorkerView::apply_delta(const std::vector<ChangeItem>& items) {
  std::vector<Announced> delta;
  for (const ChangeItem& item : items) {
    if (const auto* announced = std::get_if<Announced>(&item)) {
      put(*announced);
      delta.push_back(*announced);
    } else if (const auto* removal = std::get_if<change::Removal>(&item)) {
      const auto at = tasks_.find(removal->task_id);
      if (at == tasks_.end()) continue;
      count(at->second, -1);
      if (at->second.task.state == TaskState::running) delta.push_back(vanished(at->second));
      tasks_.erase(at);
    } else {
      will_be_disabled_ = std::get<change::Availability>(item).disabled;
    }
  }
  is_initialised_ = true;
  return delta;
}

void WorkerView::put(const Announced& announced) {
  const auto [at, is_new] = tasks_.try_emplace(announced.task.id, announced);
  if (!is_new) {
    count(at->second, -1);
    at->second = announced;
  }
  count(announced, 1);
}

void WorkerView::count(const Announced& announced, std::int64_t sign) {
  const overlord::Announcement& task = announced.task;
  if (task.state != TaskState::running) return;
  used_ += sign * task.required_capacity;
  if (task.type == "index_parallel") used_by_parallel_ += sign * task.required_capacity;
  std::uint32_t& members = groups_[announced.availability_group];
  members = sign > 0 ? members + 1 : members - 1;
  if (members == 0) groups_.erase(announced.availability_group);
}

}  // namespace copse::runner::overlord_sandbox
