// A whole copse behind an Overlord in simulation, on a cluster in simulation: whatever befalls the
// three, each task runs once, ends once, and nobody says what they may not.
#include "runner/service/service.hpp"
#include "tests/runner/overlord_sandbox/hand_worker.hpp"
#include "tests/runner/service/copse_world.hpp"

using namespace copse::tests;
using copse::runner::service::Service;

namespace {

std::uint16_t free_port(boost::asio::io_context& io) {
  return (*http::Server::listen(io, {}, [](const auto&, auto) {}))->port();
}

constexpr std::size_t many = 30;

// Cluster, disk and Overlords, and a copse that comes and goes.
struct Site {
  World world;
  boost::asio::io_context io;
  Metadata metadata;
  Desk first;
  Desk second;
  std::uint16_t port = free_port(io);
  std::unique_ptr<Service> copse;
  Texts ids;

  explicit Site(std::uint32_t capacity = 100)
      : first(io, metadata, options()), second(io, metadata, options()) {
    second.overlord->follow(first.overlord->url());
    for (Desk* desk : {&first, &second}) desk->overlord->add_worker(node(capacity));
    start_copse();
  }

  Options options() const {
    Options wanted = quick();
    wanted.assignment_threads = 5;
    wanted.log_directory = world.logs.path();
    return wanted;
  }

  WorkerNode node(std::uint32_t capacity) const {
    WorkerNode node = worker_node("127.0.0.1", capacity);
    node.port = port;
    return node;
  }

  void start_copse() {
    service::ServiceOptions wanted;
    wanted.access = cli::access_of(world.cluster);
    wanted.runner.namespaces = {"default"};
    wanted.runner.owner = "me";
    wanted.runner.log_directory = world.logs.path();
    wanted.runner.rules.patience.status_retry = 50ms;
    wanted.runner.rules.hold_until_released = true;
    wanted.runner.pods_catch_up = 50ms;
    wanted.first_question = 50ms;
    wanted.logs = service::LogStore{.directory = world.logs.path(),
                                    .positions = world.state.path() + "/logs"};
    wanted.state_folder = world.state.path();
    wanted.node = node(1);
    wanted.http.port = port;
    wanted.overlord_urls = {first.overlord->url(), second.overlord->url()};
    auto started = Service::start(io, std::move(wanted), ports());
    INFO((started ? "" : started.error()));
    REQUIRE(started);
    copse = std::move(*started);
  }

  static service::ServicePorts ports() {
    service::ServicePorts made;
    made.head = head_of;
    made.decide = [](const std::string& text) -> std::expected<service::Launchable, std::string> {
      const std::string id = head_of(text)->id;
      if (id.starts_with("refused")) return std::unexpected("rule `x` fails it");
      store::Decided record;
      record.task_id = id;
      record.job_name = "job-" + id;
      return service::Launchable{spec_of(id, "me"), record};
    };
    made.rebuild = [](const std::string&, const store::Decided& record)
        -> std::expected<service::TaskSpec, std::string> { return spec_of(record.task_id, "me"); };
    made.release = [](auto) {};
    made.announcer = [](auto&, auto&, auto) { return std::nullopt; };
    made.stuck = [](const std::string& why) { FAIL(why); };
    return made;
  }

  void until(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + task_patience;
    while (!holds() && std::chrono::steady_clock::now() < deadline) {
      io.restart();
      io.run_one_for(10ms);
    }
    REQUIRE(holds());
  }

  Desk& leader() { return second.overlord->is_ready() ? second : first; }

  void submit(std::size_t count, const std::string& prefix = "t") {
    until([&] { return leader().overlord->is_ready(); });
    for (std::size_t i = 0; i < count; ++i) {
      ids.push_back(prefix + std::to_string(ids.size()));
      REQUIRE(leader().overlord->submit(noop(ids.back())));
    }
  }

  std::size_t ended() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        ids, [&](const std::string& id) { return metadata.find(id)->status.is_complete(); }));
  }

  std::size_t running() {
    return static_cast<std::size_t>(std::ranges::count_if(ids, [&](const std::string& id) {
      return leader().has(id, RunnerState::running) && leader().has(id, TaskState::running);
    }));
  }

  // Some have ended, some run, some wait.
  void half_way() {
    submit(many / 2);
    until([&] { return ended() * 3 >= ids.size(); });
    submit(many / 2);
    until([&] { return running() >= 3; });
  }

  // Tasks that copse has taken.
  Texts accepted() const { return metadata.owed("127.0.0.1:" + std::to_string(port), Time::max()); }

  bool all_have_ended_in_the_cluster(const Texts& some) const {
    return std::ranges::all_of(
        some, [&](const std::string& id) { return world.log_of(id) == World::whole_log(id); });
  }

  // All ended well and are forgotten, and nobody has anything to complain about.
  void all_is_well() {
    until([&] { return ended() == ids.size(); });
    until([&] { return copse->view().is_ready && copse->view().tasks == 0; });
    for (const std::string& id : ids) {
      INFO(id);
      CHECK(metadata.find(id)->status.state == TaskState::success);
      CHECK(world.starts_of(id) == 1);
      CHECK(world.log_of(id) == World::whole_log(id));
    }
    CHECK(first.violations() == Texts{});
    CHECK(second.violations() == Texts{});
  }

  // WHY not always: a copse that was away when a task ended need not have seen its pod.
  void all_have_places() const {
    for (const std::string& id : ids) CHECK(metadata.find(id)->status.location.port == 8100);
  }
};

}  // namespace

