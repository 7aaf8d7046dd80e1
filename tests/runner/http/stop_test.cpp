// Addresses that cannot be listened on, and the two steps of ending.

#include "runner/http/listen_failure.hpp"
#include "tests/runner/http/world.hpp"

#include <cerrno>

using namespace copse::tests;

namespace {

Failure failure_of(Options options) {
  boost::asio::io_context io;
  auto listening = Server::listen(io, std::move(options), [](const Request&, Responder) {});
  REQUIRE_FALSE(listening.has_value());
  return listening.error();
}

}  // namespace

TEST_CASE("an address that cannot be listened on is named with its cause and remedy", "[http]") {
  World world;
  Options options;
  options.port = world.port;
  const std::string port = std::to_string(world.port);
  const Failure in_use = failure_of(options);
  CHECK(in_use.kind == Failure::Kind::in_use);
  CHECK(in_use.retryable);
  CHECK(in_use.text == "cannot listen (copse.bind 127.0.0.1, copse.port " + port +
                           "): another process listens there; stop it or choose another "
                           "copse.port");
  const Failure foreign = failure_of({.address = "192.0.2.1"});
  CHECK(foreign.kind == Failure::Kind::not_local);
  CHECK(foreign.text ==
        "cannot listen (copse.bind 192.0.2.1, copse.port 0): the address is none of this host's; "
        "state one of them, or 0.0.0.0 or :: for all");
  const Failure bad = failure_of({.address = "copse.example"});
  CHECK(bad.kind == Failure::Kind::bad_address);
  CHECK(bad.text ==
        "copse.bind `copse.example` is no IP address; state one of this host's, or "
        "0.0.0.0 or :: for all");
  const Failure low = listen_failure(EACCES, {.port = 80});
  CHECK(low.kind == Failure::Kind::not_permitted);
  CHECK(low.text ==
        "cannot listen (copse.bind 127.0.0.1, copse.port 80): this process may not use "
        "the port; choose a copse.port above 1023 or grant CAP_NET_BIND_SERVICE");
  const Failure other = listen_failure(ENOBUFS, {.port = 80});
  CHECK(other.text ==
        "cannot listen (copse.bind 127.0.0.1, copse.port 80): No buffer space available");
}

TEST_CASE("all addresses are IPv4 and IPv6 together, and a client keeps its own", "[http]") {
  boost::asio::io_context io;
  const auto possible = Server::listen(io, {.address = "::"}, [](const Request&, Responder) {});
  if (!possible) {
    WARN("this host has no IPv6");
    return;
  }
  World world({.address = "::"});
  auto client = world.client();
  client.send(get("/x"));
  CHECK(client.answer().status == 200);
  CHECK_THAT(world.remote, Catch::StartsWith("127.0.0.1:"));
}

TEST_CASE("a drained server closes the idle, answers the busy and takes nobody new", "[http]") {
  World world;
  auto idle = world.client(), busy = world.client(), half = world.client();
  idle.send(get("/x"));
  idle.answer();
  busy.send(get("/hold"));
  half.send(
      "POST /half HTTP/1.1\r\nHost: copse\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  half.until("\r\n\r\n");
  world.holds(1);
  bool drained = false;
  world.server->drain([&] { drained = true; });
  idle.closed();
  CHECK_THROWS(world.client());
  CHECK_FALSE(drained);
  half.send("task");
  const HttpAnswer late = half.answer();
  CHECK(late.body == "POST /half task");
  CHECK(late.header.at("connection") == "close");
  CHECK_FALSE(busy.is_closed());
  world.held[0].send({.body = "done"});
  const HttpAnswer last = busy.answer();
  CHECK(last.body == "done");
  CHECK(last.header.at("connection") == "close");
  // The clients' closing is what ends the last connections; these keep theirs open.
  busy.end();
  half.end();
  idle.end();
  await(world.io, [&] { return drained; });
  CHECK(world.server->counters().open == 0);
}

TEST_CASE("a server without connections is drained at once", "[http]") {
  World world;
  bool drained = false;
  world.server->drain([&] { drained = true; });
  await(world.io, [&] { return drained; });
}

TEST_CASE("a stopped server closes everything and frees every poll", "[http]") {
  World world;
  auto first = world.client(), second = world.client();
  first.send(get("/hold"));
  second.send(get("/hold"));
  world.holds(2);
  world.server->stop();
  CHECK(world.server->counters().open == 0);
  CHECK(world.gone == 0);  // not inside the call
  first.closed();
  second.closed();
  await(world.io, [&] { return world.gone == 2; });
  CHECK_THROWS(world.client());
}

TEST_CASE("a destroyed server calls nobody back, and its Responders do nothing", "[http]") {
  World world;
  auto client = world.client();
  client.send(get("/hold"));
  world.holds(1);
  world.server.reset();
  client.closed();
  CHECK(world.gone == 0);
  CHECK_FALSE(world.held[0].is_open());
  world.held[0].send({.body = "too late"});
  world.held.clear();
}

TEST_CASE("a handler may destroy its server", "[http]") {
  boost::asio::io_context io;
  std::unique_ptr<Server> server;
  auto listening = Server::listen(io, {}, [&](const Request&, Responder responder) {
    server.reset();
    responder.send({.body = "nobody reads this"});
  });
  REQUIRE(listening.has_value());
  server = std::move(*listening);
  HttpClient client(io, server->port());
  client.send(get("/x"));
  client.closed();
  CHECK(client.received().empty());
}
