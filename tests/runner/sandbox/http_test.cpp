// The sandbox over real sockets: connections, streams, time, counters.
#include "runner/sandbox/sandbox.hpp"
#include "tests/runner/sandbox/client.hpp"
#include "tests/runner/sandbox/world.hpp"

#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>

#include <catch2/catch.hpp>

using namespace copse::runner::sandbox;
using namespace std::chrono_literals;
using sandbox_test::at;
using sandbox_test::Client;
using sandbox_test::job;

namespace {

const std::string jobs = "/apis/batch/v1/namespaces/default/jobs";
const std::string maps = "/api/v1/namespaces/default/configmaps";

Sandbox still(SandboxOptions options = {}) {
  options.speed = 0;
  auto sandbox = Sandbox::start(std::move(options));
  REQUIRE(sandbox);
  return std::move(*sandbox);
}

std::string map_named(std::string_view name, std::size_t size = 1) {
  return R"({"metadata":{"name":")" + std::string{name} + R"("},"data":{"k":")" +
         std::string(size, 'x') + "\"}}";
}

std::string event(Client& client) {
  const auto line = client.next_line();
  if (!line) return "end";
  return at(*line, "type") + " " + at(*line, "object.metadata.name");
}

}  // namespace

TEST_CASE("one connection carries many requests, and each is counted", "[sandbox][http]") {
  const Sandbox sandbox = still();
  Client client{sandbox.url()};
  for (int i = 0; i < 20; ++i)
    CHECK(client.ask("POST", jobs, job("j" + std::to_string(i))).code == 201);
  CHECK(client.ask("GET", jobs).code == 200);
  CHECK(client.ask("DELETE", jobs + "/j0").code == 200);
  CHECK(sandbox.requests("create", "jobs") == 20);
  CHECK(sandbox.requests("list", "jobs") == 1);
  CHECK(sandbox.requests("delete", "jobs") == 1);
  CHECK(sandbox.requests("watch", "jobs") == 0);
}

