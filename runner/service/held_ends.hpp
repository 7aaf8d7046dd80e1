#pragma once
// Ends of Jobs that wait for what their pods have to tell. Pure.
//
// The watches of Jobs and pods break and come back apart from each other. Judged by its Job alone,
// a task whose pod could not be seen would end without its log, and without the reason that only
// the pod knows.

#include "runner/job/step.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace copse::runner::service {

enum class TaskIndex : std::uint32_t;

/// For so long the watch of pods has to be open before it counts as in step with the cluster,
/// unless RunnerOptions say otherwise.
inline constexpr std::chrono::milliseconds pods_catch_up{1'000};

/// The longest that an end waits; then it is judged by its Job alone.
inline constexpr std::chrono::milliseconds held_end_limit{120'000};

/// Between two looks at the ends that wait.
inline constexpr std::chrono::milliseconds held_end_look{200};

/// Of the watch of pods.
struct PodWatch {
  bool has_begun = false;  ///< both watches were in step once, and tasks have begun
  bool has_listed = false;
  std::optional<job::Time> open_since = std::nullopt;  ///< nothing: it is broken, or lists
  std::chrono::milliseconds catch_up = pods_catch_up;

  /// Whether the pod of a Job that has ended would have been seen by now. Before tasks begin, the
  /// list is enough: both lists are read before anything is judged.
  [[nodiscard]] bool shows_pods(job::Time now) const {
    if (!has_begun) return has_listed;
    return open_since && now - *open_since >= catch_up;
  }
};

/// The end of one Job, as it was seen.
struct HeldEnd {
  TaskIndex task;
  std::uint32_t generation = 0;  ///< of the task's place
  job::event::JobSeen seen;
  job::Time since;
};

/// The end of a Job that was found by its name, when it has to wait like one that the watch of Jobs
/// has shown: taken out of `looked`, which then says only that the Job is there.
[[nodiscard]] std::optional<job::event::JobSeen> end_to_hold(job::event::LookedUp& looked,
                                                             const PodWatch& watch, job::Time now);

class HeldEnds {
 public:
  void hold(HeldEnd end) { held_.push_back(std::move(end)); }

  [[nodiscard]] bool empty() const { return held_.empty(); }

  /// Takes out those that are to be judged now, oldest first.
  [[nodiscard]] std::vector<HeldEnd> due(const PodWatch& watch, job::Time now);

 private:
  std::vector<HeldEnd> held_;
};

}  // namespace copse::runner::service
