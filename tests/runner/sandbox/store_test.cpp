// Store, selectors, watches, time and patches: plain values.
#include "runner/sandbox/store.hpp"

#include "runner/sandbox/patch.hpp"
#include "runner/sandbox/selector.hpp"
#include "runner/sandbox/watch.hpp"
#include "tests/runner/sandbox/world.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace copse::runner::sandbox;
using namespace std::chrono_literals;

namespace {

constexpr Moment begin{std::chrono::seconds{1'780'000'000}};

Object pod(std::string_view name, std::string_view team = "a") {
  Object object;
  object.ns = "default";
  object.name = name;
  object.created = begin;
  Written written;
  put(written.labels, "team", team);
  object.written = std::make_shared<const Written>(std::move(written));
  return object;
}

void change_team(Store& store, std::string_view name, std::string_view team) {
  const ObjectPtr current = store.find(Resource::pods, "default", name);
  Object next = *current;
  next.written = pod(name, team).written;
  store.replace(current, std::move(next));
}

Selection team(std::string_view value) {
  return {.ns = {}, .labels = *parse_label_selector("team=" + std::string{value}), .fields = {}};
}

std::string names(const Page& page) {
  std::string all;
  for (const ObjectPtr& item : page.items) all += (all.empty() ? "" : " ") + item->name;
  return all;
}

std::string pull(Watch& watch, Moment now = begin) {
  std::string all;
  for (const Frame& frame : watch.pull(now, 1U << 20)) {
    all += (all.empty() ? "" : ", ") + sandbox_test::at(*frame, "type") + " " +
           sandbox_test::at(*frame, "object.metadata.name");
  }
  return all;
}

Watch watch_from(const Store& store, std::optional<Rv> after, Selection selection = {}) {
  return Watch{store,
               {.resource = Resource::pods,
                .selection = std::move(selection),
                .after = after,
                .deadline = begin + 10min,
                .body = {}},
               begin};
}

}  // namespace

TEST_CASE("ages are printed as kubectl prints them", "[sandbox][moment]") {
  const auto check = [](std::chrono::seconds span, std::string_view text) {
    CHECK(human_duration(span) == text);
  };
  check(0s, "0s");
  check(119s, "119s");
  check(120s, "2m");
  check(150s, "2m30s");
  check(11min, "11m");
  check(3h, "3h");
  check(3h + 5min, "3h5m");
  check(50h, "2d2h");
  check(24h * 10, "10d");
}

TEST_CASE("a timestamp survives writing and reading, cut to seconds", "[sandbox][moment]") {
  CHECK(timestamp(begin + 5ms) == "2026-05-28T20:26:40Z");
  CHECK(parse_timestamp("2026-05-28T20:26:40Z") == begin);
  CHECK(parse_timestamp("2026-05-28T20:26:40.250Z") == begin + 250ms);
  CHECK(parse_timestamp(micro_timestamp(begin + 7ms)) == begin + 7ms);
  for (const char* text :
       {"", "2026-05-28", "2026-13-28T20:26:40Z", "2026-05-28 20:26:40Z", "2026-05-28T20:26:40"}) {
    CHECK_FALSE(parse_timestamp(text));
  }
}

TEST_CASE("a label selector selects as Kubernetes does", "[sandbox][selector]") {
  const auto selects = [](std::string_view text) {
    const auto terms = parse_label_selector(text);
    REQUIRE(terms);
    return Selection{.ns = {}, .labels = *terms, .fields = {}}.matches(pod("x", "red"));
  };
  for (const char* text :
       {"", "team", "team=red", "team==red", "team in (blue, red)", "team!=blue", "other!=red",
        "other notin (a)", "!other", "team=red,!other", " team = red "}) {
    INFO(text);
    CHECK(selects(text));
  }
  for (const char* text : {"other", "team=blue", "team in (blue)", "team notin (red,blue)", "!team",
                           "team!=red", "team=red,other", "other=red"}) {
    INFO(text);
    CHECK_FALSE(selects(text));
  }
  for (const char* text : {"a b", "team in red", "team within (a)", ",", "te am=red", "team=a b",
                           "team=(red)", "=red", "a/b/c", "team=red,", "team>x", "!team=red)"}) {
    INFO(text);
    CHECK_FALSE(parse_label_selector(text));
  }
}

TEST_CASE("a label selector compares whole numbers", "[sandbox][selector]") {
  const auto selects = [](std::string_view text, std::string_view team) {
    const auto terms = parse_label_selector(text);
    REQUIRE(terms);
    return Selection{.ns = {}, .labels = *terms, .fields = {}}.matches(pod("x", std::string{team}));
  };
  CHECK(selects("team>1", "2"));
  CHECK_FALSE(selects("team>2", "2"));
  CHECK(selects("team<3,team in (2,)", "2"));
  CHECK_FALSE(selects("team<3", "red"));
  CHECK_FALSE(selects("other>0", "2"));
}

TEST_CASE("a field selector knows the fields of its resource only", "[sandbox][selector]") {
  CHECK(parse_field_selector(Resource::pods, "status.phase!=Running,spec.nodeName=n"));
  CHECK(parse_field_selector(Resource::jobs, "status.phase=x").error() ==
        "field label \"status.phase\" not supported for Job");
  CHECK(parse_field_selector(Resource::nodes, "metadata.namespace=x").error() ==
        "field label not supported: metadata.namespace");
}

TEST_CASE("each write takes the next resourceVersion, a deletion too", "[sandbox][store]") {
  Store store{100, 1};
  const ObjectPtr a = store.add(pod("a"));
  const ObjectPtr b = store.add(pod("b"));
  CHECK(b->rv > a->rv);
  store.remove(a);
  CHECK(store.head() > b->rv);
  const ChangePtr last = store.at(Resource::pods, 2);
  CHECK(last->kind == ChangeKind::deleted);
  CHECK(last->object->rv == store.head());
  CHECK(last->object->uid == a->uid);
}

TEST_CASE("an object whose deletion is due goes with its last finalizer", "[sandbox][store]") {
  Store store{100, 1};
  Object object = pod("a");
  object.finalizers = {"x"};
  object.deletion = begin;
  const ObjectPtr held = store.add(std::move(object));
  Object next = *held;
  remove_finalizer(next, "x");
  CHECK(store.replace(held, std::move(next)) == nullptr);
  CHECK(store.find(Resource::pods, "default", "a") == nullptr);
}

TEST_CASE("pages of a list show one moment, whatever happens between them", "[sandbox][store]") {
  Store store{100, 1};
  for (const char* name : {"a", "b", "c", "d", "e"}) store.add(pod(name));
  const Rv snapshot = store.head();
  const auto first = store.list(Resource::pods, {}, snapshot, {}, 2);
  REQUIRE(first);
  CHECK(names(*first) == "a b");
  CHECK(first->remaining == 3);
  store.remove(store.find(Resource::pods, "default", "d"));
  store.add(pod("cc"));
  change_team(store, "e", "b");
  const auto second = store.list(Resource::pods, {}, snapshot, first->last_key, 0);
  REQUIRE(second);
  CHECK(names(*second) == "c d e");
  CHECK(*find(second->items[2]->written->labels, "team") == "a");
  CHECK(names(*store.list(Resource::pods, {}, store.head(), {}, 0)) == "a b c cc e");
}

TEST_CASE("a past that is forgotten is gone, for lists and watches alike", "[sandbox][store]") {
  Store store{3, 1};
  for (const char* name : {"a", "b", "c", "d", "e"}) store.add(pod(name));
  const Rv oldest = store.oldest(Resource::pods);
  CHECK(store.list(Resource::pods, {}, oldest, {}, 0).has_value());
  CHECK_FALSE(store.list(Resource::pods, {}, Rv{static_cast<std::uint64_t>(oldest) - 1}, {}, 0)
                  .has_value());
  Watch watch = watch_from(store, Rv{2});
  const auto frames = watch.pull(begin, 1000);
  REQUIRE(frames.size() == 1);
  CHECK(sandbox_test::at(*frames[0], "type") == "ERROR");
  CHECK(sandbox_test::at(*frames[0], "object.code") == "410");
  CHECK(sandbox_test::at(*frames[0], "object.reason") == "Expired");
  CHECK(watch.finished());
}

TEST_CASE("a watch resumes behind the resourceVersion that it names", "[sandbox][watch]") {
  Store store{100, 1};
  store.add(pod("a"));
  const Rv seen = store.head();
  store.add(pod("b"));
  Watch watch = watch_from(store, seen);
  CHECK(pull(watch) == "ADDED b");
  change_team(store, "a", "b");
  store.remove(store.find(Resource::pods, "default", "b"));
  CHECK(pull(watch) == "MODIFIED a, DELETED b");
  CHECK(pull(watch).empty());
}

TEST_CASE("a watch without resourceVersion begins with what exists", "[sandbox][watch]") {
  Store store{100, 1};
  store.add(pod("a"));
  store.add(pod("b"));
  Watch watch = watch_from(store, std::nullopt);
  store.add(pod("c"));
  CHECK(pull(watch) == "ADDED a, ADDED b, ADDED c");
}

TEST_CASE(
    "entering a selection is ADDED, leaving it is DELETED with the last version that was in it",
    "[sandbox][watch]") {
  Store store{100, 1};
  store.add(pod("a", "blue"));
  Watch watch = watch_from(store, store.head(), team("red"));
  change_team(store, "a", "red");
  CHECK(pull(watch) == "ADDED a");
  change_team(store, "a", "blue");
  const auto frames = watch.pull(begin, 1000);
  REQUIRE(frames.size() == 1);
  CHECK(sandbox_test::at(*frames[0], "type") == "DELETED");
  CHECK(sandbox_test::at(*frames[0], "object.metadata.labels.team") == "red");
  CHECK(sandbox_test::at(*frames[0], "object.metadata.resourceVersion") ==
        std::to_string(static_cast<std::uint64_t>(store.head())));
}

TEST_CASE("two watches that see the same event share its text", "[sandbox][watch]") {
  Store store{100, 1};
  Watch one = watch_from(store, store.head()), two = watch_from(store, store.head());
  store.add(pod("a"));
  const auto first = one.pull(begin, 1000), second = two.pull(begin, 1000);
  REQUIRE(first.size() == 1);
  CHECK(first[0] == second[0]);
}

TEST_CASE("bookmarks come each minute and shortly before the deadline, then the watch is over",
          "[sandbox][watch]") {
  Store store{100, 1};
  Watch watch{store,
              {.resource = Resource::pods,
               .selection = {},
               .after = store.head(),
               .bookmarks = true,
               .deadline = begin + 90s,
               .body = {}},
              begin};
  CHECK(pull(watch, begin + 59s).empty());
  store.add(pod("a"));
  CHECK(pull(watch, begin + 60s) == "ADDED a, BOOKMARK absent");
  CHECK(watch.wake() == begin + 88s);
  CHECK(pull(watch, begin + 88s) == "BOOKMARK absent");
  CHECK_FALSE(watch.finished());
  CHECK(pull(watch, begin + 90s).empty());
  CHECK(watch.finished());
}

TEST_CASE("a watch that fell out of the window ends with 410, not with a gap", "[sandbox][watch]") {
  Store store{2, 1};
  Watch watch = watch_from(store, store.head());
  for (const char* name : {"a", "b", "c"}) store.add(pod(name));
  const auto frames = watch.pull(begin, 1000);
  REQUIRE(frames.size() == 1);
  CHECK(sandbox_test::at(*frames[0], "object.code") == "410");
}

namespace {

std::string patched(PatchKind kind, std::string_view target, std::string_view patch) {
  boost::json::object document = boost::json::parse(std::string{target}).as_object();
  if (const auto refusal = apply_patch(kind, document, patch))
    return std::to_string(refusal->code) + " " + refusal->message;
  return boost::json::serialize(document);
}

}  // namespace

TEST_CASE("a merge patch follows RFC 7386", "[sandbox][patch]") {
  CHECK(patched(PatchKind::merge, R"({"a":1,"b":{"c":2}})", R"({"a":null,"b":{"d":3}})") ==
        R"({"b":{"c":2,"d":3}})");
  CHECK(patched(PatchKind::merge, R"({"a":[1,2]})", R"({"a":[3]})") == R"({"a":[3]})");
  CHECK(patched(PatchKind::merge, R"({"a":1})", R"({"a":{"b":null}})") == R"({"a":{}})");
}

TEST_CASE("a strategic patch merges lists by their keys and obeys directives", "[sandbox][patch]") {
  const auto merged = [](std::string_view target, std::string_view patch) {
    return patched(PatchKind::strategic, target, patch);
  };
  CHECK(merged(R"({"containers":[{"name":"a","image":"x"},{"name":"b"}]})",
               R"({"containers":[{"name":"a","image":"y"}]})") ==
        R"({"containers":[{"name":"a","image":"y"},{"name":"b"}]})");
  CHECK(merged(R"({"env":[{"name":"A","value":"1"}]})",
               R"({"env":[{"name":"A","$patch":"delete"},{"name":"B","value":"2"}]})") ==
        R"({"env":[{"name":"B","value":"2"}]})");
  CHECK(merged(R"({"finalizers":["a","b"]})", R"({"$deleteFromPrimitiveList/finalizers":["a"]})") ==
        R"({"finalizers":["b"]})");
  CHECK(merged(R"({"command":["a","b"]})", R"({"command":["c"]})") == R"({"command":["c"]})");
  CHECK(merged(R"({"m":{"a":1,"b":2}})", R"({"m":{"$retainKeys":["b"],"b":3}})") ==
        R"({"m":{"b":3}})");
  CHECK(merged(R"({"containers":[{"name":"a"}]})",
               R"({"$setElementOrder/containers":[{"name":"a"}],"x":1})") ==
        R"({"containers":[{"name":"a"}],"x":1})");
}

TEST_CASE("a JSON patch follows RFC 6902, and a failed test changes nothing", "[sandbox][patch]") {
  const auto run = [](std::string_view target, std::string_view patch) {
    return patched(PatchKind::json, target, patch);
  };
  CHECK(run(R"({"a":[1,2]})",
            R"([{"op":"add","path":"/a/1","value":9},{"op":"remove","path":"/a/0"}])") ==
        R"({"a":[9,2]})");
  CHECK(run(R"({"a/b":1})", R"([{"op":"replace","path":"/a~1b","value":2}])") == R"({"a/b":2})");
  CHECK(run(R"({"a":1})",
            R"([{"op":"move","from":"/a","path":"/b"},{"op":"copy","from":"/b","path":"/c"}])") ==
        R"({"b":1,"c":1})");
  CHECK(run(R"({"a":[]})", R"([{"op":"add","path":"/a/-","value":1}])") == R"({"a":[1]})");
  CHECK(run(R"({"a":1})", R"([{"op":"test","path":"/a","value":2}])").substr(0, 3) == "422");
  CHECK(run(R"({"a":1})", R"([{"op":"remove","path":"/x/y"}])").substr(0, 3) == "422");
}
