#pragma once
// How long a decision takes, beside the scan that it replaces, and how both grow with the policy.

#include <cstdint>
#include <vector>

namespace copse::runner::bench {

/// Nanoseconds a decision; medians of several rounds.
struct DecisionRow {
  std::uint32_t rules = 0;
  double warm = 0;      ///< 256 tasks over and over
  double distinct = 0;  ///< 65,536 different tasks in turn
  double scan = 0;      ///< the naive scan over the same tasks: Druid's algorithm, in C++
  double compile_ms = 0;
  double hot_bytes_a_rule = 0;  ///< of what decisions read
  double bytes_a_rule = 0;      ///< of the whole image
};

struct DecisionTable {
  std::vector<DecisionRow> rows;
  double warm_exponent = 0;  ///< least squares of log(ns) over log(rules)
  double distinct_exponent = 0;
  double scan_exponent = 0;
};

[[nodiscard]] DecisionTable measure_decisions(const std::vector<std::uint32_t>& sizes);

}  // namespace copse::runner::bench
