#pragma once
// When which task wants to be woken: one time a task, the newest counts. Times are never zero.

#include "runner/job/step.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

namespace copse::runner::service {

enum class TaskIndex : std::uint32_t;

class Wakes {
 public:
  /// True when this is now the earliest of all.
  bool set(TaskIndex task, job::Time at);

  void drop(TaskIndex task);

  /// The earliest time, if anybody waits.
  [[nodiscard]] std::optional<job::Time> next();

  /// Takes out those whose time has come, earliest first.
  [[nodiscard]] std::vector<TaskIndex> due(job::Time now);

 private:
  using Entry = std::pair<job::Time, TaskIndex>;

  // An entry that is not the task's newest time is passed over.
  void skip_stale();

  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
  std::vector<job::Time> times_;  // by task; zero: it does not wait
};

}  // namespace copse::runner::service
