#include "runner/discovery/pod_label.hpp"

#include <catch2/catch.hpp>

using namespace copse::runner;
using namespace std::chrono_literals;
namespace pod = discovery::pod;
namespace event = pod::event;
namespace tell = discovery::tell;
using discovery::Time;
using kube::FailureKind;

namespace {

using Texts = std::vector<std::string>;

struct ActionText {
  std::string operator()(const pod::action::Look&) const { return "look"; }

  std::string operator()(const pod::action::Patch& patch) const {
    return patch.operations.find(R"("op":"remove")") == std::string::npos ? "put on" : "take off";
  }

  std::string operator()(const tell::Announced&) const { return "announced"; }

  std::string operator()(const tell::Lost& lost) const { return "lost: " + lost.why; }

  std::string operator()(const tell::Withdrawn&) const { return "withdrawn"; }

  std::string operator()(const tell::Trouble& trouble) const { return "trouble: " + trouble.text; }
};

const overlord::PodMarks none;
const overlord::PodMarks a{"true", "1", "prod", "A"};
const overlord::PodMarks b{"true", "1", "prod", "B"};

struct Story {
  pod::PodLabel label{"druid/copse-0"};
  Time now{1h};

  Texts on(const pod::Event& event) {
    Texts out;
    for (const auto& action : label.step(event, now))
      out.push_back(std::visit(ActionText{}, action));
    return out;
  }

  Texts announce(const overlord::PodMarks& marks = a) { return on(event::Announce{marks}); }

  Texts see(const overlord::PodMarks& marks) { return on(event::Seen{{marks, true, true}}); }

  Texts fail(FailureKind kind) { return on(event::Failed{kind, "no luck"}); }

  Texts after_pause() {
    REQUIRE(label.due());
    now = *label.due();
    return on(event::Elapsed{});
  }

  void be_announced() {
    announce();
    see(none);
    REQUIRE(see(a) == Texts{"announced"});
  }
};

}  // namespace

TEST_CASE("a pod is looked at, patched and announced", "[pod]") {
  Story story;
  CHECK_FALSE(story.label.due());
  CHECK(story.announce() == Texts{"look"});
  CHECK(story.see(none) == Texts{"put on"});
  CHECK(story.see(a) == Texts{"announced"});
  CHECK(story.label.due() == story.now + pod::look_interval);
}

TEST_CASE("marks that a predecessor left on the pod are taken off first, if they are others",
          "[pod]") {
  Story same;
  same.announce();
  CHECK(same.see(a) == Texts{"announced"});
  Story other;
  other.announce(b);
  CHECK(other.see(a) == Texts{"take off"});
  CHECK(other.see(none) == Texts{"put on"});
  CHECK(other.see(b) == Texts{"announced"});
}

TEST_CASE("marks that somebody changes are lost, taken off and put on again", "[pod]") {
  Story story;
  story.be_announced();
  CHECK(story.after_pause() == Texts{"look"});
  CHECK(story.see(a).empty());
  CHECK(story.after_pause() == Texts{"look"});
  CHECK(story.see({"true", "1", "prod", "x"}) ==
        Texts{"lost: somebody has changed the labels of pod `druid/copse-0`", "take off"});
  CHECK(story.see(none) == Texts{"put on"});
}

TEST_CASE("another document is seen only by who sees the pod leave and come", "[pod]") {
  Story story;
  story.be_announced();
  CHECK(story.announce(a).empty());
  CHECK(story.announce(b) == Texts{"take off"});
  CHECK(story.see(none) == Texts{"put on"});
  CHECK(story.see(b) == Texts{"announced"});
}

TEST_CASE("an Overlord that has lost us sees us leave and come, but not again at once", "[pod]") {
  Story story;
  story.be_announced();
  CHECK(story.on(event::Cycle{}).empty());
  story.now += pod::cycle_patience;
  CHECK(story.on(event::Cycle{}) == Texts{"take off"});
  CHECK(story.see(none) == Texts{"put on"});
  CHECK(story.see(a) == Texts{"announced"});
}

