#include "runner/service/wakes.hpp"

namespace copse::runner::service {

bool Wakes::set(TaskIndex task, job::Time at) {
  times_[task] = at;
  queue_.emplace(at, task);
  skip_stale();
  return queue_.top() == Entry{at, task};
}

void Wakes::skip_stale() {
  while (!queue_.empty()) {
    const auto at = times_.find(queue_.top().second);
    if (at != times_.end() && at->second == queue_.top().first) return;
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
    times_.erase(queue_.top().second);
    queue_.pop();
  }
  return found;
}

}  // namespace copse::runner::service
