#pragma once
// What the cluster says of tasks that have not started, beside what the status of a Job or a pod
// tells: that the Job controller cannot create the pod (a quota, an admission webhook), that a
// volume is missing, that the image is there.
//
// One watch of Events, which does without lists of what has gone well: an API server keeps Events
// for an hour, and there may be hundreds of thousands. Only tasks that wait for their pod are
// known here. Losing an Event costs an explanation or a measurement, never a task.

#include "runner/job/step.hpp"
#include "runner/kube/failure.hpp"
#include "runner/kube/reflection.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::runner::kube {
class Transport;
}

namespace copse::runner::service {

enum class TaskIndex : std::uint32_t;

struct EventWatchEvents {
  std::move_only_function<void(TaskIndex, const job::event::Told&)> told;
  /// Events may not be read. Once, and again when that has been possible in between.
  std::move_only_function<void(const kube::Failure&)> deaf;
};

class EventWatch {
 public:
  /// Opens the watch. `transport` outlives it.
  EventWatch(kube::Transport& transport, const std::string& namespace_name,
             EventWatchEvents events);
  EventWatch(const EventWatch&) = delete;
  EventWatch& operator=(const EventWatch&) = delete;

  /// A task has a Job and waits for its pod.
  void waits(TaskIndex task, std::string_view job_name);

  /// It does not any more.
  void waits_no_more(TaskIndex task, std::string_view job_name);

  [[nodiscard]] const kube::Reflector& reflector() const { return watch_.reflector(); }

 private:
  void saw(const kube::EventView& view);
  void trouble(const kube::Failure& failure);

  EventWatchEvents events_;
  // WHY sorted and flat: ten thousand tasks may wait, and a node of a map for each would be a tenth
  // of what a task takes.
  std::vector<std::pair<std::uint32_t, TaskIndex>> waiting_;  // by a hash of pod_name_base
  bool is_deaf_ = false;
  kube::Reflection watch_;
};

}  // namespace copse::runner::service
