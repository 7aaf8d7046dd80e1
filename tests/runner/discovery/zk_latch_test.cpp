#include "runner/discovery/zk_latch.hpp"

#include "tests/runner/discovery/zk_texts.hpp"

#include <catch2/catch.hpp>

using namespace copse::tests;
using namespace std::chrono_literals;
namespace event = zk::event;
using discovery::Time;
using zk::Code;

namespace {

struct Story {
  zk::Latch latch{"/d/_OVERLORD"};
  Time now{1h};

  Texts on(const zk::LatchEvent& event) { return texts(latch.step(event, now)); }

  Texts connect() { return on(event::Connected{7, 10s}); }

  Texts listed(Texts names) { return on(event::Listed{Code::done, std::move(names)}); }

  Texts read(const std::string& data) { return on(event::Read{Code::done, data}); }
};

}  // namespace

TEST_CASE("the first of the line is read and told, and told again only when it is another",
          "[latch]") {
  Story story;
  CHECK(story.connect() == Texts{"list /d/_OVERLORD"});
  CHECK(story.listed({"_c_b-latch-0000000002", "_c_z-latch-0000000001"}) ==
        Texts{"read /d/_OVERLORD/_c_z-latch-0000000001"});
  CHECK(story.read("http://a:8090") == Texts{"leader http://a:8090"});
  CHECK(story.on(event::LineChanged{}) == Texts{"list /d/_OVERLORD"});
  story.listed({"_c_z-latch-0000000001"});
  CHECK(story.read("http://a:8090").empty());
  story.on(event::LineChanged{});
  CHECK(story.listed({"_c_b-latch-0000000002"}) ==
        Texts{"read /d/_OVERLORD/_c_b-latch-0000000002"});
  CHECK(story.read("https://b:8290") == Texts{"leader https://b:8290"});
}

TEST_CASE("where nobody has stood yet the line is awaited", "[latch]") {
  Story story;
  story.connect();
  CHECK(story.on(event::Listed{Code::missing}) == Texts{"await /d/_OVERLORD"});
  CHECK(story.on(event::Awaited{Code::missing}).empty());
  CHECK_FALSE(story.latch.due());
  CHECK(story.on(event::LineChanged{}) == Texts{"list /d/_OVERLORD"});
}

TEST_CASE("a line that appears while it is asked for is listed", "[latch]") {
  Story story;
  story.connect();
  story.on(event::Listed{Code::missing});
  CHECK(story.on(event::Awaited{Code::done}) == Texts{"list /d/_OVERLORD"});
}

TEST_CASE("an empty line is no news", "[latch]") {
  Story story;
  story.connect();
  CHECK(story.listed({}).empty());
  CHECK_FALSE(story.latch.due());
}

TEST_CASE("a leader that goes between the list and the question makes a new list", "[latch]") {
  Story story;
  story.connect();
  story.listed({"_c_z-latch-0000000001"});
  CHECK(story.on(event::Read{Code::missing}) == Texts{"list /d/_OVERLORD"});
}

TEST_CASE("a change while the leader is read makes a new list afterwards", "[latch]") {
  Story story;
  story.connect();
  story.listed({"_c_z-latch-0000000001"});
  CHECK(story.on(event::LineChanged{}).empty());
  CHECK(story.read("http://a:8090") == Texts{"leader http://a:8090", "list /d/_OVERLORD"});
}

TEST_CASE("after each connection the line is listed again", "[latch]") {
  Story story;
  story.connect();
  story.on(event::Disconnected{});
  CHECK(story.on(event::Listed{Code::lost}).empty());
  CHECK(story.connect() == Texts{"list /d/_OVERLORD"});
  story.on(event::Ended{"expired", true});
  CHECK(story.connect() == Texts{"list /d/_OVERLORD"});
}

TEST_CASE("a refusal is told once, and tried again after a pause", "[latch]") {
  Story story;
  story.connect();
  const event::Listed refused{Code::refused, {}, "not authenticated"};
  CHECK(story.on(refused) ==
        Texts{"trouble: the leading Overlord cannot be read from `/d/_OVERLORD` in ZooKeeper: not "
              "authenticated"});
  story.now = *story.latch.due();
  CHECK(story.on(event::Elapsed{}) == Texts{"list /d/_OVERLORD"});
  CHECK(story.on(refused).empty());
}

TEST_CASE("a leader that gives no URL is told as trouble", "[latch]") {
  Story story;
  story.connect();
  story.listed({"_c_z-latch-0000000001"});
  CHECK(story.read("who knows") ==
        Texts{"trouble: the leading Overlord cannot be read from `/d/_OVERLORD` in ZooKeeper: the "
              "leader's node says `who knows`"});
}
