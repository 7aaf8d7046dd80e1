#include "runner/sandbox/kubelet.hpp"

#include "runner/sandbox/pod_status.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

/// The kubelet's image back-off: 10 s, doubled up to 5 min.
constexpr milliseconds first_pull_back_off = std::chrono::seconds{10};
constexpr milliseconds longest_pull_back_off = std::chrono::minutes{5};
/// From a failed pull to the state ImagePullBackOff.
constexpr milliseconds pull_failure_shown = std::chrono::seconds{1};

std::string seconds_text(milliseconds length) {
  return length.count() % 1000 == 0 ? fmt::format("{}s", length.count() / 1000)
                                    : fmt::format("{}ms", length.count());
}

}  // namespace

PodMachine::PodMachine(PodFacts facts, Script script, Placement placement, Moment now)
    : facts_{std::move(facts)},
      script_{std::move(script)},
      placement_{std::move(placement)},
      created_at_{now},
      mounted_{facts_.config_maps.empty()} {
  if (facts_.node.empty()) {
    due_ = now + script_.schedule;
  } else {
    placement_.node = facts_.node;
    scheduled_at_ = now;
    stage_ = Stage::bound;
    due_ = now;
  }
}

std::optional<Reaction> PodMachine::step(Moment now) {
  if (!due_ || *due_ > now) return std::nullopt;
  Reaction reaction{.at = *due_, .status = {}, .notices = {}, .files = {}};
  due_.reset();
  const bool blocked = script_.obstacle.has_value();
  switch (stage_) {
    case Stage::unscheduled:
      if (blocked && script_.obstacle->kind == Obstacle::Kind::unschedulable) {
        to_unschedulable(reaction);
      } else {
        to_bound(reaction);
      }
      break;
    case Stage::bound:
      to_admitted(reaction);
      break;
    case Stage::mounting:
      to_pulling(reaction);
      break;
    case Stage::pulling:
      if (blocked) {
        retry_pull(reaction);
      } else {
        to_running(reaction);
      }
      break;
    case Stage::running:
    case Stage::stopping:
      to_ended(reaction);
      break;
    case Stage::ended:
      to_gone(reaction);
      break;
    case Stage::refused:
    case Stage::gone:
      return std::nullopt;
  }
  return reaction;
}

void PodMachine::to_unschedulable(Reaction& reaction) {
  unschedulable_ = script_.obstacle->message;
  reaction.notices.push_back({true, "FailedScheduling", unschedulable_, {}, true});
  reaction.status = status();
}

void PodMachine::to_bound(Reaction& reaction) {
  scheduled_at_ = reaction.at;
  reaction.bind = true;
  reaction.notices.push_back(
      {false,
       "Scheduled",
       fmt::format("Successfully assigned {}/{} to {}", facts_.ns, facts_.name, placement_.node),
       {},
       true});
  stage_ = Stage::bound;
  due_ = reaction.at;
  reaction.status = status();
}

void PodMachine::to_admitted(Reaction& reaction) {
  admitted_at_ = reaction.at;
  const auto& obstacle = script_.obstacle;
  if (obstacle && obstacle->kind == Obstacle::Kind::rejected) {
    phase_ = "Failed";
    pod_reason_ = obstacle->reason;
    pod_message_ =
        obstacle->message.empty() ? "Pod was rejected: " + obstacle->reason : obstacle->message;
    reaction.notices.push_back({true, obstacle->reason, pod_message_, {}, false});
    stage_ = Stage::refused;
    reaction.status = status();
    return;
  }
  waiting_ = facts_.init_containers.empty() ? "ContainerCreating" : "PodInitializing";
  mounted_ ? to_pulling(reaction) : to_mounting(reaction);
}

/// The real kubelet tries again in growing pauses and says so each time; here it is told.
void PodMachine::to_mounting(Reaction& reaction) {
  stage_ = Stage::mounting;
  const ConfigMapVolume& first = facts_.config_maps.front();
  reaction.notices.push_back(
      {true,
       "FailedMount",
       fmt::format("MountVolume.SetUp failed for volume \"{}\" : configmap \"{}\" not found",
                   first.volume, first.config_map),
       {},
       false});
  reaction.status = status();
}

