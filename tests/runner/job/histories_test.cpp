// All short histories: whatever the world sends, in whatever order, the promises of the machine
// hold.
#include "runner/job/step.hpp"
#include "tests/runner/job/story.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace copse::tests;
using namespace std::chrono_literals;
using copse::runner::job::Action;
using copse::runner::job::Event;
using copse::runner::job::Phase;
using copse::runner::job::Rules;
using copse::runner::job::State;
using copse::runner::kube::FailureKind;
namespace action = copse::runner::job::action;

namespace {

// What a history has shown so far; refuses events that no world can send (an answer nobody waits
// for).
struct Witness {
  bool create_open = false;
  bool look_open = false;
  bool payload_open = false;
  bool payload_wanted = false;
  bool read_open = false;
  bool delete_open = false;
  bool job_known = false;
  bool begun = false;
  bool was_placed = false;
  bool holds = false;  // the rule that a Job stays until Release
  bool released = false;
  std::uint32_t conclusions = 0;
  std::string broken;

  bool possible(const Event& event) const {
    if (std::holds_alternative<event::Created>(event) ||
        std::holds_alternative<event::CreateFailed>(event))
      return create_open;
    if (std::holds_alternative<event::LookedUp>(event)) return look_open;
    if (is_about_payload(event)) return payload_open;
    if (std::holds_alternative<event::StatusRead>(event)) return read_open;
    if (std::holds_alternative<event::Deleted>(event) ||
        std::holds_alternative<event::DeleteFailed>(event))
      return delete_open;
    return true;
  }

  static bool is_about_payload(const Event& event) {
    return std::holds_alternative<event::PayloadCreated>(event) ||
           std::holds_alternative<event::PayloadFailed>(event) ||
           std::holds_alternative<event::PayloadLookedUp>(event);
  }

  void see(const Event& event) {
    if (is_about_payload(event)) payload_open = false;
    if (const auto* begin = std::get_if<event::Begin>(&event); begin != nullptr)
      payload_wanted = payload_wanted || begin->has_payload;
    if (const auto* begin = std::get_if<event::Begin>(&event); begin != nullptr && !begun) {
      begun = true;
      was_placed = begin->was_placed;
    }
    released = released || (conclusions > 0 && std::holds_alternative<event::Release>(event));
    if (std::holds_alternative<event::Created>(event) ||
        std::holds_alternative<event::CreateFailed>(event))
      create_open = false;
    if (std::holds_alternative<event::LookedUp>(event)) look_open = false;
    if (std::holds_alternative<event::StatusRead>(event)) read_open = false;
    if (std::holds_alternative<event::Deleted>(event) ||
        std::holds_alternative<event::DeleteFailed>(event))
      delete_open = false;
  }

  void see(const Action& done, const State& state) {
    job_known = job_known || state.job != copse::runner::kube::Uid{};
    if (std::holds_alternative<action::Create>(done)) {
      expect(!create_open && !look_open, "two requests about the Job at once");
      expect(!job_known, "created again after the Job was seen");
      expect(conclusions == 0, "created after the end");
      expect(!was_placed, "created again after a restart");
      create_open = true;
    } else if (std::holds_alternative<action::LookUp>(done)) {
      expect(!create_open && !look_open, "two requests about the Job at once");
      look_open = true;
    } else if (const auto* create = std::get_if<action::CreatePayload>(&done)) {
      expect_payload(create->job, state);
    } else if (const auto* look = std::get_if<action::LookUpPayload>(&done)) {
      expect_payload(look->job, state);
    } else if (std::holds_alternative<action::ReadStatus>(done)) {
      expect(!read_open, "two reads at once");
      read_open = true;
    } else if (const auto* remove = std::get_if<action::Delete>(&done)) {
      expect(!delete_open, "two deletions at once");
      expect(remove->job == state.job && remove->job != copse::runner::kube::Uid{},
             "deleted without its uid");
      expect(!holds || conclusions == 0 || released, "deleted before its end was recorded");
      delete_open = true;
    } else if (std::holds_alternative<action::Conclude>(done)) {
      ++conclusions;
      expect(conclusions == 1, "concluded twice");
    } else if (std::holds_alternative<action::Forget>(done)) {
      expect(conclusions == 1, "forgotten before the end");
    }
  }

