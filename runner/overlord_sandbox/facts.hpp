#pragma once
// What an Overlord of the sandbox saw of its workers. Plain data, over all its restarts.

#include "runner/overlord/announcement.hpp"
#include "runner/overlord_sandbox/options.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace copse::runner::overlord_sandbox {

/// Texts that are kept of each kind; the rest is not counted.
inline constexpr std::size_t fact_text_limit = 1000;

/// One announcement of a task that said something new.
struct Seen {
  Time at{};  ///< when the poll's answer was here
  std::string worker;
  overlord::TaskState state = overlord::TaskState::running;
  bool is_located = false;
};

/// One `assignTask`.
struct AssignmentFact {
  std::string worker;
  Time sent{};
  int status = 0;                                                     ///< 0: no answer, or none yet
  std::optional<std::chrono::microseconds> answered = std::nullopt;   ///< since it was sent
  std::optional<std::chrono::microseconds> announced = std::nullopt;  ///< since it was sent
};

struct TaskFacts {
  std::vector<AssignmentFact> assignments;
  std::vector<Seen> seen;
  std::vector<Time> kills;  ///< shutdowns that were sent
};

struct Facts {
  std::map<std::string, TaskFacts> tasks;
  /// What no worker may do, in words, with worker and task.
  std::vector<std::string> violations;
  /// What may happen to any request: no connection, a status other than 200, no answer in time.
  std::vector<std::string> failures;
};

/// For suites in other languages: `{"violations": […], "failures": […], "tasks": {ID: …}}`, times
/// in microseconds since `start`.
[[nodiscard]] std::string to_json(const Facts& facts, Time start);

}  // namespace copse::runner::overlord_sandbox
