#include "runner/job/step.hpp"

#include "tests/runner/job/story.hpp"

#include <vector>

#include <catch2/catch.hpp>

using namespace copse::tests;
using namespace std::chrono_literals;
using copse::runner::job::ExitCodes;
using copse::runner::job::Rules;
using copse::runner::kube::FailureKind;

TEST_CASE("a task that goes well costs one create and one delete, and its status file decides",
          "[runner]") {
  Story story;
  CHECK(story(event::Begin{}) == "creating, create");
  CHECK(story(event::Created{job_uid}) == "waiting, wake in 3600000ms");
  CHECK(story(pod_waits("ContainerCreating")) == "");
  CHECK(story(pod_running()) == "running");
  CHECK(story(pod_ended(0)) == "ending, read status");
  CHECK(story(status(true)) == "");
  CHECK(story(job_complete()) == "settling, SUCCESS task, removing, delete");
  CHECK(story(event::Deleted{}) == "done, forget");
}

TEST_CASE("a peon that exits with 0 has failed when its status file says so", "[runner]") {
  Story story;
  story(event::Begin{});
  story(event::Created{job_uid});
  story(pod_ended(0));
  story(status(false, "Max parse exceptions[0] exceeded\n\tat org.apache.druid"));
  CHECK(story(job_complete()) ==
        "settling, FAILED task: Max parse exceptions[0] exceeded, removing, delete");
}

TEST_CASE("without a status the outcome is unknown, whatever the exit code, unless that is trusted",
          "[runner]") {
  for (const ExitCodes exit_codes : {ExitCodes::ignored, ExitCodes::trusted}) {
    Rules rules;
    rules.exit_codes = exit_codes;
    rules.patience.status_looks = 2;
    Story story(rules);
    story(event::Begin{});
    story(event::Created{job_uid});
    story(pod_ended(0));
    story(no_status());
    CHECK(story(job_complete()) == "settling, read status");
    CHECK(story(no_status()) == "wake in 500ms");
    CHECK(story.later(500ms) == "read status");
    CHECK(story(no_status()) == (exit_codes == ExitCodes::trusted
                                     ? "SUCCESS exit_code, removing, delete"
                                     : "UNKNOWN no_status: the task left no status; its container "
                                       "ended with exit code 0 (Completed), "
                                       "removing, delete"));
  }
}

TEST_CASE("a status file that comes late counts", "[runner]") {
  Story story;
  story(event::Begin{});
  story(event::Created{job_uid});
  CHECK(story(job_complete()) == "settling, read status");
  CHECK(story(no_status()) == "wake in 500ms");
  CHECK(story.later(500ms) == "read status");
  CHECK(story(pod_ended(0)) == "");
  CHECK(story(status(true)) == "SUCCESS task, removing, delete");
}

TEST_CASE("the end of a Job waits a moment for that of its pod, whose place and log are told then",
          "[runner]") {
  Story story;
  story(event::Begin{});
  story(event::Created{job_uid});
  CHECK(story(job_complete()) == "settling, read status");
  CHECK(story(status(true)) == "wake in 500ms");
  SECTION("which the watch of pods shows late") {
    event::PodSeen pod = pod_ended(0);
    pod.place = {"10.0.0.7", "a-pod", false};
    pod.log = {"a-pod", "main"};
    CHECK(story(pod) == "log of a-pod main, at 10.0.0.7 a-pod, SUCCESS task, removing, delete");
  }
  SECTION("which nobody ever sees") {
    CHECK(story.later(500ms) == "wake in 500ms");
    CHECK(story.later(500ms) == "wake in 500ms");
    CHECK(story.later(500ms) == "SUCCESS task, removing, delete");
  }
}

TEST_CASE("a lost answer to the creation is looked into, and the Job is created once", "[runner]") {
  Story story;
  story(event::Begin{});
  CHECK(story(event::CreateFailed{FailureKind::unknown_outcome, "lost"}) == "looking, look up");
  CHECK(story(event::LookedUp{event::LookedUp::Found::ours, job_uid, {}}) ==
        "waiting, wake in 3600000ms");
}

