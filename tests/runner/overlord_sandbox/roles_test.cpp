// Bad days: Overlords that restart, follow, are away or misbehave, and workers that do.
#include "runner/overlord_sandbox/hosted.hpp"
#include "tests/runner/overlord_sandbox/hand_worker.hpp"

using namespace copse::tests;

TEST_CASE("a restart loses what was in memory, and takes up what runs", "[roles]") {
  Scene scene;
  scene.start("runs");
  scene.start("ended");
  scene.worker.go_down();
  scene.worker.say(said("ended", TaskState::success));
  scene.desk.overlord->restart();
  CHECK_FALSE(scene.desk.overlord->is_ready());
  CHECK(scene.desk.get("tasks").status == 503);
  CHECK(scene.desk.get("isLeader").status == 404);
  scene.worker.come_up();
  scene.until([&] { return scene.desk.has("ended", TaskState::success); });
  CHECK(scene.desk.has("runs", RunnerState::running));
  CHECK(scene.worker.given.size() == 2);
  CHECK(scene.desk.violations() == Texts{});
}

TEST_CASE("an Overlord that is down comes back at its port", "[roles]") {
  Scene scene;
  scene.start("a");
  const auto port = scene.desk.overlord->port();
  scene.desk.overlord->go_down();
  CHECK_THROWS(HttpClient(scene.io, port));
  REQUIRE(scene.desk.overlord->come_up());
  CHECK(scene.desk.overlord->port() == port);
  scene.until([&] { return scene.desk.has("a", RunnerState::running); });
}

TEST_CASE("a new leader that cannot hear of a worker gives up, and tries again", "[roles]") {
  Options options = quick();
  options.times.lead = 50ms;
  Scene scene(options);
  scene.start("a");
  scene.worker.go_down();
  scene.desk.overlord->restart();
  scene.until([&] {
    return std::ranges::count(scene.desk.overlord->facts().failures,
                              "the lead is given up: no answer of " + scene.worker.host()) == 2;
  });
  scene.worker.come_up();
  scene.until([&] { return scene.desk.overlord->is_ready(); });
}

TEST_CASE("a follower sends its users to the leader, and leaves workers alone", "[roles]") {
  Scene scene;
  Desk second(scene.io, scene.metadata);
  second.overlord->add_worker(scene.worker.node());
  second.overlord->follow(scene.desk.overlord->url());
  const HttpAnswer answer = second.get("tasks?state=running");
  CHECK(answer.status == 307);
  CHECK(answer.header.at("location") ==
        scene.desk.overlord->url() + "/druid/indexer/v1/tasks?state=running");
  CHECK(second.get("isLeader").status == 404);
  CHECK(second.get("leader").body == scene.desk.overlord->url());
  CHECK_FALSE(second.overlord->submit(noop("a")));

  scene.start("a");
  scene.desk.overlord->follow(second.overlord->url());
  second.overlord->lead();
  scene.until([&] { return second.has("a", RunnerState::running); });
  scene.worker.say(said("a", TaskState::success));
  scene.until([&] { return second.has("a", TaskState::success); });
  CHECK(scene.desk.violations() == Texts{});
  CHECK(second.violations() == Texts{});
}

TEST_CASE("two that follow each other send round in a circle", "[roles]") {
  Scene scene;
  Desk second(scene.io, scene.metadata);
  second.overlord->follow(scene.desk.overlord->url());
  scene.desk.overlord->follow(second.overlord->url());
  CHECK(scene.desk.get("tasks").header.at("location").starts_with(second.overlord->url()));
  CHECK(second.get("tasks").header.at("location").starts_with(scene.desk.overlord->url()));
}

TEST_CASE("without a leader there is no answer but 503", "[roles]") {
  Scene scene;
  scene.desk.overlord->lose_leader();
  CHECK(scene.desk.get("tasks").status == 503);
  CHECK(scene.desk.post("taskStatus", "[]").status == 503);
  CHECK(scene.desk.ask("GET", "/status/health").status == 200);
  scene.desk.overlord->lead();
  scene.until([&] { return scene.desk.get("tasks").status == 200; });
}

TEST_CASE("answers that are slow come all the same", "[roles]") {
  Scene scene;
  scene.desk.overlord->misbehave({.answer_after = 30ms});
  const auto begin = std::chrono::steady_clock::now();
  CHECK(scene.desk.post("task", noop("a")).body == R"({"task":"a"})");
  CHECK(std::chrono::steady_clock::now() - begin >= 30ms);
  CHECK(scene.desk.post("worker", R"({"type":"default"})", "X-Druid-Author: me\r\n").status == 200);
  CHECK(scene.metadata.config_history().at(0).author == "me");
}

TEST_CASE("an assignment can go out twice, and a worker be polled twice", "[roles]") {
  Scene scene;
  scene.desk.overlord->misbehave({.assign_twice = true, .two_pollers = true});
  scene.start("a");
  scene.until([&] { return scene.worker.given.size() == 2; });
  CHECK(scene.worker.given[0] == scene.worker.given[1]);
  scene.worker.say(said("a", TaskState::success));
  scene.until([&] { return scene.desk.has("a", TaskState::success); });
  CHECK(scene.desk.violations() == Texts{});
}

