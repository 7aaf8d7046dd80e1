#include "runner/job/step.hpp"

#include "runner/job/hold.hpp"

#include <algorithm>
#include <utility>

namespace copse::runner::job {
namespace {

class Step {
 public:
  Step(State& state, Time now, const Rules& rules) : state_(state), now_(now), rules_(rules) {}

  std::vector<Action> take() { return std::move(actions_); }

  void operator()(const event::Begin& begin) {
    if (begin.has_payload && state_.payload == Payload::none) state_.payload = Payload::wanted;
    supply();  // the watch may have shown its Job before
    if (state_.phase != Phase::fresh) return;
    state_.was_placed = begin.was_placed;
    begin.is_resumed ? look_up() : create();
  }

  void operator()(const event::Created& created) {
    if (state_.phase == Phase::creating) placed(created.job, false);
  }

  void operator()(const event::CreateFailed& failed) {
    if (state_.phase != Phase::creating) return;
    switch (recourse_of_create(failed.kind, rules_)) {
      case kube::Recourse::never:
        return launch_failed(failed.text);
      case kube::Recourse::operators:
        return pause(rules_.patience.retry_limit);
      case kube::Recourse::look:
        return look_up();
      case kube::Recourse::later:
        return pause(failed.retry_after);
    }
  }

  void operator()(const event::LookedUp& looked) {
    if (state_.phase != Phase::looking) return;
    using Found = event::LookedUp::Found;
    switch (looked.found) {
      case Found::ours:
        placed(looked.job, looked.end.has_value());
        if (looked.end) (*this)(event::JobSeen{looked.job, false, looked.end});
        return;
      case Found::nothing:
        return state_.cancelled ? cancel_unplaced() : state_.was_placed ? vanished() : create();
      case Found::terminating:
      case Found::unclear:
        return pause(milliseconds{0});
      case Found::foreign:
        return launch_failed(
            "a Job of this name exists that copse did not create; it is left alone");
    }
  }

  void operator()(const event::PayloadCreated&) {
    if (awaits_payload()) supplied();
  }

  void operator()(const event::PayloadFailed& failed) {
    if (!awaits_payload()) return;
    switch (recourse_of_create(failed.kind, rules_)) {
      case kube::Recourse::never:
        return give_up({Reason::launch, failed.text});
      case kube::Recourse::operators:
        return supply_later(rules_.patience.retry_limit);
      case kube::Recourse::look:
        return act(action::LookUpPayload{state_.job});
      case kube::Recourse::later:
        return supply_later(failed.retry_after);
    }
  }

  void operator()(const event::PayloadLookedUp& looked) {
    if (!awaits_payload()) return;
    using Found = event::PayloadLookedUp::Found;
    switch (looked.found) {
      case Found::ours:
        return supplied();
      case Found::foreign:
        return give_up({Reason::launch,
                        "a ConfigMap of its payload's name exists that copse did not create; it is "
                        "left alone"});
      case Found::left:
      case Found::nothing:
      case Found::unclear:
        return supply_later(milliseconds{0});
    }
  }

  void operator()(const event::JobSeen& seen) {
    if (state_.job == Uid{}) {
      if (seen.is_terminating || !awaits_a_job()) return;
      placed(seen.job, seen.end.has_value());
    }
    if (seen.job != state_.job) return;
    if (!seen.end || state_.concluded) return;
    if (evidence().job) return;
    evidence().job = seen.end;
    settle();
  }

  void operator()(const event::JobGone& gone) {
    if (gone.job != state_.job || state_.job == Uid{}) return;
    if (state_.concluded) return forget();
    if (!evidence().job)
      evidence().job = JobEnd{.how = JobEnd::How::gone, .reason = {}, .message = {}};
    if (state_.phase == Phase::stopping) return conclude();
    settle();
  }