TEST_CASE("a 409 is looked into: ours is taken over, a foreign Job is left alone", "[runner]") {
  Story ours;
  ours(event::Begin{});
  CHECK(ours(event::CreateFailed{FailureKind::already_exists, ""}) == "looking, look up");
  CHECK(
      ours(event::LookedUp{event::LookedUp::Found::ours, job_uid, copse::runner::job::JobEnd{}}) ==
      "waiting, wake in 3600000ms, settling, read status");

  Story foreign;
  foreign(event::Begin{});
  foreign(event::CreateFailed{FailureKind::already_exists, ""});
  CHECK(foreign(event::LookedUp{event::LookedUp::Found::foreign, other_job_uid, {}}) ==
        "FAILED launch: a Job of this name exists that copse did not create; it is left alone, "
        "done, forget");
}

TEST_CASE("a Job that is on its way out is waited for, then created anew", "[runner]") {
  Story story;
  story(event::Begin{});
  CHECK(story(event::CreateFailed{FailureKind::being_deleted, ""}) == "pausing, wake in 1000ms");
  CHECK(story.later(1s) == "creating, create");
  CHECK(story(event::CreateFailed{FailureKind::being_deleted, ""}) == "pausing, wake in 2000ms");
}

TEST_CASE("a busy server is asked again, after its own wish or a doubling pause", "[runner]") {
  Story story;
  story(event::Begin{});
  CHECK(story(event::CreateFailed{FailureKind::throttled, "", 7s}) == "pausing, wake in 7000ms");
  CHECK(story.later(7s) == "creating, create");
  CHECK(story(event::CreateFailed{FailureKind::unreachable, ""}) == "pausing, wake in 2000ms");
  story.later(2s);
  for (int i = 0; i < 20; ++i) {
    story(event::CreateFailed{FailureKind::server, ""});
    story.later(30s);
  }
  CHECK(story(event::CreateFailed{FailureKind::server, ""}) == "pausing, wake in 30000ms");
}

TEST_CASE("what the server will never take fails the task with the server's words", "[runner]") {
  Story story;
  story(event::Begin{});
  CHECK(story(event::CreateFailed{FailureKind::invalid, "spec.template: Required value"}) ==
        "FAILED launch: spec.template: Required value, done, forget");
}

TEST_CASE("a missing permission fails the task, or is waited for, as the rules say", "[runner]") {
  Story final_story;
  final_story(event::Begin{});
  CHECK(final_story(event::CreateFailed{FailureKind::forbidden, "no right"}) ==
        "FAILED launch: no right, done, forget");
  Rules rules;
  rules.forbidden_is_final = false;
  Story patient(rules);
  patient(event::Begin{});
  CHECK(patient(event::CreateFailed{FailureKind::forbidden, "no right"}) ==
        "pausing, wake in 30000ms");
}

TEST_CASE(
    "an image that cannot be pulled ends the task with that reason, once the patience is over",
    "[runner]") {
  Story story;
  story(event::Begin{});
  story(event::Created{job_uid});
  CHECK(story(pod_waits("ErrImagePull", "not found: nope:1")) ==
        "waits: image: the image cannot be pulled (ErrImagePull): not found: nope:1, "
        "wake in 120000ms");
  CHECK(story(pod_waits("ImagePullBackOff", "Back-off pulling image nope:1")) == "");
  CHECK(story.later(60s) == "wake in 60000ms");
  CHECK(story.later(60s) == "stopping, delete with pods");
  CHECK(story(event::Deleted{}) == "wake in 120000ms");
  CHECK(story(event::JobGone{job_uid}) ==
        "FAILED image: the image cannot be pulled (ImagePullBackOff): Back-off pulling image "
        "nope:1, done, forget");
}

TEST_CASE("an image that comes after all is no failure", "[runner]") {
  Story story;
  story(event::Begin{});
  story(event::Created{job_uid});
  story(pod_waits("ErrImagePull"));
  CHECK(story(pod_running()) == "running");
  CHECK(story.later(120s) == "");
  story(pod_ended(0));
  story(status(true));
  CHECK(story(job_complete()) == "settling, SUCCESS task, removing, delete");
}

TEST_CASE("an invalid image name needs no patience", "[runner]") {
  Story story;
  story(event::Begin{});
  story(event::Created{job_uid});
  CHECK(story(pod_waits("InvalidImageName", "a b")) == "stopping, delete with pods");
  CHECK(story(event::Deleted{.is_gone = true}) ==
        "FAILED image: the image name is invalid (InvalidImageName): a b, done, forget");
}

