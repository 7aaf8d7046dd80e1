#pragma once
// What decisions cost where an index helps least, beside the flat scan.

#include <cstdint>
#include <string>
#include <vector>

namespace copse::runner::bench {

/// Nanoseconds a decision over so many different tasks; medians of rounds.
struct WorstRow {
  std::string name;
  std::string about;
  double copse = 0;  ///< 0: the answers were not the scan's
  double scan = 0;
  double compile_ms = 0;
};

[[nodiscard]] std::vector<WorstRow> measure_worst(std::uint32_t rules);

}  // namespace copse::runner::bench
