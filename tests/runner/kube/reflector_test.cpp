// The rules of list and watch as stories: what happened -> what is asked for next. No socket, no
// clock.

#include "runner/kube/reflector.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace copse::runner::kube;

namespace {

using Actions = std::vector<ReflectorAction>;
using action::CloseWatch;
using action::Deliver;
using action::DeliverRemoval;
using action::OpenWatch;
using action::SendList;
using action::SendProbe;
using action::SetTimer;
using action::Synced;
using action::Vanished;

constexpr Uid a{1, 1};
constexpr Uid b{2, 2};

// A reflector with a clock in the hand and a chance of zero, so that delays are exact.
struct Story {
  Reflector reflector;
  std::chrono::steady_clock::time_point now{1h};
  double chance = 0;

  Actions on(const ReflectorEvent& event) { return reflector.step(event, {now, chance}); }

  Actions after(std::chrono::milliseconds time, const ReflectorEvent& event) {
    now += time;
    return on(event);
  }

  SetTimer timer(std::chrono::milliseconds in) const { return {now + in}; }

  // Started, listed `items` at `version`, and watching.
  static Story watching(std::string_view version, std::initializer_list<Uid> items = {}) {
    Story story;
    static_cast<void>(story.on(event::Start{}));
    for (const Uid uid : items) static_cast<void>(story.on(event::ItemSeen{uid, "5"}));
    static_cast<void>(story.on(event::PageEnded{version, {}}));
    static_cast<void>(story.on(event::WatchOpened{}));
    return story;
  }
};

OpenWatch watch_from(std::string version) {
  return {std::move(version), 300s};
}

event::Changed added(Uid uid, std::string_view version) {
  return {EventType::added, uid, version};
}

event::Changed modified(Uid uid, std::string_view version) {
  return {EventType::modified, uid, version};
}

event::Changed removed(Uid uid, std::string_view version) {
  return {EventType::removed, uid, version};
}

event::Changed bookmark(std::string_view version) {
  return {EventType::bookmark, {}, version};
}

}  // namespace

TEST_CASE("the first list asks for any cached state, in pages", "[reflector]") {
  Story story;
  CHECK(story.on(event::Start{}) == Actions{SendList{"0", 500, {}}});
}

TEST_CASE("a complete list is delivered, announced and followed by a watch from its version",
          "[reflector]") {
  Story story;
  static_cast<void>(story.on(event::Start{}));
  CHECK(story.on(event::ItemSeen{a, "5"}) == Actions{Deliver{}});
  CHECK(story.on(event::PageEnded{"9", {}}) == Actions{Synced{}, watch_from("9")});
  CHECK(story.reflector.version() == "9");
}

TEST_CASE("a further page is asked for by its token alone", "[reflector]") {
  Story story;
  static_cast<void>(story.on(event::Start{}));
  CHECK(story.on(event::PageEnded{"9", "token"}) == Actions{SendList{"", 500, "token"}});
  CHECK(story.on(event::PageEnded{"9", {}}) == Actions{Synced{}, watch_from("9")});
}

TEST_CASE("a watch is asked to end after five to ten minutes", "[reflector]") {
  Story story;
  static_cast<void>(story.on(event::Start{}));
  story.chance = 0.5;
  CHECK(story.on(event::PageEnded{"9", {}}) == Actions{Synced{}, OpenWatch{"9", 450s}});
}

TEST_CASE("a relist asks for the last version and sets no limit", "[reflector]") {
  Story story = Story::watching("9");
  static_cast<void>(story.on(event::WatchError{FailureKind::server}));
  CHECK(story.after(800ms, event::TimerFired{}) == Actions{SendList{"9", 0, {}}});
}

TEST_CASE("a server that cuts a list at version 0 into pages is asked for pages ever after",
          "[reflector]") {
  Story story;
  static_cast<void>(story.on(event::Start{}));
  static_cast<void>(story.on(event::PageEnded{"9", "token"}));
  static_cast<void>(story.on(event::PageEnded{"9", {}}));
  static_cast<void>(story.on(event::WatchOpened{}));
  static_cast<void>(story.on(event::WatchError{FailureKind::server}));
  CHECK(story.after(800ms, event::TimerFired{}) == Actions{SendList{"9", 500, {}}});
}

TEST_CASE("an expired continue token leads to one whole list at the version first asked for",
          "[reflector]") {
  Story story;
  static_cast<void>(story.on(event::Start{}));
  static_cast<void>(story.on(event::PageEnded{"9", "token"}));
  CHECK(story.on(event::ListFailed{FailureKind::expired}) == Actions{SendList{"0", 0, {}}});
  SECTION("and when that is expired too, to the newest") {
    CHECK(story.on(event::ListFailed{FailureKind::expired}) == Actions{SendList{"", 500, {}}});
    CHECK(story.on(event::ListFailed{FailureKind::expired}) == Actions{story.timer(800ms)});
  }
}