TEST_CASE("a pod that no node takes waits for an autoscaler until the start's own limit",
          "[runner]") {
  Story story;
  story(event::Begin{});
  story(event::Created{job_uid});
  CHECK(story(pod_waits("Unschedulable", "0/3 nodes are available")) ==
        "waits: unschedulable: no node takes the pod (Unschedulable): 0/3 nodes are available");
  CHECK(story.later(3600s) == "stopping, delete with pods");
  CHECK(story(event::JobGone{job_uid}) ==
        "FAILED unschedulable: no node takes the pod (Unschedulable): 0/3 nodes are available, "
        "done, forget");
}

TEST_CASE("a Job deleted from outside is a failure, unless the task had left its status",
          "[runner]") {
  Rules rules;
  rules.patience.status_looks = 1;
  Story lost(rules);
  lost(event::Begin{});
  lost(event::Created{job_uid});
  lost(pod_running());
  CHECK(lost(event::JobGone{job_uid}) == "settling, read status");
  CHECK(lost(no_status()) ==
        "FAILED deleted: the Job was deleted from outside before it ended, done, forget");

  Story kept(rules);
  kept(event::Begin{});
  kept(event::Created{job_uid});
  kept(pod_ended(0));
  kept(status(true));
  CHECK(kept(event::JobGone{job_uid}) == "settling, SUCCESS task, done, forget");
}

TEST_CASE("a Job of before a restart is taken over before anything is created", "[runner]") {
  Story story;
  CHECK(story(pod_running()) == "");
  CHECK(story(event::JobSeen{job_uid, false, {}}) == "waiting, wake in 3600000ms, running");
  CHECK(story(event::Begin{}) == "");
}

TEST_CASE("a pod that is left of an earlier Job of that name does not stand for a Job",
          "[runner]") {
  Story story;
  event::PodSeen old = pod_ended(0);
  old.job = other_job_uid;
  CHECK(story(old) == "");
  CHECK(story(event::Begin{}) == "creating, create");
  CHECK(story(old) == "");
  CHECK(story(event::Created{job_uid}) == "waiting, wake in 3600000ms");
  CHECK(story(old) == "");
  CHECK(story(pod_running()) == "running");
}

TEST_CASE("a pod that ends before the answer to its Job's creation comes is not forgotten",
          "[runner]") {
  Story story;
  story(event::Begin{});
  CHECK(story(pod_ended(0)) == "");
  event::PodSeen old = pod_running();
  old.job = other_job_uid;
  old.is_terminating = true;
  CHECK(story(old) == "");
  CHECK(story(event::Created{job_uid}) == "waiting, wake in 3600000ms, ending, read status");
}

TEST_CASE("a Job that is being deleted is not taken over", "[runner]") {
  Story story;
  CHECK(story(event::JobSeen{job_uid, true, {}}) == "");
  CHECK(story(event::Begin{}) == "creating, create");
}

TEST_CASE("cancelling deletes the Job and its pods before the task is called cancelled",
          "[runner]") {
  Story story;
  story(event::Begin{});
  story(event::Created{job_uid});
  CHECK(story(event::Cancel{}) == "stopping, delete with pods");
  CHECK(story(event::Deleted{}) == "wake in 120000ms");
  CHECK(story(event::JobGone{job_uid}) == "FAILED cancelled: cancelled, done, forget");
}

TEST_CASE("cancelling while the creation is under way waits for its answer", "[runner]") {
  Story story;
  story(event::Begin{});
  CHECK(story(event::Cancel{}) == "");
  CHECK(story(event::Created{job_uid}) == "waiting, stopping, delete with pods");
}

TEST_CASE("a deletion that fails is sent again until the server takes it", "[runner]") {
  Story story;
  story(event::Begin{});
  story(event::Created{job_uid});
  story(pod_ended(0));
  story(status(true));
  CHECK(story(job_complete()) == "settling, SUCCESS task, removing, delete");
  CHECK(story(event::DeleteFailed{FailureKind::server}) == "wake in 1000ms");
  CHECK(story.later(1s) == "delete");
  CHECK(story(event::DeleteFailed{FailureKind::not_found}) == "done, forget");
}

