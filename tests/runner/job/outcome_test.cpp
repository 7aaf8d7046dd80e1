#include "runner/job/outcome.hpp"

#include <catch2/catch.hpp>

using namespace copse::runner::job;

namespace {

const std::vector<StatusReport> reports{{StatusReport::State::absent, false, ""},
                                        {StatusReport::State::unreadable, false, "not JSON"},
                                        {StatusReport::State::read, true, ""},
                                        {StatusReport::State::read, false, "bad rows"}};

std::string told(const Evidence& evidence, ExitCodes exit_codes = ExitCodes::ignored) {
  const Outcome outcome = judge(evidence, exit_codes);
  return std::string(name(outcome.status)) + " " + std::string(name(outcome.reason)) +
         (outcome.text.empty() ? "" : ": " + outcome.text);
}

Evidence pod(PodEnd end) {
  Evidence evidence;
  evidence.pod = std::move(end);
  return evidence;
}

}  // namespace

TEST_CASE("the task's own word stands above everything that else was seen", "[runner]") {
  std::size_t cases = 0;
  for (const StatusReport& file : reports) {
    for (const StatusReport& message : reports) {
      for (const std::string reason : {"Completed", "Error", "OOMKilled"}) {
        for (const auto how : {JobEnd::How::complete, JobEnd::How::failed, JobEnd::How::gone}) {
          for (const auto exit_codes : {ExitCodes::ignored, ExitCodes::trusted}) {
            Evidence evidence;
            evidence.file = file;
            evidence.pod = PodEnd{.exit_code = 1,
                                  .reason = reason,
                                  .message = message,
                                  .pod_reason = "",
                                  .pod_message = "",
                                  .disruption = ""};
            evidence.job = JobEnd{how, "", ""};
            const Outcome outcome = judge(evidence, exit_codes);
            ++cases;
            const StatusReport* word = file.state == StatusReport::State::read      ? &file
                                       : message.state == StatusReport::State::read ? &message
                                                                                    : nullptr;
            if (word != nullptr) {
              CHECK(outcome.reason == Reason::task);
              CHECK((outcome.status == Outcome::Status::success) == word->success);
            } else {
              CHECK(outcome.status != Outcome::Status::success);
            }
          }
        }
      }
    }
  }
  CHECK(cases == 4 * 4 * 3 * 3 * 2);
}

TEST_CASE("what the cluster did to a pod is told apart from what the task did", "[runner]") {
  CHECK(told(pod({.exit_code = 137,
                  .reason = "OOMKilled",
                  .message = {},
                  .pod_reason = "",
                  .pod_message = "",
                  .disruption = ""})) ==
        "FAILED oom: the container was killed for its memory (OOMKilled)");
  CHECK(told(pod({.exit_code = {},
                  .reason = "",
                  .message = {},
                  .pod_reason = "Evicted",
                  .pod_message = "low on memory",
                  .disruption = "TerminationByKubelet"})) ==
        "FAILED evicted: the pod was evicted: low on memory");
  CHECK(told(pod({.exit_code = 143,
                  .reason = "Error",
                  .message = {},
                  .pod_reason = "",
                  .pod_message = "",
                  .disruption = "PreemptionByScheduler"})) ==
        "FAILED evicted: the pod was evicted: PreemptionByScheduler");
  CHECK(told(pod({.exit_code = {},
                  .reason = "",
                  .message = {},
                  .pod_reason = "OutOfcpu",
                  .pod_message = "",
                  .disruption = ""})) == "FAILED rejected: the node refused the pod (OutOfcpu)");
  CHECK(told(pod({.exit_code = {},
                  .reason = "",
                  .message = {},
                  .pod_reason = "",
                  .pod_message = "",
                  .disruption = "DeletionByPodGC"})) == "FAILED node_lost: the pod's node is gone");
  CHECK(told(pod({.exit_code = {},
                  .reason = "",
                  .message = {},
                  .pod_reason = "DeadlineExceeded",
                  .pod_message = "",
                  .disruption = ""})) == "FAILED deadline: the pod ran into its deadline");
}

TEST_CASE("a pod that somebody deleted is told apart from one that the deadline ended",
          "[runner]") {
  Evidence evidence = pod({.exit_code = 143,
                           .reason = "Error",
                           .message = {},
                           .pod_reason = "",
                           .pod_message = "",
                           .disruption = "",
                           .deleted = true});
  CHECK(told(evidence, ExitCodes::trusted) ==
        "FAILED deleted: the pod was deleted before it ended");
  evidence.job = JobEnd{JobEnd::How::failed, "DeadlineExceeded", "too long"};
  CHECK(told(evidence) == "FAILED deadline: the Job ran into activeDeadlineSeconds: too long");
  // One that had ended well when somebody cleared it away was not cut short.
  evidence.job.reset();
  evidence.pod->exit_code = 0;
  CHECK(told(evidence, ExitCodes::trusted) == "SUCCESS exit_code");
}

TEST_CASE("a task whose init container failed has failed, and is told why", "[runner]") {
  PodEnd end;
  end.init = "init container `fetch` ended with exit code 3 (Error)";
  CHECK(told(pod(end)) ==
        "FAILED init_failed: init container `fetch` ended with exit code 3 (Error)");
  end.pod_reason = "Evicted";
  CHECK(told(pod(end)).starts_with("FAILED evicted"));
}

TEST_CASE("an exit code alone is unknown, and is a verdict only when it is trusted", "[runner]") {
  const Evidence evidence = pod({.exit_code = 1,
                                 .reason = "Error",
                                 .message = {},
                                 .pod_reason = "",
                                 .pod_message = "",
                                 .disruption = ""});
  CHECK(told(evidence) ==
        "UNKNOWN no_status: the task left no status; its container ended with exit code 1 (Error)");
  CHECK(told(evidence, ExitCodes::trusted) ==
        "FAILED exit_code: the task left no status; its container ended with exit code 1 (Error)");
  CHECK(told({}) == "UNKNOWN no_status: the task left no status");
}

TEST_CASE("the text of an outcome is one line that is cut between characters", "[runner]") {
  CHECK(first_line("first\n\tat java.lang.Thread") == "first");
  std::string umlauts;
  for (std::size_t i = 0; i < outcome_text_limit; ++i) umlauts += "\xC3\xBC";
  const std::string cut = first_line(umlauts);
  CHECK(cut.size() <= outcome_text_limit);
  CHECK(cut.ends_with("\xC3\xBC..."));
}
