// What HTTP/1.1 demands of a server, byte for byte over loopback.

#include "tests/runner/http/world.hpp"

using namespace copse::tests;

TEST_CASE("a request is answered with its length, date and type, and the connection stays open",
          "[http]") {
  World world;
  auto client = world.client();
  client.send(get("/a?b=c"));
  const HttpAnswer first = client.answer();
  CHECK(first.status == 200);
  CHECK(first.body == "GET /a?b=c ");
  CHECK(first.header.at("content-type") == "application/json");
  CHECK(first.header.at("content-length") == "11");
  CHECK(first.header.at("date").ends_with(" GMT"));
  CHECK(first.header.count("connection") == 0);
  client.send(post("/b", "task"));
  CHECK(client.answer().body == "POST /b task");
  CHECK(world.server->counters().accepted == 1);
  CHECK(world.server->counters().requests == 2);
}

TEST_CASE("pipelined requests are answered in their order though the first is answered last",
          "[http]") {
  World world;
  auto client = world.client();
  client.send(get("/hold") + post("/second", "x") + get("/third"));
  world.holds(1);
  CHECK(world.seen == std::vector<std::string>{"/hold"});
  world.held[0].send({.body = "first"});
  CHECK(client.answer().body == "first");
  CHECK(client.answer().body == "POST /second x");
  CHECK(client.answer().body == "GET /third ");
}

TEST_CASE("a request that comes byte by byte is the same request", "[http]") {
  World world;
  auto client = world.client();
  for (const char byte : post("/slow", "body")) client.send({&byte, 1});
  CHECK(client.answer().body == "POST /slow body");
}

TEST_CASE("HEAD has the header of GET and no body", "[http]") {
  World world;
  auto client = world.client();
  client.send("HEAD /x HTTP/1.1\r\nHost: copse\r\n\r\n" + get("/y"));
  const HttpAnswer head = client.answer(true);
  CHECK(head.header.at("content-length") == "8");
  CHECK(client.answer().body == "GET /y ");
}

TEST_CASE("a client that expects 100-continue is told to go on, and then answered", "[http]") {
  World world;
  auto client = world.client();
  client.send(
      "POST /x HTTP/1.1\r\nHost: copse\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  CHECK(client.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("task");
  CHECK(client.answer().body == "POST /x task");
}

TEST_CASE("a body in chunks is joined, whatever stands behind it", "[http]") {
  World world;
  auto client = world.client();
  client.send(
      "POST /x HTTP/1.1\r\nHost: copse\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;name=value\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n" +
      get("/y"));
  CHECK(client.answer().body == "POST /x abcde");
  CHECK(client.answer().body == "GET /y ");
}

TEST_CASE("a trailer is no header", "[http]") {
  World world;
  auto client = world.client();
  client.send(
      "POST /x HTTP/1.1\r\nHost: copse\r\nTransfer-Encoding: chunked\r\n\r\n"
      "0\r\nAuthorization: Basic stolen\r\n\r\n");
  CHECK(client.answer().status == 200);
  CHECK(world.authorization.empty());
}

TEST_CASE("Connection: close is obeyed and confirmed", "[http]") {
  World world;
  auto client = world.client();
  client.send(get("/x", "Connection: close\r\n"));
  CHECK(client.answer().header.at("connection") == "close");
  client.closed();
}

TEST_CASE("an HTTP/1.0 client is closed unless it asks to stay, and is told so", "[http]") {
  World world;
  auto client = world.client();
  client.send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(client.answer().header.at("connection") == "keep-alive");
  client.send("GET /x HTTP/1.0\r\n\r\n");
  CHECK(client.answer().header.at("connection") == "close");
  client.closed();
}

TEST_CASE("a client that has said all it will say still gets its answers", "[http]") {
  World world;
  auto client = world.client();
  client.send(get("/x") + get("/y"));
  client.end();
  CHECK(client.answer().body == "GET /x ");
  CHECK(client.answer().body == "GET /y ");
  client.closed();
}

TEST_CASE("empty lines before a request are passed over", "[http]") {
  World world;
  auto client = world.client();
  client.send("\r\n\r\n" + get("/x"));
  CHECK(client.answer().body == "GET /x ");
}

TEST_CASE("what is malformed is answered with an error as JSON and never reaches the handler",
          "[http]") {
  struct Case {
    std::string bytes;
    int status;
    std::string error;
  };

  const std::string line = "GET / HTTP/1.1\r\n", host = "Host: copse\r\n";
  const Case& one = GENERATE_REF(values<Case>({
      {"nonsense\r\n\r\n", 400, "malformed request"},
      {"GET / HTTP/2.0\r\n\r\n", 505, "only HTTP/1.0 and HTTP/1.1"},
      {"GET / HTTP/1.1\r\n\r\n", 400, "no Host header"},
      {line + host + host + "\r\n", 400, "more than one Host header"},
      {"GET nowhere HTTP/1.1\r\n" + host + "\r\n", 400, "a path is wanted"},
      {"CONNECT copse:1 HTTP/1.1\r\n" + host + "\r\n", 400, "a path is wanted"},
      {line + host + "Bad Name: x\r\n\r\n", 400, "malformed request"},
      {line + host + " folded: x\r\n\r\n", 200, ""},
      {line + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "malformed request"},
      {line + host + "Content-Length: -1\r\n\r\n", 400, "malformed request"},
      {line + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, ""},
      {line + host + "Transfer-Encoding: gzip\r\n\r\n", 501, "only chunked is known"},
      {line + host + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, "only chunked is known"},
      {line + host + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400, "malformed request"},
      {line + host + "Expect: miracles\r\n\r\n", 417, "cannot meet the expectation miracles"},
  }));
  World world;
  auto client = world.client();
  INFO(one.bytes);
  client.send(one.bytes);
  const HttpAnswer answer = client.answer();
  CHECK(answer.status == one.status);
  if (one.status == 200) return;
  CHECK(answer.body.starts_with("{\"error\":\""));
  CHECK_THAT(answer.body, Catch::Contains(one.error));
  CHECK(answer.header.at("connection") == "close");
  client.closed();
  CHECK(world.seen.empty());
  CHECK(world.server->counters().malformed == 1);
}

TEST_CASE("a handler that throws gives 500 and closes", "[http]") {
  World world;
  auto client = world.client();
  client.send(get("/throw"));
  const HttpAnswer answer = client.answer();
  CHECK(answer.status == 500);
  CHECK(answer.header.at("connection") == "close");
  client.closed();
}

TEST_CASE("a request that the handler forgets gives 500", "[http]") {
  World world;
  auto client = world.client();
  client.send(get("/forget"));
  const HttpAnswer answer = client.answer();
  CHECK(answer.status == 500);
  CHECK(answer.body == R"({"error":"the request was not answered"})");
}

TEST_CASE("only the first answer counts", "[http]") {
  World world;
  auto client = world.client();
  client.send(get("/hold"));
  world.holds(1);
  world.held[0].send({.body = "first"});
  world.held[0].send({.body = "second"});
  world.held.clear();
  client.send(get("/x"));
  CHECK(client.answer().body == "first");
  CHECK(client.answer().body == "GET /x ");
}
