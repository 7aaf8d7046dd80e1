#include "runner/overlord_sandbox/task_runner.hpp"

#include <algorithm>
#include <utility>

namespace copse::runner::overlord_sandbox {
namespace {

// As Joda prints a Period: `PT15M`, `PT1H30M`, `PT0.250S`.
std::string period(milliseconds time) {
  const std::chrono::hh_mm_ss parts{time};
  std::string text = "PT";
  if (parts.hours().count() != 0) text += std::to_string(parts.hours().count()) + "H";
  if (parts.minutes().count() != 0) text += std::to_string(parts.minutes().count()) + "M";
  const auto rest = parts.subseconds().count();
  if (text.size() > 2 && parts.seconds().count() == 0 && rest == 0) return text;
  text += std::to_string(parts.seconds().count());
  if (rest != 0) text += "." + std::to_string(1000 + rest).substr(1);
  return text + "S";
}

constexpr const char* see_logs = "]. See overlord and middleManager/indexer logs for more details.";

}  // namespace

TaskRunner::TaskRunner(const Metadata& metadata, const Options& options)
    : metadata_(metadata),
      options_(options),
      rules_{.parallel_ratio = options.parallel_slot_ratio,
             .minimal_version = options.minimal_worker_version} {}

const Item* TaskRunner::find(std::string_view task_id) const {
  const auto at = items_.find(task_id);
  return at == items_.end() ? nullptr : &at->second;
}

void TaskRunner::run(const Task& task) {
  const auto [at, is_new] = items_.try_emplace(task.id);
  at->second.has_payload = true;
  if (!is_new) return;
  pending_.push_back(task.id);
  act(action::Moved{task.id});
  react();
}

void TaskRunner::shutdown(const std::string& task_id) {
  const auto at = items_.find(task_id);
  if (at == items_.end()) return;
  if (at->second.state == ItemState::complete) {
    items_.erase(at);
  } else if (at->second.state == ItemState::running && workers_.contains(at->second.worker)) {
    kill(at->second.worker, task_id);
  }
}

void TaskRunner::add_worker(overlord::WorkerNode worker) {
  const std::string host = worker.host_port();
  cleanups_.erase(host);
  if (workers_.contains(host)) return;
  workers_.emplace(host, WorkerView(std::move(worker), expected_on(host)));
}

std::vector<Announced> TaskRunner::expected_on(const std::string& host) const {
  std::vector<Announced> expected;
  for (const auto& [id, item] : items_) {
    if (item.state != ItemState::running || item.worker != host || !item.has_payload) continue;
    const Task& task = metadata_.find(id)->task;
    Announced announced{.task = {}, .availability_group = task.availability_group};
    announced.task.id = id;
    announced.task.type = task.type;
    announced.task.data_source = task.data_source;
    announced.task.required_capacity = task.required_capacity;
    announced.task.location = item.location;
    expected.push_back(std::move(announced));
  }
  return expected;
}

void TaskRunner::remove_worker(const std::string& host, Time now) {
  if (workers_.erase(host) != 0) cleanups_[host] = now + options_.times.cleanup;
}

void TaskRunner::synced(const std::string& host, bool is_full, const std::vector<ChangeItem>& items,
                        Time) {
  const auto at = workers_.find(host);
  if (at == workers_.end()) return;
  WorkerView& worker = at->second;
  for (const Announced& each : is_full ? worker.apply_full(items) : worker.apply_delta(items))
    announced(host, each);
  worker.settle_availability();
  react();
}

void TaskRunner::assign_returned(const std::string& worker, Time now) {
  const auto at = assignments_.find(worker);
  if (at == assignments_.end()) return;
  at->second.has_returned = true;
  at->second.deadline = now + options_.times.assignment;
  react();
}

void TaskRunner::kill_returned(const std::string& worker, const std::string& task_id) {
  killing_.erase({worker, task_id});
}

void TaskRunner::woke(Time now) {
  for (auto at = cleanups_.begin(); at != cleanups_.end();) {
    if (at->second > now) {
      ++at;
      continue;
    }
    const std::string host = at->first;
    at = cleanups_.erase(at);
    for (auto& [id, item] : items_) {
      if (item.state != ItemState::running || item.worker != host) continue;
      complete(item, failure(id,
                             "The worker that this task was assigned disappeared and did not "
                             "report cleanup within timeout[" +
                                 period(options_.times.cleanup) + see_logs));
    }
  }
  for (const auto& [worker, assignment] : assignments_) {
    if (!assignment.has_returned || assignment.deadline > now) continue;
    const auto at = items_.find(assignment.task_id);
    if (at == items_.end() || at->second.state != ItemState::assigning) continue;
    act(action::Overdue{worker, assignment.task_id});
    complete(at->second,
             failure(assignment.task_id,
                     "The worker that this task is assigned did not start it in timeout[" +
                         period(options_.times.assignment) + see_logs));
  }
  react();
}

std::optional<Time> TaskRunner::wake() const {
  std::optional<Time> first;
  const auto consider = [&](Time time) { first = first ? std::min(*first, time) : time; };
  for (const auto& [host, time] : cleanups_) consider(time);
  for (const auto& [worker, assignment] : assignments_) {
    if (assignment.has_returned) consider(assignment.deadline);
  }
  return first;
}

void TaskRunner::kill(const std::string& worker, const std::string& task_id) {
  // WHY once at a time: Druid's threads wait for the answer.
  if (killing_.emplace(worker, task_id).second) act(action::Kill{worker, task_id});
}

void TaskRunner::complete(Item& item, TaskStatus status) {
  if (item.state == ItemState::complete) return;
  item.state = ItemState::complete;
  item.result = status;
  act(action::Complete{std::move(status)});
}

void TaskRunner::react() {
  release_assignments();
  assign_pending();
}

void TaskRunner::release_assignments() {
  std::erase_if(assignments_, [this](const auto& each) {
    const Item* item = find(each.second.task_id);
    return each.second.has_returned && (item == nullptr || item->state != ItemState::assigning);
  });
}

std::vector<const WorkerView*> TaskRunner::eligible() const {
  std::vector<const WorkerView*> found;
  for (const auto& [host, worker] : workers_) {
    if (worker.is_initialised() && !worker.is_disabled() && !assignments_.contains(host))
      found.push_back(&worker);
  }
  return found;
}

void TaskRunner::assign_pending() {
  std::vector<const WorkerView*> free = eligible();
  for (auto at = pending_.begin(); at != pending_.end();) {
    if (free.empty() || assignments_.size() >= options_.assignment_threads) return;
    const auto item = items_.find(*at);
    const bool is_pending = item != items_.end() && item->second.state <= ItemState::assigning;
    if (!is_pending) {
      at = pending_.erase(at);
      continue;
    }
    const std::string& id = *at++;
    if (item->second.state == ItemState::assigning) continue;
    const Task& task = metadata_.find(id)->task;
    const WorkerView* worker = select_worker(metadata_.worker_config(), free, task, rules_);
    if (worker == nullptr) continue;
    item->second.state = ItemState::assigning;
    assignments_.emplace(worker->host(), Assignment{.task_id = id});
    act(action::Assign{worker->host(), id});
    std::erase(free, worker);
  }
}

}  // namespace copse::runner::overlord_sandbox