void PodMachine::mount(Moment now) {
  if (std::exchange(mounted_, true)) return;
  if (stage_ == Stage::mounting) due_ = now;
}

void PodMachine::to_pulling(Reaction& reaction) {
  stage_ = Stage::pulling;
  due_ = reaction.at + script_.pull;
  const ContainerFacts& main = facts_.containers.front();
  reaction.notices.push_back(
      {false, "Pulling", fmt::format("Pulling image \"{}\"", main.image), main.name, false});
  reaction.status = status();
}

void PodMachine::retry_pull(Reaction& reaction) {
  const Obstacle& obstacle = *script_.obstacle;
  const ContainerFacts& main = facts_.containers.front();
  if (obstacle.kind == Obstacle::Kind::waiting) {
    waiting_ = obstacle.reason;
    waiting_message_ = obstacle.message;
    reaction.notices.push_back(
        {true, "Failed", fmt::format("Error: {}", obstacle.message), main.name, false});
  } else if (waiting_ != "ErrImagePull") {
    waiting_ = "ErrImagePull";
    waiting_message_ =
        fmt::format("failed to pull and unpack image \"{}\": {}", main.image, obstacle.message);
    due_ = reaction.at + pull_failure_shown;
    reaction.notices.push_back(
        {true, "Failed",
         fmt::format("Failed to pull image \"{}\": {}", main.image, waiting_message_), main.name,
         false});
    reaction.notices.push_back({true, "Failed", "Error: ErrImagePull", main.name, false});
  } else {
    waiting_ = "ImagePullBackOff";
    waiting_message_ = fmt::format("Back-off pulling image \"{}\": ErrImagePull: {}", main.image,
                                   waiting_message_);
    const milliseconds wait =
        std::min(longest_pull_back_off, first_pull_back_off * (1U << std::min(pull_attempts_, 5U)));
    ++pull_attempts_;
    due_ = reaction.at + wait;
    reaction.notices.push_back({false, "BackOff",
                                fmt::format("Back-off pulling image \"{}\"", main.image), main.name,
                                false});
    reaction.notices.push_back({true, "Failed", "Error: ImagePullBackOff", main.name, false});
  }
  reaction.status = status();
}

void PodMachine::to_running(Reaction& reaction) {
  const ContainerFacts& main = facts_.containers.front();
  reaction.notices.push_back(
      {false, "Pulled",
       fmt::format(
           "Successfully pulled image \"{}\" in {} ({} including waiting). Image size: 0 bytes.",
           main.image, seconds_text(script_.pull), seconds_text(script_.pull)),
       main.name, false});
  reaction.notices.push_back(
      {false, "Created", fmt::format("Created container: {}", main.name), main.name, false});
  reaction.notices.push_back(
      {false, "Started", fmt::format("Started container {}", main.name), main.name, false});
  started_at_ = reaction.at;
  waiting_.clear();
  phase_ = "Running";
  stage_ = Stage::running;
  if (!script_.for_ever) due_ = reaction.at + run_length();
  reaction.started = true;
  reaction.status = status();
}

void PodMachine::to_ended(Reaction& reaction) {
  if (stage_ == Stage::stopping) {
    const bool killed = script_.on_term > milliseconds{0} && end_reason_ == "killed";
    const int code = killed ? 137 : script_.term_exit_code;
    end(reaction, code, code == 0 ? "Completed" : "Error", {});
    return;
  }
  leave_files(reaction);
  if (script_.eviction) {
    evicted_at_ = reaction.at;
    pod_reason_ = "Evicted";
    pod_message_ = *script_.eviction;
    reaction.notices.push_back({true, "Evicted", pod_message_, {}, false});
    end(reaction, 137, "Error", {});
    return;
  }
  const std::string_view reason = !script_.reason.empty()  ? std::string_view{script_.reason}
                                  : script_.exit_code == 0 ? "Completed"
                                                           : "Error";
  end(reaction, script_.exit_code, reason, script_.message);
}

