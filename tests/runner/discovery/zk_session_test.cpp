#include "runner/discovery/zk_session.hpp"

#include "tests/runner/discovery/zk_texts.hpp"

#include <catch2/catch.hpp>

using namespace copse::tests;
using namespace std::chrono_literals;
namespace event = zk::event;
using discovery::Time;
using zk::Code;

namespace {

constexpr std::string_view path = "/d/h:8091";
constexpr std::int64_t ours = 7;
constexpr std::int64_t theirs = 9;

// One machine and its clock.
struct Story {
  zk::Session session{"zk:2181"};
  Time now{1h};

  Texts on(const zk::Event& event) { return texts(session.step(event, now)); }

  Texts after(discovery::milliseconds time) {
    now += time;
    return on(event::Elapsed{});
  }

  Texts announce(const std::string& document = "A") {
    return on(event::Announce{std::string(path), document});
  }

  Texts connect(std::int64_t id = ours) { return on(event::Connected{id, 10s}); }

  Texts answer(Code code, std::int64_t owner = 0) {
    return on(event::Answered{code, owner, "the server's words"});
  }

  // Up to an announcement that stands.
  void be_announced() {
    on(event::Start{});
    announce();
    connect();
    answer(Code::done);
    REQUIRE(answer(Code::done, ours) == Texts{"announced"});
  }
};

}  // namespace

TEST_CASE("a worker is announced once a look has shown its own znode", "[zk]") {
  Story story;
  CHECK(story.on(event::Start{}) == Texts{"open"});
  CHECK(story.announce().empty());
  CHECK(story.connect() == Texts{"create /d/h:8091 = A"});
  CHECK(story.answer(Code::done) == Texts{"look /d/h:8091"});
  CHECK(story.answer(Code::done, ours) == Texts{"announced"});
  CHECK_FALSE(story.session.due());
}

TEST_CASE("parents that are missing are made from the deepest that can be", "[zk]") {
  Story story;
  story.on(event::Start{});
  story.connect();
  CHECK(story.on(event::Announce{"/d/internal/MM/h:1", "A"}) ==
        Texts{"create /d/internal/MM/h:1 = A"});
  CHECK(story.answer(Code::missing) == Texts{"create /d/internal/MM"});
  CHECK(story.answer(Code::missing) == Texts{"create /d/internal"});
  CHECK(story.answer(Code::done) == Texts{"create /d/internal/MM"});
  CHECK(story.answer(Code::exists) == Texts{"create /d/internal/MM/h:1 = A"});
}

TEST_CASE("a root that does not exist is said, and tried again later", "[zk]") {
  Story story;
  story.on(event::Start{});
  story.connect();
  story.announce();
  story.answer(Code::missing);
  CHECK(
      story.answer(Code::missing) ==
      Texts{
          "trouble: the root of ZooKeeper at zk:2181 does not exist; check druid.zk.service.host"});
  CHECK(story.after(discovery::first_pause) == Texts{"look /d/h:8091"});
}

TEST_CASE("the znode of a predecessor is deleted and created anew", "[zk]") {
  Story story;
  story.on(event::Start{});
  story.announce();
  story.connect();
  CHECK(story.answer(Code::exists) == Texts{"look /d/h:8091"});
  CHECK(story.answer(Code::done, theirs) == Texts{"remove /d/h:8091"});
  CHECK(story.answer(Code::done) == Texts{"create /d/h:8091 = A"});
}

TEST_CASE("a znode that a session of our own left behind is no rival's", "[zk]") {
  Story story;
  story.be_announced();
  story.on(event::Ended{"expired", true});
  CHECK(story.connect(8) == Texts{"create /d/h:8091 = A"});
  story.answer(Code::exists);
  CHECK(story.answer(Code::done, ours) == Texts{"remove /d/h:8091"});
}

TEST_CASE("whoever is replaced by another process leaves it alone until it goes", "[zk]") {
  Story story;
  story.be_announced();
  CHECK(story.on(event::Changed{}) == Texts{"look /d/h:8091"});
  CHECK(
      story.answer(Code::done, theirs) ==
      Texts{"lost: another process announces `/d/h:8091`",
            "trouble: another process announces `/d/h:8091`: host and port of each worker must be "
            "its own"});
  CHECK_FALSE(story.session.due());
  CHECK(story.on(event::Changed{}) == Texts{"look /d/h:8091"});
  CHECK(story.answer(Code::missing) == Texts{"create /d/h:8091 = A"});
}

