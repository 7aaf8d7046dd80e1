// All short histories of one pod: requests that fail before or after the deed, people who meddle
// with its labels and annotations, wishes that change; and an Overlord that reads as Druid's does:
// a pod that comes into its selection or leaves it, never one that changes.

#include "runner/discovery/pod_label.hpp"
#include "runner/sandbox/patch.hpp"
#include "tests/runner/discovery/histories.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

namespace {

using namespace copse::runner;
using namespace std::chrono_literals;
namespace json = boost::json;
namespace pod = discovery::pod;
namespace event = pod::event;
namespace action = pod::action;
namespace tell = discovery::tell;
using kube::FailureKind;

overlord::PodMarks marks(const std::string& document) {
  return {"true", "1", "prod", document};
}

class World {
 public:
  explicit World(const std::string& document) : object(json::parse(document).as_object()) {
    look_as_overlord();
    announce("A");
  }

  // ---- happenings; false: it cannot happen now ----

  bool serve() {
    if (!pending) return false;
    const action::Patch* patch = std::get_if<action::Patch>(&*pending);
    const bool is_done = patch == nullptr || apply(*patch);
    pending.reset();
    if (is_done) {
      step(event::Seen{seen()});
    } else {
      step(event::Failed{FailureKind::invalid, "does not apply"});
    }
    return true;
  }

  bool fail_before() {
    if (!pending) return false;
    pending.reset();
    step(event::Failed{FailureKind::unreachable, "unreachable"});
    return true;
  }

  bool fail_after() {
    if (!pending || !std::holds_alternative<action::Patch>(*pending)) return false;
    (void)apply(std::get<action::Patch>(*pending));
    pending.reset();
    step(event::Failed{FailureKind::unknown_outcome, "lost"});
    return true;
  }

  bool role_label_is_removed() {
    return erase("labels", "druidDiscoveryAnnouncement-middleManager");
  }

  bool annotations_are_removed() {
    if (metadata().erase("annotations") == 0) return false;
    look_as_overlord();
    return true;
  }

  bool annotations_appear() {
    if (metadata().contains("annotations")) return false;
    metadata()["annotations"] = {{"other", "1"}};
    return true;
  }

  bool document_is_changed() {
    json::value* annotations = metadata().if_contains("annotations");
    if (annotations == nullptr) return false;
    json::value* found = annotations->get_object().if_contains("druidNodeInfo-middleManager");
    if (found == nullptr || *found == "x") return false;
    *found = "x";
    look_as_overlord();
    return true;
  }

  bool withdraw() {
    if (!wanted) return false;
    wanted.reset();
    ++withdrawals;
    told_announced = false;
    step(event::Withdraw{});
    return true;
  }

  bool want_b() { return announce("B"); }

  bool cycle() {
    now += pod::cycle_patience;
    step(event::Cycle{});
    return true;
  }

  bool let_time_pass() {
    if (!machine.due()) return false;
    now = std::max(now, *machine.due());
    step(event::Elapsed{});
    return true;
  }

  void calm_down() {
    const auto until = now + 4 * pod::look_interval;
    while (now < until) {
      if (!serve() && !let_time_pass()) return;
    }
    serve();
    serve();
    serve();
  }

  void check_rest() {
    if (wanted) {
      CHECK(seen().marks == marks(*wanted));
      CHECK(overlord_sees == wanted);
      CHECK(told_announced);
    } else {
      CHECK(seen().marks == overlord::PodMarks{});
      CHECK_FALSE(overlord_sees);
    }
    CHECK(told_withdrawn == withdrawals);
  }

 private:
  bool announce(const std::string& document) {
    if (wanted == document) return false;
    wanted = document;
    step(event::Announce{marks(document)});
    return true;
  }

  json::object& metadata() { return object["metadata"].get_object(); }

  overlord::PodMetadata seen() {
    const auto found = overlord::pod_metadata(json::serialize(object));
    REQUIRE(found);
    return *found;
  }