TEST_CASE("requests sent ahead are answered in order", "[sandbox][http]") {
  const Sandbox sandbox = still();
  Client client{sandbox.url()};
  client.send_raw(
      "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /version HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(client.read_response().body == "ok");
  CHECK(at(client.read_response().body, "major") == "1");
}

TEST_CASE("a watch streams what happens, and time moved by hand is all the time there is",
          "[sandbox][http]") {
  Sandbox sandbox = still();
  Client client{sandbox.url()}, watcher{sandbox.url()};
  CHECK(watcher.open_stream(jobs + "?watch=1&allowWatchBookmarks=true&timeoutSeconds=90") == 200);
  client.ask("POST", jobs, job("a", "run 10s"));
  CHECK(event(watcher) == "ADDED a");
  CHECK(event(watcher) == "MODIFIED a");
  sandbox.advance(11s);
  for (int i = 0; i < 3; ++i) CHECK(event(watcher) == "MODIFIED a");
  CHECK(at(client.ask("GET", jobs + "/a").body, "status.succeeded") == "1");
  CHECK(sandbox.ledger().size() == 1);
  sandbox.advance(60s);
  CHECK(event(watcher) == "BOOKMARK absent");
  sandbox.advance(30s);
  CHECK(event(watcher) == "BOOKMARK absent");
  CHECK(event(watcher) == "end");
  // The connection is still good.
  CHECK(watcher.ask("GET", "/healthz").code == 200);
}

TEST_CASE("a watch from a compacted past gets 200 and then the error", "[sandbox][http]") {
  Sandbox sandbox = still();
  Client client{sandbox.url()};
  client.ask("POST", maps, map_named("a"));
  sandbox.compact();
  CHECK(client.open_stream(maps + "?watch=1&resourceVersion=1") == 200);
  const auto line = client.next_line();
  REQUIRE(line);
  CHECK(at(*line, "type") == "ERROR");
  CHECK(at(*line, "object.code") == "410");
  CHECK_FALSE(client.next_line());
}

TEST_CASE("a resourceVersion of the future is waited for, for three seconds", "[sandbox][http]") {
  Sandbox sandbox = still();
  Client client{sandbox.url()}, writer{sandbox.url()};
  const auto head = std::stoul(at(client.ask("GET", maps).body, "metadata.resourceVersion"));
  const auto ask = [&](std::uint64_t rv) {
    client.send_raw("GET " + maps + "?resourceVersion=" + std::to_string(rv) +
                    " HTTP/1.1\r\nHost: a\r\n\r\n");
  };
  ask(head + 1);
  writer.ask("POST", maps, map_named("a"));
  CHECK(client.read_response().code == 200);
  ask(head + 1000);
  while (sandbox.requests("list", "configmaps") < 3) std::this_thread::yield();
  sandbox.advance(3s);
  const auto refused = client.read_response();
  CHECK(refused.code == 504);
  CHECK(refused.headers.at("retry-after") == "1");
  CHECK(at(refused.body, "details.causes.0.reason") == "ResourceVersionTooLarge");
}

TEST_CASE("a watch whose client does not read is ended, and the others go on", "[sandbox][http]") {
  SandboxOptions options;
  options.watch_backlog = 20;
  options.history = 100;
  Sandbox sandbox = still(std::move(options));
  Client slow{sandbox.url()}, writer{sandbox.url()};
  CHECK(slow.open_stream(maps + "?watch=1") == 200);
  // More than the sockets' buffers hold.
  for (int i = 0; i < 60; ++i)
    writer.ask("POST", maps, map_named("m" + std::to_string(i), 900'000));
  int seen = 0;
  while (slow.next_line()) ++seen;
  CHECK(seen < 60);
  CHECK(slow.ask("GET", "/healthz").code == 200);
  CHECK(writer.ask("POST", maps, map_named("last")).code == 201);
}

TEST_CASE("a log is followed until the container ends", "[sandbox][http]") {
  Sandbox sandbox = still();
  Client client{sandbox.url()}, reader{sandbox.url()};
  client.ask("POST", jobs, job("a", "log one\nrun 5s\nlog two\nrun 5s"));
  sandbox.settle();
  const std::string pod =
      at(client.ask("GET", "/api/v1/namespaces/default/pods").body, "items.0.metadata.name");
  CHECK(reader.open_stream("/api/v1/namespaces/default/pods/" + pod + "/log?follow=true") == 200);
  CHECK(reader.next_line() == "one");
  sandbox.advance(5s);
  CHECK(reader.next_line() == "two");
  sandbox.advance(5s);
  CHECK_FALSE(reader.next_line());
}

TEST_CASE("a large answer is compressed for a client that accepts it", "[sandbox][http]") {
  const Sandbox sandbox = still();
  Client client{sandbox.url()};
  client.ask("POST", maps, map_named("big", 500'000));
  client.extra_header = "Accept-Encoding: gzip";
  const auto zipped = client.ask("GET", maps);
  CHECK(zipped.headers.at("content-encoding") == "gzip");
  CHECK(zipped.body.size() < 10'000);
  CHECK_FALSE(client.ask("GET", "/version").headers.contains("content-encoding"));
}

TEST_CASE("too large a body is refused although it was announced only", "[sandbox][http]") {
  const Sandbox sandbox = still();
  Client client{sandbox.url()};
  client.send_raw("POST " + maps + " HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n");
  const auto refused = client.read_response();
  CHECK(refused.code == 413);
  CHECK(at(refused.body, "reason") == "RequestEntityTooLarge");
}

TEST_CASE("a client that writes all of a large body before it reads gets its refusal",
          "[sandbox][http]") {
  const Sandbox sandbox = still();
  Client client{sandbox.url()};
  CHECK(client.ask("POST", maps, map_named("big", 8'000'000)).code == 413);
}

TEST_CASE("containers leave their files in the sandbox's folder before they end",
          "[sandbox][http]") {
  SandboxOptions options;
  const auto folder =
      std::filesystem::temp_directory_path() / ("copse-sandbox-" + std::to_string(::getpid()));
  options.files = folder.string();
  Sandbox sandbox = still(std::move(options));
  Client client{sandbox.url()};
  client.ask(
      "POST", jobs,
      job("a", "log hello\nrun 1s\nfile t1.status.json {\"status\":\"FAILED\"}\nlog-file t1.log"));
  sandbox.advance(1s);
  const auto content = [&](const char* name) {
    std::ostringstream text;
    text << std::ifstream{folder / name}.rdbuf();
    return text.str();
  };
  CHECK(content("t1.status.json") == "{\"status\":\"FAILED\"}");
  CHECK(content("t1.log") == "hello\n");
  std::filesystem::remove_all(folder);
}

TEST_CASE("time runs at the factor that was asked for", "[sandbox][http]") {
  SandboxOptions options;
  options.speed = 5000;
  const auto sandbox = Sandbox::start(std::move(options));
  REQUIRE(sandbox);
  Client client{sandbox->url()}, watcher{sandbox->url()};
  watcher.open_stream(jobs + "?watch=1");
  client.ask("POST", jobs, job("a", "run 1m"));
  std::string line;
  do {
    line = watcher.next_line().value_or("{}");
  } while (at(line, "object.status.completionTime") == "absent" && line != "{}");
  const auto started = parse_timestamp(at(line, "object.status.startTime"));
  const auto ended = parse_timestamp(at(line, "object.status.completionTime"));
  REQUIRE(ended);
  CHECK(*ended - *started >= 60s);
}

TEST_CASE("an address in use is a failure that says so", "[sandbox][http]") {
  const Sandbox first = still();
  SandboxOptions options;
  options.port =
      static_cast<std::uint16_t>(std::stoi(first.url().substr(first.url().rfind(':') + 1)));
  const auto second = Sandbox::start(std::move(options));
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == Failure::Kind::address);
  CHECK(second.error().text.find("in use") != std::string::npos);
}

TEST_CASE("over TLS the administrator's certificate opens the door, and nothing else does",
          "[sandbox][http]") {
  SandboxOptions options;
  options.tls = true;
  const Sandbox sandbox = still(options);
  const Access& access = sandbox.access();
  const auto ask = [&](const Access& with) {
    return sandbox_test::ask_tls(sandbox.url(), jobs, access.authority, with.client_certificate,
                                 with.client_key);
  };
  CHECK(ask(access) == 200);
  CHECK(ask({}) == 403);
  const Sandbox other = still(options);
  CHECK(ask(other.access()) == 0);  // signed by a stranger
  CHECK(sandbox_test::ask_tls(sandbox.url(), jobs, other.access().authority) == 0);
}

TEST_CASE("a kubeconfig carries the way in", "[sandbox][http]") {
  SandboxOptions options;
  options.tls = true;
  const Sandbox secured = still(std::move(options));
  CHECK(secured.url().starts_with("https://127.0.0.1:"));
  CHECK(secured.kubeconfig().find("certificate-authority-data: ") != std::string::npos);
  CHECK(secured.kubeconfig().find("client-certificate-data: ") != std::string::npos);
  SandboxOptions with_token;
  with_token.tokens = {{"s3cret", "admin", true, true}};
  const Sandbox guarded = still(std::move(with_token));
  CHECK(guarded.kubeconfig().find("token: \"s3cret\"") != std::string::npos);
  Client client{guarded.url()};
  CHECK(client.ask("GET", jobs).code == 403);
  client.extra_header = "Authorization: Bearer s3cret";
  CHECK(client.ask("GET", jobs).code == 200);
}