TEST_CASE("a znode that somebody deletes is created again, the second time after a pause", "[zk]") {
  Story story;
  story.be_announced();
  story.now += zk::calm;
  story.on(event::Changed{});
  CHECK(story.answer(Code::missing) ==
        Texts{"lost: `/d/h:8091` was deleted", "create /d/h:8091 = A"});
  story.answer(Code::done);
  CHECK(story.answer(Code::done, ours) == Texts{"announced"});
  story.on(event::Changed{});
  CHECK(story.answer(Code::missing) == Texts{"lost: `/d/h:8091` was deleted"});
  CHECK(story.session.due() == story.now + discovery::first_pause);
  CHECK(story.after(discovery::first_pause) == Texts{"create /d/h:8091 = A"});
}

TEST_CASE("an expired session is followed by a new one, which announces anew", "[zk]") {
  Story story;
  story.be_announced();
  CHECK(story.on(event::Disconnected{}).empty());
  CHECK(story.on(event::Ended{"the session has expired", true}) ==
        Texts{"lost: the session has expired", "close", "open"});
  CHECK(story.connect(8) == Texts{"create /d/h:8091 = A"});
}

TEST_CASE("a short interruption is looked at and is no loss", "[zk]") {
  Story story;
  story.be_announced();
  story.on(event::Disconnected{});
  story.now += 9s;
  CHECK(story.connect() == Texts{"look /d/h:8091"});
  CHECK(story.answer(Code::done, ours).empty());
}

TEST_CASE("without a connection for as long as a session lives, the announcement is lost", "[zk]") {
  Story story;
  story.be_announced();
  story.on(event::Disconnected{});
  CHECK(story.after(9s).empty());
  CHECK(story.after(1s) ==
        Texts{"lost: no connection to ZooKeeper at zk:2181 for 10 s, so that the session ends"});
  CHECK(story.after(zk::connect_patience) ==
        Texts{"trouble: no connection to ZooKeeper at zk:2181 for 15 s; it is tried again"});
}

TEST_CASE("an answer that is lost is looked into", "[zk]") {
  Story story;
  story.on(event::Start{});
  story.announce();
  story.connect();
  story.on(event::Disconnected{});
  CHECK(story.answer(Code::lost).empty());
  CHECK(story.connect() == Texts{"look /d/h:8091"});
  CHECK(story.answer(Code::done, ours) == Texts{"announced"});
}

TEST_CASE("an address that is not found is said once, and tried again with growing pauses",
          "[zk]") {
  Story story;
  story.on(event::Start{});
  CHECK(story.on(event::Ended{"no address"}) == Texts{"close", "trouble: no address"});
  CHECK(story.after(discovery::first_pause) == Texts{"open"});
  CHECK(story.on(event::Ended{"no address"}) == Texts{"close"});
  CHECK(story.after(discovery::first_pause).empty());
  CHECK(story.after(discovery::first_pause) == Texts{"open"});
}

TEST_CASE("a refusal names what was refused, and is tried again after a pause", "[zk]") {
  Story story;
  story.on(event::Start{});
  story.announce();
  story.connect();
  CHECK(story.answer(Code::refused) ==
        Texts{"trouble: ZooKeeper refuses to create `/d/h:8091`: the server's words; check "
              "druid.zk.service.user, pwd and acl"});
  CHECK(story.after(discovery::first_pause) == Texts{"look /d/h:8091"});
}

TEST_CASE("another document replaces the znode, since its data is read once only", "[zk]") {
  Story story;
  story.be_announced();
  CHECK(story.announce("A").empty());
  CHECK(story.announce("B") == Texts{"remove /d/h:8091"});
  CHECK(story.answer(Code::done) == Texts{"create /d/h:8091 = B"});
  story.answer(Code::done);
  CHECK(story.answer(Code::done, ours) == Texts{"announced"});
}

