// Long polls: held, answered later, and left by their clients.

#include "tests/runner/http/world.hpp"

#include <filesystem>
#include <iterator>

#include <boost/asio/steady_timer.hpp>

using namespace copse::tests;

namespace {

std::ptrdiff_t threads_now() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                       std::filesystem::directory_iterator());
}

}  // namespace

TEST_CASE("a long poll is answered by a later event of the loop", "[http]") {
  World world;
  auto client = world.client();
  client.send(get("/hold"));
  world.holds(1);
  CHECK(world.held[0].is_open());
  boost::asio::steady_timer timer(world.io, 10ms);
  timer.async_wait([&](const auto&) { world.held[0].send({.body = "changed"}); });
  CHECK(client.answer().body == "changed");
  CHECK_FALSE(world.held[0].is_open());
  CHECK(world.gone == 0);
}

TEST_CASE("a client that goes away frees its poll at once", "[http]") {
  World world;
  {
    auto client = world.client();
    client.send(get("/hold"));
    world.holds(1);
  }
  await(world.io, [&] { return world.gone == 1; });
  CHECK_FALSE(world.held[0].is_open());
  world.held[0].send({.body = "nobody reads this"});
  CHECK(world.server->counters().open == 0);
}

TEST_CASE("a client that goes away behind a pipelined request frees its poll too", "[http]") {
  World world;
  {
    auto client = world.client();
    client.send(get("/hold") + get("/next"));
    world.holds(1);
  }
  await(world.io, [&] { return world.gone == 1; });
  CHECK(world.seen == std::vector<std::string>{"/hold"});
}

TEST_CASE("a poll whose holder has dropped it hears nothing more", "[http]") {
  World world;
  auto client = world.client();
  client.send(get("/hold"));
  world.holds(1);
  world.held.clear();
  CHECK(client.answer().status == 500);
  client.closed();
  CHECK(world.gone == 0);
}

TEST_CASE("an answer to a former request does not answer the present one", "[http]") {
  World world;
  auto client = world.client();
  client.send(get("/hold/1") + get("/hold/2"));
  world.holds(1);
  world.held[0].send({.body = "one"});
  world.holds(2);
  world.held[0].send({.body = "one again"});
  world.held[0].begin({.body = "one again"});
  world.held[0].end();
  CHECK(world.held[1].is_open());
  world.held[1].send({.body = "two"});
  CHECK(client.answer().body == "one");
  CHECK(client.answer().body == "two");
}

TEST_CASE("two hundred polls are held at a time without a thread of their own", "[http]") {
  constexpr std::size_t many = 200;
  World world;
  const auto threads = threads_now();
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (std::size_t i = 0; i < many; ++i) {
    clients.push_back(std::make_unique<HttpClient>(world.io, world.port));
    clients.back()->send(get("/hold"));
  }
  world.holds(many);
  CHECK(threads_now() == threads);
  CHECK(world.server->counters().open == many);
  for (Responder& responder : world.held) responder.send({.body = "changed"});
  std::size_t answered = 0;
  for (auto& client : clients) {
    if (client->answer().body == "changed") ++answered;
  }
  CHECK(answered == many);
}