  bool erase(const std::string& group, const std::string& name) {
    json::value* found = metadata().if_contains(group);
    if (found == nullptr || found->get_object().erase(name) == 0) return false;
    look_as_overlord();
    return true;
  }

  bool apply(const action::Patch& patch) {
    if (sandbox::json_patch(object, json::parse(patch.operations))) return false;
    // As the server does: what holds nothing is not there.
    for (const char* group : {"labels", "annotations"}) {
      const json::value* found = metadata().if_contains(group);
      if (found != nullptr && found->get_object().empty()) metadata().erase(group);
    }
    const auto all = seen().marks;
    const auto count = std::count_if(all.begin(), all.end(), [](const auto& m) { return !!m; });
    CHECK((count == 0 || count == 4));
    look_as_overlord();
    return true;
  }

  void look_as_overlord() {
    const auto all = seen().marks;
    const bool is_selected = all[0] == "true" && all[2] == "prod";
    if (!is_selected) {
      overlord_sees.reset();
    } else if (!std::exchange(was_selected, true)) {
      overlord_sees = all[3].value_or("nothing");
    }
    was_selected = is_selected;
  }

  void step(const pod::Event& event) {
    const auto actions = machine.step(event, now);
    for (const auto& each : actions) std::visit([this](const auto& one) { obey(one); }, each);
  }

  void obey(const action::Look& look) { ask(look); }

  void obey(const action::Patch& patch) {
    if (patch.operations.find(R"("op":"remove")") != std::string::npos) told_announced = false;
    ask(patch);
  }

  void ask(std::variant<action::Look, action::Patch> request) {
    CHECK_FALSE(pending);
    pending = std::move(request);
  }

  void obey(const tell::Announced&) {
    CHECK_FALSE(told_announced);
    told_announced = true;
  }

  void obey(const tell::Lost&) {
    CHECK(told_announced);
    told_announced = false;
  }

  void obey(const tell::Withdrawn&) { ++told_withdrawn; }

  void obey(const tell::Trouble&) {}

  pod::PodLabel machine{"druid/copse-0"};
  discovery::Time now{1h};
  json::object object;
  std::optional<std::variant<action::Look, action::Patch>> pending;
  std::optional<std::string> wanted;
  std::optional<std::string> overlord_sees;  // the document that it has read
  bool was_selected = false;
  bool told_announced = false;
  int withdrawals = 0;
  int told_withdrawn = 0;
};

constexpr std::array happenings{&World::serve,
                                &World::fail_before,
                                &World::fail_after,
                                &World::want_b,
                                &World::role_label_is_removed,
                                &World::annotations_are_removed,
                                &World::cycle,
                                &World::annotations_appear,
                                &World::document_is_changed,
                                &World::let_time_pass,
                                &World::withdraw};

constexpr std::size_t longest_history = 4;

const std::vector<std::string> pods{
    R"({"metadata":{"name":"copse-0"}})",
    R"({"metadata":{"labels":{"app":"copse"},"annotations":{"other":"1"}}})",
    R"({"metadata":{"labels":{"druidDiscoveryAnnouncement-middleManager":"true",)"
    R"("druidDiscoveryAnnouncement-id-hash":"1",)"
    R"("druidDiscoveryAnnouncement-cluster-identifier":"prod"},)"
    R"("annotations":{"druidNodeInfo-middleManager":"of a predecessor"}}})"};

World announced(const std::string& document) {
  World world(document);
  while (world.serve()) {
  }
  return world;
}

}  // namespace

TEST_CASE("after every short history the Overlord sees what is wanted", "[pod][histories]") {
  for (const std::string& document : pods) {
    copse::tests::run_histories<World>(
        document, [&] { return World(document); }, happenings, longest_history);
  }
}

TEST_CASE("after every short history from an announcement on the Overlord sees what is wanted",
          "[pod][histories]") {
  for (const std::string& document : pods) {
    copse::tests::run_histories<World>(
        document, [&] { return announced(document); }, happenings, longest_history);
  }
}