  void expect_payload(copse::runner::kube::Uid of, const State& state) {
    expect(!payload_open, "two requests about the payload at once");
    expect(payload_wanted, "a payload that nobody has");
    expect(of == state.job && of != copse::runner::kube::Uid{}, "a payload without its Job");
    expect(conclusions == 0, "a payload after the end");
    payload_open = true;
  }

  void expect(bool good, const char* what) {
    if (!good && broken.empty()) broken = what;
  }
};

// With a payload the alphabet is another one: together they would make too many histories.
const std::vector<Event>& alphabet(bool has_payload = false) {
  using Found = event::PayloadLookedUp::Found;
  static const std::vector<Event> with_payload{
      event::Begin{.has_payload = true},
      event::Begin{.is_resumed = true, .was_placed = true, .has_payload = true},
      event::Created{job_uid},
      event::LookedUp{event::LookedUp::Found::ours, job_uid, {}},
      event::PayloadCreated{},
      event::PayloadFailed{FailureKind::already_exists, "", 0ms},
      event::PayloadFailed{FailureKind::throttled, "", 0ms},
      event::PayloadFailed{FailureKind::invalid, "", 0ms},
      event::PayloadLookedUp{Found::ours},
      event::PayloadLookedUp{Found::left},
      event::PayloadLookedUp{Found::foreign},
      event::JobSeen{job_uid, false, {}},
      job_failed("DeadlineExceeded"),
      event::JobGone{job_uid},
      pod_running(),
      pod_waits("ErrImagePull"),
      pod_ended(0),
      status(true),
      event::Deleted{},
      event::DeleteFailed{FailureKind::not_found},
      event::Woke{},
      event::Cancel{}};
  if (has_payload) return with_payload;
  static const std::vector<Event> events{
      event::Begin{},
      event::Begin{.is_resumed = true, .was_placed = false},
      event::Begin{.is_resumed = true, .was_placed = true},
      event::Release{},
      event::Created{job_uid},
      event::CreateFailed{FailureKind::already_exists, "", 0ms},
      event::CreateFailed{FailureKind::throttled, "", 0ms},
      event::CreateFailed{FailureKind::invalid, "", 0ms},
      event::LookedUp{event::LookedUp::Found::ours, job_uid, {}},
      event::LookedUp{event::LookedUp::Found::nothing, {}, {}},
      event::LookedUp{event::LookedUp::Found::foreign, other_job_uid, {}},
      event::JobSeen{job_uid, false, {}},
      job_complete(),
      job_failed("DeadlineExceeded"),
      event::JobSeen{other_job_uid, false, {}},
      event::JobGone{job_uid},
      pod_running(),
      pod_waits("ErrImagePull"),
      pod_waits("InvalidImageName"),
      no_pod("exceeded quota"),
      pod_ended(0),
      status(true),
      no_status(),
      event::Deleted{},
      event::DeleteFailed{FailureKind::server},
      event::DeleteFailed{FailureKind::not_found},
      event::Woke{},
      event::Cancel{}};
  return events;
}

State copy(const State& state) {
  State made;
  made.phase = state.phase;
  made.reading = state.reading;
  made.deleting = state.deleting;
  made.concluded = state.concluded;
  made.cancelled = state.cancelled;
  made.was_placed = state.was_placed;
  made.payload = state.payload;
  made.payload_at = state.payload_at;
  made.scheduled = state.scheduled;
  made.pulled = state.pulled;
  made.started = state.started;
  made.blocked_by = state.blocked_by;
  made.located = state.located;
  made.looks = state.looks;
  made.refusals = state.refusals;
  made.job = state.job;
  made.pod = state.pod;
  made.start_by = state.start_by;
  made.blocked_until = state.blocked_until;
  made.stop_by = state.stop_by;
  if (state.evidence)
    made.evidence = std::make_unique<copse::runner::job::Evidence>(*state.evidence);
  if (state.early) made.early = std::make_unique<event::PodSeen>(*state.early);
  return made;
}

struct Walker {
  const std::vector<Event>& events = alphabet();
  Rules rules = {};
  std::uint64_t histories = 0;
  std::uint64_t ended = 0;
  std::string broken = {};

