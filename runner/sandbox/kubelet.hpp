#pragma once
// A kubelet and scheduler for one pod, as a pure state machine: given the pod, its script and the
// time, it says what to write to the API server and when it wants to be asked again.
//
// It knows no store, no HTTP and no clock, so the same machine plays pods of the sandbox and,
// behind a client that watches pods and PATCHes `/status`, of a real API server that has no node.
// Whoever drives it calls `step` at or after `wake` and carries out the Reaction; one step makes at
// most one transition and dates it when it was due, so late calls do not shift a pod's history.
//
// The script acts in the first container. Others start with it and end with it, with exit code 0;
// init containers are over at once. Containers run once whatever the restart policy.

#include "runner/sandbox/container_facts.hpp"
#include "runner/sandbox/script.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace copse::runner::sandbox {

/// The little that the machine needs to know of a pod.
struct PodFacts {
  std::string ns;
  std::string name;
  std::string uid;
  std::string node;  ///< spec.nodeName; empty: it has to be scheduled first
  std::vector<ContainerFacts> containers;
  std::vector<ContainerFacts> init_containers;
  std::vector<ConfigMapVolume> config_maps;
  std::string qos_class = "BestEffort";
};

/// The node on which pods end up, and the address that this pod gets.
struct Placement {
  std::string node;
  std::string host_ip;
  std::string pod_ip;
};

/// An Event about the pod. `container` is empty for events about the pod as a whole.
struct PodNotice {
  bool warning = false;
  std::string reason;
  std::string message;
  std::string container;
  bool from_scheduler = false;
};

/// What to do now. Absent members mean "nothing".
struct Reaction {
  Moment at{};                        ///< when this was due
  bool bind = false;                  ///< bind the pod to Placement::node, together with `status`
  std::optional<std::string> status;  ///< the whole new status as a JSON object
  std::vector<PodNotice> notices;
  std::vector<ScriptFile> files;  ///< to be written before `status`
  bool started = false;           ///< the container has begun to run: an entry of the ledger
  bool remove = false;            ///< DELETE the pod with grace period 0
};

struct LogLine {
  Moment at{};
  std::string_view text;  ///< belongs to the machine's script
};

class PodMachine {
 public:
  /// `now`: when the pod was first seen.
  PodMachine(PodFacts facts, Script script, Placement placement, Moment now);

  /// The next transition if it is due, else nothing.
  [[nodiscard]] std::optional<Reaction> step(Moment now);

  /// The ConfigMaps of all its volumes are there. Before that no container is started.
  void mount(Moment now);

  /// True until `mount`, for a pod with such volumes.
  [[nodiscard]] bool awaits_volumes() const { return !mounted_; }

  /// When the next transition is due; absent: it waits for ever, or until `stop`.
  [[nodiscard]] std::optional<Moment> wake() const { return due_; }

  /// The pod was given a deletionTimestamp: SIGTERM now, SIGKILL after `grace`. A second call can
  /// only shorten the grace. Once the containers have ended, `step` asks for the pod's removal.
  void stop(Moment now, milliseconds grace);

  /// Lines printed up to `now`, oldest first.
  [[nodiscard]] std::vector<LogLine> log(Moment now) const;
  /// When the first line after `now` will be printed, if the container runs that long.
  [[nodiscard]] std::optional<Moment> next_line(Moment now) const;

  /// True once the container can print nothing more.
  [[nodiscard]] bool ended() const { return ended_at_.has_value(); }

  /// True once there is a log to read (the container has started).
  [[nodiscard]] bool has_log() const { return started_at_.has_value(); }

  /// Why there is no log yet: the reason for which the container waits.
  [[nodiscard]] std::string_view waiting_reason() const { return waiting_; }

  [[nodiscard]] bool is_scheduled() const { return scheduled_at_.has_value(); }

  [[nodiscard]] const PodFacts& facts() const { return facts_; }

 private:
  enum class Stage : std::uint8_t {
    unscheduled,
    bound,
    mounting,
    pulling,
    refused,
    running,
    stopping,
    ended,
    gone
  };

  void to_bound(Reaction& reaction);
  void to_admitted(Reaction& reaction);
  void to_mounting(Reaction& reaction);
  void to_pulling(Reaction& reaction);
  void to_running(Reaction& reaction);
  void retry_pull(Reaction& reaction);
  void to_ended(Reaction& reaction);
  void to_gone(Reaction& reaction);
  void to_unschedulable(Reaction& reaction);
  void end(Reaction& reaction, int exit_code, std::string_view reason, std::string_view message);
  void leave_files(Reaction& reaction) const;
  [[nodiscard]] milliseconds run_length() const;
  [[nodiscard]] std::string status() const;

  PodFacts facts_;
  Script script_;
  Placement placement_;
  Stage stage_ = Stage::unscheduled;
  std::optional<Moment> due_;
  Moment created_at_;
  std::optional<Moment> scheduled_at_, admitted_at_, started_at_, ended_at_, evicted_at_;
  std::string waiting_;
  std::string waiting_message_;
  std::string phase_ = "Pending";
  std::string pod_reason_, pod_message_;
  int exit_code_ = 0;
  std::string end_reason_, end_message_;
  std::string unschedulable_;
  bool mounted_ = true;
  bool stopping_ = false;
  bool reported_ = false;  ///< the end has been written to the pod's status
  unsigned pull_attempts_ = 0;
};

}  // namespace copse::runner::sandbox