void PodMachine::end(Reaction& reaction, int exit_code, std::string_view reason,
                     std::string_view message) {
  ended_at_ = reaction.at;
  exit_code_ = exit_code;
  end_reason_ = reason;
  end_message_ = message;
  phase_ = exit_code == 0 && !evicted_at_ ? "Succeeded" : "Failed";
  stage_ = Stage::ended;
  reported_ = true;
  if (stopping_) due_ = reaction.at;
  reaction.status = status();
}

/// A pod that is to go is first reported as ended, then removed.
void PodMachine::to_gone(Reaction& reaction) {
  if (!reported_) {
    reported_ = true;
    due_ = reaction.at;
    reaction.status = status();
    return;
  }
  reaction.remove = true;
  stage_ = Stage::gone;
}

void PodMachine::leave_files(Reaction& reaction) const {
  reaction.files = script_.files;
  if (script_.log_file.empty()) return;
  std::string text;
  for (const LogLine& line : log(reaction.at)) text.append(line.text).append(1, '\n');
  reaction.files.push_back({script_.log_file, std::move(text)});
}

void PodMachine::stop(Moment now, milliseconds grace) {
  stopping_ = true;
  switch (stage_) {
    case Stage::unscheduled:
    case Stage::bound:
    case Stage::mounting:
    case Stage::pulling:
      // What the kubelet reports of a container that it never started.
      phase_ = "Failed";
      ended_at_ = now;
      exit_code_ = 137;
      end_reason_ = "ContainerStatusUnknown";
      end_message_ = "The container could not be located when the pod was terminated";
      stage_ = Stage::ended;
      due_ = now;
      return;
    case Stage::running:
      stage_ = Stage::stopping;
      if (script_.on_term > grace) end_reason_ = "killed";
      due_ = now + std::min(grace, script_.on_term);
      return;
    case Stage::stopping:
      if (due_ && now + grace < *due_) {
        end_reason_ = "killed";
        due_ = now + grace;
      }
      return;
    case Stage::refused:
    case Stage::ended:
      reported_ = true;
      stage_ = Stage::ended;
      due_ = now;
      return;
    case Stage::gone:
      return;
  }
}

std::vector<LogLine> PodMachine::log(Moment now) const {
  std::vector<LogLine> lines;
  if (!started_at_) return lines;
  const Moment end = std::min(now, ended_at_.value_or(now));
  Moment at = *started_at_;
  for (const Action& action : script_.actions) {
    if (const Pause* pause = std::get_if<Pause>(&action)) {
      at += pause->length;
    } else if (at <= end) {
      lines.push_back({at, std::get<Print>(action).line});
    }
  }
  return lines;
}

std::optional<Moment> PodMachine::next_line(Moment now) const {
  if (!started_at_ || ended_at_) return std::nullopt;
  Moment at = *started_at_;
  for (const Action& action : script_.actions) {
    if (const Pause* pause = std::get_if<Pause>(&action)) {
      at += pause->length;
    } else if (at > now) {
      return at;
    }
  }
  return std::nullopt;
}

milliseconds PodMachine::run_length() const {
  milliseconds length{0};
  for (const Action& action : script_.actions) {
    if (const Pause* pause = std::get_if<Pause>(&action)) length += pause->length;
  }
  return length;
}

std::string PodMachine::status() const {
  return pod_status_text({.facts = facts_,
                          .placement = placement_,
                          .phase = phase_,
                          .reason = pod_reason_,
                          .message = pod_message_,
                          .scheduled_at = scheduled_at_,
                          .unschedulable = unschedulable_,
                          .admitted_at = admitted_at_,
                          .waiting = waiting_,
                          .waiting_message = waiting_message_,
                          .started_at = started_at_,
                          .ended_at = ended_at_,
                          .evicted_at = evicted_at_,
                          .created_at = created_at_,
                          .exit_code = exit_code_,
                          .end_reason = end_reason_,
                          .end_message = end_message_});
}

}  // namespace copse::runner::sandbox
