#include "runner/discovery/zk_latch.hpp"

#include "runner/overlord/discovery.hpp"
#include "runner/overlord/leader.hpp"

#include <utility>

namespace copse::runner::discovery::zk {

const std::vector<LatchAction>& Latch::step(const LatchEvent& event, Time now) {
  actions_.clear();
  std::visit([&](const auto& each) { on(each, now); }, event);
  if (is_connected_ && asked_ == Asked::nothing && !rest_until_ &&
      std::exchange(is_stale_, false)) {
    ask(Asked::list, action::List{path_});
  }
  return actions_;
}

void Latch::on(const event::Connected&, Time) {
  is_connected_ = is_stale_ = true;
  rest_until_.reset();
}

void Latch::on(const event::Disconnected&, Time) {
  is_connected_ = false;
}

void Latch::on(const event::Ended&, Time) {
  is_connected_ = false;
  asked_ = Asked::nothing;
}

void Latch::on(const event::Listed& list, Time now) {
  asked_ = Asked::nothing;
  if (list.code == Code::missing) return ask(Asked::wait, action::Await{path_});
  if (failed(list.code, list.text, now)) return;
  const std::string first = overlord::leading_participant(list.names);
  if (!first.empty()) ask(Asked::data, action::Read{path_ + "/" + first});
}

void Latch::on(const event::Awaited& found, Time now) {
  asked_ = Asked::nothing;
  if (found.code != Code::missing && !failed(found.code, found.text, now)) is_stale_ = true;
}

void Latch::on(const event::Read& read, Time now) {
  asked_ = Asked::nothing;
  if (read.code == Code::missing) {
    is_stale_ = true;  // gone between the list and the question
    return;
  }
  if (failed(read.code, read.text, now)) return;
  const std::string url = overlord::origin_of(read.data);
  if (url.empty()) {
    (void)failed(Code::refused, "the leader's node says `" + read.data.substr(0, 200) + "`", now);
    return;
  }
  last_trouble_.clear();
  if (url == leader_) return;
  leader_ = url;
  actions_.emplace_back(tell::Leader{url});
}

void Latch::on(const event::LineChanged&, Time) {
  is_stale_ = true;
}

void Latch::on(const event::Elapsed&, Time now) {
  if (rest_until_ && now >= *rest_until_) rest_until_.reset();
}

bool Latch::failed(Code code, const std::string& text, Time now) {
  if (code == Code::done) return false;
  is_stale_ = true;
  rest_until_ = pause_.next(now);
  if (code == Code::lost || text == last_trouble_) return true;
  last_trouble_ = text;
  actions_.emplace_back(tell::Trouble{"the leading Overlord cannot be read from `" + path_ +
                                      "` in ZooKeeper: " + text});
  return true;
}

void Latch::ask(Asked what, LatchAction action) {
  asked_ = what;
  actions_.push_back(std::move(action));
}

}  // namespace copse::runner::discovery::zk
