#pragma once
// Which refusals by the cluster are worth a line in the log. Pure.
//
// Thousands of tasks may wait for one reason, and each is refused again and again: one of them
// speaks for all.

#include "runner/kube/failure.hpp"

#include <chrono>
#include <map>
#include <utility>

namespace copse::runner::service {

/// For so long nothing more is said of requests of one kind that are refused for one reason.
inline constexpr std::chrono::milliseconds complaint_interval{60'000};

class Complaints {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Whether to say that a request was refused so.
  [[nodiscard]] bool is_news(kube::Verb verb, kube::FailureKind kind, Time now) {
    const auto [at, is_first] = told_.try_emplace({verb, kind}, now);
    if (!is_first && now - at->second < complaint_interval) return false;
    at->second = now;
    return true;
  }

 private:
  std::map<std::pair<kube::Verb, kube::FailureKind>, Time> told_;
};

}  // namespace copse::runner::service
