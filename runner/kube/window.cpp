#include "runner/kube/window.hpp"

#include <algorithm>
#include <cassert>

namespace copse::runner::kube {

Window::Window(std::uint32_t start, std::uint32_t ceiling) : size_(start), ceiling_(ceiling) {
  assert(start >= 1 && start <= ceiling);
}

bool Window::is_open(Time now) const {
  return in_flight_ < size_ && now >= closed_until_;
}

std::optional<Window::Time> Window::opens_at(Time now) const {
  return now < closed_until_ ? std::optional(closed_until_) : std::nullopt;
}

void Window::started() {
  ++in_flight_;
}

void Window::answered() {
  assert(in_flight_ > 0);
  --in_flight_;
  ++successes_;
  if (slow_start_) {
    size_ = std::min(size_ + 1, ceiling_);  // one more per answer doubles it in each round trip
  } else if (successes_ >= size_) {
    size_ = std::min(size_ + 1, ceiling_);
    successes_ = 0;
  }
}

void Window::complained(Time now, std::optional<std::chrono::seconds> retry_after, double chance) {
  assert(in_flight_ > 0);
  --in_flight_;
  slow_start_ = false;
  successes_ = 0;
  if (halved_at_ == Time{} || now - halved_at_ >= window_round_trip) {
    size_ = std::max(size_ / 2, 1U);
    halved_at_ = now;
  }
  if (!retry_after) return;
  const std::chrono::duration<double> wait = *retry_after * (1.0 + chance / 2);
  closed_until_ = std::max(closed_until_, now + std::chrono::duration_cast<Time::duration>(wait));
}

void Window::withdrawn() {
  assert(in_flight_ > 0);
  --in_flight_;
}

}  // namespace copse::runner::kube
