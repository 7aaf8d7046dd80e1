#pragma once
// Which worker gets a task (Druid: WorkerBehaviorConfig, WorkerSelectUtils, ImmutableWorkerInfo).
// Pure. Ties, which Druid breaks by lot, go to the first worker by name.

#include "runner/overlord_sandbox/task.hpp"
#include "runner/overlord_sandbox/worker_view.hpp"

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::overlord_sandbox {

enum class Distribution : std::uint8_t {
  equal,  ///< the worker with the most free slots
  fill    ///< the one with the fewest
};

/// For one task type.
struct CategoryConfig {
  std::optional<std::string> default_category;
  std::map<std::string, std::string> by_data_source;
  std::map<std::string, std::string> by_supervisor;
};

/// The dynamic worker configuration: `selectStrategy`.
struct WorkerConfig {
  Distribution distribution = Distribution::equal;
  bool is_strong = false;  ///< no other worker when the category has none free
  std::map<std::string, CategoryConfig>
      categories;  ///< by task type; empty: categories play no part
};

/// Of the strategies those with and without categories are known; affinities and JavaScript are
/// refused.
[[nodiscard]] std::expected<WorkerConfig, std::string> read_worker_config(std::string_view json);

/// What a worker must meet to get any task.
struct SlotRules {
  double parallel_ratio = 1;  ///< share of its slots that `index_parallel` may use
  std::string minimal_version = "0";
};

[[nodiscard]] bool can_run(const WorkerView& worker, const Task& task, const SlotRules& rules);

/// Null: none of `eligible` now.
[[nodiscard]] const WorkerView* select_worker(const WorkerConfig& config,
                                              const std::vector<const WorkerView*>& eligible,
                                              const Task& task, const SlotRules& rules);

}  // namespace copse::runner::overlord_sandbox
