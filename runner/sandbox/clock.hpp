#pragma once
// The sandbox's two readings of time, made from one steady clock.
//
// Cluster time dates objects and drives controllers and pods; it runs at a factor of real time, or
// stands still and is moved by hand. Connection time governs what belongs to a connection
// (timeoutSeconds, bookmarks, waiting for a resourceVersion); it runs at real speed whatever the
// factor, so that a client's time-outs keep their meaning, and stands still with the cluster when
// time is moved by hand.

#include "runner/sandbox/moment.hpp"

namespace copse::runner::sandbox {

class Clock {
 public:
  using Steady = std::chrono::steady_clock;

  /// `speed` ≥ 0; 0: only `advance` moves time.
  Clock(double speed, Moment start) : speed_{speed}, start_{start}, began_{Steady::now()} {}

  [[nodiscard]] Moment cluster() const { return start_ + advanced_ + scaled(speed_); }

  [[nodiscard]] Moment connection() const {
    return start_ + advanced_ + scaled(speed_ > 0 ? 1 : 0);
  }

  /// Moves both readings forward.
  void advance(milliseconds step) { advanced_ += step; }

  [[nodiscard]] bool runs() const { return speed_ > 0; }

  /// Real time at which cluster time will have reached `moment`. Precondition: runs().
  [[nodiscard]] Steady::time_point when_cluster(Moment moment) const {
    return when(moment, speed_);
  }

  [[nodiscard]] Steady::time_point when_connection(Moment moment) const { return when(moment, 1); }

 private:
  [[nodiscard]] milliseconds scaled(double factor) const {
    const std::chrono::duration<double, std::milli> elapsed = Steady::now() - began_;
    return milliseconds{static_cast<std::int64_t>(elapsed.count() * factor)};
  }

  [[nodiscard]] Steady::time_point when(Moment moment, double factor) const {
    // One millisecond more: a reading is cut, so it would still be just below the moment.
    const std::chrono::duration<double, std::milli> real{
        static_cast<double>((moment - start_ - advanced_).count()) / factor + 1};
    return began_ + std::chrono::duration_cast<Steady::duration>(real);
  }

  double speed_;
  Moment start_;
  Steady::time_point began_;
  milliseconds advanced_{0};
};

}  // namespace copse::runner::sandbox
