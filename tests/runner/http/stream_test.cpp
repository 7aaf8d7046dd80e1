// Answers that come in pieces, and clients that do not keep up with them.

#include "tests/runner/http/world.hpp"

#include <functional>

using namespace copse::tests;

TEST_CASE("a streamed answer comes piece by piece, and the connection goes on", "[http]") {
  World world;
  auto client = world.client();
  client.send(get("/hold") + get("/next"));
  world.holds(1);
  Responder& responder = world.held[0];
  responder.begin({.content_type = "text/plain", .body = "one "});
  CHECK_THAT(client.until("one \r\n"), Catch::Contains("Transfer-Encoding: chunked"));
  responder.write("two ");
  CHECK(client.until("two \r\n") == "4\r\ntwo \r\n");
  responder.write("");
  responder.end();
  CHECK(client.until("0\r\n\r\n") == "0\r\n\r\n");
  CHECK(client.answer().body == "GET /next ");
}

TEST_CASE("a streamed answer to HEAD has no body, and to HTTP/1.0 no chunks", "[http]") {
  World world;
  auto head = world.client(), old = world.client();
  head.send("HEAD /hold HTTP/1.1\r\nHost: copse\r\n\r\n");
  world.holds(1);
  old.send("GET /hold HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  world.holds(2);
  for (Responder& responder : world.held) {
    responder.begin({.content_type = "text/plain"});
    responder.write("text");
    responder.end();
  }
  CHECK(head.answer(true).header.at("transfer-encoding") == "chunked");
  head.send(get("/x"));
  CHECK(head.answer().body == "GET /x ");
  const HttpAnswer answer = old.answer();
  CHECK(answer.body == "text");
  CHECK(answer.header.count("transfer-encoding") == 0);
  CHECK(answer.header.at("connection") == "close");
}

TEST_CASE("a stream that is dropped before its end breaks the connection", "[http]") {
  World world;
  auto client = world.client();
  client.send(get("/hold"));
  world.holds(1);
  world.held[0].begin({.body = "a part"});
  client.until("a part\r\n");
  world.held.clear();
  client.closed();
  CHECK(client.received().empty());
  CHECK(world.gone == 0);
}

namespace {

// Writes for as long as more is wanted, up to `total`.
struct Log {
  Responder& responder;
  std::size_t total;
  std::string chunk = std::string(16384, 'a');
  std::size_t written = 0;

  void go_on() {
    if (written >= total) return responder.end();
    written += chunk.size();
    responder.write(chunk, [this] { go_on(); });
  }
};

}  // namespace

TEST_CASE("a client that does not read stops the writer, and starts it again by reading",
          "[http]") {
  constexpr std::size_t total = 64U << 20U;
  // What the kernel keeps for both ends, and the server's own buffer.
  constexpr std::size_t kept = 16U << 20U;
  World world;
  HttpClient client(world.io, world.port, {}, Reads::when_told);
  client.send(get("/hold"));
  world.holds(1);
  world.held[0].begin({.content_type = "text/plain"});
  Log log{world.held[0], total};
  log.go_on();
  std::size_t before = 0;
  // Nothing has moved for a while: the writer waits.
  do {
    before = log.written;
    const auto later = std::chrono::steady_clock::now() + 50ms;
    await(world.io, [&] { return std::chrono::steady_clock::now() > later; });
  } while (log.written != before);
  CHECK(log.written < kept);
  client.read();
  CHECK(client.answer().body.size() == total);
  CHECK(log.written == total);
}

TEST_CASE("a writer that does not wait is stopped at the backlog", "[http]") {
  World world(with({.stream_backlog = 1U << 20U}));
  HttpClient client(world.io, world.port, {}, Reads::when_told);
  client.send(get("/hold"));
  world.holds(1);
  world.held[0].begin({.content_type = "text/plain"});
  const std::string chunk(65536, 'a');
  std::size_t written = 0;
  while (world.held[0].is_open() && written < (1U << 30U)) {
    world.held[0].write(chunk);
    written += chunk.size();
  }
  CHECK(written < 16U << 20U);
  await(world.io, [&] { return world.gone == 1; });
  CHECK(world.server->counters().cut == 1);
}

TEST_CASE("below the low mark more is wanted at once", "[http]") {
  World world(with({.stream_low = 1000}));
  auto client = world.client();
  client.send(get("/hold"));
  world.holds(1);
  world.held[0].begin({.content_type = "text/plain"});
  int wanted = 0;
  world.held[0].write("small", [&] { ++wanted; });
  CHECK(wanted == 0);  // never inside the call
  await(world.io, [&] { return wanted == 1; });
}

TEST_CASE("a client that leaves within a stream is told to the writer", "[http]") {
  World world;
  bool wanted = false;
  {
    auto client = world.client();
    client.send(get("/hold"));
    world.holds(1);
    world.held[0].begin({.content_type = "text/plain", .body = "one"});
    client.until("one\r\n");
  }
  await(world.io, [&] { return world.gone == 1; });
  world.held[0].write("more", [&] { wanted = true; });
  world.io.poll();
  CHECK_FALSE(wanted);
}