TEST_CASE("a Job that may not be deleted is left, as the rules say", "[runner]") {
  for (const bool is_final : {true, false}) {
    job::Rules rules;
    rules.forbidden_is_final = is_final;
    Story story(rules);
    story(event::Begin{});
    story(event::Created{job_uid});
    story(pod_ended(0));
    story(status(true));
    CHECK(story(job_complete()) == "settling, SUCCESS task, removing, delete");
    CHECK(story(event::DeleteFailed{FailureKind::forbidden}) ==
          (is_final ? "done, forget" : "wake in 1000ms"));
  }
}

TEST_CASE("debugJobs leaves the Job in the cluster", "[runner]") {
  Rules rules;
  rules.keep_jobs = true;
  Story story(rules);
  story(event::Begin{});
  story(event::Created{job_uid});
  story(pod_ended(0));
  story(status(true));
  CHECK(story(job_complete()) == "settling, SUCCESS task, done, forget");
}

TEST_CASE("a held Job stays after its end until that is recorded", "[runner]") {
  Rules rules;
  rules.hold_until_released = true;
  Story story(rules);
  story(event::Begin{});
  story(event::Created{job_uid});
  story(pod_ended(0));
  story(status(true));
  CHECK(story(job_complete()) == "settling, SUCCESS task, held");
  CHECK(story(event::Woke{}) == "");
  CHECK(story(event::Release{}) == "removing, delete");
  CHECK(story(event::Deleted{}) == "done, forget");
}

TEST_CASE("after a restart a Job is looked for before anything is created", "[runner]") {
  Story anew;
  CHECK(anew(event::Begin{.is_resumed = true, .was_placed = false}) == "looking, look up");
  CHECK(anew(event::LookedUp{event::LookedUp::Found::nothing, {}, {}}) == "creating, create");
  Story vanished;
  vanished(event::Begin{.is_resumed = true, .was_placed = true});
  CHECK(vanished(event::LookedUp{event::LookedUp::Found::nothing, {}, {}}) ==
        "settling, read status");
  CHECK(vanished(status(true)) == "SUCCESS task, done, forget");
  Story killed;
  killed(event::Begin{.is_resumed = true, .was_placed = true});
  killed(event::Cancel{});
  CHECK(killed(event::LookedUp{event::LookedUp::Found::nothing, {}, {}}) ==
        "FAILED cancelled: cancelled, done, forget");
}

TEST_CASE("where a pod is, is said once, also when it was seen before its Job", "[runner]") {
  event::PodSeen seen = pod_running();
  seen.place = {"10.0.0.1", "a-pod", false};
  Story story;
  story(event::Begin{});
  CHECK(story(seen) == "");
  CHECK(story(event::Created{job_uid}) == "waiting, wake in 3600000ms, running, at 10.0.0.1 a-pod");
  CHECK(story(seen) == "");
}

namespace {

const event::Begin with_payload{.has_payload = true};

event::PayloadLookedUp found(event::PayloadLookedUp::Found found) {
  return {found};
}

}  // namespace

TEST_CASE("a payload is created after its Job and for its uid; the pod waits for it until then",
          "[runner]") {
  Story story;
  CHECK(story(with_payload) == "creating, create");
  CHECK(story(event::Created{job_uid}) == "waiting, wake in 3600000ms, create payload");
  CHECK(story(pod_waits("ContainerCreating")) == "");
  CHECK(story(event::PayloadCreated{}) == "");
  CHECK(story(pod_running()) == "running");
  CHECK(story(pod_ended(0)) == "ending, read status");
  CHECK(story(status(true)) == "");
  CHECK(story(job_complete()) == "settling, SUCCESS task, removing, delete");
}

