// What Events of the cluster tell of a task that has not started.
#include "tests/runner/job/story.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace copse::tests;
using namespace std::chrono_literals;

namespace {

// As the Job controller of Kubernetes 1.34 says it.
const std::string quota =
    "Error creating: pods \"j-x7k2p\" is forbidden: exceeded quota: pods, requested: pods=1, used: "
    "pods=2, limited: pods=2";
const std::string quota_text =
    "quota: the pod cannot be created: exceeded quota: pods, requested: pods=1, used: pods=2, "
    "limited: pods=2";

Story with_job() {
  Story story;
  story(event::Begin{});
  story(event::Created{job_uid});
  return story;
}

std::string ends(Story& story) {
  story.later(3'600'000ms);
  return story(event::Deleted{.is_gone = true});
}

}  // namespace

TEST_CASE("a quota that leaves no room for the pod is told once, and is why the task fails",
          "[runner]") {
  Story story = with_job();
  CHECK(story(no_pod(quota)) == "waits: " + quota_text);
  CHECK(story(no_pod(quota)) == "");
  CHECK(story.later(3'599'999ms) == "wake in 1ms");
  CHECK(story.later(1ms) == "stopping, delete with pods");
  CHECK(story(event::Deleted{.is_gone = true}) == "FAILED " + quota_text + ", done, forget");
}

TEST_CASE("once there is room the quota is forgotten", "[runner]") {
  Story story = with_job();
  story(no_pod(quota));
  SECTION("and a pod that does not start is another matter") {
    CHECK(story(pod_waits("ContainerCreating")) == "");
    CHECK(ends(story) == "FAILED start_timeout: the pod did not start in time, done, forget");
  }
  SECTION("and the task goes well") {
    CHECK(story(pod_running()) == "running");
    story(pod_ended(0));
    story(status(true));
    CHECK(story(job_complete()) == "settling, SUCCESS task, removing, delete");
  }
  SECTION("and what comes late of it says nothing") {
    story(pod_waits("ContainerCreating"));
    CHECK(story(no_pod(quota)) == "");
    CHECK(ends(story) == "FAILED start_timeout: the pod did not start in time, done, forget");
  }
}

TEST_CASE("who else keeps the pod from being created is told in their words", "[runner]") {
  Story story = with_job();
  CHECK(story(no_pod("Error creating: pods \"j-\" is forbidden: error looking up service account "
                     "druid/peon: serviceaccount \"peon\" not found")) ==
        "waits: config: the pod cannot be created: error looking up service account druid/peon: "
        "serviceaccount \"peon\" not found");
  CHECK(story(no_pod("Error creating: admission webhook \"policy.example.com\" denied the request: "
                     "no limits")) ==
        "waits: launch: the pod cannot be created: Error creating: admission webhook "
        "\"policy.example.com\" denied the request: no limits");
}

TEST_CASE("of another Job's pod nothing is concluded", "[runner]") {
  Story story = with_job();
  CHECK(story(event::Told{event::Told::What::no_pod, other_job_uid, quota}) == "");
  CHECK(ends(story) == "FAILED start_timeout: the pod did not start in time, done, forget");
}

TEST_CASE("a volume that cannot be mounted is told, and is why the task fails", "[runner]") {
  const std::string text =
      "the pod cannot be set up (FailedMount): MountVolume.SetUp failed for volume \"tls\" : "
      "secret \"tls\" not found";
  const event::Told told{event::Told::What::no_volume, pod_uid, text};
  Story story = with_job();
  CHECK(story(told) == "");  // of a pod that nobody has seen
  story(pod_waits("ContainerCreating"));
  CHECK(story(told) == "waits: config: " + text);
  CHECK(story(told) == "");
  CHECK(ends(story) == "FAILED config: " + text + ", done, forget");
}

TEST_CASE("why a task waits is told again when it is another reason", "[runner]") {
  Story story = with_job();
  CHECK(story(no_pod(quota)) == "waits: " + quota_text);
  CHECK(story(pod_waits("Unschedulable", "0/3 nodes")) ==
        "waits: unschedulable: no node takes the pod (Unschedulable): 0/3 nodes");
  CHECK(story(pod_waits("Unschedulable", "0/4 nodes")) == "");
  CHECK(story(pod_waits("ImagePullBackOff")) ==
        "waits: image: the image cannot be pulled (ImagePullBackOff), wake in 120000ms");
}

TEST_CASE("an Event is of no interest before there is a Job, and once the pod runs", "[runner]") {
  Story story;
  CHECK(story(no_pod(quota)) == "");
  story(event::Begin{});
  CHECK(story(no_pod(quota)) == "");
  story(event::Created{job_uid});
  story(pod_running());
  CHECK(story(no_pod(quota)) == "");
  CHECK(story(pulled()) == "");
}
