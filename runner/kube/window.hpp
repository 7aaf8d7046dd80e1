#pragma once
// How many requests of one class may be in flight: grows while the server keeps up, shrinks when it
// complains.
//
// Pure: time and chance are passed in. Slow start (doubling) until the first complaint, then one
// more for each window of successes and half of it at each complaint, at most one halving in a
// round_trip. A complaint with a Retry-After also closes the window until then, with jitter, so
// that a queue does not hammer a server that asked for patience.

#include <chrono>
#include <cstdint>
#include <optional>

namespace copse::runner::kube {

class Window {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `start` <= `ceiling`, both at least 1.
  Window(std::uint32_t start, std::uint32_t ceiling);

  /// True when one more may start now.
  [[nodiscard]] bool is_open(Time now) const;

  /// When a window closed by Retry-After opens again; nothing when it is not closed by one.
  [[nodiscard]] std::optional<Time> opens_at(Time now) const;

  void started();

  /// An answer that shows no distress: success, or a refusal that has to do with the request
  /// itself.
  void answered();

  /// 429, 503, 504, a deadline that passed. `chance` is uniform in [0, 1).
  void complained(Time now, std::optional<std::chrono::seconds> retry_after, double chance);

  /// Neither: it was cancelled or never reached the server.
  void withdrawn();

  [[nodiscard]] std::uint32_t in_flight() const { return in_flight_; }

  [[nodiscard]] std::uint32_t size() const { return size_; }

 private:
  std::uint32_t size_;
  std::uint32_t ceiling_;
  std::uint32_t in_flight_ = 0;
  std::uint32_t successes_ = 0;  // since the last growth
  bool slow_start_ = true;
  Time halved_at_{};
  Time closed_until_{};
};

/// Requests in flight with which a class begins.
inline constexpr std::uint32_t window_start = 16;

/// Complaints within this time are one complaint: they were all in flight when the server got into
/// trouble.
inline constexpr std::chrono::milliseconds window_round_trip{1000};

}  // namespace copse::runner::kube