TEST_CASE("an Overlord that does not know us sees us vanish and come, but not again at once",
          "[zk]") {
  Story story;
  story.be_announced();
  CHECK(story.on(event::Cycle{}).empty());
  story.now += zk::cycle_patience;
  CHECK(story.on(event::Cycle{}) == Texts{"remove /d/h:8091"});
  CHECK(story.on(event::Cycle{}).empty());
  CHECK(story.answer(Code::done) == Texts{"create /d/h:8091 = A"});
  story.answer(Code::done);
  CHECK(story.answer(Code::done, ours) == Texts{"announced"});
}

TEST_CASE("a withdrawal is told when the znode is gone", "[zk]") {
  Story story;
  story.be_announced();
  CHECK(story.on(event::Withdraw{}) == Texts{"remove /d/h:8091"});
  CHECK(story.answer(Code::done) == Texts{"withdrawn"});
  CHECK_FALSE(story.session.due());
}

TEST_CASE("where nothing stands a withdrawal is told at once", "[zk]") {
  Story story;
  story.on(event::Start{});
  story.announce();
  CHECK(story.on(event::Withdraw{}) == Texts{"withdrawn"});
  CHECK(story.connect().empty());
}

TEST_CASE("a withdrawal while the znode is being created waits for that, and deletes it", "[zk]") {
  Story story;
  story.on(event::Start{});
  story.announce();
  story.connect();
  CHECK(story.on(event::Withdraw{}).empty());
  CHECK(story.answer(Code::done) == Texts{"look /d/h:8091"});
  CHECK(story.answer(Code::done, ours) == Texts{"remove /d/h:8091"});
  CHECK(story.answer(Code::missing) == Texts{"withdrawn"});
}

TEST_CASE("a withdrawal that ZooKeeper does not answer ends with the session given up", "[zk]") {
  Story story;
  story.be_announced();
  story.on(event::Disconnected{});
  CHECK(story.on(event::Withdraw{}).empty());
  CHECK(
      story.after(zk::withdraw_patience) ==
      Texts{"trouble: the announcement could not be taken out of ZooKeeper within 5 s; it vanishes "
            "when its session ends",
            "close", "withdrawn"});
  CHECK(story.after(discovery::first_pause) == Texts{"open"});
}

TEST_CASE("a withdrawal that is taken back is over, and the announcement stands", "[zk]") {
  Story story;
  story.be_announced();
  CHECK(story.on(event::Withdraw{}) == Texts{"remove /d/h:8091"});
  CHECK(story.announce() == Texts{"withdrawn"});
  CHECK(story.answer(Code::done) == Texts{"create /d/h:8091 = A"});
}

TEST_CASE("the nodes above a path are given from the top", "[zk]") {
  CHECK(zk::parents_of("/a/b/c") == Texts{"/a", "/a/b"});
  CHECK(zk::parents_of("/a").empty());
}

TEST_CASE("a withdrawal waits for no pause", "[zk]") {
  Story story;
  story.be_announced();
  story.on(event::Changed{});
  story.answer(Code::refused);
  CHECK(story.on(event::Withdraw{}) == Texts{"look /d/h:8091"});
}

TEST_CASE("a cycle that a withdrawal has overtaken is forgotten", "[zk]") {
  Story story;
  story.be_announced();
  story.on(event::Disconnected{});
  story.now += zk::cycle_patience;
  story.on(event::Cycle{});
  story.on(event::Withdraw{});
  story.connect();
  story.answer(Code::done, ours);
  CHECK(story.answer(Code::done) == Texts{"withdrawn"});
  story.announce();
  story.answer(Code::done);
  CHECK(story.answer(Code::done, ours) == Texts{"announced"});
}

TEST_CASE("pauses double up to a limit, and are forgotten after a quiet time", "[pause]") {
  discovery::Pause pause;
  Time now{1h};
  for (const auto length : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
    const Time over = pause.next(now);
    CHECK(over - now == length);
    now = over;
  }
  now += discovery::pause_memory;
  CHECK(pause.next(now) - now == discovery::longest_pause);
  now += discovery::longest_pause + discovery::pause_memory + 1ms;
  CHECK(pause.next(now) - now == discovery::first_pause);
}
