// Scripts and the kubelet that plays them: no store, no API.
#include "runner/sandbox/kubelet.hpp"
#include "tests/runner/sandbox/world.hpp"

#include <catch2/catch.hpp>

using namespace copse::runner::sandbox;
using namespace std::chrono_literals;
using sandbox_test::at;

namespace {

constexpr Moment begin{std::chrono::seconds{1'780'000'000}};

PodMachine machine(std::string_view script) {
  const auto parsed = parse_script(script);
  REQUIRE(parsed);
  PodFacts facts{.ns = "default",
                 .name = "p",
                 .uid = "u",
                 .node = {},
                 .containers = {{"main", "druid:33"}},
                 .init_containers = {},
                 .config_maps = {}};
  return PodMachine{std::move(facts), *parsed, {"node-1", "127.0.0.1", "10.244.0.1"}, begin};
}

/// Takes all steps that are due until `now`; the statuses that were written.
std::vector<std::string> play(PodMachine& pod, Moment now,
                              std::vector<ScriptFile>* files = nullptr) {
  std::vector<std::string> written;
  while (const auto reaction = pod.step(now)) {
    if (reaction->status) written.push_back(*reaction->status);
    if (files != nullptr)
      files->insert(files->end(), reaction->files.begin(), reaction->files.end());
    if (reaction->remove) written.emplace_back("removed");
  }
  return written;
}

std::string phases(const std::vector<std::string>& written) {
  std::string all;
  for (const std::string& status : written) {
    const std::string reason = at(status, "containerStatuses.0.state.waiting.reason");
    all += (all.empty() ? "" : ", ") + (status == "removed" ? status : at(status, "phase"));
    if (reason != "absent" && reason != "not JSON") all += "/" + reason;
  }
  return all;
}

}  // namespace

TEST_CASE("a script is read line by line, comments and blank lines aside", "[sandbox][script]") {
  const auto script = parse_script(
      "schedule 100ms\n\n# waits\npull 0.2s\nlog  a line \nrun 1.5s\nexit 1 OOMKilled\n");
  REQUIRE(script);
  CHECK(script->schedule == 100ms);
  CHECK(script->pull == 200ms);
  CHECK(script->actions == std::vector<Action>{Print{"a line"}, Pause{1500ms}});
  CHECK(script->exit_code == 1);
  CHECK(script->reason == "OOMKilled");
}

TEST_CASE("a script's mistake is named with its line", "[sandbox][script]") {
  const auto check = [](std::string_view text, std::size_t line, std::string_view message) {
    const auto script = parse_script(text);
    REQUIRE_FALSE(script);
    CHECK(script.error().line == line);
    CHECK(script.error().text == message);
  };
  check("run 1s\nfly 2s", 2, "unknown statement `fly`");
  check("run soon", 1, "`soon` is not a duration such as 250ms, 1.5s or 2m");
  check("exit 300", 1, "`300` is not an exit code (0 to 255)");
  check("file ../x y", 1, "`../x` is not a file name below the sandbox's folder");
  check("file /etc/x y", 1, "`/etc/x` is not a file name below the sandbox's folder");
}

TEST_CASE("a pod is bound, created, running and ended at the moments its script says",
          "[sandbox][kubelet]") {
  PodMachine pod = machine("schedule 100ms\npull 200ms\nrun 1s");
  CHECK(play(pod, begin + 99ms).empty());
  CHECK(phases(play(pod, begin + 100ms)) == "Pending, Pending/ContainerCreating");
  CHECK(play(pod, begin + 299ms).empty());
  const auto running = play(pod, begin + 300ms);
  CHECK(phases(running) == "Running");
  CHECK(at(running[0], "podIP") == "10.244.0.1");
  CHECK(at(running[0], "containerStatuses.0.ready") == "true");
  const auto ended = play(pod, begin + 1h);
  CHECK(phases(ended) == "Succeeded");
  // A late call does not shift the pod's history.
  CHECK(at(ended[0], "containerStatuses.0.state.terminated.finishedAt") ==
        timestamp(begin + 1300ms));
  CHECK_FALSE(pod.wake());
}

TEST_CASE("a container ends with the code, reason and message of its script",
          "[sandbox][kubelet]") {
  PodMachine pod = machine("exit 137 OOMKilled\nmessage too greedy");
  const std::string end = play(pod, begin).back();
  CHECK(at(end, "phase") == "Failed");
  CHECK(at(end, "containerStatuses.0.state.terminated.exitCode") == "137");
  CHECK(at(end, "containerStatuses.0.state.terminated.reason") == "OOMKilled");
  CHECK(at(end, "containerStatuses.0.state.terminated.message") == "too greedy");
}

TEST_CASE("an image that cannot be pulled goes to back-off for ever and never runs",
          "[sandbox][kubelet]") {
  PodMachine pod = machine("pull fails no such manifest");
  CHECK(phases(play(pod, begin)) == "Pending, Pending/ContainerCreating, Pending/ErrImagePull");
  CHECK(phases(play(pod, begin + 1s)) == "Pending/ImagePullBackOff");
  CHECK(phases(play(pod, begin + 11s)) == "Pending/ErrImagePull");
  play(pod, begin + 24h);
  CHECK(pod.wake());
  CHECK_FALSE(pod.has_log());
}

TEST_CASE("obstacles keep a pod from running, each in its own way", "[sandbox][kubelet]") {
  PodMachine stuck = machine("unschedulable 0/3 nodes are available");
  const auto unscheduled = play(stuck, begin + 1h);
  CHECK(at(unscheduled[0], "conditions.0.reason") == "Unschedulable");
  CHECK(at(unscheduled[0], "conditions.0.message") == "0/3 nodes are available");
  PodMachine waiting = machine("waiting CreateContainerConfigError secret \"x\" not found");
  CHECK(phases(play(waiting, begin + 1h)) ==
        "Pending, Pending/ContainerCreating, Pending/CreateContainerConfigError");
  PodMachine rejected = machine("reject OutOfcpu Node didn't have enough resource");
  const auto refused = play(rejected, begin + 1h);
  CHECK(at(refused.back(), "phase") == "Failed");
  CHECK(at(refused.back(), "reason") == "OutOfcpu");
}

TEST_CASE("an evicted pod says so in reason and condition", "[sandbox][kubelet]") {
  PodMachine pod = machine("run 1s\nevict The node was low on resource: memory.");
  const std::string end = play(pod, begin + 1s).back();
  CHECK(at(end, "phase") == "Failed");
  CHECK(at(end, "reason") == "Evicted");
  CHECK(at(end, "conditions.0.type") == "DisruptionTarget");
  CHECK(at(end, "conditions.0.reason") == "TerminationByKubelet");
}

TEST_CASE("a deleted pod ends on SIGTERM, reports, and asks to be removed", "[sandbox][kubelet]") {
  PodMachine pod = machine("run for-ever");
  play(pod, begin);
  pod.stop(begin + 5s, 30s);
  const auto written = play(pod, begin + 5s);
  CHECK(phases(written) == "Failed, removed");
  CHECK(at(written[0], "containerStatuses.0.state.terminated.exitCode") == "143");
}

TEST_CASE("a container that is slow to end is killed when its grace period is over",
          "[sandbox][kubelet]") {
  PodMachine slow = machine("run for-ever\nterm 10s 0");
  play(slow, begin);
  slow.stop(begin + 1s, 30s);
  CHECK(play(slow, begin + 10s).empty());
  CHECK(phases(play(slow, begin + 11s)) == "Succeeded, removed");
  PodMachine stubborn = machine("run for-ever\nterm 1h");
  play(stubborn, begin);
  stubborn.stop(begin + 1s, 30s);
  const auto written = play(stubborn, begin + 31s);
  CHECK(at(written[0], "containerStatuses.0.state.terminated.exitCode") == "137");
}

TEST_CASE("a pod deleted before it ran is reported as failed, then removed", "[sandbox][kubelet]") {
  PodMachine pod = machine("pull 10s");
  play(pod, begin);
  pod.stop(begin + 1s, 30s);
  const auto written = play(pod, begin + 1s);
  CHECK(phases(written) == "Failed, removed");
  CHECK(at(written[0], "containerStatuses.0.state.terminated.reason") == "ContainerStatusUnknown");
}

TEST_CASE("lines appear when they are printed, and the log file holds them all",
          "[sandbox][kubelet]") {
  PodMachine pod =
      machine("log one\nrun 1s\nlog two\nrun 1s\nfile t.status.json {\"a\":1}\nlog-file t.log");
  std::vector<ScriptFile> files;
  play(pod, begin, &files);
  CHECK(pod.log(begin).size() == 1);
  CHECK(pod.next_line(begin) == begin + 1s);
  CHECK(pod.log(begin + 1s).size() == 2);
  CHECK(files.empty());
  play(pod, begin + 2s, &files);
  CHECK(files == std::vector<ScriptFile>{{"t.status.json", "{\"a\":1}"}, {"t.log", "one\ntwo\n"}});
}
