#include "runner/discovery/pod_label.hpp"

#include <algorithm>
#include <utility>

namespace copse::runner::discovery::pod {
namespace {

bool has_any(const overlord::PodMarks& marks) {
  return std::any_of(marks.begin(), marks.end(), [](const auto& mark) { return mark.has_value(); });
}

}  // namespace

const std::vector<Action>& PodLabel::step(const Event& event, Time now) {
  actions_.clear();
  std::visit([&](const auto& each) { on(each, now); }, event);
  proceed(now);
  return actions_;
}

std::optional<Time> PodLabel::due() const {
  std::optional<Time> first;
  for (const auto& at : {rest_until_, look_at_, withdraw_by_}) {
    if (at) first = std::min(first.value_or(*at), *at);
  }
  return first;
}

void PodLabel::on(const event::Announce& wish, Time) {
  cleared();
  wanted_ = wish.marks;
}

void PodLabel::on(const event::Withdraw&, Time now) {
  wanted_.reset();
  told_.reset();
  renew_ = false;
  is_clearing_ = is_withdrawing_ = true;
  withdraw_by_ = now + withdraw_patience;
  rest_until_.reset();
  look_at_.reset();
}

void PodLabel::on(const event::Cycle&, Time now) {
  if (told_ && now - announced_at_ >= cycle_patience) renew_ = true;
}

void PodLabel::on(const event::Seen& seen, Time) {
  is_asking_ = false;
  failures_ = 0;
  trouble_.reset();
  seen_ = seen.pod;
  if (!told_ || *told_ == seen_->marks) return;
  told_.reset();
  actions_.emplace_back(tell::Lost{"somebody has changed the labels of pod `" + pod_ + "`"});
}

void PodLabel::on(const event::Failed& failure, Time now) {
  is_asking_ = false;
  seen_.reset();
  if (is_clearing_ && failure.kind == kube::FailureKind::not_found) return cleared();
  rest_until_ = pause_.next(now);
  // A patch that does not apply: the pod has changed in between, and is looked at again.
  const bool may_help = kube::recourse(failure.kind) != kube::Recourse::operators;
  if (++failures_ < quiet_failures && may_help) return;
  if (std::exchange(trouble_, failure.kind) == failure.kind) return;
  actions_.emplace_back(tell::Trouble{failure.text});
}

void PodLabel::on(const event::Elapsed&, Time now) {
  const auto is_over = [&](std::optional<Time>& at) {
    if (!at || now < *at) return false;
    at.reset();
    return true;
  };
  (void)is_over(rest_until_);
  if (is_over(look_at_)) seen_.reset();
  if (!is_over(withdraw_by_)) return;
  actions_.emplace_back(tell::Trouble{"the labels of pod `" + pod_ +
                                      "` could not be taken off yet; until then, or until the pod "
                                      "is deleted, they announce a worker"});
  tell_withdrawn();
}

void PodLabel::proceed(Time now) {
  if (is_asking_ || rest_until_ || (!wanted_ && !is_clearing_)) return;
  if (!seen_) return ask(action::Look{});
  if (wanted_ && seen_->marks == *wanted_ && !renew_) return tell_announced(now);
  if (has_any(seen_->marks)) {
    renew_ = false;
    told_.reset();
    return ask(action::Patch{overlord::withdrawing_patch(seen_->marks)});
  }
  if (!wanted_) return cleared();
  ask(action::Patch{overlord::announcing_patch(*wanted_, *seen_)});
}

void PodLabel::ask(Action request) {
  is_asking_ = true;
  look_at_.reset();
  actions_.push_back(std::move(request));
}

void PodLabel::tell_announced(Time now) {
  if (!look_at_) look_at_ = now + look_interval;
  if (told_) return;
  told_ = wanted_;
  announced_at_ = now;
  actions_.emplace_back(tell::Announced{});
}

void PodLabel::cleared() {
  is_clearing_ = false;
  tell_withdrawn();
}

void PodLabel::tell_withdrawn() {
  if (!std::exchange(is_withdrawing_, false)) return;
  withdraw_by_.reset();
  actions_.emplace_back(tell::Withdrawn{});
}

}  // namespace copse::runner::discovery::pod
