// Every short history of a small world: a server that keeps a window of events, cuts watches,
// expires versions, pages its lists and lags, beside a reflector. Whatever happens, once the world
// is quiet the reflector's picture is the server's, and what it told was never older than what it
// had told before.

#include "runner/kube/reflector.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <random>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace copse::runner::kube;

namespace {

constexpr std::uint64_t slots = 3;  // names in the world; each incarnation has a uid of its own

struct Object {
  Uid uid;
  std::uint64_t version = 0;
};

struct Change {
  EventType type;
  Object object;
};

// WHY: Catch's CHECK costs microseconds, and there are millions of these.
void expect(bool holds, const char* what) {
  if (!holds) FAIL_CHECK(what);
}

// An API server with one collection. Versions are its own; nothing is ever lost in it.
struct Server {
  std::uint64_t version = 10;
  std::uint64_t oldest = 10;  // changes after this version are still kept
  std::uint64_t next_uid = 1;
  std::map<std::uint64_t, Object> objects;  // by slot
  std::vector<Change> history;              // all, in order of version

  void touch(std::uint64_t slot) {
    ++version;
    const auto found = objects.find(slot);
    const bool is_new = found == objects.end();
    const Object object{is_new ? Uid{next_uid++, slot} : found->second.uid, version};
    objects[slot] = object;
    history.push_back({is_new ? EventType::added : EventType::modified, object});
  }

  void remove(std::uint64_t slot) {
    const auto found = objects.find(slot);
    if (found == objects.end()) return;
    ++version;
    history.push_back({EventType::removed, {found->second.uid, version}});
    objects.erase(found);
  }

  void compact() { oldest = version; }
};

// The reflector and its requests as a driver would hold them.
class World {
 public:
  explicit World(std::uint32_t seed) : random_(seed) { act(event::Start{}); }

  Server server;

  // One thing that may happen, by number.
  void happen(unsigned what) {
    switch (what % choices) {
      case 0:
        return server.touch(random_() % slots);
      case 1:
        return server.remove(random_() % slots);
      case 2:
        return server.compact();
      case 3:
        return answer_list_or_change();
      case 4:
        return cut();
      case 5:
        return fail();
      case 6:
        return ring();
      case 7:
        return replay();
      default:
        return silence();
    }
  }

  static constexpr unsigned choices = 9;

  // No more misfortune: everything asked for is answered until nothing is left to do.
  void settle() {
    for (int step = 0; step < 1000; ++step) {
      if (list_ || pending_change()) {
        answer_list_or_change();
      } else if (watching_) {
        return;
      } else {
        ring();
      }
    }
    FAIL("the reflector never came to rest");
  }

  [[nodiscard]] std::map<Uid, std::uint64_t> truth() const {
    std::map<Uid, std::uint64_t> objects;
    for (const auto& [slot, object] : server.objects) objects[object.uid] = object.version;
    return objects;
  }

  [[nodiscard]] const std::map<Uid, std::uint64_t>& picture() const { return picture_; }

 private:
  void answer_list_or_change() {
    if (list_) return answer_list();
    if (watching_ && !opened_) {
      if (watch_from_ < server.oldest) {
        watching_ = false;
        return act(event::WatchRefused{FailureKind::expired});
      }
      opened_ = true;
      return act(event::WatchOpened{});
    }
    const Change* change = pending_change();
    if (change == nullptr) return;
    watch_at_ = change->object.version;
    tell({change->type, change->object.uid,
          versions_.emplace_back(std::to_string(change->object.version))},
         change->object);
  }

  const Change* pending_change() const {
    static const Change opening{EventType::unknown, {}};
    if (watching_ && !opened_) return &opening;
    if (!watching_) return nullptr;
    const auto found = std::find_if(server.history.begin(), server.history.end(),
                                    [&](const Change& c) { return c.object.version > watch_at_; });
    return found == server.history.end() ? nullptr : &*found;
  }

  // Two items a page where a limit is set; a snapshot is taken with the first page.
  void answer_list() {
    const action::SendList list = *list_;
    list_.reset();
    if (list.continue_token.empty()) {
      snapshot_.clear();
      for (const auto& [slot, object] : server.objects) snapshot_.push_back(object);
      snapshot_version_ = server.version;
    } else if (snapshot_version_ < server.oldest) {
      return act(event::ListFailed{FailureKind::expired});
    }
    const std::size_t count =
        list.limit == 0 ? snapshot_.size() : std::min<std::size_t>(2, snapshot_.size());
    for (std::size_t i = 0; i < count; ++i) {
      at_hand_ = snapshot_[i];
      act(event::ItemSeen{at_hand_.uid, versions_.emplace_back(std::to_string(at_hand_.version))});
    }
    snapshot_.erase(snapshot_.begin(), snapshot_.begin() + static_cast<std::ptrdiff_t>(count));
    act(event::PageEnded{std::to_string(snapshot_version_), snapshot_.empty() ? "" : "more"});
  }

  void cut() {
    if (!watching_) return;
    now_ += std::chrono::milliseconds(random_() % 2000);
    watching_ = false;
    if (!opened_) return act(event::WatchRefused{FailureKind::interrupted});
    act(event::WatchEnded{});
  }