  void operator()(const event::PodSeen& seen) {
    if (state_.concluded || state_.phase == Phase::stopping) return;
    if (state_.job == Uid{}) {
      if (!seen.is_terminating) state_.early = std::make_unique<event::PodSeen>(seen);
      return;
    }
    if (seen.job != state_.job) return;
    if (state_.pod == Uid{}) state_.pod = seen.pod;
    if (seen.pod != state_.pod) return;
    if (!seen.node.empty() && !std::exchange(state_.scheduled, true)) {
      act(action::Scheduled{seen.node});
      if (state_.pulled) act(action::Pulled{});
    }
    if (!seen.log.pod.empty() && !std::exchange(state_.started, true))
      act(action::Started{seen.log});
    if (seen.end) {
      locate(seen);
      return pod_ended(*seen.end);
    }
    if (state_.phase != Phase::waiting && state_.phase != Phase::running) return;
    if (seen.is_running) {
      state_.blocked_until = {};
      move(Phase::running);
      return locate(seen);
    }
    if (state_.phase == Phase::waiting) held_up(seen);
  }

  void operator()(const event::Told& told) {
    using What = event::Told::What;
    if (state_.phase != Phase::waiting) return;
    // The watches are not in step: it may come before the pod does.
    const bool about_pod =
        told.about == state_.pod || (state_.pod == Uid{} && told.what == What::pulled);
    const bool about_job = told.what == What::no_pod && told.about == state_.job;
    if (about_job ? state_.pod != Uid{} : !about_pod) return;
    if (told.what == What::no_pod) return blocked(given_up_for_no_pod(told.text));
    if (told.what == What::no_volume) return blocked({Reason::config, told.text});
    if (!std::exchange(state_.pulled, true) && state_.scheduled) act(action::Pulled{});
  }

  void operator()(const event::StatusRead& read) {
    state_.reading = false;
    if (state_.concluded) return;
    evidence().file = read.report;
    if (state_.phase == Phase::settling) settled();
  }

  void operator()(const event::Deleted& deleted) {
    if (!std::exchange(state_.deleting, false)) return;
    if (state_.concluded) return forget();
    if (deleted.is_gone) return conclude();
    state_.stop_by = now_ + rules_.patience.stop;
    wake(state_.stop_by);
  }

  void operator()(const event::DeleteFailed& failed) {
    if (!std::exchange(state_.deleting, false)) return;
    const bool gone =
        failed.kind == kube::FailureKind::not_found || failed.kind == kube::FailureKind::conflict;
    const auto recourse = kube::recourse(failed.kind);
    const bool is_final = recourse == kube::Recourse::never ||
                          (rules_.forbidden_is_final && recourse == kube::Recourse::operators);
    if (gone || is_final) {
      return state_.concluded ? forget() : conclude();
    }
    wake(now_ + pause_length(milliseconds{0}));
  }

  void operator()(const event::Woke&) {
    switch (state_.phase) {
      case Phase::pausing:
        return state_.cancelled || state_.was_placed ? look_up() : create();
      case Phase::waiting:
        if (state_.blocked_until != Time{} && now_ >= state_.blocked_until)
          return give_up(evidence().given_up.value());
        if (now_ >= state_.start_by)
          return give_up({Reason::start_timeout, "the pod did not start in time"});
        if (state_.payload == Payload::refused && now_ >= state_.payload_at) {
          state_.payload = Payload::wanted;
          supply();
        }
        return wake_for_pod();
      case Phase::settling:
        return look_again();
      case Phase::stopping:
        if (state_.stop_by == Time{} || state_.deleting) return remove();
        return now_ >= state_.stop_by ? conclude() : wake(state_.stop_by);
      case Phase::removing:
        return remove();
      default:
        return;
    }
  }

  void operator()(const event::Cancel&) {
    switch (state_.phase) {
      case Phase::fresh:
        return cancel_unplaced();
      case Phase::creating:
      case Phase::looking:
      case Phase::pausing:
        state_.cancelled = true;
        return;
      case Phase::waiting:
      case Phase::running:
      case Phase::ending:
        return give_up({Reason::cancelled, "cancelled"});
      default:
        return;
    }
  }

  void operator()(const event::Release&) {
    if (state_.phase != Phase::held) return;
    move(Phase::removing);
    remove();
  }

 private:
  Evidence& evidence() {
    if (!state_.evidence) state_.evidence = std::make_unique<Evidence>();
    return *state_.evidence;
  }

