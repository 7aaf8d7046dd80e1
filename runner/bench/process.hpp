#pragma once
// What this process takes, and what a list of times comes to.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace copse::runner::bench {

/// Bytes of heap in use, of all threads.
[[nodiscard]] double heap_bytes();

[[nodiscard]] std::uint32_t threads();

/// The value below which `percent` of a hundred are; zero when there are none.
[[nodiscard]] inline std::chrono::microseconds percentile(
    std::vector<std::chrono::microseconds> values, std::size_t percent) {
  if (values.empty()) return std::chrono::microseconds{0};
  const std::size_t at = std::min(values.size() - 1, values.size() * percent / 100);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

}  // namespace copse::runner::bench
