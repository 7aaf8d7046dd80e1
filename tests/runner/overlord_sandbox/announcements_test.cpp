// What an announcement leads to, by what the Overlord knows of the task: every cell of the table
// (Druid: HttpRemoteTaskRunner.taskAddedOrUpdated).
#include "tests/runner/overlord_sandbox/stage.hpp"

#include <functional>

using namespace copse::tests;

namespace {

// How the Overlord comes to know task `a`; worker `w` is there, `v` as well.
struct Known {
  std::string as;
  std::function<void(Stage&)> make;
};

void unknown(Stage&) {}

void only_stored(Stage& stage) {
  REQUIRE(stage.metadata.insert(task_of("a"), {}));
}

void ended_in_store(Stage& stage, TaskState state) {
  only_stored(stage);
  stage.metadata.set_status({.id = "a", .state = state});
}

void pending(Stage& stage) {
  only_stored(stage);
  stage.options.assignment_threads = 0;
  stage.runner.run(stage.metadata.find("a")->task);
}

void assigning(Stage& stage) {
  only_stored(stage);
  stage.runner.run(stage.metadata.find("a")->task);
}

void running_on(Stage& stage, const std::string& worker) {
  pending(stage);
  stage.delta(worker, {said("a")});
}

void complete(Stage& stage) {
  running_on(stage, "w");
  stage.delta("w", {said("a", TaskState::failed)});
}

const std::vector<Known> rows{
    {"unknown", unknown},
    {"only in the store, RUNNING", only_stored},
    {"only in the store, SUCCESS", [](Stage& s) { ended_in_store(s, TaskState::success); }},
    {"only in the store, FAILED", [](Stage& s) { ended_in_store(s, TaskState::failed); }},
    {"pending", pending},
    {"being assigned", assigning},
    {"running on this worker", [](Stage& s) { running_on(s, "w"); }},
    {"running on another worker", [](Stage& s) { running_on(s, "v"); }},
    {"complete", complete}};

// The runner's actions, and what it then knows of the task.
std::string outcome(const Known& row, TaskState announced) {
  Stage stage(eager());
  stage.worker("v");
  stage.worker("w");
  row.make(stage);
  static_cast<void>(stage.runner.take_actions());
  stage.delta("w", {said("a", announced, "10.0.0.1")});
  std::string text;
  for (const Action& action : stage.runner.take_actions()) {
    const std::string one = std::visit(ActionText{}, action);
    if (!one.empty()) text += one + "; ";
  }
  const Item* item = stage.runner.find("a");
  if (item == nullptr) return text + "not known";
  if (item->state == ItemState::complete) return text + "complete";
  if (item->state != ItemState::running) return text + "pending";
  return text + "runs on " + item->worker + (item->location.host.empty() ? "" : " at a place");
}

}  // namespace

TEST_CASE("what RUNNING leads to", "[announcements]") {
  const std::map<std::string, std::string> wanted{
      {"unknown", "kill a on w:1; not known"},
      {"only in the store, RUNNING", "runs on w:1 at a place"},
      {"only in the store, SUCCESS", "kill a on w:1; not known"},
      {"only in the store, FAILED", "kill a on w:1; not known"},
      {"pending", "runs on w:1 at a place"},
      {"being assigned", "runs on w:1 at a place"},
      {"running on this worker", "runs on w:1 at a place"},
      {"running on another worker", "kill a on w:1; runs on v:1"},
      {"complete", "kill a on w:1; complete"}};
  for (const Known& row : rows) {
    INFO(row.as);
    CHECK(outcome(row, TaskState::running) == wanted.at(row.as));
  }
}

TEST_CASE("what the end of a task leads to", "[announcements]") {
  const std::map<std::string, std::string> wanted{
      {"unknown", "not known"},
      {"only in the store, RUNNING", "a SUCCESS; complete"},
      {"only in the store, SUCCESS", "not known"},
      {"only in the store, FAILED", "not known"},
      {"pending", "a SUCCESS; complete"},
      {"being assigned", "a SUCCESS; complete"},
      {"running on this worker", "a SUCCESS; complete"},
      {"running on another worker", "runs on v:1"},
      {"complete", "complete"}};
  for (const Known& row : rows) {
    INFO(row.as);
    CHECK(outcome(row, TaskState::success) == wanted.at(row.as));
  }
}

TEST_CASE("a task that vanishes before its end is failed at once", "[announcements]") {
  Leading stage;
  stage.worker("w");
  stage.submit("a");
  CHECK(stage.wants() == Texts{"assign a to w:1"});
  stage.starts("w", "a");
  SECTION("from a full snapshot") {
    stage.full("w", {});
  }
  SECTION("by a removal") {
    stage.delta("w", {change::Removal{"a"}});
  }
  CHECK(stage.wants() == Texts{"a FAILED"});
  CHECK(stage.metadata.find("a")->status.error ==
        "This task disappeared on the worker where it was assigned. See overlord logs for more "
        "details.");
}

TEST_CASE("a task that was ended may vanish", "[announcements]") {
  Leading stage;
  stage.worker("w");
  stage.submit("a");
  stage.go();
  stage.starts("w", "a");
  stage.delta("w", {said("a", TaskState::success)});
  CHECK(stage.wants() == Texts{"a SUCCESS"});
  stage.delta("w", {change::Removal{"a"}});
  CHECK(stage.wants().empty());
  CHECK(stage.stored("a") == TaskState::success);
}