TEST_CASE("a list whose version is gone, or not yet there, asks once for the newest and then waits",
          "[reflector]") {
  const FailureKind kind = GENERATE(FailureKind::expired, FailureKind::too_new);
  Story story = Story::watching("9");
  static_cast<void>(story.on(event::WatchError{FailureKind::server}));
  static_cast<void>(story.after(800ms, event::TimerFired{}));
  CHECK(story.on(event::ListFailed{kind}) == Actions{SendList{"", 500, {}}});
  CHECK(story.on(event::ListFailed{kind}) == Actions{story.timer(1600ms)});
  CHECK(story.after(1600ms, event::TimerFired{}) == Actions{SendList{"", 500, {}}});
  CHECK(story.on(event::PageEnded{"12", {}}) == Actions{Synced{}, watch_from("12")});
}

TEST_CASE("list failures back off by doubling up to the cap, with jitter", "[reflector]") {
  Story story;
  static_cast<void>(story.on(event::Start{}));
  for (const auto delay : {800ms, 1600ms, 3200ms, 6400ms, 12800ms, 25600ms, 30000ms, 30000ms}) {
    CHECK(story.on(event::ListFailed{FailureKind::unreachable}) == Actions{story.timer(delay)});
    CHECK(story.after(delay, event::TimerFired{}) == Actions{SendList{"0", 500, {}}});
  }
  story.chance = 0.5;
  CHECK(story.on(event::ListFailed{FailureKind::unreachable}) == Actions{story.timer(45s)});
}

TEST_CASE("two minutes without an error forget the backoff", "[reflector]") {
  Story story;
  static_cast<void>(story.on(event::Start{}));
  static_cast<void>(story.on(event::ListFailed{FailureKind::server}));
  static_cast<void>(story.after(800ms, event::TimerFired{}));
  story.now += 120s;
  CHECK(story.on(event::ListFailed{FailureKind::server}) == Actions{story.timer(800ms)});
}

TEST_CASE("a Retry-After longer than the backoff is honoured, with jitter of its own",
          "[reflector]") {
  Story story;
  static_cast<void>(story.on(event::Start{}));
  story.chance = 0.5;
  CHECK(story.on(event::ListFailed{FailureKind::throttled, 10s}) == Actions{story.timer(12500ms)});
  static_cast<void>(story.after(12500ms, event::TimerFired{}));
  CHECK(story.on(event::ListFailed{FailureKind::throttled, 1s}) == Actions{story.timer(2400ms)});
}

TEST_CASE("changes are delivered and move the version that a cut watch resumes from",
          "[reflector]") {
  Story story = Story::watching("9", {a});
  CHECK(story.on(modified(a, "10")) == Actions{Deliver{}});
  CHECK(story.on(added(b, "11")) == Actions{Deliver{}});
  CHECK(story.on(removed(a, "12")) == Actions{DeliverRemoval{}});
  CHECK(story.on(event::WatchEnded{}) == Actions{watch_from("12")});
}

TEST_CASE("a bookmark moves the version and delivers nothing", "[reflector]") {
  Story story = Story::watching("9");
  CHECK(story.on(bookmark("40")).empty());
  CHECK(story.after(2s, event::WatchEnded{}) == Actions{watch_from("40")});
}

TEST_CASE(
    "a watch that ends after an event, or after a second, is resumed at once and nothing is listed",
    "[reflector]") {
  Story story = Story::watching("9");
  for (int version = 10; version < 110; ++version) {
    static_cast<void>(story.on(added(a, std::to_string(version))));
    CHECK(story.on(event::WatchEnded{}) == Actions{watch_from(std::to_string(version))});
    static_cast<void>(story.on(event::WatchOpened{}));
  }
  CHECK(story.after(1s, event::WatchEnded{}) == Actions{watch_from("109")});
  CHECK(story.reflector.figures().lists == 1);
}

TEST_CASE("a watch that ends at once and empty is an error: pause, then list", "[reflector]") {
  Story story = Story::watching("9");
  story.now += 999ms;
  CHECK(story.on(event::WatchEnded{}) == Actions{story.timer(800ms)});
  CHECK(story.after(800ms, event::TimerFired{}) == Actions{SendList{"9", 0, {}}});
}

TEST_CASE(
    "a watch that cannot be opened for want of a connection or of patience is opened again, "
    "without a list",
    "[reflector]") {
  const FailureKind kind = GENERATE(FailureKind::unreachable, FailureKind::throttled);
  Story story = Story::watching("9");
  static_cast<void>(story.after(2s, event::WatchEnded{}));
  CHECK(story.on(event::WatchRefused{kind}) == Actions{story.timer(800ms)});
  CHECK(story.after(800ms, event::TimerFired{}) == Actions{watch_from("9")});
}

