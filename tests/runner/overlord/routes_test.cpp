#include "runner/overlord/routes.hpp"

#include <variant>

#include <catch2/catch.hpp>

using namespace copse::runner::overlord;
using namespace std::chrono_literals;

namespace {

Route of(std::string_view method, std::string_view path, std::string_view query = "",
         std::string_view accept = "application/x-jackson-smile") {
  return route_of(method, path, query, accept);
}

int status_of(const Route& route) {
  const auto* refused = std::get_if<route::Refused>(&route);
  return refused == nullptr ? 200 : refused->status;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("a poll says its counter, its hash and how long it waits", "[overlord]") {
  CHECK(of("GET", "/druid-internal/v1/worker", "counter=-1&timeout=180000") ==
        Route(route::Poll{-1, 0, 3min, true}));
  CHECK(of("GET", "/druid-internal/v1/worker", "counter=7&hash=9223372036854775807&timeout=1",
           "*/*") == Route(route::Poll{7, INT64_MAX, 1ms, false}));
}

TEST_CASE("a poll that cannot be meant is refused", "[overlord]") {
  for (const char* query : {"", "counter=1", "counter=1&timeout=0", "counter=1&timeout=-5",
                            "counter=x&timeout=5", "counter=1&hash=99999999999999999999&timeout=5"})
    CHECK(status_of(of("GET", "/druid-internal/v1/worker", query)) == 400);
}

TEST_CASE("tasks are assigned, killed and read by their ids", "[overlord]") {
  CHECK(of("POST", "/druid-internal/v1/worker/assignTask") == Route(route::Assign{}));
  CHECK(of("POST", "/druid/worker/v1/task/index_wiki_2026-11-26T12:00:00.000Z/shutdown") ==
        Route(route::Kill{Ids{"index_wiki_2026-11-26T12:00:00.000Z"}}));
  CHECK(of("GET", "/druid/worker/v1/task/a/log") == Route(route::Log{Ids{"a"}, 0}));
  CHECK(of("GET", "/druid/worker/v1/task/a/log", "offset=-8192") ==
        Route(route::Log{Ids{"a"}, -8192}));
  CHECK(status_of(of("GET", "/druid/worker/v1/task/a/log", "offset=x")) == 400);
}

TEST_CASE("an id may be escaped once or twice, and the question mark of a log's offset with it",
          "[overlord]") {
  CHECK(of("POST", "/druid/worker/v1/task/a%20b%3A/shutdown") == Route(route::Kill{Ids{"a b:"}}));
  CHECK(of("POST", "/druid/worker/v1/task/a%2520b/shutdown") ==
        Route(route::Kill{Ids{"a%20b", "a b"}}));
  CHECK(of("GET", "/druid/worker/v1/task/a%252Fb/log%3Foffset=-5") ==
        Route(route::Log{Ids{"a%2Fb", "a/b"}, -5}));
  CHECK(status_of(of("POST", "/druid/worker/v1/task/a%2/shutdown")) == 400);
}

TEST_CASE("the worker is enabled, disabled and asked", "[overlord]") {
  CHECK(of("POST", "/druid/worker/v1/enable") == Route(route::SetDisabled{false}));
  CHECK(of("POST", "/druid/worker/v1/disable") == Route(route::SetDisabled{true}));
  CHECK(of("GET", "/druid/worker/v1/enabled") == Route(route::IsEnabled{}));
  CHECK(of("GET", "/druid/worker/v1/tasks") == Route(route::Tasks{}));
}

TEST_CASE("what is no part of the protocol is not found, and the wrong method is named",
          "[overlord]") {
  for (const char* path :
       {"/", "/druid/worker/v1/", "/druid/worker/v1/task", "/druid/worker/v1/task/a",
        "/druid/worker/v1/task/a/b", "/druid/worker/v1/task/a/log/x", "/druid-internal/v1/workers",
        "/druid-internal/v1/worker/x"})
    CHECK(status_of(of("GET", path)) == 404);
  CHECK(of("GET", "/druid/worker/v1/enable") ==
        Route(route::Refused{405, "only POST is served here", "POST"}));
  CHECK(status_of(of("PUT", "/druid-internal/v1/worker", "counter=-1&timeout=5")) == 405);
  CHECK(status_of(of("GET", "/druid-internal/v1/worker/assignTask")) == 405);
  CHECK(of("POST", "/druid/worker/v1/tasks") ==
        Route(route::Refused{405, "only GET is served here", "GET, HEAD"}));
  CHECK(is_worker_path("/druid-internal/v1/worker/assignTask"));
  CHECK(is_worker_path("/druid/worker/v1/x"));
  CHECK_FALSE(is_worker_path("/druid-internal/v1/workers"));
  CHECK_FALSE(is_worker_path("/status"));
}
