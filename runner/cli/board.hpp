#pragma once
// The live picture of tasks on their way: one line that is redrawn on a terminal, one line an end
// otherwise.

#include "engine/diagnostic.hpp"
#include "runner/cli/plan.hpp"
#include "runner/job/outcome.hpp"
#include "runner/job/step.hpp"
#include "runner/kube/failure.hpp"

#include <array>
#include <chrono>
#include <set>
#include <string>
#include <vector>

namespace copse::runner::cli {

class Board {
 public:
  /// Shows on standard error when that is a terminal; `plan` outlives the board.
  explicit Board(const Plan& plan);

  void moved(std::size_t task, job::Phase phase);
  void ended(std::size_t task, const job::Outcome& outcome);
  void trouble(const kube::Failure& failure);

  /// Why a task cannot start now; one task speaks for all with the same reason.
  void blocked(std::size_t task, const job::GivenUp& why);

  /// A line above the progress line, e.g. the end of a task.
  void say(const std::string& line);

  void draw();
  /// Removes the progress line.
  void close();

  /// Seconds from the first move of a task to its end.
  [[nodiscard]] double seconds(std::size_t task) const { return seconds_[task]; }

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] std::size_t count(job::Phase phase) const {
    return counts_[static_cast<std::size_t>(phase)];
  }

  const Plan& plan_;
  bool live_;
  engine::Colour colour_;
  std::vector<job::Phase> phases_;
  std::array<std::size_t, job::phase_count> counts_{};
  std::vector<Clock::time_point> begun_;
  std::vector<double> seconds_;
  std::size_t succeeded_ = 0;
  std::size_t failed_ = 0;
  std::set<std::string> told_;
  bool drawn_ = false;
};

/// Troubles that are told in one run: more of them say nothing more.
inline constexpr std::size_t troubles_limit = 100;

/// `SUCCESS`, `FAILED`, `UNKNOWN` in their colours.
[[nodiscard]] std::string painted(job::Outcome::Status status, engine::Colour colour);

}  // namespace copse::runner::cli
