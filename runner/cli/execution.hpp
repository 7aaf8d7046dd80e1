#pragma once
// Carries a plan out on a cluster, to the end or to Ctrl-C.

#include "runner/cli/plan.hpp"
#include "runner/job/outcome.hpp"
#include "runner/kube/credentials.hpp"
#include "runner/kube/failure.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace copse::runner::cli {

/// What becomes of the Jobs when the person gives up.
enum class OnInterrupt : std::uint8_t { leave, cancel };

struct ExecutionOptions {
  kube::ClusterAccess access;
  service::RunnerOptions runner;
  OnInterrupt on_interrupt = OnInterrupt::leave;
};

/// Shown while it goes on; every callback may be empty. `tick` comes a few times a second.
struct ExecutionEvents {
  std::function<void(std::size_t task, job::Phase phase)> moved;
  std::function<void(std::size_t task, const job::Outcome& outcome)> ended;
  std::function<void(std::size_t task, const job::GivenUp& why)> blocked;  ///< cannot start now
  std::function<void(const kube::Failure& failure)> trouble;
  std::function<void()> interrupted;
  std::function<void()> tick;
};

struct Execution {
  std::vector<std::optional<job::Outcome>>
      outcomes;                           ///< by task of the plan; absent: it had not ended
  std::vector<std::size_t> left_running;  ///< tasks whose Jobs are still in the cluster
  std::size_t unanswered = 0;  ///< further tasks that may have a Job: its creation was under way
  std::optional<kube::Failure> world;  ///< why it could not begin
  bool interrupted = false;
  std::uint64_t requests = 0;  ///< to the API server, all of them
  std::uint64_t creates = 0;
  double launch_seconds = 0;  ///< from the first create to the last answer to one
  double seconds = 0;
};

/// Takes the Jobs out of the plan. Blocks; owns SIGINT and SIGTERM meanwhile.
[[nodiscard]] Execution execute(Plan& plan, ExecutionOptions options, ExecutionEvents events);

}  // namespace copse::runner::cli
