// `service::Service` between an Overlord in simulation and the sandbox.
#include "runner/http/server.hpp"
#include "runner/overlord_sandbox/overlord_sandbox.hpp"
#include "runner/service/service.hpp"
#include "runner/service/start_up.hpp"
#include "tests/runner/http/client.hpp"
#include "tests/runner/service/copse_world.hpp"

#include <boost/asio/ip/tcp.hpp>

using namespace copse::tests;
using overlord_sandbox::OverlordSandbox;

namespace {

std::uint16_t free_port(boost::asio::io_context& io) {
  boost::asio::ip::tcp::acceptor acceptor(
      io, boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  return acceptor.local_endpoint().port();
}

// A service, its Overlord, and what it logs.
struct Whole {
  explicit Whole(World& the_world) : world(the_world) {
    auto listening = OverlordSandbox::listen(io, metadata, {});
    REQUIRE(listening);
    overlord = std::move(*listening);
    options.access = cli::access_of(world.cluster);
    options.runner.namespaces = {"default"};
    options.runner.owner = "me";
    options.runner.log_directory = world.logs.path();
    options.runner.rules.patience.status_retry = 50ms;
    options.runner.rules.hold_until_released = true;
    options.runner.pods_catch_up = 50ms;
    options.first_question = 50ms;
    options.runner.rules.forbidden_is_final = false;
    options.logs = service::LogStore{.directory = world.logs.path(),
                                     .positions = world.state.path() + "/logs"};
    options.state_folder = world.state.path();
    options.node.host = "127.0.0.1";
    options.node.port = options.http.port = free_port(io);
    options.node.capacity = 100;
    options.overlord_urls = {overlord->url()};
  }

  void start() {
    auto started = service::Service::start(io, options, ports());
    if (!started) FAIL(started.error());
    service = std::move(*started);
  }

  service::ServicePorts ports() {
    service::ServicePorts made;
    made.head = head_of;
    made.decide = [](const std::string& text) -> std::expected<service::Launchable, std::string> {
      store::Decided record;
      record.task_id = head_of(text)->id;
      record.job_name = "job-" + record.task_id;
      return service::Launchable{spec_of(record.task_id, "me"), record};
    };
    made.rebuild = [](const std::string&, const store::Decided& record)
        -> std::expected<service::TaskSpec, std::string> { return spec_of(record.task_id, "me"); };
    made.release = [this](copse::engine::Release known) { release = known; };
    made.announcer = [](auto&&...) { return std::nullopt; };
    made.log = [this](const service::ServiceEvent& event) {
      log.emplace_back(event.what);
      for (const auto& [name, value] : event.fields)
        if (name == "why") why.push_back(value);
    };
    made.left = [this] { has_left = true; };
    made.shown = [](std::string_view path) -> std::optional<copse::runner::http::Response> {
      if (path != "/shown") return std::nullopt;
      return copse::runner::http::Response{.content_type = "text/plain", .body = "as it is"};
    };
    made.stuck = [this](const std::string& text) { stuck = text; };
    return made;
  }

  bool until(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + task_patience;
    while (!holds() && std::chrono::steady_clock::now() < deadline) {
      io.restart();
      io.run_one_for(10ms);
    }
    return holds();
  }

  bool says(std::string_view what) {
    return until([&] { return std::find(log.begin(), log.end(), what) != log.end(); });
  }

  HttpAnswer get(const std::string& target, const std::string& more = "") {
    return ask("GET", target, more);
  }

  HttpAnswer ask(const std::string& method, const std::string& target,
                 const std::string& more = "") {
    HttpClient client(io, service->port());
    client.send(method + " " + target + " HTTP/1.1\r\nHost: copse\r\nContent-Length: 0\r\n" + more +
                "\r\n");
    return client.answer();
  }

  World& world;
  boost::asio::io_context io;
  overlord_sandbox::Metadata metadata;
  std::unique_ptr<OverlordSandbox> overlord;
  service::ServiceOptions options;
  std::optional<copse::engine::Release> release;
  std::vector<std::string> log;
  std::vector<std::string> why;
  std::string stuck;
  bool has_left = false;
  std::unique_ptr<service::Service> service;
};

}  // namespace

TEST_CASE("a service knows cluster, release and its own address before it is announced",
          "[service]") {
  World world;
  Whole whole(world);
  whole.start();
  CHECK(whole.get("/status/ready").status == 503);
  REQUIRE(whole.says("not announced"));
  CHECK(whole.log ==
        std::vector<std::string>{"cluster reached", "Druid release", "ready", "not announced"});
  CHECK(whole.release == copse::engine::Release{33});
  CHECK(whole.get("/status/ready").body == "true");
  CHECK(whole.get("/status/health").body == "true");
  CHECK(whole.get("/nowhere").status == 404);
}

TEST_CASE("what can only be read says so to who would change it", "[service]") {
  World world;
  Whole whole(world);
  whole.start();
  REQUIRE(whole.says("not announced"));
  for (const char* path : {"/status", "/status/ready", "/status/health", "/shown"}) {
    for (const char* method : {"PUT", "POST", "DELETE", "PATCH", "OPTIONS"}) {
      const HttpAnswer refused = whole.ask(method, path);
      CHECK(refused.status == 405);
      CHECK(refused.header.at("allow") == "GET, HEAD");
      CHECK(refused.body == R"({"error":"this can only be read: GET"})");
    }
    CHECK(whole.get(path).status == 200);
  }
  CHECK(whole.get("/shown").body == "as it is");
  CHECK(whole.ask("PUT", "/nowhere").status == 404);
  CHECK(whole.get(std::string(service::drain_path)).header.at("allow") == "POST");
  CHECK(whole.ask("PUT", "/druid/worker/v1/tasks").header.at("allow") == "GET, HEAD");
}

TEST_CASE("the Overlord's tasks run, end and are acknowledged, and the service leaves in order",
          "[service]") {
  World world;
  Whole whole(world);
  whole.start();
  REQUIRE(whole.says("not announced"));
  whole.overlord->add_worker(whole.options.node);
  for (const char* id : {"a", "b", "endless"}) REQUIRE(whole.overlord->submit(document(id)));
  const auto state = [&](const std::string& id) { return whole.overlord->task(id)->status.state; };
  REQUIRE(whole.until([&] {
    return state("a") == TaskState::success && state("b") == TaskState::success &&
           whole.service->view().tasks == 1;
  }));
  REQUIRE(
      whole.until([&] { return !whole.overlord->task("endless")->status.location.host.empty(); }));
  CHECK(whole.service->view().held_polls == 1);
  bool is_over = false;
  whole.service->drain([&] { is_over = true; });
  REQUIRE(whole.until([&] { return is_over; }));
  whole.service.reset();
  CHECK(whole.overlord->facts().violations.empty());
  CHECK(world.starts_of("endless") == 1);
  CHECK(state("endless") == TaskState::running);
}

TEST_CASE("a service that is drained takes no new task, waits for its own, and then leaves",
          "[service]") {
  World world;
  Whole whole(world);
  whole.start();
  REQUIRE(whole.says("not announced"));
  whole.overlord->add_worker(whole.options.node);
  for (const char* id : {"a", "b"}) REQUIRE(whole.overlord->submit(document(id)));
  REQUIRE(whole.until([&] { return whole.service->view().tasks == 2; }));
  CHECK(whole.get(std::string(service::drain_path)).status == 405);
  const HttpAnswer begun = whole.ask("POST", std::string(service::drain_path));
  CHECK(begun.status == 200);
  CHECK(begun.body.find(R"("draining":true,"disabled":true,"tasks":2)") != std::string::npos);
  // The Overlord keeps what it is given from now on.
  REQUIRE(whole.until([&] { return whole.service->view().held_polls == 1; }));
  REQUIRE(whole.overlord->submit(document("late")));
  REQUIRE(whole.until([&] { return whole.has_left; }));
  CHECK(whole.service->view().tasks == 0);
  CHECK(whole.overlord->task("a")->status.state == TaskState::success);
  CHECK(whole.overlord->task("b")->status.state == TaskState::success);
  CHECK(whole.overlord->task("late")->status.state == TaskState::running);
  CHECK(world.starts_of("late") == 0);
  CHECK(world.cluster.ledger().size() == 2);
}

TEST_CASE("whoever enables a service that is being drained keeps it", "[service]") {
  World world;
  Whole whole(world);
  whole.start();
  REQUIRE(whole.says("not announced"));
  whole.overlord->add_worker(whole.options.node);
  REQUIRE(whole.overlord->submit(document("endless")));
  REQUIRE(whole.until([&] { return whole.service->view().tasks == 1; }));
  CHECK(whole.ask("POST", std::string(service::drain_path)).status == 200);
  CHECK(whole.service->view().is_disabled);
  CHECK(whole.ask("POST", "/druid/worker/v1/enable").status == 200);
  CHECK(whole.says("enabled again"));
  CHECK_FALSE(whole.service->view().is_draining);
  CHECK_FALSE(whole.service->view().is_disabled);
  CHECK_FALSE(whole.has_left);
}

TEST_CASE("an address that leads to another server is not announced", "[service]") {
  World world;
  Whole whole(world);
  auto other = http::Server::listen(whole.io, {}, [](const http::Request&, http::Responder to) {
    to.send({.body = "\"somebody else\""});
  });
  REQUIRE(other);
  whole.options.node.port = (*other)->port();
  whole.start();
  REQUIRE(whole.says("own address leads elsewhere"));
  CHECK(std::find(whole.log.begin(), whole.log.end(), "not announced") == whole.log.end());
  CHECK(whole.why.back().find("set copse.host, copse.port and copse.bind") != std::string::npos);
}

TEST_CASE("an Overlord that is away holds everything up until it is back", "[service]") {
  World world;
  Whole whole(world);
  whole.overlord->go_down();
  whole.start();
  REQUIRE(whole.says("Overlord away"));
  CHECK_FALSE(whole.service->view().is_ready);
  REQUIRE(whole.overlord->come_up());
  CHECK(whole.says("not announced"));
}

TEST_CASE("an Overlord that refuses copse is told once, and the newest release is followed",
          "[service]") {
  World world;
  Whole whole(world);
  overlord_sandbox::Options strict;
  strict.users = http::Credentials{"druid", "secret", ""};
  overlord_sandbox::Metadata metadata;
  auto guarded = OverlordSandbox::listen(whole.io, metadata, std::move(strict));
  REQUIRE(guarded);
  whole.options.overlord_urls = {(*guarded)->url()};
  SECTION("without credentials") {
    whole.start();
    REQUIRE(whole.says("Druid release unknown"));
    CHECK(whole.why.front().find("copse.overlord.auth.user") != std::string::npos);
    CHECK(whole.says("not announced"));
    CHECK(whole.release == copse::engine::newest_release);
  }
  SECTION("with them") {
    whole.options.overlord.credentials = {"druid", "secret", ""};
    whole.start();
    CHECK(whole.says("not announced"));
    CHECK(whole.release == copse::engine::Release{33});
  }
}

TEST_CASE("who may speak the worker protocol", "[service]") {
  World world;
  Whole whole(world);
  whole.options.worker_auth = {service::WorkerAuth::Kind::basic, "druid", "secret"};
  whole.start();
  REQUIRE(whole.says("not announced"));
  const std::string tasks = "/druid/worker/v1/tasks";
  CHECK(whole.get(tasks).status == 401);
  CHECK(whole.ask("POST", std::string(service::drain_path)).status == 401);
  CHECK(whole.get(tasks, "Authorization: Basic ZHJ1aWQ6d3Jvbmc=\r\n").status == 401);
  CHECK(
      whole.get(tasks, "Authorization: " + service::basic_authorization("druid", "secret") + "\r\n")
          .status == 200);
  CHECK(whole.get("/status/health").status == 200);
}

TEST_CASE("a second service on the same folder or port is told why it cannot start", "[service]") {
  World world;
  Whole whole(world);
  whole.start();
  Whole other(world);
  SECTION("folder") {
    const auto started = service::Service::start(other.io, other.options, other.ports());
    REQUIRE_FALSE(started);
    CHECK(started.error().find("works on this folder") != std::string::npos);
  }
  SECTION("port") {
    World elsewhere;
    other.options.state_folder = elsewhere.state.path();
    other.options.http.port = whole.options.http.port;
    const auto started = service::Service::start(other.io, other.options, other.ports());
    REQUIRE_FALSE(started);
    CHECK(started.error().find("copse.port") != std::string::npos);
  }
}

TEST_CASE("what the Overlord's documents say", "[service]") {
  CHECK(service::release_of(R"({"version":"33.0.0"})") == copse::engine::Release{33});
  CHECK_FALSE(service::release_of(R"({"version":null})"));
  CHECK_FALSE(service::release_of("<html>"));
  const std::string list = R"([{"worker":{"host":"a:1"}},{"worker":{}}])";
  CHECK(service::is_listed(list, "a:1"));
  CHECK_FALSE(service::is_listed(list, "b:1"));
  CHECK_FALSE(service::is_listed("[]", "a:1"));
  CHECK(service::is_listed("no list", "a:1"));
}