  void act(Action action) { actions_.push_back(std::move(action)); }

  void wake(Time at) { act(action::Wake{at}); }

  void move(Phase phase) {
    if (state_.phase == phase) return;
    state_.phase = phase;
    act(action::Moved{phase});
  }

  // A watch may show our Job before the answer to its creation comes, or one from before a restart.
  [[nodiscard]] bool awaits_a_job() const {
    return state_.phase == Phase::fresh || state_.phase == Phase::creating ||
           state_.phase == Phase::looking || state_.phase == Phase::pausing;
  }

  void create() {
    move(Phase::creating);
    act(action::Create{});
  }

  void look_up() {
    move(Phase::looking);
    act(action::LookUp{});
  }

  milliseconds pause_length(milliseconds at_least) {
    const auto doublings = std::min<std::uint8_t>(state_.refusals, 10);
    state_.refusals = static_cast<std::uint8_t>(std::min(state_.refusals + 1, 255));
    return std::max(
        at_least, std::min(rules_.patience.retry * (1 << doublings), rules_.patience.retry_limit));
  }

  // After a pause the Job is created again under its name: if the refused request was carried out
  // after all, the answer is a 409, which is looked into.
  void pause(milliseconds at_least) {
    if (state_.cancelled) return cancel_unplaced();
    move(Phase::pausing);
    wake(now_ + pause_length(at_least));
  }

  // Also of a pod that has come and gone between two looks: where it ran is worth to know.
  void locate(const event::PodSeen& seen) {
    if (!seen.place.ip.empty() && !std::exchange(state_.located, true))
      act(action::Located{seen.place});
  }

  // The pod can wait, so the payload comes when the Job is known to be there, and while nothing
  // shows that the pod has it.
  void supply() {
    if (state_.phase != Phase::waiting || state_.payload != Payload::wanted) return;
    state_.payload = Payload::asked;
    act(action::CreatePayload{state_.job});
  }

  // An answer about the payload matters only while the pod may wait for it.
  [[nodiscard]] bool awaits_payload() const {
    return state_.phase == Phase::waiting && state_.payload == Payload::asked;
  }

  void supplied() {
    state_.payload = Payload::there;
    state_.refusals = 0;
  }

  void supply_later(milliseconds at_least) {
    state_.payload = Payload::refused;
    state_.payload_at = now_ + pause_length(at_least);
    wake_for_pod();
  }

  void placed(Uid job, bool has_ended) {
    state_.job = job;
    state_.refusals = 0;
    state_.start_by = now_ + rules_.patience.start;
    move(Phase::waiting);
    const auto early = std::exchange(state_.early, nullptr);
    if (state_.cancelled) return give_up({Reason::cancelled, "cancelled"});
    wake_for_pod();
    if (early) (*this)(*early);
    if (!has_ended) supply();
  }

  void wake_for_pod() {
    Time at = state_.start_by;
    if (state_.blocked_until != Time{}) at = std::min(at, state_.blocked_until);
    if (state_.payload == Payload::refused) at = std::min(at, state_.payload_at);
    wake(at);
  }

  void held_up(const event::PodSeen& seen) {
    const HoldRow* row = find_hold(seen.waiting_reason);
    if (row == nullptr || row->hold == Hold::place) {
      // Unschedulable may heal (an autoscaler); only the start's own limit ends it, with this
      // reason.
      state_.blocked_until = {};
      if (state_.evidence) state_.evidence->given_up.reset();
      if (row != nullptr) blocked(given_up_for(*row, seen.waiting_reason, seen.waiting_message));
      return;
    }
    GivenUp why = given_up_for(*row, seen.waiting_reason, seen.waiting_message);
    if (row->hold == Hold::at_once) return give_up(std::move(why));
    blocked(std::move(why));
    if (state_.blocked_until != Time{}) return;
    state_.blocked_until =
        now_ + (row->hold == Hold::image ? rules_.patience.image : rules_.patience.config);
    wake_for_pod();
  }

  // What is said of the task if it does not start in time.
  void blocked(GivenUp why) {
    const bool is_news = std::exchange(state_.blocked_by, why.reason) != why.reason;
    evidence().given_up = std::move(why);
    if (is_news) act(action::Blocked{*evidence().given_up});
  }

