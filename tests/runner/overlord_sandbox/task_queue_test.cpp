// From submission to the store of the end, kills and restarts.
#include "runner/overlord_sandbox/task_queue.hpp"

#include "tests/runner/overlord_sandbox/stage.hpp"

using namespace copse::tests;

namespace {

RunnerState runner_state(const Stage& stage, const std::string& id) {
  return report_of(stage.metadata, stage.runner, id)->runner;
}

}  // namespace

TEST_CASE("a task waits, is pending, runs, and is forgotten by the runner once its end is stored",
          "[queue]") {
  Stage stage(eager());
  stage.options.times.management = 100ms;
  stage.queue.start(stage.now);
  stage.wake();
  REQUIRE(stage.queue.add(task_of("a"), {}, stage.now));
  stage.wake();
  CHECK(runner_state(stage, "a") == RunnerState::waiting);
  stage.pass(100ms);
  CHECK(runner_state(stage, "a") == RunnerState::pending);
  stage.worker("w");
  stage.go();
  stage.starts("w", "a");
  stage.delta("w", {said("a", TaskState::running, "10.0.0.1")});
  const TaskReport running = *report_of(stage.metadata, stage.runner, "a");
  CHECK(running.runner == RunnerState::running);
  CHECK(running.status.location.host == "10.0.0.1");
  CHECK(running.worker == "w:1");
  stage.delta("w", {said("a", TaskState::success, "10.0.0.1")});
  CHECK(stage.wants() == Texts{"a SUCCESS"});
  CHECK(stage.runner.find("a") == nullptr);
  const TaskReport ended = *report_of(stage.metadata, stage.runner, "a");
  CHECK(ended.status.state == TaskState::success);
  CHECK(ended.status.location.host == "10.0.0.1");
  // As Druid says of everything that its runner does not know.
  CHECK(ended.runner == RunnerState::waiting);
}

TEST_CASE("an id is taken once", "[queue]") {
  Leading stage;
  stage.submit("a");
  CHECK(stage.queue.add(task_of("a"), {}, stage.now).error().text == "Task[a] already exists");
}

TEST_CASE("a task that a user kills is FAILED at once, and its worker is told until it says so too",
          "[queue]") {
  Leading stage;
  stage.worker("w");
  stage.submit("a");
  stage.go();
  stage.starts("w", "a");
  stage.queue.shutdown("a", stage.now);
  CHECK(stage.wants() == Texts{"kill a on w:1"});
  CHECK(stage.stored("a") == TaskState::failed);
  CHECK(stage.metadata.find("a")->status.error == "Shutdown request from user");
  // Its worker must not forget it yet.
  CHECK(status_of(stage.metadata, stage.runner, "a")->state == TaskState::running);
  stage.runner.kill_returned("w:1", "a");
  stage.pass(0ms);
  CHECK(stage.wants() == Texts{"kill a on w:1"});
  stage.runner.kill_returned("w:1", "a");
  stage.pass(1min);
  CHECK(stage.wants() == Texts{"kill a on w:1"});
  stage.delta("w", {said("a", TaskState::failed)});
  CHECK(stage.wants() == Texts{"a FAILED"});
  CHECK(stage.metadata.find("a")->status.error == "Shutdown request from user");
  CHECK(status_of(stage.metadata, stage.runner, "a")->state == TaskState::failed);
  CHECK(stage.runner.find("a") == nullptr);
  stage.pass(1min);
  CHECK(stage.wants().empty());
}

TEST_CASE("a pending task that is killed is assigned all the same, and killed when it runs",
          "[queue]") {
  Leading stage;
  stage.submit("a");
  stage.queue.shutdown("a", stage.now);
  CHECK(stage.stored("a") == TaskState::failed);
  stage.worker("w");
  CHECK(stage.wants() == Texts{"assign a to w:1"});
  stage.starts("w", "a");
  stage.pass(1min);
  CHECK(stage.wants() == Texts{"kill a on w:1"});
}

TEST_CASE("after a restart running tasks are adopted, ended ones stored, others assigned anew",
          "[queue]") {
  Leading before;
  before.worker("w");
  for (const char* id : {"runs", "ended", "waits"}) before.submit(id);
  before.go();
  before.starts("w", "runs");
  before.go();
  before.starts("w", "ended");
  before.go();

  Stage stage(eager());
  stage.metadata = before.metadata;
  stage.runner.add_worker(worker_node("w"));
  stage.full("w", {said("runs", TaskState::running, "10.0.0.1"), said("ended", TaskState::success),
                   said("stranger")});
  CHECK(stage.wants() == Texts{"ended SUCCESS", "kill stranger on w:1"});
  CHECK(stage.stored("ended") == TaskState::running);
  stage.queue.start(stage.now);
  stage.pass(0ms);
  CHECK(stage.wants() == Texts{"assign waits to w:1"});
  CHECK(stage.stored("ended") == TaskState::success);
  CHECK(runner_state(stage, "runs") == RunnerState::running);
  CHECK(stage.runner.find("runs")->location.host == "10.0.0.1");
}

TEST_CASE("a task that was killed while the Overlord was away is killed again", "[queue]") {
  Stage stage(eager());
  REQUIRE(stage.metadata.insert(task_of("a"), {}));
  stage.metadata.set_status(failure("a", "Shutdown request from user"));
  stage.runner.add_worker(worker_node("w"));
  stage.full("w", {said("a")});
  CHECK(stage.wants() == Texts{"kill a on w:1"});
}

TEST_CASE("looks at all tasks are a pause apart", "[queue]") {
  Stage stage;
  stage.queue.start(stage.now);
  stage.wake();
  CHECK(stage.queue.wake() == stage.now + 60s);
  REQUIRE(stage.queue.add(task_of("a"), {}, stage.now));
  CHECK(stage.queue.wake() == stage.now + 100ms);
}
