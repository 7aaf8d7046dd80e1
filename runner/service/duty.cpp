#include "runner/service/duty.hpp"

#include <utility>

namespace copse::runner::service::duty {
namespace {

using overlord::TaskState;
using What = action::Write::What;

End failure(std::string_view text) {
  return {TaskState::failed, std::string(text), 0};
}

class Step {
 public:
  explicit Step(State& state) : state_(state) {}

  std::vector<Action> take() { return std::move(actions_); }

  void begin() {
    switch (state_.phase) {
      case Phase::deciding:
        announce_running();
        return state_.killed ? close(failure(killed_text)) : act(action::Decide{});
      case Phase::launched:
        announce_running();
        act(action::Launch{});
        if (state_.killed) act(action::Cancel{});
        return;
      case Phase::closed:
        announce_end();
        return act(action::Release{});
      default:
        return;
    }
  }

  void operator()(const event::Assigned&) {
    if (state_.phase != Phase::recording) return act(action::Answer{});
    if (!state_.writing) write(What::acceptance);
  }

  void operator()(const event::Written& written) {
    if (!std::exchange(state_.writing, false)) return;
    const bool durable = written.fault.empty();
    switch (state_.phase) {
      case Phase::recording:
        state_.recorded = durable;
        announce_running();
        act(action::Answer{});
        if (!durable) return closed(failure("not accepted: " + written.fault));
        if (state_.killed) return close(failure(killed_text));
        state_.phase = Phase::deciding;
        return act(action::Decide{});
      case Phase::committing:
        if (state_.killed) return close(failure(killed_text));
        if (!durable) return close(failure("not started: " + written.fault));
        state_.phase = Phase::launched;
        state_.launched = true;
        return act(action::Launch{});
      case Phase::closing:
        announce_end();
        if (durable) return closed(state_.end);
        return;  // Retry comes
      default:
        return;
    }
  }

  void operator()(const event::Decided&) {
    if (state_.phase != Phase::deciding) return;
    if (state_.killed) return close(failure(killed_text));
    state_.phase = Phase::committing;
    write(What::decision);
  }

  void operator()(const event::Refused& refused) {
    if (state_.phase != Phase::deciding) return;
    close(failure(state_.killed ? killed_text : std::string_view(refused.text)));
  }

  void operator()(const event::Located& located) {
    if (state_.phase != Phase::launched || located.location == state_.location) return;
    state_.location = located.location;
    announce_running();
  }

  void operator()(const event::LogBegan&) {
    if (state_.phase == Phase::launched && !state_.has_ended) state_.log_open = true;
  }

  void operator()(const event::LogEnded&) {
    if (!std::exchange(state_.log_open, false)) return;
    if (state_.has_ended && state_.phase == Phase::launched) close(state_.end);
  }

  void operator()(const event::Ended& ended) {
    if (state_.phase != Phase::launched || state_.has_ended) return;
    if (!state_.log_open) return close(ended.end);
    state_.has_ended = true;
    state_.end = ended.end;
    act(action::FinishLog{});
  }

  void operator()(const event::Kill&) {
    if (state_.phase > Phase::launched || std::exchange(state_.killed, true)) return;
    if (state_.phase == Phase::launched) return state_.has_ended ? void() : act(action::Cancel{});
    // Nothing is under way that will come back and find it killed.
    if (state_.phase == Phase::deciding) close(failure(killed_text));
  }

  void operator()(const event::Acknowledged&) {
    if (state_.phase != Phase::closed) return;
    if (state_.recorded) act(action::Write{What::forgotten, {}});
    state_.phase = Phase::done;
    act(action::Forget{});
  }

  void operator()(const event::Retry&) {
    if (state_.phase == Phase::closing && !state_.writing) write(What::end);
  }

 private:
  void act(Action action) { actions_.push_back(std::move(action)); }

  void write(What what) {
    state_.writing = true;
    act(action::Write{what, what == What::end ? state_.end : End{}});
  }

  void announce_running() { act(action::Announce{{TaskState::running, "", -1}, state_.location}); }

  void announce_end() {
    if (std::exchange(state_.announced_end, true)) return;
    act(action::Announce{state_.end, state_.location});
  }

  void close(End end) {
    state_.end = std::move(end);
    state_.phase = Phase::closing;
    write(What::end);
  }

  void closed(End end) {
    state_.end = std::move(end);
    state_.phase = Phase::closed;
    announce_end();
    if (state_.launched) act(action::Release{});
  }

  State& state_;
  std::vector<Action> actions_;
};

}  // namespace

State recovered(Phase phase, bool killed, End end, overlord::TaskLocation location) {
  State state;
  state.phase = phase;
  state.killed = killed;
  state.launched = phase == Phase::launched || phase == Phase::closed;
  state.location = std::move(location);
  state.end = std::move(end);
  return state;
}

std::vector<Action> resume(State& state) {
  Step taken(state);
  taken.begin();
  return taken.take();
}

std::vector<Action> step(State& state, const Event& event) {
  if (state.phase == Phase::done) return {};
  Step taken(state);
  std::visit(taken, event);
  return taken.take();
}

}  // namespace copse::runner::service::duty
