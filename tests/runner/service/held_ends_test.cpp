#include "runner/service/held_ends.hpp"

#include "runner/service/wakes.hpp"

#include <catch2/catch.hpp>

using namespace copse::runner;
using namespace copse::runner::service;
using namespace std::chrono_literals;

namespace {

constexpr job::Time start{1h};
constexpr PodWatch broken{.has_begun = true, .has_listed = true, .open_since = std::nullopt};
constexpr PodWatch reopened{.has_begun = true, .has_listed = true, .open_since = start};

HeldEnd end_of(std::uint32_t task, job::Time since) {
  return {TaskIndex{task}, 7, {}, since};
}

std::vector<std::uint32_t> numbers(const std::vector<HeldEnd>& ends) {
  std::vector<std::uint32_t> all;
  for (const HeldEnd& end : ends) all.push_back(static_cast<std::uint32_t>(end.task));
  return all;
}

using Numbers = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("before tasks begin, the list of pods says all there is", "[runner]") {
  CHECK_FALSE(PodWatch{}.shows_pods(start));
  CHECK(PodWatch{.has_listed = true}.shows_pods(start));
}

TEST_CASE("a watch of pods counts once it has been open for as long as an event may lag",
          "[runner]") {
  CHECK_FALSE(broken.shows_pods(start));
  CHECK_FALSE(reopened.shows_pods(start));
  CHECK_FALSE(reopened.shows_pods(start + pods_catch_up - 1ms));
  CHECK(reopened.shows_pods(start + pods_catch_up));
}

TEST_CASE("ends wait together for the watch of pods, and are judged in the order they came",
          "[runner]") {
  HeldEnds ends;
  ends.hold(end_of(2, start));
  ends.hold(end_of(1, start + 1ms));
  CHECK(ends.due(broken, start + 2s).empty());
  CHECK(ends.due(reopened, start + 999ms).empty());
  const auto judged = ends.due(reopened, start + 1s);
  CHECK(numbers(judged) == Numbers{2, 1});
  CHECK(judged.front().generation == 7);
  CHECK(ends.empty());
}

TEST_CASE("while pods cannot be seen an end waits no longer than its limit", "[runner]") {
  HeldEnds ends;
  ends.hold(end_of(1, start));
  ends.hold(end_of(2, start + 1s));
  ends.hold(end_of(3, start + 2s));
  CHECK(ends.due(broken, start + held_end_limit - 1ms).empty());
  CHECK(numbers(ends.due(broken, start + held_end_limit + 1s)) == Numbers{1, 2});
  CHECK_FALSE(ends.empty());
  CHECK(numbers(ends.due(broken, start + held_end_limit + 2s)) == Numbers{3});
  CHECK(ends.empty());
}

TEST_CASE(
    "a Job that has ended when it is looked up waits for the watch of pods like one that is seen",
    "[runner]") {
  using Found = job::event::LookedUp::Found;
  const job::JobEnd complete{.how = job::JobEnd::How::complete, .reason = {}, .message = {}};
  const kube::Uid uid = kube::parse_uid("11111111111111111111111111111111");

  job::event::LookedUp looked{Found::ours, uid, complete};
  const auto held = end_to_hold(looked, broken, start);
  REQUIRE(held);
  CHECK(held->job == uid);
  CHECK(held->end == complete);
  CHECK(looked.found == Found::ours);
  CHECK_FALSE(looked.end);

  looked.end = complete;
  CHECK_FALSE(end_to_hold(looked, reopened, start + pods_catch_up));
  CHECK(looked.end);
}

TEST_CASE("a Job that runs, or is another's, has no end to wait with", "[runner]") {
  using Found = job::event::LookedUp::Found;
  job::event::LookedUp runs{Found::ours, {}, {}};
  job::event::LookedUp foreign{Found::foreign, {}, job::JobEnd{}};
  CHECK_FALSE(end_to_hold(runs, broken, start));
  CHECK_FALSE(end_to_hold(foreign, broken, start));
}