TEST_CASE("all tasks run once, end well, and are forgotten once the Overlord knows", "[copse]") {
  Site site;
  site.submit(many);
  site.all_is_well();
  site.all_have_places();
  for (const std::string& id : site.ids) {
    const TaskFacts& facts = site.first.overlord->facts().tasks.at(id);
    REQUIRE(facts.assignments.size() == 1);
    CHECK(facts.assignments[0].status == 200);
    CHECK(facts.assignments[0].announced.has_value());
    CHECK(facts.seen.front().state == TaskState::running);
    CHECK(facts.seen.back().state == TaskState::success);
    CHECK(facts.kills.empty());
  }
  CHECK(site.first.get("task/t0/log").body == World::whole_log("t0"));
}

TEST_CASE("a task that no Job can be built for fails with its reason, and was RUNNING before",
          "[copse]") {
  Site site;
  site.submit(1, "refused");
  site.until([&] { return site.ended() == 1; });
  const TaskStatus status = site.metadata.find("refused0")->status;
  CHECK(status.state == TaskState::failed);
  CHECK(status.error == "rule `x` fails it");
  CHECK(site.world.starts_of("refused0") == 0);
  CHECK(site.first.violations() == Texts{});
}

TEST_CASE("a task that a user kills ends, whenever that is", "[copse]") {
  const auto moment = GENERATE(KillMoment::pending, KillMoment::assigned, KillMoment::accepted,
                               KillMoment::running, KillMoment::located);
  Site site;
  site.first.overlord->misbehave({.kills = {{"endless0", moment}}});
  site.submit(1, "endless");
  site.until([&] { return site.ended() == 1; });
  site.until([&] { return site.first.has("endless0", RunnerState::waiting); });
  site.until([&] { return site.copse->view().is_ready && site.copse->view().tasks == 0; });
  CHECK(site.metadata.find("endless0")->status.error == "Shutdown request from user");
  CHECK(site.world.starts_of("endless0") <= 1);
  CHECK(site.first.overlord->facts().tasks.at("endless0").seen.back().state == TaskState::failed);
  CHECK(site.first.violations() == Texts{});
}

TEST_CASE("an Overlord that restarts half-way finds all tasks as they are", "[copse]") {
  Site site;
  site.half_way();
  site.first.overlord->restart();
  site.all_is_well();
  site.all_have_places();
}

TEST_CASE("an Overlord that is away for a while is told what it missed", "[copse]") {
  Site site;
  site.half_way();
  site.first.overlord->go_down();
  const std::size_t before = site.ended();
  const Texts assigned = site.accepted();
  site.until([&] { return site.all_have_ended_in_the_cluster(assigned); });
  CHECK(site.ended() == before);
  REQUIRE(site.first.overlord->come_up());
  site.all_is_well();
  site.all_have_places();
}

TEST_CASE("a copse that dies half-way is followed by one that goes on", "[copse]") {
  Site site;
  site.half_way();
  site.copse.reset();
  site.start_copse();
  site.all_is_well();
}

TEST_CASE("copse and Overlord die together, and both come back", "[copse]") {
  Site site;
  site.half_way();
  site.copse.reset();
  site.first.overlord->restart();
  CHECK_FALSE(site.first.overlord->is_ready());
  site.start_copse();
  site.all_is_well();
}

TEST_CASE("a worker that is disabled gets nothing, ends what it has, and goes on later",
          "[copse]") {
  Site site;
  site.submit(many / 2);
  const std::string path = "worker/127.0.0.1:" + std::to_string(site.port);
  CHECK(site.first.post(path + "/disable").status == 200);
  site.until(
      [&] { return site.first.get("workers").body.find(R"("version":"")") != std::string::npos; });
  site.until([&] { return site.first.get("tasks?state=running").body == "[]"; });
  site.submit(many / 2);
  const std::string last = site.ids.back();
  site.until([&] { return site.first.has(last, RunnerState::pending); });
  CHECK_FALSE(site.metadata.was_sent("127.0.0.1:" + std::to_string(site.port), last));
  CHECK(site.first.post(path + "/enable").status == 200);
  site.all_is_well();
}

TEST_CASE("capacity is what keeps tasks pending", "[copse]") {
  Site site(2);
  site.submit(8);
  std::size_t most = 0;
  site.until([&] {
    most = std::max(most, site.running());
    return site.ended() == site.ids.size();
  });
  CHECK(most == 2);
  site.all_is_well();
}

TEST_CASE("another Overlord takes the lead half-way, and gives it back", "[copse]") {
  Site site;
  site.half_way();
  site.first.overlord->follow(site.second.overlord->url());
  site.second.overlord->lead();
  site.submit(5);
  site.until([&] { return site.ended() * 2 >= site.ids.size(); });
  site.second.overlord->follow(site.first.overlord->url());
  site.first.overlord->lead();
  site.all_is_well();
  site.all_have_places();
}

TEST_CASE("assignments that come twice and a second poller change nothing", "[copse]") {
  Site site;
  site.first.overlord->misbehave({.assign_twice = true, .two_pollers = true});
  site.submit(many);
  site.all_is_well();
}

TEST_CASE(
    "an Overlord that knows no leader for a while, or sends round in a circle, is asked again",
    "[copse]") {
  Site site;
  site.half_way();
  const Texts assigned = site.accepted();
  SECTION("nobody leads") {
    site.first.overlord->lose_leader();
    site.second.overlord->lose_leader();
  }
  SECTION("a circle") {
    site.first.overlord->follow(site.second.overlord->url());
  }
  const std::size_t before = site.ended();
  site.until([&] { return site.all_have_ended_in_the_cluster(assigned); });
  CHECK(site.ended() == before);
  site.second.overlord->follow(site.first.overlord->url());
  site.first.overlord->lead();
  site.all_is_well();
}
