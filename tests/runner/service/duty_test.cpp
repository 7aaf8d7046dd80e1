// What copse owes the Overlord, over all short histories.
#include "runner/service/duty.hpp"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace copse::runner::service::duty;
using copse::runner::overlord::TaskState;

namespace {

using What = action::Write::What;

const End success{TaskState::success, "", 5};

// Everything that can happen to a task.
const std::vector<std::pair<std::string, Event>> happenings{
    {"assigned", event::Assigned{}},
    {"written", event::Written{}},
    {"unwritten", event::Written{"the disk is full"}},
    {"decided", event::Decided{}},
    {"refused", event::Refused{"rule `x` fails it"}},
    {"located", event::Located{{"10.0.0.1", 8100, -1, "a-pod"}}},
    {"log begins", event::LogBegan{}},
    {"log ends", event::LogEnded{}},
    {"ended", event::Ended{success}},
    {"kill", event::Kill{}},
    {"acknowledged", event::Acknowledged{}},
    {"retry", event::Retry{}}};

// Watches the actions of one history and says which promise is broken first.
class Witness {
 public:
  std::string see(const Event& event, const std::vector<Action>& actions) {
    if (const auto* written = std::get_if<event::Written>(&event); written != nullptr && writing_) {
      writing_ = false;
      durable_ = written->fault.empty();
      if (last_ == What::acceptance) recorded_ = true;
      if (last_ == What::decision) decision_durable_ = durable_;
      if (last_ == What::end) end_durable_ = durable_;
    }
    if (std::holds_alternative<event::LogBegan>(event) && launched_ && !judged_) log_open_ = true;
    if (std::holds_alternative<event::LogEnded>(event)) log_open_ = false;
    if (std::holds_alternative<event::Ended>(event) && launched_) judged_ = true;
    if (std::holds_alternative<event::Kill>(event) && !launched_) killed_before_launch_ = true;
    for (const Action& action : actions) std::visit([&](const auto& a) { saw(a); }, action);
    return broken_;
  }

  [[nodiscard]] bool is_writing() const { return writing_; }

  [[nodiscard]] bool has_forgotten() const { return forgotten_; }

  [[nodiscard]] bool has_announced_end() const { return ended_; }

 private:
  void must(bool holds, const char* promise) {
    if (!holds && broken_.empty()) broken_ = promise;
  }

  void saw(const action::Write& write) {
    if (write.what == What::forgotten) return;
    must(!writing_, "one write at a time");
    writing_ = true;
    last_ = write.what;
  }

  void saw(const action::Answer&) { must(recorded_, "answered only once the write has ended"); }

  void saw(const action::Decide&) {
    must(durable_ && !decided_, "decided once, when durable");
    decided_ = true;
  }

  void saw(const action::Launch&) {
    must(decision_durable_, "launched only when the decision is durable");
    must(!launched_, "launched once");
    must(!killed_before_launch_, "a killed task is not launched");
    launched_ = true;
  }

  void saw(const action::FinishLog&) { must(log_open_ && judged_, "only an open log is finished"); }

  void saw(const action::Cancel&) { must(launched_, "only what was launched is cancelled"); }

  void saw(const action::Announce& announce) {
    must(!ended_, "nothing is announced after the end");
    if (announce.end.state == TaskState::running) {
      must(recorded_, "running is announced once the write has ended");
    } else {
      ended_ = true;
      must(!log_open_, "the end is announced when the log is whole");
      if (killed_before_launch_)
        must(announce.end.state == TaskState::failed, "a killed task fails");
      must(announce.end.state == TaskState::success || !announce.end.text.empty(),
           "a failure has a reason");
    }
  }

  void saw(const action::Release&) {
    must(launched_ && end_durable_ && !released_, "released once, when the end is durable");
    released_ = true;
  }

  void saw(const action::Forget&) {
    must(ended_ && !forgotten_, "forgotten once, after its end");
    forgotten_ = true;
  }

