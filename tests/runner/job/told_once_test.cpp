// What is told of a task's pod: its node, its place, its log; each once.
#include "tests/runner/job/story.hpp"

#include <catch2/catch.hpp>

using namespace copse::tests;

TEST_CASE("the node of a pod is told once, before its log", "[runner]") {
  const auto on_node = [](event::PodSeen pod) {
    pod.node = "node-1";
    return pod;
  };
  Story story;
  story(event::Begin{});
  story(event::Created{job_uid});
  CHECK(story(pod_waits("Unschedulable")).find("on ") == std::string::npos);
  SECTION("while the container is being made") {
    CHECK(story(on_node(pod_waits("ContainerCreating"))) == "on node-1");
    CHECK(story(on_node(pod_running())) == "running");
  }
  SECTION("when its container is the first that is seen of it") {
    event::PodSeen pod = on_node(pod_running());
    pod.log = {"a-pod", "main"};
    CHECK(story(pod) == "on node-1, log of a-pod main, running");
  }
}

TEST_CASE("that a pod has its image is told once, between its node and its log", "[runner]") {
  event::PodSeen placed = pod_waits("ContainerCreating");
  placed.node = "node-1";
  Story story;
  story(event::Begin{});
  story(event::Created{job_uid});
  SECTION("when the pod is known") {
    CHECK(story(placed) == "on node-1");
    CHECK(story(pulled()) == "pulled");
    CHECK(story(pulled()) == "");
  }
  SECTION("when it is told before the pod is") {
    CHECK(story(pulled()) == "");
    CHECK(story(placed) == "on node-1, pulled");
    CHECK(story(placed) == "");
  }
  SECTION("of another pod") {
    story(placed);
    CHECK(story(pulled(other_job_uid)) == "");
  }
}

TEST_CASE("where a pod runs is told once, also of one that has come and gone between two looks",
          "[runner]") {
  const auto at = [](event::PodSeen pod) {
    pod.place = {"10.0.0.7", "a-pod", false};
    return pod;
  };
  Story story;
  story(event::Begin{});
  story(event::Created{job_uid});
  SECTION("while it runs") {
    CHECK(story(at(pod_running())) == "running, at 10.0.0.7 a-pod");
    CHECK(story(at(pod_ended(0))) == "ending, read status");
  }
  SECTION("when it has ended") {
    CHECK(story(at(pod_ended(0))) == "at 10.0.0.7 a-pod, ending, read status");
  }
}

TEST_CASE("that there is a log is told once, before the end", "[runner]") {
  const auto with_log = [](event::PodSeen pod) {
    pod.log = {"a-pod", "main"};
    return pod;
  };
  Story story;
  story(event::Begin{});
  story(event::Created{job_uid});
  SECTION("while the container runs") {
    CHECK(story(with_log(pod_running())) == "log of a-pod main, running");
    CHECK(story(with_log(pod_running())) == "");
    CHECK(story(with_log(pod_ended(0))) == "ending, read status");
  }
  SECTION("when its end is the first that is seen of it") {
    CHECK(story(with_log(pod_ended(0))) == "log of a-pod main, ending, read status");
  }
}
