// All short histories of one session in a small ZooKeeper: connections that break before or after a
// deed, sessions that expire, people and other processes that meddle, wishes that change. What the
// machine promises holds at each step, and once the world is calm the znode is as it is wanted.

#include "runner/discovery/zk_session.hpp"
#include "tests/runner/discovery/histories.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <catch2/catch.hpp>

namespace {

namespace discovery = copse::runner::discovery;
namespace zk = discovery::zk;
namespace event = zk::event;
namespace action = zk::action;
namespace tell = discovery::tell;
using namespace std::chrono_literals;
using zk::Code;

constexpr std::int64_t predecessor = 1;
constexpr std::int64_t rival = 2;

struct Node {
  std::int64_t owner;
  std::string document;
};

// ZooKeeper, the network, and everybody else; drives one machine.
class World {
 public:
  explicit World(bool has_predecessor) {
    if (has_predecessor) node = Node{predecessor, "old"};
    step(event::Start{});
    announce("A");
  }

  // ---- happenings; false: it cannot happen now ----

  bool serve() {
    if (!pending || !is_connected) return false;
    const event::Answered answer = perform();
    pending.reset();
    step(answer);
    return true;
  }

  bool lose_request() { return lose(false); }

  bool lose_answer() { return lose(true); }

  bool connect() {
    if (!has_handle || is_connected) return false;
    is_connected = true;
    if (session == 0) session = next_session++;
    step(event::Connected{session, 10s});
    return true;
  }

  bool disconnect() {
    if (!is_connected || pending) return false;
    is_connected = false;
    step(event::Disconnected{});
    return true;
  }

  bool expire() {
    if (!has_handle || session == 0 || is_connected) return false;
    end_session();
    step(event::Ended{"expired", true});
    return true;
  }

  bool deliver() {
    if (!is_fired || !is_connected) return false;
    is_fired = false;
    step(event::Changed{});
    return true;
  }

  bool predecessor_ends() { return leave(predecessor); }

  bool rival_ends() { return leave(rival); }

  bool rival_takes_over() {
    if (node && node->owner == rival) return false;
    node = Node{rival, "rival"};
    touch();
    return true;
  }

  bool somebody_deletes() {
    if (!node) return false;
    node.reset();
    touch();
    return true;
  }

  bool withdraw() {
    if (!wanted) return false;
    wanted.reset();
    ++withdrawals;
    was_announced = false;
    told_announced = false;
    step(event::Withdraw{});
    return true;
  }

  bool want_b() { return announce("B"); }

  bool cycle() {
    now += zk::cycle_patience;
    step(event::Cycle{});
    return true;
  }

  bool let_time_pass() {
    const auto due = machine.due();
    if (!due) return false;
    now = std::max(now, *due);
    step(event::Elapsed{});
    return true;
  }

  // Nobody meddles any more, and everything is answered.
  void calm_down() {
    rival_ends();
    predecessor_ends();
    for (int turn = 0; turn < 200; ++turn) {
      if (connect() || deliver() || serve() || let_time_pass()) continue;
      return;
    }
    FAIL("the machine does not come to rest");
  }

  void check_rest() const {
    if (wanted) {
      REQUIRE(node);
      CHECK(node->owner == session);
      CHECK(node->document == *wanted);
      CHECK(told_announced);
    } else {
      CHECK_FALSE((node && node->owner == session));
    }
    CHECK(told_withdrawn == withdrawals);
  }

 private:
  using Request = std::variant<action::Create, action::Look, action::Remove>;

  bool announce(const std::string& document) {
    if (wanted == document) return false;
    wanted = document;
    step(event::Announce{"/d/h:1", document});
    return true;
  }

  bool lose(bool is_done) {
    if (!pending || !is_connected) return false;
    if (is_done) (void)perform();
    pending.reset();
    is_connected = false;
    step(event::Answered{Code::lost});
    step(event::Disconnected{});
    return true;
  }

  bool leave(std::int64_t owner) {
    if (!node || node->owner != owner) return false;
    node.reset();
    touch();
    return true;
  }

  // What was looked at has changed: said once, when there is a connection.
  void touch() {
    if (std::exchange(is_watching, false)) is_fired = true;
  }