  // Ends a task that has a Job: nothing is concluded before the server has taken the deletion.
  void give_up(GivenUp why) {
    const bool is_known =
        state_.evidence && state_.evidence->given_up && why.reason == Reason::start_timeout;
    if (!is_known) evidence().given_up = std::move(why);
    move(Phase::stopping);
    remove();
  }

  void remove() {
    if (state_.deleting) return;
    state_.deleting = true;
    act(action::Delete{state_.job, state_.phase == Phase::stopping});
  }

  void pod_ended(const PodEnd& end) {
    if (!evidence().pod) {
      evidence().pod = end;
      evidence().given_up.reset();
    }
    if (state_.phase == Phase::settling) return settled();
    move(Phase::ending);
    read_status();
  }

  void read_status() {
    if (state_.reading) return;
    state_.reading = true;
    act(action::ReadStatus{});
  }

  // The Job has ended. A status that was read early, when the pod ended, is enough.
  void settle() {
    if (state_.phase == Phase::stopping) return;
    if (state_.evidence) state_.evidence->given_up.reset();
    move(Phase::settling);
    state_.looks = 0;
    look_again();
  }

  // The task's own word.
  [[nodiscard]] bool has_told() {
    return evidence().file.state == StatusReport::State::read ||
           (evidence().pod && evidence().pod->message.state == StatusReport::State::read);
  }

  // The watches are not in step: what a pod tells, its place and its log too, may come after its
  // Job's end.
  [[nodiscard]] bool knows_its_pod() {
    return evidence().pod || (evidence().job && evidence().job->how == JobEnd::How::gone);
  }

  void look_again() {
    evidence().file.state == StatusReport::State::read ? settled() : read_status();
  }

  void settled() {
    if (has_told() && knows_its_pod()) return conclude();
    if (state_.reading) return;
    if (++state_.looks >= rules_.patience.status_looks) return conclude();
    wake(now_ + rules_.patience.status_retry);
  }

  void launch_failed(std::string text) {
    evidence().given_up = GivenUp{Reason::launch, std::move(text)};
    conclude();
  }

  // It had a Job, and it is not there any more: what became of the task only its status can tell.
  void vanished() {
    evidence().job = JobEnd{.how = JobEnd::How::gone, .reason = {}, .message = {}};
    settle();
  }

  void cancel_unplaced() {
    evidence().given_up =
        GivenUp{Reason::cancelled,
                state_.was_placed ? "cancelled" : "cancelled before its Job was created"};
    conclude();
  }

  void conclude() {
    if (state_.concluded) return;
    state_.concluded = true;
    act(action::Conclude{judge(evidence(), rules_.exit_codes)});
    const bool nothing_left = state_.job == Uid{} || state_.phase == Phase::stopping ||
                              rules_.keep_jobs ||
                              (evidence().job && evidence().job->how == JobEnd::How::gone);
    state_.evidence.reset();
    state_.early.reset();
    if (nothing_left) return forget();
    state_.refusals = 0;
    if (rules_.hold_until_released) return move(Phase::held);
    move(Phase::removing);
    remove();
  }

  void forget() {
    if (state_.phase == Phase::done) return;
    move(Phase::done);
    act(action::Forget{});
  }

  State& state_;
  Time now_;
  const Rules& rules_;
  std::vector<Action> actions_;
};

}  // namespace

kube::Recourse recourse_of_create(kube::FailureKind kind, const Rules& rules) {
  using kube::FailureKind;
  const kube::Recourse recourse = kube::recourse(kind);
  const bool needs_right =
      recourse == kube::Recourse::operators || kind == FailureKind::unauthorized;
  if (kind == FailureKind::not_found || (rules.forbidden_is_final && needs_right))
    return kube::Recourse::never;
  return recourse;
}

std::vector<Action> step(State& state, const Event& event, Time now, const Rules& rules) {
  if (state.phase == Phase::done) return {};
  Step taken(state, now, rules);
  std::visit(taken, event);
  return taken.take();
}

}  // namespace copse::runner::job
