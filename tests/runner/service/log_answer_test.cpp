#include "runner/service/log_answer.hpp"

#include "runner/cli/scratch.hpp"
#include "runner/http/server.hpp"
#include "tests/runner/http/client.hpp"

#include <fstream>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

using namespace copse::runner;
using copse::tests::HttpAnswer;
using copse::tests::HttpClient;

namespace {

// A server with the log of one task.
struct LogServer {
  explicit LogServer(const std::string& text) {
    std::ofstream(folder.path() + "/a.log", std::ios::binary) << text;
  }

  HttpAnswer get(const std::string& id, std::int64_t offset) {
    auto server = http::Server::listen(io, {}, [&](const http::Request&, http::Responder to) {
      service::send_log(folder.path() + "/" + id + ".log", offset, "there is none yet",
                        std::move(to));
    });
    REQUIRE(server);
    HttpClient client(io, (*server)->port());
    client.send("GET /log HTTP/1.1\r\nHost: copse\r\n\r\n");
    return client.answer();
  }

  cli::Scratch folder = std::move(*cli::Scratch::make("copse-test-"));
  boost::asio::io_context io;
};

}  // namespace

TEST_CASE("an offset leaves out, or counts from the end; out of range it means the whole",
          "[logs]") {
  CHECK(service::log_begin(10, 0) == 0);
  CHECK(service::log_begin(10, 3) == 3);
  CHECK(service::log_begin(10, -3) == 7);
  for (const std::int64_t far :
       {std::int64_t{10}, std::int64_t{-10}, std::int64_t{-11}, INT64_MAX, INT64_MIN})
    CHECK(service::log_begin(10, far) == 0);
}

TEST_CASE("a log is answered as text, from the offset on", "[logs]") {
  LogServer server("one\ntwo\n");
  const HttpAnswer answer = server.get("a", -4);
  CHECK(answer.status == 200);
  CHECK(answer.header.at("content-type") == "text/plain; charset=utf-8");
  CHECK(answer.body == "two\n");
}

TEST_CASE("a log of many pieces comes whole, and an empty one as nothing", "[logs]") {
  std::string text;
  for (int i = 0; text.size() < 5 * service::log_piece_size; ++i) text += std::to_string(i) + "\n";
  CHECK(LogServer(text).get("a", 0).body == text);
  const HttpAnswer nothing = LogServer("").get("a", 0);
  CHECK(nothing.status == 200);
  CHECK(nothing.body.empty());
}

TEST_CASE("where there is no log, the answer says why", "[logs]") {
  const HttpAnswer answer = LogServer("").get("b", 0);
  CHECK(answer.status == 404);
  CHECK(answer.body == "there is none yet\n");
}
