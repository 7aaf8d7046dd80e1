#pragma once
// How fast Jobs are launched, beside a loop that does nothing but create them on the same sandbox,
// and what the runner spends on each while it is there.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>

namespace copse::runner::bench {

/// Medians of several rounds, each with a sandbox of its own; runner and loop take turns.
struct LaunchTable {
  std::uint32_t tasks = 0;
  double runner_per_second = 0;  ///< from the first create to the last answer to one
  double loop_per_second = 0;    ///< the same Jobs POSTed by libcurl alone, as many at a time
  double requests_per_task = 0;  ///< of whole lives, watches and first question included
  double bytes_per_job = 0;      ///< heap that one more Job takes while its pod runs
  std::uint32_t threads = 0;     ///< of the runner's process
};

/// Fails with a text when the sandbox does not start or a Job is refused.
[[nodiscard]] std::expected<LaunchTable, std::string> measure_launches(std::uint32_t tasks);

}  // namespace copse::runner::bench