TEST_CASE("a crash between a Job and its payload is made good: the payload is created again",
          "[runner]") {
  using Found = event::PayloadLookedUp::Found;
  SECTION("the list shows the Job before the task begins") {
    Story story;
    CHECK(story(event::JobSeen{job_uid, false, {}}) == "waiting, wake in 3600000ms");
    CHECK(story(with_payload) == "create payload");
    CHECK(story(event::PayloadCreated{}) == "");
  }
  SECTION("the Job is found by its name, and its payload had been created too") {
    Story story;
    story({event::Begin{.is_resumed = true, .was_placed = true, .has_payload = true}});
    CHECK(story(event::LookedUp{event::LookedUp::Found::ours, job_uid, {}}) ==
          "waiting, wake in 3600000ms, create payload");
    CHECK(story(event::PayloadFailed{FailureKind::already_exists, ""}) == "look up payload");
    CHECK(story(found(Found::ours)) == "");
    CHECK(story.later(3599s) == "wake in 1000ms");
  }
  SECTION("a pod that runs has it, and a Job that has ended needs none") {
    Story running;
    running(event::JobSeen{job_uid, false, {}});
    CHECK(running(pod_running()) == "running");
    CHECK(running(with_payload) == "");
    Story early;
    CHECK(early(pod_running()) == "");
    CHECK(early(with_payload) == "creating, create");
    CHECK(early(event::Created{job_uid}) == "waiting, wake in 3600000ms, running");
    Story ended;
    ended({event::Begin{.is_resumed = true, .was_placed = true, .has_payload = true}});
    CHECK(ended(event::LookedUp{event::LookedUp::Found::ours, job_uid,
                                copse::runner::job::JobEnd{}}) ==
          "waiting, wake in 3600000ms, settling, read status");
  }
}

TEST_CASE("a payload that an earlier Job of the task has left goes with that; ours comes then",
          "[runner]") {
  using Found = event::PayloadLookedUp::Found;
  Story story;
  story(with_payload);
  story(event::Created{job_uid});
  CHECK(story(event::PayloadFailed{FailureKind::already_exists, ""}) == "look up payload");
  CHECK(story(found(Found::left)) == "wake in 1000ms");
  // The pod's own news does not put it off.
  CHECK(story(pod_waits("ErrImagePull")) ==
        "waits: image: the image cannot be pulled (ErrImagePull), wake in 1000ms");
  CHECK(story.later(1s) == "create payload, wake in 119000ms");
  CHECK(story(event::PayloadFailed{FailureKind::being_deleted, ""}) == "wake in 2000ms");
  CHECK(story.later(2s) == "create payload, wake in 117000ms");
  CHECK(story(event::PayloadFailed{FailureKind::unknown_outcome, ""}) == "look up payload");
  CHECK(story(found(Found::nothing)) == "wake in 4000ms");
  CHECK(story.later(4s) == "create payload, wake in 113000ms");
  CHECK(story(event::PayloadCreated{}) == "");
}

TEST_CASE("a payload that cannot be created ends the task, and its Job first", "[runner]") {
  using Found = event::PayloadLookedUp::Found;
  Story forbidden;
  forbidden(with_payload);
  forbidden(event::Created{job_uid});
  CHECK(forbidden(event::PayloadFailed{FailureKind::forbidden, "no right"}) ==
        "stopping, delete with pods");
  CHECK(forbidden(event::Deleted{}) == "wake in 120000ms");
  CHECK(forbidden(event::JobGone{job_uid}) == "FAILED launch: no right, done, forget");

  Story foreign;
  foreign(with_payload);
  foreign(event::Created{job_uid});
  foreign(event::PayloadFailed{FailureKind::already_exists, ""});
  CHECK(foreign(found(Found::foreign)) == "stopping, delete with pods");
  CHECK(foreign(event::Deleted{.is_gone = true}) ==
        "FAILED launch: a ConfigMap of its payload's name exists that copse did not create; it is "
        "left alone, done, forget");

  Rules rules;
  rules.forbidden_is_final = false;
  Story patient(rules);
  patient(with_payload);
  patient(event::Created{job_uid});
  CHECK(patient(event::PayloadFailed{FailureKind::forbidden, "no right"}) == "wake in 30000ms");
  CHECK(patient.later(3600s) == "stopping, delete with pods");
}

TEST_CASE("an answer about a payload that comes after the task was given up changes nothing",
          "[runner]") {
  for (const job::Event& answer : std::vector<job::Event>{
           event::PayloadCreated{}, event::PayloadFailed{FailureKind::invalid, "no"},
           event::PayloadFailed{FailureKind::throttled, ""}}) {
    Story story;
    story(with_payload);
    story(event::Created{job_uid});
    CHECK(story(event::Cancel{}) == "stopping, delete with pods");
    CHECK(story(answer) == "");
    CHECK(story(event::Deleted{}) == "wake in 120000ms");
    CHECK(story(event::JobGone{job_uid}) == "FAILED cancelled: cancelled, done, forget");
  }
}
