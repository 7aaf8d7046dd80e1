// What is told of a worker that does what no worker may.
#include "runner/overlord_sandbox/witness.hpp"

#include "tests/runner/overlord_sandbox/stage.hpp"

using namespace copse::tests;

namespace {

// A worker `w` that was given tasks `a` and `b`.
struct Scene {
  Metadata metadata;
  Witness witness{metadata};
  Time now{1h};

  Scene() {
    for (const char* id : {"a", "b"}) {
      REQUIRE(metadata.insert(task_of(id), {}));
      metadata.note_sent("w", id);
    }
  }

  void full(std::vector<ChangeItem> items, std::uint32_t poller = 0) {
    items.insert(items.begin(), enabled);
    say({.kind = Synced::Kind::full, .items = std::move(items)}, poller);
  }

  void delta(std::vector<ChangeItem> items, std::uint32_t poller = 0) {
    say({.kind = Synced::Kind::delta, .items = std::move(items)}, poller);
  }

  void say(const Synced& answer, std::uint32_t poller = 0) {
    witness.synced({"w", poller}, answer, now - 1ms, now);
    now += 1s;
  }

  const Texts& violations() const { return witness.facts().violations; }
};

}  // namespace

TEST_CASE("a worker that does all as it should is not complained about", "[witness]") {
  Scene scene;
  scene.full({});
  scene.delta({said("a")});
  scene.delta({said("a", TaskState::running, "10.0.0.1"), said("b")});
  scene.delta({said("a", TaskState::success, "10.0.0.1")});
  scene.full({said("a", TaskState::success, "10.0.0.1"), said("b")});
  scene.delta({change::Removal{"a"}, said("b", TaskState::failed)});
  scene.delta({said("b", TaskState::failed)});
  CHECK(scene.violations() == Texts{});
  const TaskFacts& facts = scene.witness.facts().tasks.at("a");
  REQUIRE(facts.seen.size() == 3);
  CHECK(facts.seen[0].at == Time(1h + 1s));
  CHECK(facts.seen[1].is_located);
  CHECK(facts.seen[2].state == TaskState::success);
}

TEST_CASE("an end is told once", "[witness]") {
  Scene scene;
  scene.full({said("a", TaskState::success)});
  scene.delta({said("a", TaskState::failed)});
  CHECK(scene.violations() == Texts{"w: task a: SUCCESS, then FAILED"});
  scene.delta({said("a")});
  CHECK(scene.violations().back() == "w: task a: FAILED, then RUNNING");
}

TEST_CASE("a task that runs does not vanish", "[witness]") {
  Scene scene;
  scene.full({said("a"), said("b")});
  scene.delta({change::Removal{"a"}});
  CHECK(scene.violations() == Texts{"w: task a: removed while it is RUNNING"});
  scene.full({});
  CHECK(scene.violations().back() ==
        "w: task b: taken or RUNNING, then absent from a full snapshot");
}

TEST_CASE("a task that was accepted is in the next full snapshot", "[witness]") {
  Scene scene;
  scene.metadata.note_accepted("w", "a", scene.now - 1s);
  scene.metadata.note_accepted("w", "b", scene.now);  // after the poll was sent
  scene.full({});
  CHECK(scene.violations() ==
        Texts{"w: task a: taken or RUNNING, then absent from a full snapshot"});
}

TEST_CASE("what another Overlord may have dealt with while this one was away is not missed",
          "[witness]") {
  Scene scene;
  scene.full({said("a"), said("b")});
  scene.witness.interrupted();
  scene.metadata.set_status({.id = "a", .state = TaskState::success});
  scene.full({});
  CHECK(scene.violations() ==
        Texts{"w: task b: taken or RUNNING, then absent from a full snapshot"});
}

TEST_CASE("a task comes from the Overlord, and keeps its type", "[witness]") {
  Scene scene;
  scene.full({said("stranger")});
  CHECK(scene.violations() == Texts{"w: task stranger: announced, and was never assigned to it"});
  Announced other = said("a");
  other.task.type = "index";
  scene.delta({other});
  CHECK(scene.violations().back() == "w: task a: announced as index, is noop");
}

TEST_CASE("a worker that is told to end a task that it does not know says FAILED, and nothing else",
          "[witness]") {
  Scene scene;
  scene.metadata.note_killed("w", "stranger");
  scene.full({said("stranger", TaskState::failed)});
  CHECK(scene.violations() == Texts{});
  scene.full({said("other", TaskState::failed)});
  CHECK(scene.violations() == Texts{"w: task other: announced, and was never assigned to it"});
}

