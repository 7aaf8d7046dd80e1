#pragma once
// The log of one task, followed from the start of its container to its end: when to open a stream,
// what of it is new, and when the log is whole. Pure; TimedLog knows what is new.
//
//     begin -> open <-> paused -> done
//
// A stream that ends in order may mean that the container has ended or that its log was rotated:
// which one it was shows the pod within a moment. So one request a task is the rule.

#include "runner/logs/timed_log.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace copse::runner::logs {

namespace follow {

using Time = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

/// How long a stream that ended in order waits for the news that its pod has ended.
inline constexpr milliseconds end_patience{2'000};

/// Pause before a broken stream is opened again; doubles up to the limit.
inline constexpr milliseconds first_pause{500};
inline constexpr milliseconds pause_limit{30'000};

/// Tries to get the rest once the pod has ended.
inline constexpr std::uint32_t last_tries = 4;

namespace action {

/// Open a stream with timestamps; `since` as the server's sinceTime, empty: from the start.
struct Open {
  std::string since;
  bool operator==(const Open&) const = default;
};

/// Add these bytes to the task's log, which then has come to `position`.
struct Append {
  std::string bytes;
  LogPosition position;
  bool operator==(const Append&) const = default;
};

/// Call `woke` then; replaces an earlier one.
struct Wake {
  Time at;
  bool operator==(const Wake&) const = default;
};

/// Nothing more will come. `note`: what is missing and why; empty: the log is whole.
struct Done {
  std::string note;
  bool operator==(const Done&) const = default;
};

}  // namespace action

using Action = std::variant<action::Open, action::Append, action::Wake, action::Done>;
using Actions = std::vector<Action>;

}  // namespace follow

class LogFollow {
 public:
  LogFollow() = default;

  /// Goes on with a log that was followed before.
  explicit LogFollow(LogPosition from) : log_(std::move(from)) {}

  /// The container runs, or has run.
  [[nodiscard]] follow::Actions begin();

  [[nodiscard]] follow::Actions bytes(std::string_view bytes);

  /// The stream ended in order (no fault), or broke. `is_final`: there is no such pod any more.
  [[nodiscard]] follow::Actions closed(std::string_view fault, bool is_final, follow::Time now);

  /// The container has ended, or its pod is gone: what is to come of its log comes now.
  [[nodiscard]] follow::Actions pod_ended(follow::Time now);

  [[nodiscard]] follow::Actions woke();

  [[nodiscard]] bool is_done() const { return phase_ == Phase::done; }

 private:
  enum class Phase : std::uint8_t { fresh, open, paused, done };

  [[nodiscard]] follow::Actions open();
  [[nodiscard]] follow::Actions done(std::string note);

  TimedLog log_;
  Phase phase_ = Phase::fresh;
  bool has_ended_ = false;
  bool in_order_ = false;  // the last stream ended so
  std::uint32_t breaks_ = 0;
  std::uint32_t tries_ = 0;  // since the pod has ended
};

}  // namespace copse::runner::logs