TEST_CASE("any other refusal of a watch leads to a pause and a list", "[reflector]") {
  const FailureKind kind =
      GENERATE(FailureKind::forbidden, FailureKind::server, FailureKind::unauthorized);
  Story story = Story::watching("9");
  static_cast<void>(story.after(2s, event::WatchEnded{}));
  CHECK(story.on(event::WatchRefused{kind}) == Actions{story.timer(800ms)});
  CHECK(story.after(800ms, event::TimerFired{}) == Actions{SendList{"9", 0, {}}});
}

TEST_CASE("a connection that breaks before the header counts as an empty watch", "[reflector]") {
  Story story = Story::watching("9");
  static_cast<void>(story.after(2s, event::WatchEnded{}));
  SECTION("late: resumed at once") {
    CHECK(story.after(30s, event::WatchRefused{FailureKind::interrupted}) ==
          Actions{watch_from("9")});
  }
  SECTION("early: an error") {
    CHECK(story.on(event::WatchRefused{FailureKind::interrupted}) == Actions{story.timer(800ms)});
  }
}

TEST_CASE("an expired watch lists at once from the last version, and the next time after a pause",
          "[reflector]") {
  Story story = Story::watching("9");
  CHECK(story.on(event::WatchError{FailureKind::expired}) ==
        Actions{CloseWatch{}, SendList{"9", 0, {}}});
  static_cast<void>(story.on(event::PageEnded{"20", {}}));
  CHECK(story.on(event::WatchRefused{FailureKind::expired}) == Actions{story.timer(1600ms)});
  CHECK(story.after(1600ms, event::TimerFired{}) == Actions{SendList{"20", 0, {}}});
}

TEST_CASE("a throttled watch pauses and resumes without a list", "[reflector]") {
  Story story = Story::watching("9");
  CHECK(story.on(event::WatchError{FailureKind::throttled, 5s}) ==
        Actions{CloseWatch{}, story.timer(5s)});
  CHECK(story.after(5s, event::TimerFired{}) == Actions{watch_from("9")});
}

TEST_CASE("a garbled line drops the watch; once more at the same place leads to a list",
          "[reflector]") {
  Story story = Story::watching("9");
  CHECK(story.on(event::WatchGarbled{}) == Actions{CloseWatch{}, story.timer(800ms)});
  CHECK(story.after(800ms, event::TimerFired{}) == Actions{watch_from("9")});
  static_cast<void>(story.on(event::WatchOpened{}));
  SECTION("the same place") {
    CHECK(story.on(event::WatchGarbled{}) == Actions{CloseWatch{}, story.timer(1600ms)});
    CHECK(story.after(1600ms, event::TimerFired{}) == Actions{SendList{"9", 0, {}}});
  }
  SECTION("another place") {
    static_cast<void>(story.on(added(a, "10")));
    CHECK(story.on(event::WatchGarbled{}) == Actions{CloseWatch{}, story.timer(1600ms)});
    CHECK(story.after(1600ms, event::TimerFired{}) == Actions{watch_from("10")});
  }
}

TEST_CASE("what a relist no longer shows has vanished, and what is unchanged is not told again",
          "[reflector]") {
  Story story = Story::watching("9", {a, b});
  static_cast<void>(story.on(event::WatchError{FailureKind::expired}));
  CHECK(story.on(event::ItemSeen{a, "5"}).empty());
  CHECK(story.on(event::PageEnded{"20", {}}) == Actions{Vanished{b}, Synced{}, watch_from("20")});
  CHECK(story.reflector.size() == 1);
}

TEST_CASE("a list that breaks off concludes nothing about what it did not show", "[reflector]") {
  Story story = Story::watching("9", {a, b});
  static_cast<void>(story.on(event::WatchError{FailureKind::expired}));
  static_cast<void>(story.on(event::ItemSeen{a, "6"}));
  CHECK(story.on(event::ListFailed{FailureKind::interrupted}) == Actions{story.timer(1600ms)});
  static_cast<void>(story.after(1600ms, event::TimerFired{}));
  static_cast<void>(story.on(event::ItemSeen{b, "5"}));
  CHECK(story.on(event::PageEnded{"20", {}}) == Actions{Vanished{a}, Synced{}, watch_from("20")});
}

TEST_CASE("an object is never told in an older version than before", "[reflector]") {
  Story story = Story::watching("9", {a});
  static_cast<void>(story.on(modified(a, "15")));
  CHECK(story.on(modified(a, "15")).empty());
  CHECK(story.on(modified(a, "12")).empty());
  CHECK(story.reflector.version() == "15");
  static_cast<void>(story.on(event::WatchError{FailureKind::expired}));
  CHECK(story.on(event::ItemSeen{a, "14"}).empty());
  CHECK(story.on(event::PageEnded{"16", {}}) == Actions{Synced{}, watch_from("16")});
}