  void walk(const State& state, const Witness& witness, copse::runner::job::Time now, int depth,
            const std::string& path) {
    for (std::size_t e = 0; e < events.size() && broken.empty(); ++e) {
      const Event& event = events[e];
      if (!witness.possible(event)) continue;
      State next = copy(state);
      Witness seen = witness;
      seen.see(event);
      // Each step is an hour later: every patience is over when the machine is woken.
      const auto time = now + 1h;
      for (const Action& done : copse::runner::job::step(next, event, time, rules))
        seen.see(done, next);
      ++histories;
      ended += next.phase == Phase::done ? 1U : 0U;
      const std::string here = path + " " + std::to_string(e);
      if (!seen.broken.empty()) broken = seen.broken + " after" + here;
      if (depth > 1 && next.phase != Phase::done) walk(next, seen, time, depth - 1, here);
    }
  }
};

}  // namespace

TEST_CASE("no short history breaks a promise of the machine", "[runner]") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr int depth = 4;
  constexpr std::uint64_t least_histories = 20'000;
#else
  constexpr int depth = 5;
  constexpr std::uint64_t least_histories = 250'000;
#endif
  for (const auto& [keep, hold] : {std::pair{false, false}, {true, false}, {false, true}}) {
    Walker walker;
    walker.rules.keep_jobs = keep;
    walker.rules.hold_until_released = hold;
    Witness witness;
    witness.holds = hold;
    walker.walk({}, witness, copse::runner::job::Time{1h}, depth, "");
    CHECK(walker.broken == "");
    CHECK(walker.histories > least_histories);
    CHECK(walker.ended > 500);
  }
}

TEST_CASE("no short history of a task with a payload breaks a promise", "[runner]") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr int depth = 5;
  constexpr std::uint64_t least_histories = 20'000;
#else
  constexpr int depth = 6;
  constexpr std::uint64_t least_histories = 250'000;
#endif
  Walker walker{alphabet(true)};
  walker.walk({}, {}, copse::runner::job::Time{1h}, depth, "");
  CHECK(walker.broken == "");
  CHECK(walker.histories > least_histories);
  CHECK(walker.ended > 500);
}

TEST_CASE("from every short history a task comes to its end once the world answers kindly",
          "[runner]") {
  // Kind: each request is answered well, the Job ends, the status says success, time passes.
  Rules rules;
  rules.hold_until_released = GENERATE(false, true);
  const event::Begin begin{.is_resumed = GENERATE(false, true),
                           .was_placed = GENERATE(false, true),
                           .has_payload = GENERATE(false, true)};
  const auto& events = alphabet(begin.has_payload);
  for (std::size_t a = 0; a < events.size(); ++a) {
    for (std::size_t b = 0; b < events.size(); ++b) {
      State state;
      Witness witness;
      copse::runner::job::Time now{1h};
      const auto feed = [&](const Event& event) {
        if (!witness.possible(event)) return;
        witness.see(event);
        now += 1h;
        for (const Action& done : copse::runner::job::step(state, event, now, rules))
          witness.see(done, state);
      };
      feed(begin);
      feed(events[a]);
      feed(events[b]);
      for (int round = 0; round < 8 && state.phase != Phase::done; ++round) {
        feed(event::Created{job_uid});
        feed(event::LookedUp{event::LookedUp::Found::ours, job_uid, {}});
        feed(event::PayloadCreated{});
        feed(event::Woke{});
        feed(event::JobSeen{state.job == copse::runner::kube::Uid{} ? job_uid : state.job, false,
                            copse::runner::job::JobEnd{}});
        feed(status(true));
        feed(event::Release{});
        feed(event::Deleted{.is_gone = true});
      }
      INFO("events " << a << " and " << b);
      CHECK(state.phase == Phase::done);
      CHECK(witness.conclusions == 1);
    }
  }
}
