#pragma once
// A pause that doubles with each use and is forgotten after a quiet time.

#include "runner/discovery/news.hpp"

#include <algorithm>
#include <optional>

namespace copse::runner::discovery {

inline constexpr milliseconds first_pause{1'000};
inline constexpr milliseconds longest_pause{30'000};

/// So long without a pause, and the next one is the first again.
inline constexpr milliseconds pause_memory{120'000};

class Pause {
 public:
  /// When the pause that begins now is over.
  [[nodiscard]] Time next(Time now) {
    if (!used_ || now - *used_ > pause_memory) length_ = first_pause;
    const Time over = now + length_;
    used_ = over;
    length_ = std::min(2 * length_, longest_pause);
    return over;
  }

 private:
  milliseconds length_ = first_pause;
  std::optional<Time> used_;
};

}  // namespace copse::runner::discovery
