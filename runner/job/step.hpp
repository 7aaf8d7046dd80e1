#pragma once
// The life of one task as a Job: a pure state machine. It does no I/O and knows no clock; whoever
// drives it feeds events with the time and carries out the actions that come back.
//
//     fresh -> creating <-> looking           the Job's name is the idempotency key: a lost answer,
//     or a
//                |  ^                          409, is looked into and never guessed
//                v  |
//              pausing                         the server asks for patience
//                |
//                v
//     waiting -> running -> ending -> settling the pod is followed for speed, the Job decides
//        |          |                    |
//        v          v                    v
//       stopping (give up, cancel)    (held ->) removing -> done
//
// Promises, each held by a test over all short histories:
//  * a Job is created only under its own name, and never again once it was seen;
//  * at most one request of a task is under way at any time;
//  * the ConfigMap of a payload that its Job waits for is created for that Job's uid, one request
//  at a
//    time, until it is there;
//  * Conclude comes exactly once, and never while something of the task may still start;
//  * a Job is deleted only by uid, and only after the outcome is concluded or the task given up.
//
// Only the Job itself shows that it exists: a pod may be what is left of an earlier one, so a pod
// that comes first waits for its Job.

#include "runner/job/outcome.hpp"
#include "runner/job/phase.hpp"
#include "runner/kube/failure.hpp"
#include "runner/kube/uid.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace copse::runner::job {

using Time = std::chrono::steady_clock::time_point;
using kube::Uid;
using std::chrono::milliseconds;