TEST_CASE("a failure is tried again after a growing pause, and told when it is the third",
          "[pod]") {
  Story story;
  story.announce();
  CHECK(story.fail(FailureKind::unreachable).empty());
  CHECK(story.label.due() == story.now + discovery::first_pause);
  CHECK(story.after_pause() == Texts{"look"});
  CHECK(story.fail(FailureKind::unreachable).empty());
  CHECK(story.label.due() == story.now + 2 * discovery::first_pause);
  story.after_pause();
  CHECK(story.fail(FailureKind::unreachable) == Texts{"trouble: no luck"});
  story.after_pause();
  CHECK(story.fail(FailureKind::unreachable).empty());
  story.after_pause();
  CHECK(story.see(a) == Texts{"announced"});
}

TEST_CASE("a missing right is told at once, and once", "[pod]") {
  Story story;
  story.announce();
  story.see(none);
  CHECK(story.fail(FailureKind::forbidden) == Texts{"trouble: no luck"});
  CHECK(story.after_pause() == Texts{"look"});
  CHECK(story.fail(FailureKind::forbidden).empty());
}

TEST_CASE("a patch that does not apply any more leads to another look", "[pod]") {
  Story story;
  story.announce();
  story.see(none);
  CHECK(story.fail(FailureKind::invalid).empty());
  CHECK(story.after_pause() == Texts{"look"});
  CHECK(story.see(a) == Texts{"announced"});
}

TEST_CASE("a withdrawal is told when the pod has no marks any more", "[pod]") {
  Story story;
  story.be_announced();
  CHECK(story.on(event::Withdraw{}) == Texts{"take off"});
  CHECK(story.see(none) == Texts{"withdrawn"});
  CHECK_FALSE(story.label.due());
}

TEST_CASE("a withdrawal takes off what a predecessor left, and is over when the pod is gone",
          "[pod]") {
  Story story;
  CHECK(story.on(event::Withdraw{}) == Texts{"look"});
  CHECK(story.see(b) == Texts{"take off"});
  CHECK(story.fail(FailureKind::not_found) == Texts{"withdrawn"});
}

TEST_CASE("a withdrawal waits for no pause, and not for ever", "[pod]") {
  Story story;
  story.be_announced();
  story.after_pause();
  story.fail(FailureKind::server);
  CHECK(story.on(event::Withdraw{}) == Texts{"look"});
  story.now += pod::withdraw_patience;
  CHECK(story.on(event::Elapsed{}) ==
        Texts{"trouble: the labels of pod `druid/copse-0` could not be taken off yet; until then, "
              "or until the pod is deleted, they announce a worker",
              "withdrawn"});
  CHECK(story.see(a) == Texts{"take off"});
  CHECK(story.see(none).empty());
}

TEST_CASE("a withdrawal that is taken back is over, and the announcement stands again", "[pod]") {
  Story story;
  story.be_announced();
  story.on(event::Withdraw{});
  CHECK(story.announce() == Texts{"withdrawn"});
  CHECK(story.see(none) == Texts{"put on"});
  CHECK(story.see(a) == Texts{"announced"});
}

TEST_CASE("after a success the same trouble is told anew, and again only when it is the third",
          "[pod]") {
  Story story;
  story.announce();
  for (int i = 0; i < 2; ++i) {
    story.fail(FailureKind::server);
    story.after_pause();
  }
  CHECK(story.fail(FailureKind::server) == Texts{"trouble: no luck"});
  story.after_pause();
  story.see(a);
  CHECK(story.after_pause() == Texts{"look"});
  CHECK(story.fail(FailureKind::server).empty());
  story.after_pause();
  CHECK(story.fail(FailureKind::server).empty());
  story.after_pause();
  CHECK(story.fail(FailureKind::server) == Texts{"trouble: no luck"});
}
