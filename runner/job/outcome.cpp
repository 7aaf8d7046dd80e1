#include "runner/job/outcome.hpp"

#include <utility>

namespace copse::runner::job {
namespace {

Outcome made(Outcome::Status status, Reason reason, std::string_view text) {
  return {status, reason, status == Outcome::Status::success ? std::string() : first_line(text)};
}

Outcome by_task(const StatusReport& report) {
  if (report.success) return made(Outcome::Status::success, Reason::task, "");
  return made(Outcome::Status::failed, Reason::task,
              report.message.empty() ? "the task failed and gave no reason" : report.message);
}

std::string with(std::string_view text, std::string_view detail) {
  return std::string(text) + (detail.empty() ? "" : ": " + std::string(detail));
}

// What the cluster did to the pod, if that alone says that the task did not succeed.
std::optional<Outcome> by_pod(const PodEnd& pod) {
  const auto failed = [](Reason reason, std::string_view text) {
    return made(Outcome::Status::failed, reason, text);
  };
  if (pod.reason == "OOMKilled")
    return failed(Reason::oom, "the container was killed for its memory (OOMKilled)");
  if (pod.pod_reason == "DeadlineExceeded")
    return failed(Reason::deadline, with("the pod ran into its deadline", pod.pod_message));
  if (pod.pod_reason == "NodeLost" || pod.disruption == "DeletionByPodGC") {
    return failed(Reason::node_lost, with("the pod's node is gone", pod.pod_message));
  }
  if (pod.pod_reason == "Evicted" || !pod.disruption.empty()) {
    return failed(
        Reason::evicted,
        with("the pod was evicted", pod.pod_message.empty() ? pod.disruption : pod.pod_message));
  }
  if (!pod.exit_code && !pod.init.empty()) return failed(Reason::init_failed, pod.init);
  if (!pod.exit_code && !pod.pod_reason.empty()) {
    return failed(Reason::rejected,
                  with("the node refused the pod (" + pod.pod_reason + ")", pod.pod_message));
  }
  return std::nullopt;
}

std::optional<Outcome> by_job(const JobEnd& job) {
  if (job.how == JobEnd::How::gone) {
    return made(Outcome::Status::failed, Reason::deleted,
                "the Job was deleted from outside before it ended");
  }
  if (job.how == JobEnd::How::failed && job.reason == "DeadlineExceeded") {
    return made(Outcome::Status::failed, Reason::deadline,
                with("the Job ran into activeDeadlineSeconds", job.message));
  }
  return std::nullopt;
}

std::string what_is_known(const Evidence& evidence) {
  std::string text = "the task left no status";
  if (evidence.file.state == StatusReport::State::unreadable)
    text = with("the task's status cannot be read", evidence.file.message);
  if (evidence.pod && evidence.pod->exit_code) {
    text += "; its container ended with exit code " + std::to_string(*evidence.pod->exit_code);
    if (!evidence.pod->reason.empty()) text += " (" + evidence.pod->reason + ")";
  } else if (evidence.job && evidence.job->how == JobEnd::How::failed) {
    text += "; the Job failed" +
            (evidence.job->reason.empty() ? "" : " (" + evidence.job->reason + ")");
  }
  return text;
}

}  // namespace

std::string_view name(Reason reason) {
  switch (reason) {
    case Reason::task:
      return "task";
    case Reason::exit_code:
      return "exit_code";
    case Reason::no_status:
      return "no_status";
    case Reason::oom:
      return "oom";
    case Reason::image:
      return "image";
    case Reason::init_failed:
      return "init_failed";
    case Reason::config:
      return "config";
    case Reason::quota:
      return "quota";
    case Reason::unschedulable:
      return "unschedulable";
    case Reason::rejected:
      return "rejected";
    case Reason::evicted:
      return "evicted";
    case Reason::node_lost:
      return "node_lost";
    case Reason::deadline:
      return "deadline";
    case Reason::deleted:
      return "deleted";
    case Reason::launch:
      return "launch";
    case Reason::start_timeout:
      return "start_timeout";
    case Reason::cancelled:
      return "cancelled";
  }
  return "";
}

std::string_view name(Outcome::Status status) {
  switch (status) {
    case Outcome::Status::success:
      return "SUCCESS";
    case Outcome::Status::failed:
      return "FAILED";
    case Outcome::Status::unknown:
      return "UNKNOWN";
  }
  return "";
}

std::string first_line(std::string_view text) {
  std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  if (line.size() > outcome_text_limit) {
    std::size_t end = outcome_text_limit - 3;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
    return std::string(line.substr(0, end)) + "...";
  }
  return std::string(line);
}

// In this order: the task's own word, what copse did, what the cluster did, and last, if at all,
// numbers.
Outcome judge(const Evidence& evidence, ExitCodes exit_codes) {
  if (evidence.file.state == StatusReport::State::read) return by_task(evidence.file);
  if (evidence.pod && evidence.pod->message.state == StatusReport::State::read)
    return by_task(evidence.pod->message);
  if (evidence.given_up)
    return made(Outcome::Status::failed, evidence.given_up->reason, evidence.given_up->text);
  if (evidence.pod) {
    if (auto outcome = by_pod(*evidence.pod)) return *std::move(outcome);
  }
  if (evidence.job) {
    if (auto outcome = by_job(*evidence.job)) return *std::move(outcome);
  }
  if (evidence.pod && evidence.pod->deleted && evidence.pod->exit_code != 0) {
    return made(Outcome::Status::failed, Reason::deleted, "the pod was deleted before it ended");
  }
  if (exit_codes == ExitCodes::trusted && evidence.pod && evidence.pod->exit_code) {
    if (*evidence.pod->exit_code == 0) return made(Outcome::Status::success, Reason::exit_code, "");
    return made(Outcome::Status::failed, Reason::exit_code, what_is_known(evidence));
  }
  return made(Outcome::Status::unknown, Reason::no_status, what_is_known(evidence));
}

}  // namespace copse::runner::job
