#include "runner/logs/log_follow.hpp"

#include <catch2/catch.hpp>

using namespace copse::runner::logs;
using namespace std::chrono_literals;
using follow::Actions;
namespace action = follow::action;

namespace {

constexpr follow::Time start{1h};

// What is added to the log.
std::string added(const Actions& actions) {
  std::string bytes;
  for (const follow::Action& action : actions) {
    if (const auto* append = std::get_if<action::Append>(&action)) bytes += append->bytes;
  }
  return bytes;
}

}  // namespace

TEST_CASE("a log that is not cut costs one request, whatever is seen first of its end", "[logs]") {
  LogFollow log;
  CHECK(log.begin() == Actions{action::Open{""}});
  CHECK(log.begin().empty());
  CHECK(log.bytes("2026-11-26T13:30:12Z one\n") ==
        Actions{action::Append{"one\n", {"2026-11-26T13:30:12Z", 1, 0}}});
  SECTION("the pod") {
    CHECK(log.pod_ended(start).empty());
    CHECK(log.closed("", false, start) == Actions{action::Done{}});
  }
  SECTION("the stream") {
    CHECK(log.closed("", false, start) == Actions{action::Wake{start + follow::end_patience}});
    CHECK(log.pod_ended(start) == Actions{action::Done{}});
  }
  CHECK(log.is_done());
}

TEST_CASE("a stream that ends while the container runs goes on where it ended", "[logs]") {
  LogFollow log;
  CHECK_FALSE(log.begin().empty());
  CHECK(added(log.bytes("2026-11-26T13:30:12.5Z one\n")) == "one\n");
  CHECK_FALSE(log.closed("", false, start).empty());
  CHECK(log.woke() == Actions{action::Open{"2026-11-26T13:30:12Z"}});
  CHECK(log.bytes("2026-11-26T13:30:12.5Z one\n").empty());
  CHECK(added(log.bytes("2026-11-26T13:30:13Z two\n")) == "two\n");
}

TEST_CASE("a stream that breaks is opened again, ever more seldom until something comes",
          "[logs]") {
  LogFollow log;
  CHECK_FALSE(log.begin().empty());
  auto now = start;
  std::vector<follow::milliseconds> pauses;
  for (int i = 0; i < 9; ++i) {
    const auto next = std::get<action::Wake>(log.closed("reset", false, now).at(0)).at;
    pauses.push_back(std::chrono::duration_cast<follow::milliseconds>(next - now));
    now = next;
    CHECK_FALSE(log.woke().empty());
  }
  CHECK(pauses == std::vector<follow::milliseconds>{500ms, 1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s});
  CHECK_FALSE(log.bytes("2026-11-26T13:30:12Z one\n").empty());
  CHECK(log.closed("reset", false, now) == Actions{action::Wake{now + 500ms}});
}

TEST_CASE("the rest of a log is asked for some times once its pod has ended", "[logs]") {
  LogFollow log;
  CHECK_FALSE(log.begin().empty());
  CHECK_FALSE(log.closed("reset", false, start).empty());
  CHECK(log.pod_ended(start) == Actions{action::Wake{start}});
  std::uint32_t opened = 0;
  while (!log.is_done()) {
    CHECK_FALSE(log.woke().empty());
    ++opened;
    const Actions actions = log.closed("the kubelet is away", false, start);
    if (log.is_done())
      CHECK(actions == Actions{action::Done{"the end of the log is missing: the kubelet is away"}});
  }
  CHECK(opened == follow::last_tries);
}

TEST_CASE("the end of a task does not wait long for a log that could not be had before", "[logs]") {
  LogFollow log;
  CHECK_FALSE(log.begin().empty());
  auto now = start;
  for (int i = 0; i < 9; ++i) {
    now = std::get<action::Wake>(log.closed("forbidden", false, now).at(0)).at;
    CHECK_FALSE(log.woke().empty());
  }
  CHECK_FALSE(log.closed("forbidden", false, now).empty());
  CHECK(log.pod_ended(now) == Actions{action::Wake{now}});
  const auto ended = now;
  while (!log.is_done()) {
    CHECK_FALSE(log.woke().empty());
    const Actions actions = log.closed("forbidden", false, now);
    if (!log.is_done()) now = std::get<action::Wake>(actions.at(0)).at;
  }
  CHECK(now - ended < 5s);
}

TEST_CASE("a pod that is gone has no more log, and one that never ran has none", "[logs]") {
  LogFollow gone;
  CHECK_FALSE(gone.begin().empty());
  CHECK(gone.closed("no such pod", true, start) ==
        Actions{action::Done{"the end of the log is missing: no such pod"}});
  LogFollow never;
  CHECK(never.pod_ended(start) == Actions{action::Done{}});
}

TEST_CASE("what comes after the end changes nothing", "[logs]") {
  LogFollow log;
  CHECK_FALSE(log.pod_ended(start).empty());
  CHECK(log.begin().empty());
  CHECK(log.bytes("x").empty());
  CHECK(log.closed("x", true, start).empty());
  CHECK(log.pod_ended(start).empty());
  CHECK(log.woke().empty());
}

TEST_CASE("a log goes on behind its position as if nothing had been between", "[logs]") {
  LogFollow before;
  CHECK_FALSE(before.begin().empty());
  const auto actions =
      before.bytes("2026-11-26T13:30:12Z one\n2026-11-26T13:30:12Z two\n2026-11-26T13:30:12Z th");
  const LogPosition position = std::get<action::Append>(actions.at(0)).position;
  CHECK(position == LogPosition{"2026-11-26T13:30:12Z", 2, 2});
  LogFollow after(position);
  CHECK(after.begin() == Actions{action::Open{"2026-11-26T13:30:12Z"}});
  CHECK(added(after.bytes("2026-11-26T13:30:12Z one\n2026-11-26T13:30:12Z two\n"
                          "2026-11-26T13:30:12Z three\n")) == "ree\n");
}