TEST_CASE("an end has a duration, a failure a reason, a place one port", "[witness]") {
  Scene scene;
  Announced ended = said("a", TaskState::failed);
  ended.task.duration_ms = -1;
  ended.task.error = "";
  ended.task.location.port = 0;
  scene.full({ended});
  CHECK(scene.violations() == Texts{"w: task a: a location whose ports make no sense",
                                    "w: task a: ended without a duration",
                                    "w: task a: FAILED without errorMsg"});
  Announced both = said("b", TaskState::running, "10.0.0.1");
  both.task.location.tls_port = 8091;
  scene.delta({both});
  CHECK(scene.violations().back() == "w: task b: a location whose ports make no sense");
}

TEST_CASE("a full snapshot says whether tasks are wanted, and removes nothing", "[witness]") {
  Scene scene;
  scene.say({.kind = Synced::Kind::full, .items = {change::Removal{"a"}}});
  CHECK(scene.violations() ==
        Texts{"w: task a: removed in a full snapshot", "w: a full snapshot without metadata"});
}

TEST_CASE("what cannot be read is a violation, what does not come is a failure", "[witness]") {
  Scene scene;
  scene.say({.kind = Synced::Kind::failed, .fault = "no Smile", .is_unreadable = true});
  scene.say({.kind = Synced::Kind::failed, .fault = "status 503"});
  CHECK(scene.violations() == Texts{"w: a snapshot that cannot be read: no Smile"});
  CHECK(scene.witness.facts().failures == Texts{"w: poll: no Smile", "w: poll: status 503"});
}

TEST_CASE("requests are answered with 200", "[witness]") {
  Scene scene;
  scene.witness.assignment_sent("w", "a", scene.now);
  scene.witness.assignment_answered("w", "a", 500, scene.now, scene.now + 3ms);
  scene.witness.assignment_overdue("w", "a");
  scene.witness.kill_answered("w", "a", 404);
  scene.witness.kill_answered("w", "a", 0);
  CHECK(scene.violations() == Texts{"w: task a: its assignment is answered with 500",
                                    "w: task a: assigned, and not announced in time",
                                    "w: task a: its shutdown is answered with 404"});
}

TEST_CASE("an assignment is timed to its answer and to its announcement", "[witness]") {
  Scene scene;
  const Time sent = scene.now;
  scene.witness.assignment_sent("w", "a", sent);
  scene.witness.assignment_answered("w", "a", 200, sent, sent + 3ms);
  scene.delta({said("a")});
  const AssignmentFact& fact = scene.witness.facts().tasks.at("a").assignments.at(0);
  CHECK(fact.status == 200);
  CHECK(fact.answered == 3ms);
  CHECK(fact.announced == 0ms);
}

TEST_CASE("two pollers of a worker are two streams, of which one goes into the facts",
          "[witness]") {
  Scene scene;
  scene.full({said("a", TaskState::success)});
  scene.full({said("a")}, 1);  // it lags behind
  CHECK(scene.violations() == Texts{});
  CHECK(scene.witness.facts().tasks.at("a").seen.size() == 1);
}

TEST_CASE("facts are kept up to a limit", "[witness]") {
  Scene scene;
  for (std::size_t i = 0; i < fact_text_limit + 1; ++i) scene.witness.failure("x");
  CHECK(scene.witness.facts().failures.size() == fact_text_limit);
}

TEST_CASE("facts are written for other languages", "[witness]") {
  Scene scene;
  scene.witness.assignment_sent("w", "a", scene.now);
  scene.witness.assignment_answered("w", "a", 200, scene.now, scene.now + 3ms);
  scene.delta({said("a"), said("x")});
  scene.witness.kill_sent("a", scene.now);
  CHECK(to_json(scene.witness.facts(), Time(1h)) ==
        R"({"violations":["w: task x: announced, and was never assigned to it"],"failures":[],)"
        R"("tasks":{"a":{"assignments":[{"worker":"w","sent":0,"status":200,"answered":3000,)"
        R"("announced":0}],"seen":[{"at":0,"worker":"w","status":"RUNNING","located":false}],)"
        R"("kills":[1000000]},"x":{"assignments":[],"seen":[{"at":0,"worker":"w",)"
        R"("status":"RUNNING","located":false}],"kills":[]}}})");
}
