// Every limit, met and broken. Times are tiny here and end in an event that the test waits for.

#include "tests/runner/http/world.hpp"

#include <functional>

#include <boost/asio/steady_timer.hpp>
#include <sys/resource.h>
#include <unistd.h>

using namespace copse::tests;

namespace {

const std::string post_head = "POST /x HTTP/1.1\r\nHost: copse\r\n";

// A client that is told why, and then closed.
void is_refused(HttpClient& client, int status, const std::string& why) {
  const HttpAnswer answer = client.answer();
  CHECK(answer.status == status);
  CHECK_THAT(answer.body, Catch::Contains(why));
  CHECK(answer.header.at("connection") == "close");
  client.closed();
}

}  // namespace

TEST_CASE("an idle connection is kept longer than any client's pool keeps it", "[http]") {
  CHECK(Limits{}.idle >= 5min);
}

TEST_CASE("a head above the limit is refused, one below is served", "[http]") {
  World world(with({.head_bytes = 1024}));
  auto client = world.client();
  client.send(get("/x", "X: " + std::string(900, 'a') + "\r\n"));
  CHECK(client.answer().status == 200);
  client.send(get("/x", "X: " + std::string(2000, 'a') + "\r\n"));
  is_refused(client, 431, "larger than 1024 bytes");
}

TEST_CASE("a head without end is refused when it is too long", "[http]") {
  World world(with({.head_bytes = 1024}));
  auto client = world.client();
  client.send("GET /" + std::string(1500, 'a'));
  is_refused(client, 431, "larger than 1024 bytes");
}

TEST_CASE("a body above the limit is refused by what is announced, before it comes", "[http]") {
  World world(with({.body_bytes = 10}));
  auto client = world.client();
  client.send(post("/x", "0123456789"));
  CHECK(client.answer().status == 200);
  client.send(post_head + "Expect: 100-continue\r\nContent-Length: 11\r\n\r\n");
  is_refused(client, 413, "larger than 10 bytes");
}

TEST_CASE("a client that sends all of a refused body before it reads still reads why", "[http]") {
  World world(with({.body_bytes = 1000}));
  auto client = world.client();
  client.send(post("/x", std::string(8U << 20U, 'a')));
  is_refused(client, 413, "larger than 1000 bytes");
}

TEST_CASE("a refused body is not listened to for ever", "[http]") {
  World world(with({.body_bytes = 1000, .linger_bytes = 1U << 20U}));
  auto client = world.client();
  client.send(post("/x", std::string(32U << 20U, 'a')));
  client.closed();
  CHECK(world.seen.empty());
}

TEST_CASE("chunks above the limit of a body are refused when they come", "[http]") {
  World world(with({.body_bytes = 10}));
  auto client = world.client();
  client.send(post_head + "Transfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n8\r\n01234567\r\n");
  is_refused(client, 413, "larger than 10 bytes");
}

TEST_CASE("the line of a chunk and the trailers have the limit of a head", "[http]") {
  const std::string more = GENERATE(as<std::string>(), "5;x=", "0\r\nX: ");
  World world(with({.head_bytes = 1024}));
  auto client = world.client();
  client.send(post_head + "Transfer-Encoding: chunked\r\n\r\n" + more + std::string(4000, 'a'));
  is_refused(client, 431, "larger than 1024 bytes");
}

TEST_CASE("connections above the limit are refused, and those below go on", "[http]") {
  World world(with({.connections = 2}));
  auto first = world.client(), second = world.client();
  second.send(get("/x"));
  CHECK(second.answer().status == 200);
  auto third = world.client();
  is_refused(third, 503, "too many connections");
  CHECK(world.server->counters().refused == 1);
  CHECK(world.server->counters().open == 2);
  first.send(get("/x"));
  CHECK(first.answer().status == 200);
}

TEST_CASE("a place that becomes free is given again", "[http]") {
  World world(with({.connections = 1}));
  {
    auto first = world.client();
    await(world.io, [&] { return world.server->counters().open == 1; });
  }
  await(world.io, [&] { return world.server->counters().open == 0; });
  auto next = world.client();
  next.send(get("/x"));
  CHECK(next.answer().status == 200);
}

