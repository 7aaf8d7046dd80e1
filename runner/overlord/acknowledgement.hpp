#pragma once
// Which ended tasks the Overlord knows to have ended, so that they need not be announced any more
// (Druid: WorkerTaskManager.scheduleCompletedTasksCleanup, `POST /druid/indexer/v1/taskStatus`).
// Pure: it says when to ask for which tasks, and what an answer means.
//
// A real worker asks every five minutes; the Overlord, though, walks over all that is announced for
// each task that it assigns, so copse asks soon and backs off while the Overlord lags or is away.

#include <chrono>
#include <cstdint>
#include <deque>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::overlord {

using std::chrono::milliseconds;

/// From a task's end to the first question about it, unless it is made to ask otherwise.
inline constexpr milliseconds first_question{2'000};

/// Longest pause between two questions.
inline constexpr milliseconds longest_question_pause{60'000};

/// Tasks in one question.
inline constexpr std::size_t question_limit = 500;

class Acknowledgement {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Acknowledgement(milliseconds first = first_question) : first_(first) {}

  /// A task whose end was announced.
  void ended(std::string task_id, Time now);

  /// When to call `question`; nothing: no task waits, or a question is open.
  [[nodiscard]] std::optional<Time> due() const;

  /// The tasks to ask for now, oldest first; from here on the question is open. None while one is
  /// open: a timer that was set anew may ring twice.
  [[nodiscard]] std::vector<std::string> question();

  /// The body of that question.
  [[nodiscard]] static std::string body(const std::vector<std::string>& task_ids);

  /// Those of the asked tasks that need not be announced any more: the Overlord says that they have
  /// ended, or does not know them. An answer that is no answer counts as a failure and says why.
  [[nodiscard]] std::expected<std::vector<std::string>, std::string> answered(std::string_view json,
                                                                              Time now);

  /// There was no answer: the Overlord is away, has no leader, or refuses.
  void failed(Time now);

  [[nodiscard]] std::size_t waiting() const { return waiting_.size() + asked_.size(); }

 private:
  void again(Time now);

  std::deque<std::string> waiting_;
  std::vector<std::string> asked_;
  Time next_{};
  milliseconds first_;
  milliseconds pause_ = first_;
};

}  // namespace copse::runner::overlord
