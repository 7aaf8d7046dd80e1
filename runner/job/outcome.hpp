#pragma once
// How a task ended: everything that was seen of its end, and the one judgement of it.
//
// The task's own word counts: its status file, else a status in the container's termination
// message. A peon whose task failed exits with 0, so an exit code alone is never success and never
// failure, unless the caller says so. What the cluster did to a pod (never started, killed for
// memory, evicted, deadline) is a failure of its own kind.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace copse::runner::job {

enum class Reason : std::uint8_t {
  task,           ///< the task itself says how it ended
  exit_code,      ///< only the container's exit code says so, and it was trusted
  no_status,      ///< nothing says how the task ended
  oom,            ///< a container was killed for its memory
  image,          ///< the image cannot be pulled
  init_failed,    ///< an init container failed: the task never ran
  config,         ///< the container cannot be created: ConfigMap, Secret, command, account
  quota,          ///< a quota leaves no room for the pod
  unschedulable,  ///< no node takes the pod
  rejected,       ///< the kubelet refused the pod: OutOfcpu, NodeAffinity
  evicted,        ///< evicted or preempted
  node_lost,      ///< the node is gone
  deadline,       ///< the Job ran into activeDeadlineSeconds
  deleted,        ///< somebody else deleted the Job or its pod
  launch,         ///< the Job or its pod could not be created
  start_timeout,  ///< the pod did not start in time
  cancelled       ///< we were asked to stop it
};

/// The enumerator's own spelling, for output and metrics.
[[nodiscard]] std::string_view name(Reason reason);

/// A TaskStatus document of Druid, or what came instead.
struct StatusReport {
  enum class State : std::uint8_t {
    absent,      ///< there is none (yet)
    unreadable,  ///< there is one, but it is damaged or the store cannot be reached
    read
  };
  State state = State::absent;
  bool success = false;
  std::string message;  ///< errorMsg, or why it is unreadable

  bool operator==(const StatusReport&) const = default;
};

/// How the pod's main container, or the pod as a whole, ended.
struct PodEnd {
  std::optional<std::int64_t> exit_code;  ///< absent: no container ever ran
  std::string reason;                     ///< of the container: Completed, Error, OOMKilled
  StatusReport message;                   ///< the termination message, read as a status
  std::string pod_reason;                 ///< Evicted, OutOfcpu, NodeAffinity, DeadlineExceeded …
  std::string pod_message;
  std::string disruption;  ///< reason of the condition DisruptionTarget
  bool deleted = false;    ///< it was being deleted when it ended
  std::string init = {};   ///< which init container failed and how; only when no other ever ran

  bool operator==(const PodEnd&) const = default;
};

/// How the Job ended.
struct JobEnd {
  enum class How : std::uint8_t { complete, failed, gone };
  How how = How::complete;
  std::string reason;  ///< of the condition Failed: BackoffLimitExceeded, DeadlineExceeded …
  std::string message;

  bool operator==(const JobEnd&) const = default;
};

/// That copse itself ended the task, and why.
struct GivenUp {
  Reason reason = Reason::cancelled;
  std::string text;

  bool operator==(const GivenUp&) const = default;
};

/// All that is known of one end.
struct Evidence {
  StatusReport file;
  std::optional<PodEnd> pod;
  std::optional<JobEnd> job;
  std::optional<GivenUp> given_up;

  bool operator==(const Evidence&) const = default;
};

enum class ExitCodes : std::uint8_t {
  ignored,  ///< the default: they say nothing about the task
  trusted   ///< 0 is success, anything else failure, where nothing better is known
};

struct Outcome {
  enum class Status : std::uint8_t { success, failed, unknown };
  Status status = Status::unknown;
  Reason reason = Reason::no_status;
  std::string text;  ///< one line; empty for a success. At most outcome_text_limit bytes

  bool operator==(const Outcome&) const = default;
};

/// Bytes of an outcome's text: the first line of what may be a stack trace. A server's refusal with
/// path, user and remedy has about 400.
inline constexpr std::size_t outcome_text_limit = 600;

[[nodiscard]] std::string_view name(Outcome::Status status);

/// The one judgement. Total: any evidence has an outcome.
[[nodiscard]] Outcome judge(const Evidence& evidence, ExitCodes exit_codes);

/// The first line of `text`, cut at outcome_text_limit bytes between code points.
[[nodiscard]] std::string first_line(std::string_view text);

}  // namespace copse::runner::job
