#pragma once
// How long a task document takes to its decision, beside simdjson's on-demand reading of the same
// members.

#include <cstddef>
#include <vector>

namespace copse::runner::bench {

struct ReadingRow {
  std::size_t bytes = 0;
  double copse_ns = 0;
  double simdjson_ns = 0;
};

[[nodiscard]] std::vector<ReadingRow> measure_reading(const std::vector<std::size_t>& sizes);

}  // namespace copse::runner::bench