  void end_session() {
    if (session != 0) leave(session);
    session = 0;
    has_handle = is_connected = is_watching = is_fired = false;
    pending.reset();
    looked.reset();
  }

  event::Answered perform() {
    return std::visit([this](const auto& request) { return answer(request); }, *pending);
  }

  event::Answered answer(const action::Create& create) {
    if (create.kind == zk::Kind::persistent) {
      has_parent = true;
      return {Code::done};
    }
    if (!has_parent) return {Code::missing};
    if (node) return {Code::exists};
    node = Node{session, create.document};
    touch();
    return {Code::done};
  }

  event::Answered answer(const action::Look&) {
    is_watching = true;
    looked = node;
    if (!node) return {Code::missing};
    return {Code::done, node->owner};
  }

  event::Answered answer(const action::Remove&) {
    if (!node) return {Code::missing};
    node.reset();
    touch();
    return {Code::done};
  }

  void step(const zk::Event& event) {
    // A copy: what is told may lead to the next step.
    const auto actions = machine.step(event, now);
    for (const auto& each : actions) std::visit([this](const auto& one) { obey(one); }, each);
  }

  void obey(const action::Open&) {
    CHECK_FALSE(has_handle);
    has_handle = true;
  }

  void obey(const action::Close&) { end_session(); }

  void obey(const action::Create& create) { ask(create); }

  void obey(const action::Look& look) { ask(look); }

  void obey(const action::Remove& remove) {
    REQUIRE(looked);
    CHECK_FALSE((was_announced && looked->owner == rival));
    told_announced = false;
    ask(remove);
  }

  void ask(Request request) {
    CHECK(is_connected);
    CHECK_FALSE(pending);
    pending = std::move(request);
  }

  void obey(const tell::Announced&) {
    CHECK_FALSE(told_announced);
    CHECK((looked && looked->owner == session && looked->document == wanted));
    told_announced = was_announced = true;
  }

  void obey(const tell::Lost&) {
    CHECK(told_announced);
    told_announced = false;
  }

  void obey(const tell::Withdrawn&) { ++told_withdrawn; }

  void obey(const tell::Trouble&) {}

  zk::Session machine{"zk:2181"};
  discovery::Time now{1h};

  std::optional<Node> node;
  bool has_parent = false;
  bool is_watching = false;
  bool is_fired = false;

  bool has_handle = false;
  bool is_connected = false;
  std::int64_t session = 0;
  std::int64_t next_session = 100;
  std::optional<Request> pending;
  std::optional<Node> looked;  // the last look's finding, in this session

  std::optional<std::string> wanted;
  bool told_announced = false;
  bool was_announced = false;
  int withdrawals = 0;
  int told_withdrawn = 0;
};

constexpr std::array happenings{&World::serve,
                                &World::lose_request,
                                &World::lose_answer,
                                &World::connect,
                                &World::disconnect,
                                &World::expire,
                                &World::deliver,
                                &World::predecessor_ends,
                                &World::rival_takes_over,
                                &World::rival_ends,
                                &World::somebody_deletes,
                                &World::withdraw,
                                &World::want_b,
                                &World::cycle,
                                &World::let_time_pass};

constexpr std::size_t longest_history = 5;

World announced(bool has_predecessor) {
  World world(has_predecessor);
  world.connect();
  for (int turn = 0; turn < 2; ++turn) {
    while (world.serve()) {
    }
    world.deliver();
  }
  return world;
}

}  // namespace

TEST_CASE("after every short history the znode is as it is wanted", "[zk][histories]") {
  for (const bool has_predecessor : {false, true}) {
    copse::tests::run_histories<World>(
        has_predecessor ? "with a predecessor" : "alone", [=] { return World(has_predecessor); },
        happenings, longest_history);
  }
}

TEST_CASE("after every short history from an announcement on the znode is as it is wanted",
          "[zk][histories]") {
  for (const bool has_predecessor : {false, true}) {
    copse::tests::run_histories<World>(
        has_predecessor ? "with a predecessor" : "alone",
        [=] { return announced(has_predecessor); }, happenings, longest_history);
  }
}
