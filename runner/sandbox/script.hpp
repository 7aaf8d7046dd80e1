#pragma once
// What one pod of the sandbox does with its life: how long it waits, pulls and runs, what it
// prints, how it ends. A plain value; `kubelet` plays it.
//
// As text (pod annotation `copse.sandbox/script`) it is one statement a line, in the order of a
// pod's life:
//
//     schedule 100ms            # wait until bound to a node
//     pull 200ms                # then pull the image
//     run 1.5s                  # the container runs; may be repeated, with lines printed between
//     log reading input
//     run 500ms
//     exit 1 OOMKilled          # code and reason; both may be left out
//
// See README.md for every statement.

#include "runner/sandbox/moment.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace copse::runner::sandbox {

/// The annotation from which a pod's script is read.
inline constexpr std::string_view script_annotation = "copse.sandbox/script";

/// Lets time pass while the container runs.
struct Pause {
  milliseconds length{};

  bool operator==(const Pause&) const = default;
};

/// Prints one line to the container's log.
struct Print {
  std::string line;

  bool operator==(const Print&) const = default;
};

using Action = std::variant<Pause, Print>;

/// A file that the container leaves just before it ends.
struct ScriptFile {
  std::string name;  ///< relative, no `..`; where it goes is the sandbox's option
  std::string text;

  bool operator==(const ScriptFile&) const = default;
};

/// Why a pod never runs.
struct Obstacle {
  enum class Kind : unsigned char {
    unschedulable,  ///< PodScheduled=False for ever
    image,          ///< ErrImagePull and ImagePullBackOff in turn, for ever
    waiting,        ///< a waiting reason such as CreateContainerConfigError, for ever
    rejected  ///< the node refuses it: the pod is Failed with `reason` (OutOfcpu, NodeAffinity, …)
  };
  Kind kind = Kind::unschedulable;
  std::string reason;
  std::string message;

  bool operator==(const Obstacle&) const = default;
};

struct Script {
  milliseconds schedule{0};
  milliseconds pull{0};
  std::optional<Obstacle> obstacle;
  std::vector<Action> actions{Pause{std::chrono::seconds{1}}};
  bool for_ever = false;  ///< after its actions the container runs until it is stopped
  int exit_code = 0;
  std::string reason;   ///< terminated.reason; empty: Completed or Error by the exit code
  std::string message;  ///< the termination message
  /// The node evicts the pod (phase Failed, reason Evicted, condition DisruptionTarget) with this
  /// message.
  std::optional<std::string> eviction;
  std::vector<ScriptFile> files;
  std::string log_file;  ///< when set, all printed lines are written under this name too
  /// How long the container takes to end after SIGTERM; never longer than the grace period.
  milliseconds on_term{0};
  int term_exit_code = 143;

  bool operator==(const Script&) const = default;
};

/// What is wrong with a script's text.
struct ScriptFault {
  std::size_t line = 0;  ///< from 1
  std::string text;
};

[[nodiscard]] std::expected<Script, ScriptFault> parse_script(std::string_view text);

/// Reads `250ms`, `1.5s`, `2m`.
[[nodiscard]] std::optional<milliseconds> parse_duration(std::string_view text);

}  // namespace copse::runner::sandbox