/// How long a task may take for what. All are counted by the driver's steady clock.
struct Patience {
  milliseconds start{
      3'600'000};  ///< from the Job's creation to a running container (k8sjobLaunchTimeout)
  milliseconds image{120'000};  ///< of failing to pull the image: the registry may be overloaded
  milliseconds config{60'000};  ///< of failing to create the container: a ConfigMap may still come
  milliseconds status_retry{500};  ///< between two looks for a status file after the Job has ended
  std::uint8_t status_looks = 4;  ///< such looks; a log store may show a file late, a watch the pod
  milliseconds stop{120'000};     ///< from a task's deletion to the end of its pods
  milliseconds retry{1'000};      ///< first pause before a refused request is sent again; doubles
  milliseconds retry_limit{30'000};  ///< longest such pause
};

/// What the caller wants of all its tasks.
struct Rules {
  Patience patience;
  ExitCodes exit_codes = ExitCodes::ignored;
  bool keep_jobs = false;  ///< debugJobs: Jobs are left in the cluster
  /// A Job whose task was concluded stays until Release: whoever records the end does so first.
  bool hold_until_released = false;
  /// A missing permission or credential fails the task, or leaves its Job in the cluster.
  bool forbidden_is_final = true;
};

/// Where a task's pod can be reached.
struct PodPlace {
  std::string ip;  ///< empty: not known
  std::string pod;
  bool tls = false;  ///< its annotation tls.enabled says so

  bool operator==(const PodPlace&) const = default;
};

/// Whose log a task's is.
struct PodLog {
  std::string pod;  ///< empty: nothing has run
  std::string container;

  bool operator==(const PodLog&) const = default;
};

namespace event {

struct Begin {
  /// The task may have a Job from before a restart: it is looked for, and created only when there
  /// is none and `was_placed` does not say that there had been one.
  bool is_resumed = false;
  bool was_placed = false;
  /// Its Job's pod waits for a ConfigMap, which has to be created once the Job is there.
  bool has_payload = false;
};

/// The server has stored our Job.
struct Created {
  Uid job;
};

struct CreateFailed {
  kube::FailureKind kind{};
  std::string text;
  milliseconds retry_after{0};  ///< the server's wish; 0: none
};

/// What a look at the Job's name has found.
struct LookedUp {
  enum class Found : std::uint8_t { ours, terminating, foreign, nothing, unclear };
  Found found = Found::nothing;
  Uid job;
  std::optional<JobEnd> end;
};

/// The ConfigMap is there.
struct PayloadCreated {};

struct PayloadFailed {
  kube::FailureKind kind{};
  std::string text;
  milliseconds retry_after{0};  ///< the server's wish; 0: none
};

/// What a look at the ConfigMap's name has found.
struct PayloadLookedUp {
  enum class Found : std::uint8_t {
    ours,
    left,  ///< of an earlier Job of this task: it goes with that one
    foreign,
    nothing,
    unclear
  };
  Found found = Found::nothing;
};

/// The watch (or a list) shows our Job.
struct JobSeen {
  Uid job;
  bool is_terminating = false;
  std::optional<JobEnd> end;
};

struct JobGone {
  Uid job;
};

/// The watch (or a list) shows a pod of our Job.
struct PodSeen {
  Uid pod;
  Uid job;  ///< its owner
  bool is_terminating = false;
  bool is_running = false;
  std::string node;            ///< once it is scheduled
  std::string waiting_reason;  ///< of the container, or Unschedulable; empty: it makes progress
  std::string waiting_message;
  std::optional<PodEnd> end;
  PodPlace place;  ///< once its container runs, and when it has ended
  PodLog log;      ///< once its container has begun to run, and for as long as there is the pod
};

/// An Event of the cluster about our Job or its pod: what no status tells.
struct Told {
  enum class What : std::uint8_t {
    pulled,    ///< the pod has its image
    no_pod,    ///< the Job controller cannot create the pod
    no_volume  ///< the node cannot give the pod what it mounts, or its sandbox
  };
  What what = What::pulled;
  Uid about;  ///< the pod, or of no_pod the Job
  std::string text;
};

struct StatusRead {
  StatusReport report;
};

/// The server has taken the deletion. `is_gone`: there was nothing to delete any more.
struct Deleted {
  bool is_gone = false;
};

struct DeleteFailed {
  kube::FailureKind kind{};
};

/// The time of the last Wake has come.
struct Woke {};

struct Cancel {};

/// The end is recorded: a held Job may go.
struct Release {};

}  // namespace event

using Event =
    std::variant<event::Begin, event::Created, event::CreateFailed, event::LookedUp,
                 event::PayloadCreated, event::PayloadFailed, event::PayloadLookedUp,
                 event::JobSeen, event::JobGone, event::PodSeen, event::Told, event::StatusRead,
                 event::Deleted, event::DeleteFailed, event::Woke, event::Cancel, event::Release>;

namespace action {

struct Create {
  bool operator==(const Create&) const = default;
};

/// GET the Job by its name.
struct LookUp {
  bool operator==(const LookUp&) const = default;
};

/// POST the ConfigMap with the payload, owned by the Job of this uid.
struct CreatePayload {
  Uid job;
  bool operator==(const CreatePayload&) const = default;
};

/// GET the ConfigMap by its name: is it the one of the Job of this uid?
struct LookUpPayload {
  Uid job;
  bool operator==(const LookUpPayload&) const = default;
};

struct ReadStatus {
  bool operator==(const ReadStatus&) const = default;
};

/// DELETE the Job of this uid. `with_pods`: the Job stays, terminating, until its pods are gone, so
/// that its end proves that nothing runs; else the pods follow it.
struct Delete {
  Uid job;
  bool with_pods = false;
  bool operator==(const Delete&) const = default;
};

/// Send Woke at this time; replaces an earlier one.
struct Wake {
  Time at;
  bool operator==(const Wake&) const = default;
};

/// The phase has changed: something to show.
struct Moved {
  Phase phase;
  bool operator==(const Moved&) const = default;
};

/// The pod has a node. Once, before Started.
struct Scheduled {
  std::string node;
  bool operator==(const Scheduled&) const = default;
};

/// The pod has its image. At most once, after Scheduled and before Started; never when the cluster
/// tells of it too late.
struct Pulled {
  bool operator==(const Pulled&) const = default;
};

/// The pod cannot start now, and why: what would be said if it never did. Once a reason.
struct Blocked {
  GivenUp why;
  bool operator==(const Blocked&) const = default;
};

/// The pod runs and can be reached, or has ended. Once, before Conclude.
struct Located {
  PodPlace place;
  bool operator==(const Located&) const = default;
};

/// The container has begun to run (and may have ended): there is a log. Once, before Conclude.
struct Started {
  PodLog log;
  bool operator==(const Started&) const = default;
};

/// The task has ended. Once.
struct Conclude {
  Outcome outcome;
  bool operator==(const Conclude&) const = default;
};

/// Nothing more will come of this task: its state can be dropped.
struct Forget {
  bool operator==(const Forget&) const = default;
};

}  // namespace action

using Action = std::variant<action::Create, action::LookUp, action::CreatePayload,
                            action::LookUpPayload, action::ReadStatus, action::Delete, action::Wake,
                            action::Moved, action::Scheduled, action::Pulled, action::Blocked,
                            action::Located, action::Started, action::Conclude, action::Forget>;

/// How far the ConfigMap of a payload is.
enum class Payload : std::uint8_t {
  none,     ///< the task needs none
  wanted,   ///< not asked for yet
  asked,    ///< a request about it is under way
  refused,  ///< it will be asked for again
  there
};

/// State of one task: under 100 bytes while nothing has ended.
struct State {
  Phase phase = Phase::fresh;
  bool reading = false;   ///< a ReadStatus is under way
  bool deleting = false;  ///< a Delete is under way
  bool concluded = false;
  bool cancelled = false;  ///< asked for while a request was under way
  bool scheduled = false;
  bool pulled = false;
  bool located = false;
  bool started = false;     ///< its log was told of
  bool was_placed = false;  ///< before a restart: it is never created again
  Payload payload = Payload::none;
  std::optional<Reason> blocked_by;  ///< told last
  std::uint8_t looks = 0;            ///< for the status, since the Job ended
  std::uint8_t refusals = 0;         ///< of the request that is being repeated
  Uid job;                           ///< all zero: not known to exist
  Uid pod;
  Time start_by{};                     ///< when the pod must run
  Time blocked_until{};                ///< when a pod that cannot start is given up; zero: it can
  Time payload_at{};                   ///< when a refused payload is asked for again
  Time stop_by{};                      ///< when a Job that is being deleted is no longer waited for
  std::unique_ptr<Evidence> evidence;  ///< from the first sign of an end on
  /// The newest pod that came before its Job was known: the watches are not in step.
  std::unique_ptr<event::PodSeen> early;
};

/// What a refused creation leaves to do, by the rules of the caller.
[[nodiscard]] kube::Recourse recourse_of_create(kube::FailureKind kind, const Rules& rules);

/// What to do about `event`, in order; `state` becomes what it leads to.
[[nodiscard]] std::vector<Action> step(State& state, const Event& event, Time now,
                                       const Rules& rules);

}  // namespace copse::runner::job
