// The client side, against our own server.
#include "runner/http/client.hpp"
#include "tests/runner/http/world.hpp"

#include <optional>

namespace {

using namespace copse::tests;

struct Asked {
  explicit Asked(World& of, ClientOptions options = {})
      : world(of), client(of.io, std::move(options)) {}

  std::expected<Reply, std::string> ask(Call call) {
    std::optional<std::expected<Reply, std::string>> reply;
    if (call.url.starts_with('/'))
      call.url = "http://127.0.0.1:" + std::to_string(world.port) + call.url;
    client.send(std::move(call), [&](auto result) { reply = std::move(result); });
    await(world.io, [&] { return reply.has_value(); });
    return std::move(*reply);
  }

  World& world;
  Client client;
};

}  // namespace

TEST_CASE("a call is answered with status, type and body", "[http-client]") {
  World world;
  Asked asked(world);
  const auto reply = asked.ask({.method = "POST", .url = "/a?b=c", .body = "[1]"});
  REQUIRE(reply);
  CHECK(reply->status == 200);
  CHECK(reply->content_type == "application/json");
  CHECK(reply->body == "POST /a?b=c [1]");
  CHECK(asked.client.open() == 0);
}

TEST_CASE("credentials are sent as the server's kind wants them", "[http-client]") {
  World world;
  SECTION("none") {
    Asked asked(world);
    REQUIRE(asked.ask({.url = "/"}));
    CHECK(world.authorization.empty());
  }
  SECTION("basic") {
    Asked asked(world, {.credentials = {.user = "druid", .password = "pass:word", .token = ""}});
    REQUIRE(asked.ask({.url = "/"}));
    CHECK(world.authorization == "Basic ZHJ1aWQ6cGFzczp3b3Jk");
  }
  SECTION("a token") {
    Asked asked(world, {.credentials = {.user = "", .password = "", .token = "abc"}});
    REQUIRE(asked.ask({.url = "/"}));
    CHECK(world.authorization == "Bearer abc");
  }
}

TEST_CASE("an answer that does not come in time is a failure that names the server",
          "[http-client]") {
  World world;
  Asked asked(world);
  const auto reply = asked.ask({.url = "/hold", .deadline = 50ms});
  REQUIRE(!reply);
  CHECK(reply.error().starts_with("http://127.0.0.1:" + std::to_string(world.port) + ": "));
  await(world.io, [&] { return world.gone == 1; });
}

TEST_CASE("nobody listens", "[http-client]") {
  World world;
  Asked asked(world);
  const auto reply = asked.ask({.url = "http://127.0.0.1:1/"});
  REQUIRE(!reply);
  CHECK(reply.error().find("127.0.0.1:1") != std::string::npos);
}

TEST_CASE("a call that is cancelled, or whose client is gone, is not answered", "[http-client]") {
  World world;
  int answers = 0;
  auto client = std::make_unique<Client>(world.io);
  const std::string url = "http://127.0.0.1:" + std::to_string(world.port) + "/hold";
  const auto count = [&](const auto&) { ++answers; };
  const CallId first = client->send({.url = url}, count);
  client->send({.url = url}, count);
  world.holds(2);
  SECTION("cancelled") {
    client->cancel(first);
    CHECK(client->open() == 1);
    await(world.io, [&] { return world.gone == 1; });
  }
  SECTION("gone") {
    client.reset();
    await(world.io, [&] { return world.gone == 2; });
  }
  CHECK(answers == 0);
}

TEST_CASE("a client may be destroyed by an answer to it", "[http-client]") {
  World world;
  auto client = std::make_unique<Client>(world.io);
  client->send({.url = "http://127.0.0.1:" + std::to_string(world.port) + "/"},
               [&](const auto&) { client.reset(); });
  await(world.io, [&] { return client == nullptr; });
}