  void fail() {
    const FailureKind kind =
        std::vector{FailureKind::expired, FailureKind::server, FailureKind::throttled,
                    FailureKind::too_new, FailureKind::interrupted}[random_() % 5];
    if (list_) {
      list_.reset();
      act(event::ListFailed{kind});
    } else if (watching_ && opened_) {
      if (random_() % 2 == 0) return act(event::WatchGarbled{});
      act(event::WatchError{kind});
    } else if (watching_) {
      watching_ = false;
      act(event::WatchRefused{kind});
    }
  }

  void ring() {
    if (!timer_) return;
    now_ = std::max(now_, *timer_);
    timer_.reset();
    act(event::TimerFired{});
  }

  // The server, or something between, sends an old event once more.
  void replay() {
    if (!watching_ || !opened_ || server.history.empty()) return;
    const Change& change = server.history[random_() % server.history.size()];
    if (change.object.version > watch_at_) return;
    tell({change.type, change.object.uid,
          versions_.emplace_back(std::to_string(change.object.version))},
         change.object);
  }

  void silence() {
    now_ += 91s;
    ring();
    if (!std::exchange(probing_, false)) return;
    if (random_() % 2 == 0) return act(event::ProbeFailed{});
    act(event::ProbeAnswered{std::to_string(server.version)});
  }

  void tell(const event::Changed& change, const Object& object) {
    at_hand_ = object;
    act(change);
  }

  void act(const ReflectorEvent& event) {
    const Moment moment{now_, static_cast<double>(random_() % 1000) / 1000};
    const std::vector<ReflectorAction> actions = reflector_.step(event, moment);
    for (const ReflectorAction& action : actions)
      std::visit([&](const auto& a) { perform(a); }, action);
  }

  void perform(const action::SendList& list) {
    expect(!watching_ && !list_, "a list was asked for beside a watch or another list");
    list_ = list;
  }

  void perform(const action::OpenWatch& open) {
    expect(!watching_ && !list_, "a watch was opened beside another or a list");
    watching_ = true;
    opened_ = false;
    watch_from_ = watch_at_ = std::stoull(open.version);
  }

  void perform(const action::CloseWatch&) { watching_ = false; }

  void perform(const action::SetTimer& set) {
    expect(set.at >= now_, "a timer in the past");
    timer_ = set.at;
  }

  void perform(const action::SendProbe&) { probing_ = true; }

  void perform(const action::Deliver&) {
    const auto known = picture_.find(at_hand_.uid);
    expect(known == picture_.end() || known->second < at_hand_.version,
           "an older version was told");
    expect(std::find(gone_.begin(), gone_.end(), at_hand_.uid) == gone_.end(),
           "a removed object came back");
    picture_[at_hand_.uid] = at_hand_.version;
  }

  void perform(const action::DeliverRemoval&) {
    expect(picture_.erase(at_hand_.uid) == 1, "an unknown object was removed");
    gone_.push_back(at_hand_.uid);
  }

  void perform(const action::Vanished& vanished) {
    expect(picture_.erase(vanished.uid) == 1, "an unknown object vanished");
    gone_.push_back(vanished.uid);
    const bool is_alive = std::any_of(server.objects.begin(), server.objects.end(),
                                      [&](const auto& o) { return o.second.uid == vanished.uid; });
    expect(!is_alive, "a living object vanished");
  }

  void perform(const action::Synced&) {}

  std::minstd_rand random_;
  Reflector reflector_;
  std::chrono::steady_clock::time_point now_{1h};
  std::optional<action::SendList> list_;
  std::optional<std::chrono::steady_clock::time_point> timer_;
  bool watching_ = false;  // a watch has been asked for
  bool opened_ = false;
  bool probing_ = false;
  std::uint64_t watch_from_ = 0;
  std::uint64_t watch_at_ = 0;  // sent so far
  std::vector<Object> snapshot_;
  std::uint64_t snapshot_version_ = 0;
  Object at_hand_;
  std::map<Uid, std::uint64_t> picture_;
  std::vector<Uid> gone_;
  std::deque<std::string> versions_;  // texts that events point into
};

void play(std::uint32_t seed, const std::vector<unsigned>& history) {
  World world(seed);
  for (const unsigned what : history) world.happen(what);
  world.settle();
  expect(world.picture() == world.truth(), "the picture is not the server's");
}

}  // namespace

TEST_CASE("after every history of five happenings the picture is the server's",
          "[reflector][world]") {
  constexpr unsigned depth = 5;
  unsigned total = 1;
  for (unsigned i = 0; i < depth; ++i) total *= World::choices;
  for (unsigned code = 0; code < total; ++code) {
    std::vector<unsigned> history{0, 0, 3, 3};  // two objects, listed, watched
    for (unsigned rest = code, i = 0; i < depth; ++i, rest /= World::choices)
      history.push_back(rest % World::choices);
    play(code + 1, history);
  }
  CHECK(total == 59'049);
}

TEST_CASE("after long random histories the picture is the server's", "[reflector][world]") {
  std::minstd_rand random(20261124);
  for (unsigned round = 0; round < 4000; ++round) {
    std::vector<unsigned> history(60);
    std::generate(history.begin(), history.end(), [&] { return static_cast<unsigned>(random()); });
    play(round + 1, history);
  }
  SUCCEED("each history was checked as it went");
}
