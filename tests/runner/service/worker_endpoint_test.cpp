// The worker protocol over real HTTP, as an Overlord speaks it.
#include "runner/service/worker_endpoint.hpp"

#include "runner/http/server.hpp"
#include "runner/overlord/smile.hpp"
#include "tests/runner/http/client.hpp"
#include "tests/runner/service/copse_world.hpp"

using namespace copse::tests;

namespace {

// A copse with its port.
struct Front {
  explicit Front(World& world, bool is_ready = true)
      : copse(world),
        endpoint(copse.io, *copse.worker, copse.history, "host:8091",
                 [](const std::string& id, std::int64_t offset, http::Responder to) {
                   to.send({.content_type = "text/plain",
                            .body = id + " from " + std::to_string(offset)});
                 }),
        server(std::move(*http::Server::listen(
            copse.io, {}, [this](const http::Request& request, http::Responder responder) {
              endpoint.handle(request, std::move(responder));
            }))) {
    copse.news = [this] { endpoint.news(); };
    if (is_ready) endpoint.set_ready();
  }

  HttpClient client() { return HttpClient(copse.io, server->port()); }

  HttpAnswer ask(const std::string& method, const std::string& target, const std::string& body = "",
                 const std::string& type = "application/json") {
    HttpClient asker(copse.io, server->port());
    asker.send(request(method, target, body, type));
    return asker.answer();
  }

