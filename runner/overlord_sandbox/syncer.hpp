#pragma once
// One poller of one worker: which question comes next, and what an answer makes of it (Druid:
// ChangeRequestHttpSyncer). Pure; a driver sends one question at a time.

#include "runner/overlord_sandbox/options.hpp"
#include "runner/overlord_sandbox/snapshot.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::overlord_sandbox {

/// Longest pause of a poller.
inline constexpr milliseconds poll_pause_limit{120'000};

/// Pause after the `failures`-th failure in a row (Druid: RetryUtils.nextRetrySleepMillis).
/// `normal` is drawn from the standard normal distribution.
[[nodiscard]] milliseconds retry_pause(std::uint32_t failures, double normal, const Times& times);

/// What an answer was.
struct Synced {
  enum class Kind : std::uint8_t {
    full,     ///< `items` are all that is true
    delta,    ///< `items` are what came after the last counter
    reset,    ///< the next question is one for everything
    nothing,  ///< 204
    failed    ///< `fault` says why; the next question waits
  };
  Kind kind = Kind::nothing;
  std::vector<ChangeItem> items = {};
  std::string fault = {};
  bool is_unreadable = false;  ///< of a failure: it was 200, and no snapshot
};

class Syncer {
 public:
  /// Path and query of the next question; `timeout` is how long the worker may hold it.
  [[nodiscard]] std::string target(milliseconds timeout) const;

  [[nodiscard]] Synced answered(int status, std::string_view body);

  /// There was no answer.
  [[nodiscard]] Synced unanswered(std::string fault);

  /// Failures in a row. WHY a 204 leaves them: Druid's syncer does.
  [[nodiscard]] std::uint32_t failures() const { return failures_; }

  [[nodiscard]] const std::optional<overlord::Counter>& counter() const { return counter_; }

 private:
  std::optional<overlord::Counter> counter_;
  std::uint32_t failures_ = 0;
};

}  // namespace copse::runner::overlord_sandbox
