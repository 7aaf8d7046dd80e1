// Which task goes where and when, and what happens to workers that are silent.
#include "runner/overlord_sandbox/task_runner.hpp"

#include "tests/runner/overlord_sandbox/stage.hpp"

using namespace copse::tests;

TEST_CASE("tasks are assigned in their order, one at a time, each when the last one is announced",
          "[runner]") {
  Leading stage;
  stage.worker("w");
  for (const char* id : {"a", "b"}) stage.submit(id);
  CHECK(stage.wants() == Texts{"assign a to w:1"});
  stage.runner.assign_returned("w:1", stage.now);
  CHECK(stage.wants().empty());
  stage.delta("w", {said("a")});
  CHECK(stage.wants() == Texts{"assign b to w:1"});
}

TEST_CASE("an announcement does not free the thread before the request is over", "[runner]") {
  Leading stage;
  stage.worker("w");
  for (const char* id : {"a", "b"}) stage.submit(id);
  stage.go();
  stage.delta("w", {said("a")});
  CHECK(stage.wants().empty());
  stage.runner.assign_returned("w:1", stage.now);
  CHECK(stage.wants() == Texts{"assign b to w:1"});
}

TEST_CASE("as many workers get a task at once as there are threads, and no worker gets two",
          "[runner]") {
  Leading stage(2);
  for (const char* name : {"u", "v", "w"}) stage.worker(name);
  for (const char* id : {"a", "b", "c"}) stage.submit(id);
  CHECK(stage.wants() == Texts{"assign a to u:1", "assign b to v:1"});
  Leading single(5);
  single.worker("w");
  for (const char* id : {"a", "b"}) single.submit(id);
  CHECK(single.wants() == Texts{"assign a to w:1"});
}

TEST_CASE("no task goes to a worker that was not heard of, is disabled or is full", "[runner]") {
  Leading stage;
  stage.runner.add_worker(worker_node("w", 1));
  stage.submit("a");
  CHECK(stage.wants().empty());
  stage.runner.synced("w:1", true, {change::Availability{true}}, stage.now);
  CHECK(stage.wants().empty());
  stage.runner.synced("w:1", false, {change::Availability{false}}, stage.now);
  CHECK(stage.wants() == Texts{"assign a to w:1"});
  stage.submit("b");
  stage.starts("w", "a");
  CHECK(stage.wants().empty());
  stage.delta("w", {said("a", TaskState::success)});
  CHECK(stage.wants() == Texts{"a SUCCESS", "assign b to w:1"});
}

TEST_CASE("one that cannot be placed does not hold up those behind it", "[runner]") {
  Leading stage;
  stage.worker("w", 1);
  Task large = task_of("large");
  large.required_capacity = 2;
  stage.submit(large);
  stage.submit("a");
  CHECK(stage.wants() == Texts{"assign a to w:1"});
}

TEST_CASE("replicas of one availability group go to different workers", "[runner]") {
  Leading stage(2);
  stage.worker("v");
  Task first = task_of("a"), second = task_of("b");
  first.availability_group = second.availability_group = "group";
  stage.submit(first);
  stage.submit(second);
  CHECK(stage.wants() == Texts{"assign a to v:1"});
  stage.runner.assign_returned("v:1", stage.now);
  Announced running = said("a");
  running.availability_group = "group";
  stage.delta("v", {running});
  CHECK(stage.wants().empty());
  stage.worker("w");
  CHECK(stage.wants() == Texts{"assign b to w:1"});
}

TEST_CASE("a task that is not announced in time is failed, and ended where it comes up after all",
          "[runner]") {
  Leading stage;
  stage.worker("w");
  stage.submit("a");
  stage.go();
  stage.pass(1h);  // the request itself has no end here
  CHECK(stage.wants().empty());
  stage.runner.assign_returned("w:1", stage.now);
  CHECK(stage.runner.wake() == stage.now + 5min);
  stage.pass(5min);
  CHECK(stage.wants() == Texts{"a overdue", "a FAILED"});
  CHECK(stage.metadata.find("a")->status.error ==
        "The worker that this task is assigned did not start it in timeout[PT5M]. See overlord "
        "and middleMana...");
  stage.delta("w", {said("a")});
  CHECK(stage.wants() == Texts{"kill a on w:1"});
}

TEST_CASE("the tasks of a worker that is gone fail after a while, unless it comes back",
          "[runner]") {
  Leading stage;
  stage.worker("w");
  stage.submit("a");
  stage.go();
  stage.starts("w", "a");
  stage.runner.remove_worker("w:1", stage.now);
  SECTION("it stays away") {
    stage.pass(15min - 1ms);
    CHECK(stage.wants().empty());
    stage.pass(1ms);
    CHECK(stage.wants() == Texts{"a FAILED"});
    CHECK(stage.metadata.find("a")->status.error.starts_with(
        "The worker that this task was assigned disappeared"));
  }
  SECTION("it comes back with the task") {
    stage.pass(14min);
    stage.runner.add_worker(worker_node("w"));
    stage.full("w", {said("a")});
    stage.pass(1h);
    CHECK(stage.wants().empty());
  }
  SECTION("it comes back without") {
    stage.pass(14min);
    stage.worker("w");
    CHECK(stage.wants() == Texts{"a FAILED"});
  }
}

TEST_CASE("a kill is not sent again while one is under way", "[runner]") {
  Leading stage;
  stage.worker("w");
  stage.submit("a");
  stage.go();
  stage.starts("w", "a");
  stage.runner.shutdown("a");
  stage.runner.shutdown("a");
  CHECK(stage.wants() == Texts{"kill a on w:1"});
  stage.runner.kill_returned("w:1", "a");
  stage.runner.shutdown("a");
  CHECK(stage.wants() == Texts{"kill a on w:1"});
}

TEST_CASE("a worker that was removed is spoken to no more", "[runner]") {
  Leading stage;
  stage.worker("w");
  stage.submit("a");
  stage.go();
  stage.starts("w", "a");
  stage.runner.remove_worker("w:1", stage.now);
  stage.delta("w", {said("a", TaskState::success)});
  stage.runner.shutdown("a");
  CHECK(stage.wants().empty());
  CHECK(stage.stored("a") == TaskState::running);
}
