// Questions to Overlords that lead, follow, are away or refuse, over real HTTP.
#include "runner/overlord/overlord_client.hpp"

#include "runner/http/server.hpp"
#include "runner/service/acknowledger.hpp"
#include "tests/runner/http/client.hpp"

#include <optional>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

using namespace copse::runner;
using copse::tests::await;
using Kind = overlord::OverlordFailure::Kind;

namespace {

// One Overlord: it leads, or sends to another, or says a status.
struct Overlord {
  explicit Overlord(boost::asio::io_context& io) {
    auto listening =
        http::Server::listen(io, {}, [this](const http::Request& asked, http::Responder to) {
          paths.emplace_back(asked.target);
          if (!sends_to.empty())
            return to.send(
                {.status = 307, .headers = {{"Location", sends_to + std::string(asked.target)}}});
          to.send({.status = status, .body = body});
        });
    REQUIRE(listening);
    server = std::move(*listening);
    url = "http://127.0.0.1:" + std::to_string(server->port());
  }

  std::unique_ptr<http::Server> server;
  std::string url;
  std::string sends_to;
  int status = 200;
  std::string body = "{}";
  std::vector<std::string> paths;
};

struct Asking {
  boost::asio::io_context io;
  Overlord one{io};
  Overlord two{io};

  using Answer = std::expected<std::string, overlord::OverlordFailure>;

  Answer ask(overlord::OverlordClient& client) {
    std::optional<Answer> answer;
    client.ask({.path = "/druid/indexer/v1/x?y"}, [&](auto result) { answer = std::move(result); });
    await(io, [&] { return answer.has_value(); });
    return std::move(*answer);
  }
};

constexpr auto nobody = "http://127.0.0.1:1";

}  // namespace

TEST_CASE("a follower's word is followed, and remembered", "[overlord-client]") {
  Asking world;
  world.one.sends_to = world.two.url;
  overlord::OverlordClient client(world.io, {}, {world.one.url});
  CHECK(world.ask(client) == "{}");
  CHECK(world.ask(client) == "{}");
  CHECK(world.one.paths.size() == 1);
  CHECK(world.two.paths == std::vector<std::string>(2, "/druid/indexer/v1/x?y"));
  CHECK(client.leader() == world.two.url);
}

TEST_CASE("an address that does not answer, or knows no leader, is left for the next",
          "[overlord-client]") {
  Asking world;
  SECTION("away") {
    overlord::OverlordClient client(world.io, {}, {nobody, world.two.url});
    CHECK(world.ask(client) == "{}");
  }
  SECTION("without a leader") {
    world.one.status = 503;
    overlord::OverlordClient client(world.io, {}, {world.one.url, world.two.url});
    CHECK(world.ask(client) == "{}");
    CHECK(client.leader() == world.two.url);
  }
  SECTION("a leader that died is left for the list") {
    overlord::OverlordClient client(world.io, {}, {world.two.url});
    client.found(nobody);
    CHECK(world.ask(client) == "{}");
  }
}

TEST_CASE("what cannot be answered says why and what to do", "[overlord-client]") {
  Asking world;
  SECTION("nobody is known") {
    overlord::OverlordClient client(world.io, {}, {});
    CHECK(world.ask(client).error().kind == Kind::unknown);
    client.found(world.one.url);
    CHECK(world.ask(client) == "{}");
  }
  SECTION("all are away") {
    overlord::OverlordClient client(world.io, {}, {nobody});
    const auto failure = world.ask(client).error();
    CHECK(failure.kind == Kind::away);
    CHECK(failure.text.starts_with("the Overlord does not answer: http://127.0.0.1:1: "));
  }
  SECTION("round in a circle") {
    world.one.sends_to = world.two.url;
    world.two.sends_to = world.one.url;
    overlord::OverlordClient client(world.io, {}, {world.one.url});
    CHECK(world.ask(client).error().kind == Kind::leaderless);
    CHECK(world.one.paths.size() + world.two.paths.size() <=
          2 * (overlord::leader_redirect_limit + 1));
  }
  SECTION("no rights") {
    world.one.status = GENERATE(401, 403);
    overlord::OverlordClient client(world.io, {}, {world.one.url});
    const auto failure = world.ask(client).error();
    CHECK(failure.kind == Kind::unauthorized);
    CHECK(failure.text.find("copse.overlord.auth.user") != std::string::npos);
  }
  SECTION("refused, with the Overlord's words") {
    world.one.status = 400;
    world.one.body = R"({"error":"no such strategy"})";
    overlord::OverlordClient client(world.io, {}, {world.one.url});
    const auto failure = world.ask(client).error();
    CHECK(failure.kind == Kind::refused);
    CHECK(failure.text.ends_with(R"(refuses the question: 400: {"error":"no such strategy"})"));
  }
}

TEST_CASE("ended tasks are asked for until the Overlord knows them, and its silence is told once",
          "[overlord-client]") {
  Asking world;
  world.one.status = 503;
  overlord::OverlordClient client(world.io, {}, {world.one.url});
  std::vector<std::string> known;
  std::vector<std::string> troubles;
  service::Acknowledger acknowledger(
      world.io, client, [&](const std::string& id) { known.push_back(id); },
      [&](const overlord::OverlordFailure* failure) {
        troubles.push_back(failure == nullptr ? "well again" : "leaderless");
      });
  acknowledger.ended("a");
  acknowledger.ended("b");
  await(world.io, [&] { return world.one.paths.size() == 1; });
  world.one.status = 200;
  world.one.body = R"({"a":{"status":"SUCCESS"}})";
  await(world.io, [&] { return known.size() == 2; });
  CHECK(troubles == std::vector<std::string>{"leaderless", "well again"});
  CHECK(acknowledger.waiting() == 0);
}