TEST_CASE("the second poller sees what the first one cannot be shown any more", "[roles]") {
  Scene scene;
  scene.desk.overlord->misbehave({.two_pollers = true});
  scene.start("a");
  scene.worker.remove("a");
  const std::string text = scene.worker.host() + ": task a: removed while it is RUNNING";
  scene.until([&] { return scene.desk.violations() == Texts{text, text}; });
}

TEST_CASE("what the second poller is told is judged, and changes nothing", "[roles]") {
  Scene scene;
  scene.start("a");
  scene.worker.hides_tasks = true;
  scene.desk.overlord->misbehave({.two_pollers = true});
  scene.until([&] { return !scene.desk.violations().empty(); });
  CHECK(
      scene.desk.violations() ==
      Texts{scene.worker.host() + ": task a: taken or RUNNING, then absent from a full snapshot"});
  CHECK(scene.desk.has("a", RunnerState::running));
  CHECK(scene.desk.has("a", TaskState::running));
}

TEST_CASE("a user kills at any moment, and the task ends", "[roles]") {
  const auto moment = GENERATE(KillMoment::pending, KillMoment::assigned, KillMoment::accepted,
                               KillMoment::running, KillMoment::located);
  Scene scene;
  scene.desk.overlord->misbehave({.kills = {{"a", moment}}});
  REQUIRE(scene.desk.overlord->submit(noop("a")));
  if (moment == KillMoment::located) {
    scene.until([&] { return scene.desk.has("a", RunnerState::running); });
    CHECK(scene.desk.has("a", TaskState::running));
    scene.worker.say(said("a", TaskState::running, "10.0.0.1"));
  }
  scene.until([&] { return !scene.worker.ended.empty(); });
  CHECK(scene.worker.ended.front() == "a");
  scene.until([&] { return scene.desk.has("a", RunnerState::waiting); });
  CHECK(scene.desk.has("a", TaskState::failed));
  CHECK(scene.desk.overlord->task("a")->status.error == "Shutdown request from user");
  CHECK(scene.desk.violations() == Texts{});
}

TEST_CASE("an assignment that is refused is tried three times, and is a violation", "[roles]") {
  Options options = quick();
  options.times.assignment = 50ms;
  Scene scene(options);
  scene.worker.assign_status = 500;
  REQUIRE(scene.desk.overlord->submit(noop("a")));
  scene.until([&] { return scene.desk.has("a", TaskState::failed); });
  CHECK(scene.worker.given.size() == 3);
  const std::string begin = scene.worker.host() + ": task a: ";
  CHECK(scene.desk.violations() == Texts{begin + "its assignment is answered with 500",
                                         begin + "its assignment is answered with 500",
                                         begin + "its assignment is answered with 500",
                                         begin + "assigned, and not announced in time"});
}

TEST_CASE("a worker that comes back without a task has broken its word", "[roles]") {
  Scene scene;
  scene.start("a");
  scene.worker.go_down();
  scene.worker.forget();
  scene.worker.come_up();
  scene.until([&] { return scene.desk.has("a", TaskState::failed); });
  CHECK(
      scene.desk.violations() ==
      Texts{scene.worker.host() + ": task a: taken or RUNNING, then absent from a full snapshot"});
}

TEST_CASE("a worker that answers in JSON or with an error is asked again, ever more seldom",
          "[roles]") {
  Scene scene;
  scene.worker.poll_status = 503;
  scene.worker.set_disabled(true);
  scene.until([&] { return scene.desk.overlord->facts().failures.size() >= 3; });
  CHECK(scene.desk.overlord->facts().failures[0] == scene.worker.host() + ": poll: status 503");
  CHECK(scene.desk.violations() == Texts{});
  scene.worker.poll_status = 200;
  scene.worker.sends_json = true;
  scene.worker.forget();
  scene.until([&] { return !scene.desk.violations().empty(); });
  CHECK(scene.desk.violations()[0] ==
        scene.worker.host() + ": a snapshot that cannot be read: byte 0: this is JSON, not Smile");
}

TEST_CASE("an Overlord lives in a thread of its own", "[roles]") {
  std::string moved;
  Options options = quick();
  options.changed = [&](const std::string& id) { moved = id; };
  auto hosted = HostedOverlord::start(std::move(options));
  REQUIRE(hosted);
  hosted->call([&](OverlordSandbox& overlord) {
    CHECK(overlord.submit(noop("a")) == "a");
    CHECK(moved == "a");
    CHECK(overlord.url() == hosted->url());
  });
}

TEST_CASE("a port that is taken is said", "[roles]") {
  Scene scene;
  Options options;
  options.port = scene.desk.overlord->port();
  const auto second = OverlordSandbox::listen(scene.io, scene.metadata, options);
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == http::Failure::Kind::in_use);
}
