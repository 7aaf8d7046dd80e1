#include "runner/discovery/zk_session.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace copse::runner::discovery::zk {
namespace {

std::string seconds(milliseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

const std::vector<Action>& Session::step(const Event& event, Time now) {
  actions_.clear();
  std::visit([&](const auto& each) { on(each, now); }, event);
  proceed(now);
  return actions_;
}

std::optional<Time> Session::due() const {
  std::optional<Time> first;
  for (const auto& at : {rest_until_, doubt_at_, lost_at_, withdraw_by_}) {
    if (at) first = std::min(first.value_or(*at), *at);
  }
  return first;
}

void Session::on(const event::Start&, Time now) {
  open(now);
}

void Session::on(const event::Announce& wish, Time) {
  if (is_withdrawing_) tell_withdrawn();
  path_ = wish.path;
  wanted_ = wish.document;
}

void Session::on(const event::Withdraw&, Time now) {
  wanted_.reset();
  renew_ = false;
  was_announced_ = false;
  is_told_ = false;
  is_withdrawing_ = true;
  withdraw_by_ = now + withdraw_patience;
  if (is_open_) rest_until_.reset();
}

void Session::on(const event::Cycle&, Time now) {
  if (is_told_ && now - announced_at_ >= cycle_patience) renew_ = true;
}

void Session::on(const event::Connected& now_with, Time) {
  is_connected_ = true;
  doubt_at_.reset();
  lost_at_.reset();
  rest_until_.reset();
  timeout_ = now_with.timeout;
  if (session_ != now_with.session) {
    forget_session();
    session_ = now_with.session;
  } else {
    znode_ = Znode::unknown;
  }
}

void Session::on(const event::Disconnected&, Time now) {
  if (!std::exchange(is_connected_, false)) return;
  if (is_told_) lost_at_ = now + timeout_;
  doubt_at_ = now + connect_patience;
}

void Session::on(const event::Ended& end, Time now) {
  is_open_ = is_connected_ = false;
  forget_session();
  doubt_at_.reset();
  lost_at_.reset();
  tell_lost(end.why);
  actions_.emplace_back(action::Close{});
  if (end.is_expired) return;  // and opens again at once
  tell_trouble(end.why);
  rest_until_ = pause_.next(now);
}

void Session::on(const event::Answered& answer, Time now) {
  const Asked asked = std::exchange(asked_, Asked::nothing);
  if (answer.code == Code::lost) {
    znode_ = Znode::unknown;
    is_climbing_ = false;
    if (is_connected_) rest_until_ = pause_.next(now);
    return;
  }
  switch (asked) {
    case Asked::nothing:
      return;
    case Asked::create:
      if (answer.code == Code::refused)
        return refused("create `" + path_ + "`: " + answer.text, now);
      return created(answer.code, now);
    case Asked::parent:
      if (answer.code == Code::refused)
        return refused("create `" + parents_of(path_)[parent_] + "`: " + answer.text, now);
      return parent_created(answer.code, now);
    case Asked::look:
      if (answer.code == Code::refused)
        return refused("look at `" + path_ + "`: " + answer.text, now);
      return looked(answer, now);
    case Asked::remove:
      if (answer.code == Code::refused)
        return refused("delete `" + path_ + "`: " + answer.text, now);
      znode_ = Znode::absent;
      may_stand_ = false;
      return;
  }
}

void Session::on(const event::Changed&, Time) {
  // WHY not while a request is under way: a look that is under way sees it, and all others end in
  // one.
  if (asked_ == Asked::nothing && session_ != 0) znode_ = Znode::unknown;
}

void Session::on(const event::Elapsed&, Time now) {
  const auto is_over = [&](std::optional<Time>& at) {
    if (!at || now < *at) return false;
    at.reset();
    return true;
  };
  (void)is_over(rest_until_);
  if (is_over(doubt_at_))
    tell_trouble("no connection to ZooKeeper at " + servers_ + " for " + seconds(connect_patience) +
                 "; it is tried again");
  if (is_over(lost_at_))
    tell_lost("no connection to ZooKeeper at " + servers_ + " for " + seconds(timeout_) +
              ", so that the session ends");
  if (!is_over(withdraw_by_) || !is_withdrawing_) return;
  // The session goes at least: if not now, then by itself.
  tell_trouble("the announcement could not be taken out of ZooKeeper within " +
               seconds(withdraw_patience) + "; it vanishes when its session ends");
  actions_.emplace_back(action::Close{});
  is_open_ = is_connected_ = false;
  forget_session();
  doubt_at_.reset();
  lost_at_.reset();
  rest_until_ = pause_.next(now);
}

void Session::proceed(Time now) {
  if (!is_open_ && !rest_until_) open(now);
  if (is_connected_ && asked_ == Asked::nothing && !rest_until_) {
    if (wanted_) {
      proceed_to_announce(now);
    } else if (may_stand_) {
      proceed_to_withdraw();
    }
  }
  if (is_withdrawing_ && !may_stand_) tell_withdrawn();
}

void Session::proceed_to_announce(Time now) {
  switch (znode_) {
    case Znode::unknown:
      asked_ = Asked::look;
      actions_.emplace_back(action::Look{path_});
      return;
    case Znode::absent:
      return create();
    case Znode::stale:
      return remove();
    case Znode::ours:
      if (held_ != *wanted_ || std::exchange(renew_, false)) return remove();
      return tell_announced(now);
    case Znode::rival:
      return;  // until it changes
  }
}

void Session::proceed_to_withdraw() {
  if (znode_ == Znode::ours) return remove();
  if (znode_ == Znode::unknown) {
    asked_ = Asked::look;
    actions_.emplace_back(action::Look{path_});
    return;
  }
  may_stand_ = false;
}

void Session::create() {
  if (is_climbing_) {
    asked_ = Asked::parent;
    actions_.emplace_back(action::Create{parents_of(path_)[parent_], "", Kind::persistent});
    return;
  }
  asked_ = Asked::create;
  may_stand_ = true;
  held_ = *wanted_;
  actions_.emplace_back(action::Create{path_, held_, Kind::ephemeral});
}

void Session::remove() {
  is_told_ = false;
  asked_ = Asked::remove;
  actions_.emplace_back(action::Remove{path_});
}

void Session::created(Code code, Time now) {
  if (code != Code::missing) {
    znode_ = Znode::unknown;  // whose it is, a look tells
    return;
  }
  may_stand_ = false;
  const std::size_t count = parents_of(path_).size();
  if (count == 0) return rootless(now);
  is_climbing_ = true;
  parent_ = count - 1;
}

// Down to the deepest parent that can be created, and up again: whoever may not write at the top
// need not, where the top exists.
void Session::parent_created(Code code, Time now) {
  if (code != Code::missing) {
    is_climbing_ = ++parent_ < parents_of(path_).size();
  } else if (parent_ > 0) {
    --parent_;
  } else {
    rootless(now);
  }
}

void Session::looked(const event::Answered& answer, Time now) {
  if (answer.code == Code::missing) return gone(now);
  const bool is_ours = answer.owner != 0 && answer.owner == session_;
  may_stand_ = is_ours;
  if (is_ours) {
    znode_ = Znode::ours;
  } else if (!was_announced_ || answer.owner == 0 || answer.owner == former_) {
    znode_ = Znode::stale;
    tell_lost("`" + path_ + "` was replaced");
  } else {
    znode_ = Znode::rival;
    tell_lost("another process announces `" + path_ + "`");
    tell_trouble("another process announces `" + path_ +
                 "`: host and port of each worker must be its own");
  }
}

void Session::gone(Time now) {
  znode_ = Znode::absent;
  may_stand_ = false;
  if (!is_told_) return;
  tell_lost("`" + path_ + "` was deleted");
  if (now - announced_at_ < calm) rest_until_ = pause_.next(now);
}

void Session::refused(const std::string& what, Time now) {
  fail("ZooKeeper refuses to " + what + "; check druid.zk.service.user, pwd and acl", now);
}

void Session::rootless(Time now) {
  fail("the root of ZooKeeper at " + servers_ + " does not exist; check druid.zk.service.host",
       now);
}

void Session::fail(std::string trouble, Time now) {
  is_climbing_ = false;
  znode_ = Znode::unknown;
  rest_until_ = pause_.next(now);
  tell_trouble(std::move(trouble));
}

void Session::forget_session() {
  former_ = session_ == 0 ? former_ : session_;
  session_ = 0;
  asked_ = Asked::nothing;
  is_climbing_ = renew_ = may_stand_ = false;
  znode_ = Znode::absent;
}

void Session::open(Time now) {
  is_open_ = true;
  doubt_at_ = now + connect_patience;
  actions_.emplace_back(action::Open{});
}

void Session::tell_announced(Time now) {
  if (std::exchange(is_told_, true)) return;
  was_announced_ = true;
  announced_at_ = now;
  last_trouble_.clear();
  actions_.emplace_back(tell::Announced{});
}

void Session::tell_lost(std::string why) {
  if (std::exchange(is_told_, false)) actions_.emplace_back(tell::Lost{std::move(why)});
}

void Session::tell_withdrawn() {
  is_withdrawing_ = false;
  withdraw_by_.reset();
  actions_.emplace_back(tell::Withdrawn{});
}

void Session::tell_trouble(std::string text) {
  if (text == last_trouble_) return;
  last_trouble_ = text;
  actions_.emplace_back(tell::Trouble{std::move(text)});
}

std::vector<std::string> parents_of(std::string_view path) {
  std::vector<std::string> parents;
  for (std::size_t at = path.find('/', 1); at != std::string_view::npos;
       at = path.find('/', at + 1))
    parents.emplace_back(path.substr(0, at));
  return parents;
}

}  // namespace copse::runner::discovery::zk