  static std::string request(const std::string& method, const std::string& target,
                             const std::string& body = "",
                             const std::string& type = "application/x-jackson-smile") {
    return method + " " + target + " HTTP/1.1\r\nHost: copse\r\nAccept: " + type +
           "\r\nContent-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }

  static std::string poll(std::int64_t counter, const std::string& timeout = "60000") {
    return request("GET", "/druid-internal/v1/worker?counter=" + std::to_string(counter) +
                              "&hash=7&timeout=" + timeout);
  }

  Copse copse;
  service::WorkerEndpoint endpoint;
  std::unique_ptr<http::Server> server;
};

boost::json::value snapshot_of(const HttpAnswer& answer) {
  REQUIRE(answer.status == 200);
  CHECK(answer.header.at("content-type") == "application/x-jackson-smile");
  return boost::json::parse(overlord::smile_to_json(answer.body).value());
}

std::string smile_of(const std::string& json) {
  return overlord::json_to_smile(json).value();
}

}  // namespace

TEST_CASE("no poll is answered before all tasks are back", "[endpoint]") {
  World world;
  Front front(world, false);
  auto overlord = front.client();
  overlord.send(Front::poll(-1));
  CHECK(overlord.answer().status == 503);
  front.endpoint.set_ready();
  overlord.send(Front::poll(-1));
  CHECK(boost::json::serialize(snapshot_of(overlord.answer()).at("requests")) ==
        R"([{"type":"metadata","disabled":false}])");
}

TEST_CASE("an assignment is answered, and whoever polls hears of it at once", "[endpoint]") {
  World world;
  Front front(world);
  auto first = front.client();
  auto second = front.client();
  first.send(Front::poll(0));
  second.send(Front::poll(0));
  await(front.copse.io, [&] { return front.endpoint.held() == 2; });
  const auto assigned = front.ask("POST", "/druid-internal/v1/worker/assignTask",
                                  smile_of(document("a")), "application/x-jackson-smile");
  CHECK(assigned.status == 200);
  for (HttpClient* overlord : {&first, &second}) {
    const auto snapshot = snapshot_of(overlord->answer());
    CHECK(snapshot.at("counter").at("counter").as_int64() >= 1);
    const auto& said = snapshot.at("requests").at(0).at("taskAnnouncement");
    CHECK(said.at("id").as_string() == "a");
    CHECK(said.at("status").as_string() == "RUNNING");
    CHECK(said.at("taskResource").at("availabilityGroup").as_string() == "a");
    CHECK(said.at("taskLocation").at("port").as_int64() == -1);
  }
  CHECK(front.endpoint.held() == 0);
}

TEST_CASE("a poll whose time is over gets its own counter back", "[endpoint]") {
  World world;
  Front front(world);
  auto overlord = front.client();
  overlord.send(Front::poll(0, "20"));
  const auto snapshot = snapshot_of(overlord.answer());
  CHECK(
      boost::json::serialize(snapshot) ==
      R"({"resetCounter":false,"resetCause":null,"counter":{"counter":0,"hash":7},"requests":[]})");
}

TEST_CASE("a poll whose time ends in the turn in which there is news gets the news, once",
          "[endpoint]") {
  World world;
  Front front(world);
  auto overlord = front.client();
  overlord.send(Front::poll(0, "5"));
  await(front.copse.io, [&] { return front.endpoint.held() == 1; });
  const auto over = std::chrono::steady_clock::now() + 10ms;
  while (std::chrono::steady_clock::now() < over) {
  }
  front.copse.history.set_disabled(true);
  front.endpoint.news();
  CHECK(snapshot_of(overlord.answer()).at("counter").at("counter").as_int64() == 1);
  overlord.send(Front::poll(1, "5"));
  CHECK(snapshot_of(overlord.answer()).at("requests").as_array().empty());
}

TEST_CASE("a poll with a counter of another process is told to begin anew", "[endpoint]") {
  World world;
  Front front(world);
  auto overlord = front.client();
  overlord.send(Front::poll(99));
  CHECK(snapshot_of(overlord.answer()).at("resetCounter").as_bool());
}

TEST_CASE("an Overlord that goes away takes its poll with it", "[endpoint]") {
  World world;
  Front front(world);
  {
    auto overlord = front.client();
    overlord.send(Front::poll(0));
    await(front.copse.io, [&] { return front.endpoint.held() == 1; });
  }
  await(front.copse.io, [&] { return front.endpoint.held() == 0; });
}

TEST_CASE("a body that is no task is refused with its cause, and JSON is taken as well",
          "[endpoint]") {
  World world;
  Front front(world);
  const std::string path = "/druid-internal/v1/worker/assignTask";
  const auto broken = front.ask("POST", path, "{}", "application/x-jackson-smile");
  CHECK(broken.status == 400);
  CHECK(broken.body ==
        R"({"error":"the body is no Smile document: byte 0: this is JSON, not Smile"})");
  CHECK(front.ask("POST", path, "{").status == 400);
  CHECK(front.copse.worker->tasks() == 0);
  CHECK(front.ask("POST", path, document("a")).status == 200);
  CHECK(front.copse.worker->tasks() == 1);
}

TEST_CASE("a kill is answered at once, also of a task that is not known", "[endpoint]") {
  World world;
  Front front(world);
  const auto killed = front.ask("POST", "/druid/worker/v1/task/a%3Ab/shutdown");
  CHECK(killed.status == 200);
  CHECK(killed.body == R"({"task":"a:b"})");
  CHECK(front.copse.has_state("a:b", TaskState::failed));
}

TEST_CASE("the worker is disabled and enabled, and says so", "[endpoint]") {
  World world;
  Front front(world);
  CHECK(front.ask("GET", "/druid/worker/v1/enabled").body == R"({"host:8091":true})");
  CHECK(front.ask("POST", "/druid/worker/v1/disable").body == R"({"host:8091":"disabled"})");
  CHECK(front.ask("GET", "/druid/worker/v1/enabled").body == R"({"host:8091":false})");
  CHECK(front.ask("POST", "/druid/worker/v1/enable").body == R"({"host:8091":"enabled"})");
  CHECK(front.ask("GET", "/druid/worker/v1/tasks").body == "[]");
  CHECK(front.copse.history.last().counter == 2);
}

TEST_CASE("a log is asked for by the id that is known", "[endpoint]") {
  World world;
  Front front(world);
  CHECK(front.ask("GET", "/druid/worker/v1/task/a/log?offset=-5").body == "a from -5");
  CHECK(front.ask("GET", "/druid/worker/v1/nothing").status == 404);
}