TEST_CASE("a connection that is idle for too long is closed without a word", "[http]") {
  World world(with({.idle = 20ms}));
  auto client = world.client();
  client.send(get("/x"));
  CHECK(client.answer().status == 200);
  client.closed();
  CHECK(client.received().empty());
  CHECK(world.server->counters().cut == 0);
}

TEST_CASE("a held request is not idle", "[http]") {
  World world(with({.idle = 1ms, .body = 1ms, .write = 1ms}));
  auto client = world.client();
  client.send(get("/hold"));
  world.holds(1);
  const auto later = std::chrono::steady_clock::now() + 30ms;
  await(world.io, [&] { return std::chrono::steady_clock::now() > later; });
  world.held[0].send({.body = "late"});
  CHECK(client.answer().body == "late");
}

TEST_CASE("a head that comes too slowly is cut, however steadily its bytes drip", "[http]") {
  World world(with({.head = 50ms}));
  auto client = world.client();
  boost::asio::steady_timer drip(world.io);
  const std::function<void()> send_byte = [&] {
    client.send("G");
    drip.expires_after(1ms);
    drip.async_wait([&](const auto& fault) {
      if (!fault && client.received().empty()) send_byte();
    });
  };
  send_byte();
  is_refused(client, 408, "the head of the request did not come in time");
  CHECK(world.server->counters().cut == 1);
}

TEST_CASE("a client that connects and says nothing is closed", "[http]") {
  World world(with({.head = 20ms}));
  auto client = world.client();
  client.closed();
  CHECK(client.received().empty());
  CHECK(world.server->counters().cut == 1);
}

TEST_CASE("a body that comes too slowly is cut", "[http]") {
  World world(with({.body = 20ms}));
  auto client = world.client();
  client.send(post_head + "Content-Length: 10\r\n\r\n012");
  is_refused(client, 408, "the body of the request did not come in time");
  CHECK(world.server->counters().cut == 1);
}

TEST_CASE("a client that does not take its answer is cut", "[http]") {
  World world(with({.write = 50ms}));
  HttpClient client(world.io, world.port, {}, Reads::when_told);
  client.send(get("/hold"));
  world.holds(1);
  world.held[0].send({.body = std::string(64U << 20U, 'a')});
  await(world.io, [&] { return world.server->counters().open == 0; });
  CHECK(world.server->counters().cut == 1);
}

TEST_CASE("a large answer may take longer than one write as long as it moves", "[http]") {
  World world(with({.write = 5s, .write_bytes = 4096}));
  auto client = world.client();
  client.send(get("/hold"));
  world.holds(1);
  world.held[0].send({.body = std::string(4U << 20U, 'a')});
  CHECK(client.answer().body.size() == 4U << 20U);
}

TEST_CASE("a client that does not close after the last answer is closed", "[http]") {
  World world(with({.linger = 20ms}));
  HttpClient client(world.io, world.port, {}, Reads::when_told);
  client.send(get("/x", "Connection: close\r\n"));
  await(world.io, [&] { return world.server->counters().requests == 1; });
  await(world.io, [&] { return world.server->counters().open == 0; });
}

TEST_CASE("while a request is answered, only so much of the next ones is read", "[http]") {
  World world(with({.read_ahead = 4096}));
  auto client = world.client();
  const std::string large = post("/x", std::string(16U << 20U, 'a'));
  client.send(get("/hold") + large);
  world.holds(1);
  world.held[0].send({.body = "first"});
  CHECK(client.answer().body == "first");
  CHECK(client.answer().body.size() == (16U << 20U) + 8);
}

TEST_CASE("a server without a free descriptor pauses, and goes on when there is one", "[http]") {
  World world(with({.accept_pause = 5ms}));
  auto client = world.client();  // connected, but not yet accepted
  client.send(get("/x"));
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit low = before;
  low.rlim_cur = 200;
  setrlimit(RLIMIT_NOFILE, &low);
  std::vector<int> taken;
  for (int one = dup(0); one >= 0; one = dup(0)) taken.push_back(one);
  const auto later = std::chrono::steady_clock::now() + 20ms;
  await(world.io, [&] { return std::chrono::steady_clock::now() > later; });
  CHECK(world.server->counters().accepted == 0);
  for (const int one : taken) close(one);
  setrlimit(RLIMIT_NOFILE, &before);
  CHECK(client.answer().status == 200);
}