  std::string broken_;
  What last_ = What::acceptance;
  bool writing_ = false;
  bool durable_ = false;
  bool recorded_ = false;
  bool decided_ = false;
  bool decision_durable_ = false;
  bool end_durable_ = false;
  bool launched_ = false;
  bool killed_before_launch_ = false;
  bool ended_ = false;
  bool released_ = false;
  bool forgotten_ = false;
  bool log_open_ = false;
  bool judged_ = false;
};

// What a world in which all goes well does next.
Event next_good(const State& state) {
  if (state.writing) return event::Written{};
  switch (state.phase) {
    case Phase::recording:
      return event::Assigned{};
    case Phase::deciding:
      return event::Decided{};
    case Phase::launched:
      return state.has_ended ? Event(event::LogEnded{}) : Event(event::Ended{success});
    case Phase::closing:
      return event::Retry{};
    default:
      return event::Acknowledged{};
  }
}

void histories(const State& state, const Witness& witness, const std::string& path, int left,
               std::size_t& seen) {
  ++seen;
  // From here on all goes well: the task must end, and be forgotten.
  State good = state;
  Witness well = witness;
  std::string broken;
  for (int i = 0; i < 12 && good.phase != Phase::done; ++i) {
    const Event event = next_good(good);
    const auto actions = step(good, event);
    broken = well.see(event, actions);
    if (!broken.empty()) break;
  }
  if (!broken.empty() || !well.has_forgotten() || !well.has_announced_end())
    FAIL(path << ", then all well: " << (broken.empty() ? "it never ends" : broken));
  if (left == 0) return;
  for (const auto& [name, event] : happenings) {
    State next = state;
    Witness look = witness;
    const auto actions = step(next, event);
    broken = look.see(event, actions);
    if (!broken.empty()) FAIL(path << " " << name << ": " << broken);
    histories(next, look, path + " " + name, left - 1, seen);
  }
}

}  // namespace

TEST_CASE("whatever happens to a task in whatever order, what is owed is kept", "[duty]") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr int length = 5;
  constexpr std::size_t at_least = 100'000;
#else
  constexpr int length = 6;
  constexpr std::size_t at_least = 1'000'000;
#endif
  std::size_t seen = 0;
  histories(State{}, Witness{}, "", length, seen);
  CHECK(seen > at_least);
}

TEST_CASE("a task that cannot be written is answered, announced as failed and never started",
          "[duty]") {
  State state;
  CHECK(step(state, event::Assigned{}) == std::vector<Action>{action::Write{What::acceptance, {}}});
  CHECK(step(state, event::Written{"the disk is full"}) ==
        std::vector<Action>{
            action::Announce{{TaskState::running, "", -1}, {}}, action::Answer{},
            action::Announce{{TaskState::failed, "not accepted: the disk is full", 0}, {}}});
  CHECK(step(state, event::Acknowledged{}) == std::vector<Action>{action::Forget{}});
}

TEST_CASE("a task is assigned twice and runs once", "[duty]") {
  State state;
  CHECK_FALSE(step(state, event::Assigned{}).empty());
  CHECK(step(state, event::Assigned{}).empty());
  CHECK_FALSE(step(state, event::Written{}).empty());
  CHECK(step(state, event::Assigned{}) == std::vector<Action>{action::Answer{}});
  CHECK(state.phase == Phase::deciding);
}

TEST_CASE(
    "an end that cannot be written is announced all the same, and its Job is kept until it is",
    "[duty]") {
  State state = recovered(Phase::launched, false, {}, {});
  CHECK(step(state, event::Ended{success}) ==
        std::vector<Action>{action::Write{What::end, success}});
  CHECK(step(state, event::Written{"the disk is full"}) ==
        std::vector<Action>{action::Announce{success, {}}});
  CHECK(step(state, event::Retry{}) == std::vector<Action>{action::Write{What::end, success}});
  CHECK(step(state, event::Written{}) == std::vector<Action>{action::Release{}});
}

TEST_CASE("after a restart each task goes on where the journal left it", "[duty]") {
  const auto resumed = [](Phase phase, bool killed, End end) {
    State state = recovered(phase, killed, std::move(end), {"10.0.0.1", 8100, -1, "p"});
    return std::pair(resume(state), state.phase);
  };
  const copse::runner::overlord::TaskLocation place{"10.0.0.1", 8100, -1, "p"};
  const action::Announce running{{TaskState::running, "", -1}, place};
  CHECK(resumed(Phase::deciding, false, {}).first ==
        std::vector<Action>{running, action::Decide{}});
  CHECK(resumed(Phase::deciding, true, {}).second == Phase::closing);
  CHECK(resumed(Phase::launched, false, {}).first ==
        std::vector<Action>{running, action::Launch{}});
  CHECK(resumed(Phase::launched, true, {}).first ==
        std::vector<Action>{running, action::Launch{}, action::Cancel{}});
  CHECK(resumed(Phase::closed, false, success).first ==
        std::vector<Action>{action::Announce{success, place}, action::Release{}});
}
