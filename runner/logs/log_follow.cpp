#include "runner/logs/log_follow.hpp"

#include <algorithm>
#include <utility>

namespace copse::runner::logs {

using follow::Actions;
namespace action = follow::action;

Actions LogFollow::begin() {
  return phase_ == Phase::fresh ? open() : Actions{};
}

Actions LogFollow::open() {
  phase_ = Phase::open;
  return {action::Open{log_.since()}};
}

Actions LogFollow::bytes(std::string_view bytes) {
  if (phase_ != Phase::open) return {};
  breaks_ = 0;
  std::string fresh = log_.feed(bytes);
  if (fresh.empty()) return {};
  return {action::Append{std::move(fresh), log_.position()}};
}

Actions LogFollow::closed(std::string_view fault, bool is_final, follow::Time now) {
  if (phase_ != Phase::open) return {};
  log_.cut();
  in_order_ = fault.empty();
  if (in_order_ && has_ended_) return done({});
  if (is_final) return done("the end of the log is missing: " + std::string(fault));
  if (has_ended_ && ++tries_ >= follow::last_tries)
    return done("the end of the log is missing: " + std::string(fault));
  phase_ = Phase::paused;
  if (in_order_) return {action::Wake{now + follow::end_patience}};
  const auto doublings = std::min<std::uint32_t>(breaks_++, 10);
  return {
      action::Wake{now + std::min(follow::first_pause * (1 << doublings), follow::pause_limit)}};
}

Actions LogFollow::pod_ended(follow::Time now) {
  if (std::exchange(has_ended_, true) || phase_ == Phase::done) return {};
  if (phase_ == Phase::fresh) return done({});  // no container ever ran
  if (phase_ == Phase::open) return {};         // the stream will end by itself
  if (in_order_) return done({});
  breaks_ = 0;  // the end of the task waits for it
  return {action::Wake{now}};
}

Actions LogFollow::woke() {
  return phase_ == Phase::paused ? open() : Actions{};
}

Actions LogFollow::done(std::string note) {
  phase_ = Phase::done;
  return {action::Done{std::move(note)}};
}

}  // namespace copse::runner::logs
