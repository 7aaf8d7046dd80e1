#pragma once
// Times of small work: the median over rounds, so that one disturbance does not count.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

namespace copse::runner::bench {

inline constexpr std::uint32_t rounds = 9;

/// What must not be optimised away is added to it.
inline volatile std::uint64_t sink = 0;

/// Median over rounds of the nanoseconds that one of `count` calls takes.
template <typename Work>
double median_ns(std::uint64_t count, Work work) {
  std::array<double, rounds> times{};
  for (double& time : times) {
    const auto begin = std::chrono::steady_clock::now();
    sink = sink + work();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    time = took.count() / static_cast<double>(count);
  }
  std::sort(times.begin(), times.end());
  return times[rounds / 2];
}

}  // namespace copse::runner::bench
