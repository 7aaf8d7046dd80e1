#pragma once
// What is to be done when: the earliest asked-for time of each key. Asking again can only bring a
// key forward, as with Kubernetes' delaying work queue.

#include "runner/sandbox/moment.hpp"

#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace copse::runner::sandbox {

class Agenda {
 public:
  /// Wants `key` done at `at`, or earlier if that was asked before.
  void add(const std::string& key, Moment at) {
    const auto [entry, is_new] = times_.emplace(key, at);
    if (!is_new) {
      if (entry->second <= at) return;
      order_.erase({entry->second, key});
      entry->second = at;
    }
    order_.emplace(at, key);
  }

  /// Wants nothing more for `key`.
  void drop(const std::string& key) {
    const auto entry = times_.find(key);
    if (entry == times_.end()) return;
    order_.erase({entry->second, key});
    times_.erase(entry);
  }

  /// The earliest time of all keys.
  [[nodiscard]] std::optional<Moment> wake() const {
    if (order_.empty()) return std::nullopt;
    return order_.begin()->first;
  }

  /// Takes the first key that is due at `now`.
  [[nodiscard]] std::optional<std::string> take(Moment now) {
    if (order_.empty() || order_.begin()->first > now) return std::nullopt;
    std::string key = order_.begin()->second;
    order_.erase(order_.begin());
    times_.erase(key);
    return key;
  }

 private:
  std::unordered_map<std::string, Moment> times_;
  std::set<std::pair<Moment, std::string>> order_;
};

/// The earlier of two optional times.
[[nodiscard]] inline std::optional<Moment> earlier(std::optional<Moment> a,
                                                   std::optional<Moment> b) {
  if (!a) return b;
  if (!b) return a;
  return *a < *b ? a : b;
}

}  // namespace copse::runner::sandbox