TEST_CASE("a removed object does not come back by a replayed event", "[reflector]") {
  Story story = Story::watching("9", {a});
  static_cast<void>(story.on(removed(a, "12")));
  CHECK(story.on(modified(a, "11")).empty());
  CHECK(story.on(removed(a, "12")).empty());
  CHECK(story.reflector.size() == 0);
}

TEST_CASE("a list from a server that lags behind is not believed", "[reflector]") {
  Story story = Story::watching("9", {a});
  static_cast<void>(story.on(modified(a, "15")));
  static_cast<void>(story.on(event::WatchError{FailureKind::expired}));
  CHECK(story.on(event::PageEnded{"8", {}}) == Actions{story.timer(1600ms)});
  CHECK(story.after(1600ms, event::TimerFired{}) == Actions{SendList{"", 500, {}}});
  CHECK(story.reflector.size() == 1);
}

TEST_CASE("versions that are no numbers are applied in the order in which they come",
          "[reflector]") {
  Story story;
  static_cast<void>(story.on(event::Start{}));
  CHECK(story.on(event::ItemSeen{a, "zz"}) == Actions{Deliver{}});
  CHECK(story.on(event::PageEnded{"xy", {}}) == Actions{Synced{}, watch_from("xy")});
  static_cast<void>(story.on(event::WatchOpened{}));
  CHECK(story.on(modified(a, "ab")) == Actions{Deliver{}});
  CHECK(story.on(event::WatchEnded{}) == Actions{watch_from("ab")});
}

TEST_CASE("without a memory each version is delivered, and nothing is ever gone", "[reflector]") {
  Story story{.reflector = Reflector({}, Memory::nothing)};
  static_cast<void>(story.on(event::Start{}));
  CHECK(story.on(event::ItemSeen{a, "5"}) == Actions{Deliver{}});
  static_cast<void>(story.on(event::PageEnded{"9", {}}));
  static_cast<void>(story.on(event::WatchOpened{}));
  CHECK(story.on(added(b, "10")) == Actions{Deliver{}});
  CHECK(story.on(modified(b, "11")) == Actions{Deliver{}});
  CHECK(story.on(removed(a, "12")).empty());
  CHECK(story.reflector.size() == 0);
  CHECK(story.on(event::WatchEnded{}) == Actions{watch_from("12")});
}

TEST_CASE("an event type from the future is passed over", "[reflector]") {
  Story story = Story::watching("9");
  CHECK(story.on(event::Changed{EventType::unknown, a, "99"}).empty());
  CHECK(story.reflector.version() == "9");
}

TEST_CASE("a silent watch is probed; one that is behind is given a little time and then resumed",
          "[reflector]") {
  Story story = Story::watching("9");
  CHECK(story.after(90s, event::TimerFired{}) == Actions{SendProbe{}});
  CHECK(story.on(event::ProbeAnswered{"30"}) == Actions{story.timer(5s)});
  SECTION("it stays silent") {
    CHECK(story.after(5s, event::TimerFired{}) == Actions{CloseWatch{}, watch_from("9")});
  }
  SECTION("it speaks after all") {
    static_cast<void>(story.after(1s, added(a, "30")));
    story.now += 4s;
    CHECK(story.on(event::TimerFired{}) == Actions{story.timer(86s)});
  }
}

TEST_CASE("a watch with nothing to say is left alone", "[reflector]") {
  Story story = Story::watching("9");
  static_cast<void>(story.after(90s, event::TimerFired{}));
  CHECK(story.on(event::ProbeAnswered{"9"}) == Actions{story.timer(90s)});
}

TEST_CASE("a probe without an answer ends the watch: pause, then resume", "[reflector]") {
  Story story = Story::watching("9");
  static_cast<void>(story.after(90s, event::TimerFired{}));
  CHECK(story.on(event::ProbeFailed{}) == Actions{CloseWatch{}, story.timer(800ms)});
  CHECK(story.after(800ms, event::TimerFired{}) == Actions{watch_from("9")});
}

TEST_CASE("a watch that speaks is never probed", "[reflector]") {
  Story story = Story::watching("9");
  static_cast<void>(story.after(60s, bookmark("10")));
  story.now += 30s;
  CHECK(story.on(event::TimerFired{}) == Actions{story.timer(60s)});
}

TEST_CASE("what comes after it was given up is not acted upon", "[reflector]") {
  Story story = Story::watching("9");
  static_cast<void>(story.on(event::WatchError{FailureKind::server}));
  CHECK(story.on(added(a, "10")).empty());
  CHECK(story.on(event::WatchEnded{}).empty());
  CHECK(story.on(event::ProbeAnswered{"50"}).empty());
  CHECK(story.on(event::PageEnded{"50", {}}).empty());
}
