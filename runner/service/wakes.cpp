#include "runner/service/wakes.hpp"

namespace copse::runner::service {

bool Wakes::set(TaskIndex task, job::Time at) {
  const auto index = static_cast<std::size_t>(task);
  if (index >= times_.size()) times_.resize(index + 1);
  times_[index] = at;
  queue_.emplace(at, task);
  skip_stale();
  return queue_.top() == Entry{at, task};
}

void Wakes::drop(TaskIndex task) {
  const auto index = static_cast<std::size_t>(task);
  if (index < times_.size()) times_[index] = {};
}

void Wakes::skip_stale() {
  while (!queue_.empty()) {
    const auto& [at, task] = queue_.top();
    if (times_[static_cast<std::size_t>(task)] == at) return;
    queue_.pop();
  }
}

std::optional<job::Time> Wakes::next() {
  skip_stale();
  return queue_.empty() ? std::nullopt : std::optional<job::Time>(queue_.top().first);
}

std::vector<TaskIndex> Wakes::due(job::Time now) {
  std::vector<TaskIndex> found;
  for (auto at = next(); at && *at <= now; at = next()) {
    found.push_back(queue_.top().second);
    drop(queue_.top().second);
    queue_.pop();
  }
  return found;
}

}  // namespace copse::runner::service
