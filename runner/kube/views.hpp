#pragma once
// What the runner looks at in a Job and in a Pod: a few dozen bytes out of kilobytes.
//
// All string_views point into the text that was parsed or into its parser, and live until the
// parser is used again: keep what you need, drop the rest. A field that the object lacks is empty,
// zero or absent. Values that a newer server may send (phases, reasons, condition types) stay text:
// an unknown one is no error.

#include "runner/kube/uid.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace copse::runner::kube {

/// metadata of any object.
struct ObjectMeta {
  std::string_view name;
  std::string_view namespace_name;
  std::string_view uid_text;
  Uid uid;
  std::string_view resource_version;
  std::optional<std::chrono::sys_seconds> created;
  bool is_terminating = false;  ///< deletionTimestamp is set
};

/// A condition whose status is `True`.
struct Condition {
  std::string_view reason;
  std::string_view message;
  std::optional<std::chrono::sys_seconds> since;  ///< lastTransitionTime
};

struct JobView {
  ObjectMeta meta;
  std::string_view owner;     ///< label copse/owner
  std::string_view task;      ///< label copse/task
  std::string_view task_id;   ///< annotation task.id
  std::string_view decision;  ///< annotation copse/decision
  std::optional<Condition> complete;
  std::optional<Condition> failed;
  std::optional<Condition> failure_target;        ///< will fail; pods may still run
  std::optional<Condition> success_criteria_met;  ///< will succeed; pods may still run
  std::int64_t active = 0;
  std::int64_t succeeded = 0;
  std::int64_t failures = 0;  ///< status.failed
  std::optional<std::chrono::sys_seconds> started;
  std::optional<std::chrono::sys_seconds> completed;

  [[nodiscard]] bool is_finished() const { return complete || failed; }
};

/// The container that runs the task: the one that the annotation
/// kubectl.kubernetes.io/default-container names, else `main`, else the first of the status.
struct ContainerView {
  std::string_view name;
  std::string_view waiting_reason;  ///< empty: not waiting
  std::string_view waiting_message;
  std::optional<std::chrono::sys_seconds> running_since;
  bool is_terminated = false;
  std::int64_t exit_code = 0;  ///< meaningful when terminated
  std::int64_t signal = 0;
  std::string_view reason;   ///< of the termination
  std::string_view message;  ///< termination message
  std::optional<std::chrono::sys_seconds> finished;
  std::int64_t restarts = 0;
};

/// An object that a Job owns: its data is not looked at.
struct OwnedView {
  ObjectMeta meta;
  std::string_view job_name;  ///< of the owner reference that is a Job
  Uid job_uid;                ///< all zero when no Job owns it
  std::string_view owner;     ///< label copse/owner
  std::string_view task;      ///< label copse/task
};

/// A core/v1 Event: what a component of the cluster has to say about an object.
struct EventView {
  ObjectMeta meta;
  std::string_view about_kind;  ///< involvedObject: Job, Pod
  std::string_view about_name;
  Uid about;
  std::string_view reason;  ///< FailedCreate, FailedMount, Pulled …
  std::string_view message;
  std::int64_t count = 0;  ///< how often it was said; 0: not told
};

struct PodView {
  ObjectMeta meta;
  std::string_view job_name;  ///< of the owner reference that is a Job
  Uid job_uid;                ///< all zero when no Job owns it
  std::string_view owner;     ///< label copse/owner
  std::string_view task;      ///< label copse/task
  std::string_view phase;     ///< Pending, Running, Succeeded, Failed, Unknown or something new
  std::string_view reason;    ///< status.reason, e.g. Evicted
  std::string_view message;
  std::string_view ip;
  std::string_view node;
  bool is_scheduled = false;            ///< condition PodScheduled is True
  std::string_view unscheduled_reason;  ///< of PodScheduled when it is False
  std::string_view unscheduled_message;
  std::optional<Condition> disruption;  ///< condition DisruptionTarget
  std::optional<ContainerView> container;
  std::string_view
      init_waiting_reason;  ///< of the first init container that waits for more than its turn
  std::string_view init_waiting_message;
  std::optional<ContainerView> failed_init;  ///< the first init container that ended badly
  std::string_view tls_enabled;              ///< annotation tls.enabled
};

}  // namespace copse::runner::kube
