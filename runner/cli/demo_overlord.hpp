#pragma once
// The whole way in one process: an Overlord in simulation hands tasks over the worker protocol to a
// serving copse, which runs them in the sandbox and tells how they ended.

#include "engine/task.hpp"
#include "runner/cli/execution.hpp"
#include "runner/cli/policy_in_force.hpp"
#include "runner/kube/credentials.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace copse::runner::cli {

struct OverlordRun {
  kube::ClusterAccess access;
  service::RunnerOptions runner;
  std::string state_folder;
  Arguments arguments;  ///< policy, properties and templates
};

/// What the Overlord has to say at the end.
struct OverlordsView {
  std::size_t succeeded = 0;
  std::size_t failed = 0;
  std::size_t other = 0;                       ///< it does not know how they ended
  std::vector<std::string> violations;         ///< of the worker protocol
  std::chrono::microseconds assign_median{0};  ///< from sending a task to the answer
  std::chrono::microseconds assign_p99{0};
  std::chrono::microseconds announce_median{0};  ///< to its announcement in the poll
};

struct OverlordOutcome {
  Execution execution;  ///< as of tasks that were run without an Overlord
  OverlordsView overlord;
  std::optional<std::string> fault;  ///< why it could not begin
};

/// Hands the tasks over, each to be found in the plan under its id, and waits until the Overlord
/// has acknowledged every end, or for Ctrl-C.
[[nodiscard]] OverlordOutcome run_behind_overlord(const std::vector<const engine::Task*>& tasks,
                                                  const Plan& plan, OverlordRun how,
                                                  ExecutionEvents events);

}  // namespace copse::runner::cli
