// What a policy in the language decides. The oracle: conditions as people mean them, evaluated from
// the tree, task by task.
#include "grammar/language/meaning.hpp"

#include "engine/evaluate.hpp"
#include "grammar/language/complaints.hpp"
#include "grammar/language/parse.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <string>

#include <catch2/catch.hpp>

using namespace copse::grammar::language;
namespace engine = copse::engine;

namespace {

// Random conditions, and tasks that are counted; fewer where sanitizers slow them down.
#if defined(__SANITIZE_ADDRESS__)
constexpr int conditions = 100;
constexpr int counted_tasks = 500;
#else
constexpr int conditions = 1'000;
constexpr int counted_tasks = 2'000;
#endif

struct Policy {
  engine::Source source;
  engine::PolicySet set;
  engine::Image image;
  engine::FactReader facts;

  static engine::PolicySet read(const engine::Source& source) {
    const Parsing parsed = parse(source);
    for (const engine::Diagnostic& each : parsed.diagnostics) UNSCOPED_INFO(engine::render(each));
    REQUIRE(parsed.diagnostics.empty());
    auto made = meaning(source, parsed.file);
    if (!made) {
      for (const engine::Diagnostic& each : made.error()) UNSCOPED_INFO(engine::render(each));
    }
    REQUIRE(made);
    return std::move(*made);
  }

  explicit Policy(const std::string& text)
      : source{"p", text},
        set(read(source)),
        image(engine::compile(set, {{}, false}).value()),
        facts(image.attributes) {}

  // `rule: template`, or `worker`.
  std::string decide(const std::string& task, const engine::Circumstances& circumstances = {}) {
    std::string document = task;
    document.reserve(document.size() + engine::document_padding);
    const auto read = facts.read(document, circumstances);
    REQUIRE(read);
    const engine::Decision decision = engine::evaluate(image, *read);
    if (decision.runner == engine::Runner::worker) return "worker";
    const engine::Answer& answer = decision.placement;
    const std::string rule =
        answer.rule == engine::no_rule ? "default" : std::string(image.name(answer.rule));
    return rule + ": " + image.outcome(answer.outcome).template_key;
  }
};

// Whether a rule with that condition takes the task.
bool takes(const std::string& condition, const std::string& task,
           const engine::Circumstances& circumstances = {}) {
  Policy policy(
      "list vip = [\"a\", \"b\", glob\"search_*\"]\nattribute deep: text = spec.deep.er\n"
      "attribute rows: integer = spec.rows\nattribute size: quantity = spec.size\n"
      "attribute wait: duration = spec.wait\nattribute span: interval = spec.span\n"
      "attribute late: boolean = spec.late\nrule \"r\" when " +
      condition + " { template t }\ndefault { template d }");
  return policy.decide(task, circumstances) == "r: t";
}

// `P0520 3:12 unknown attribute …`, one a line.
std::string faults(const std::string& text) {
  const engine::Source source{"p", text};
  const Parsing parsed = parse(source);
  REQUIRE(parsed.diagnostics.empty());
  const auto made = meaning(source, parsed.file);
  std::string all;
  if (made) return all;
  for (const engine::Diagnostic& each : made.error()) {
    if (!all.empty()) all += "\n";
    all += each.code + " " + std::to_string(each.place.line) + ":" +
           std::to_string(each.place.column) + " " + each.title;
  }
  return all;
}

std::string in_rule(const std::string& condition) {
  return faults("rule \"r\" when " + condition + " { template t }\ndefault { template d }");
}

}  // namespace

TEST_CASE("the first rule that matches wins, and the default ends the policy", "[language]") {
  Policy policy(R"(
    list streaming = ["index_kafka", "index_kinesis"]
    rule "vip" when type in streaming and tags.team? == "fraud" { template "large" }
    rule "streaming" when type in streaming { template stream; runner k8s }
    rule "old" when dataSource? == "legacy" { runner worker }
    default { template base })");
  CHECK(policy.decide(R"({"type":"index_kafka","context":{"tags":{"team":"fraud"}}})") ==
        "vip: large");
  CHECK(policy.decide(R"({"type":"index_kafka","dataSource":"legacy"})") == "streaming: stream");
  CHECK(policy.decide(R"({"type":"compact","dataSource":"legacy"})") == "worker");
  CHECK(policy.decide(R"({"type":"compact"})") == "default: base");
  CHECK(policy.set.runner);
  CHECK_FALSE(Policy("default { template base }").set.runner);
}

TEST_CASE("a task for a worker that reaches copse all the same is placed by a later rule",
          "[language]") {
  Policy policy(R"(
    rule "old" when type == "kill" { runner worker }
    rule "any" when has dataSource { template a }
    default { template base })");
  engine::PolicySet placement_only = policy.set;
  placement_only.runner.reset();
  policy.image = engine::compile(placement_only, {{}, false}).value();
  policy.facts = engine::FactReader(policy.image.attributes);
  CHECK(policy.decide(R"({"type":"kill","dataSource":"x"})") == "any: a");
  CHECK(policy.decide(R"({"type":"kill"})") == "default: base");
}

TEST_CASE("a rule that never matches is a rule all the same", "[language]") {
  Policy policy(
      "rule \"never\" when false { template a }\nrule \"empty\" when type in [] "
      "{ template a }\ndefault { template d }");
  CHECK(policy.set.placement.rules.size() == 2);
  CHECK(policy.decide(R"({"type":"a"})") == "default: d");
}

TEST_CASE("what absence means is what the policy says", "[language]") {
  const std::string gold = R"({"type":"a","context":{"tags":{"t":"gold"}}})";
  const std::string none = R"({"type":"a"})";
  const std::string odd = R"({"type":"a","context":{"tags":{"t":7}}})";
  CHECK(takes("tags.t? == \"gold\"", gold));
  CHECK_FALSE(takes("tags.t? == \"gold\"", none));
  CHECK_FALSE(takes("tags.t? == \"gold\"", odd));  // of the wrong type: absent
  CHECK(takes("not (tags.t? == \"gold\")", none));
  CHECK(takes("not (tags.t? == \"gold\")", odd));
  CHECK(takes("tags.t else \"gold\" == \"gold\"", none));
  CHECK(takes("tags.t else \"x\" != \"gold\"", none));
  CHECK_FALSE(takes("tags.t else \"gold\" != \"gold\"", odd));
  CHECK(takes("tags.t else \"b\" in vip", none));
  CHECK_FALSE(takes("tags.t? in vip", none));
  CHECK(takes("has tags.t", gold));
  CHECK_FALSE(takes("has tags.t", none));
  CHECK_FALSE(takes("has tags.t", odd));
}

TEST_CASE("attributes lead where they say", "[language]") {
  CHECK(takes("id == \"x\"", R"({"type":"a","id":"x"})"));
  CHECK(takes("supervisorId? == \"s\"", R"({"type":"a","supervisorId":"s"})"));
  CHECK(takes("context.a.b? == \"x\"", R"({"type":"a","context":{"a":{"b":"x"}}})"));
  CHECK(takes("tags.\"a.b\"? == \"x\"", R"({"type":"a","context":{"tags":{"a.b":"x"}}})"));
  CHECK(takes("deep? == \"x\"", R"({"type":"a","spec":{"deep":{"er":"x"}}})"));
  CHECK(takes("type == \"\\u0061\"", R"({"type":"a"})"));
}

TEST_CASE("numbers of every kind are compared", "[language]") {
  CHECK(takes("priority >= 75", R"({"type":"index_kafka"})"));
  CHECK(takes("priority == 50", R"({"type":"single_phase_sub_task"})"));
  CHECK(takes("priority == 25", R"({"type":"compact"})"));
  CHECK(takes("priority == 0", R"({"type":"kill"})"));
  CHECK(takes("priority == 7", R"({"type":"kill","context":{"priority":7}})"));
  CHECK(takes("priority == 75", R"({"type":"index_kinesis","context":{"priority":"7"}})"));
  CHECK(takes("requiredCapacity == 1", R"({"type":"a"})"));
  CHECK(takes("requiredCapacity in [2, 3]", R"({"type":"a","resource":{"requiredCapacity":3}})"));
  CHECK(takes("attempt < 2", R"({"type":"a"})"));
  CHECK(takes("payload > 10", R"({"type":"a"})"));
  CHECK(takes("payload < 1Ki", R"({"type":"a"})"));
  CHECK(takes("groupId == \"x\"", R"({"type":"a","id":"x"})"));
  CHECK(takes("groupId == \"g\"", R"({"type":"a","id":"x","groupId":"g"})"));
  CHECK(takes("rows? > 5", R"({"type":"a","spec":{"rows":6}})"));
  CHECK_FALSE(takes("rows? > 5", R"({"type":"a","spec":{"rows":5.5}})"));  // no integer: absent
  CHECK(takes("rows else 9 > 5", R"({"type":"a","spec":{"rows":"6"}})"));
  CHECK(takes("has rows", R"({"type":"a","spec":{"rows":1}})"));
  CHECK_FALSE(takes("has rows", R"({"type":"a","spec":{"rows":[1]}})"));
  CHECK(takes("size? >= 1.5Gi", R"({"type":"a","spec":{"size":"1536Mi"}})"));
  CHECK(takes("size? == 500m", R"({"type":"a","spec":{"size":0.5}})"));
  CHECK(takes("wait? == 10m", R"({"type":"a","spec":{"wait":600000}})"));
  CHECK(takes("wait? > 9.5m", R"({"type":"a","spec":{"wait":"PT10M"}})"));
  CHECK(takes("late? == true", R"({"type":"a","spec":{"late":true}})"));
  CHECK(takes("late else false != true", R"({"type":"a"})"));
  CHECK(takes("span.count? == 2",
              R"({"type":"a","spec":{"span":["2026-01-01/P1D","2026-02-01/P1D"]}})"));
  CHECK(takes("span.length? == 2d",
              R"({"type":"a","spec":{"span":["2026-01-01/P1D","2026-02-01/P1D"]}})"));
  CHECK(takes("span.length? >= 28d", R"({"type":"a","spec":{"span":"2026-02-01/2026-03-01"}})"));
  CHECK_FALSE(takes("has span", R"({"type":"a","spec":{"span":["2026-01-01/P1D","x"]}})"));
}

TEST_CASE("of the context what it is compared with says the type", "[language]") {
  const std::string task =
      R"({"type":"a","context":{"n":7.5,"t":"x","b":true,"d":"PT1H","q":"2Gi","o":{"x":1},"z":null}})";
  CHECK(takes("context.n? > 7", task));
  CHECK(takes("context.t? == \"x\"", task));
  CHECK(takes("context.b? == true", task));
  CHECK(takes("context.d? == 60m", task));
  CHECK(takes("context.q? in [1Gi, 2Gi]", task));
  CHECK_FALSE(takes("context.t? > 7", task));
  CHECK(takes("has context.o and has context.n and has context.t", task));
  CHECK_FALSE(takes("has context.z", task));
  CHECK(takes("context.o.x? <= 1 and context.n else 7 != 7", task));
}

TEST_CASE("patterns take the whole text", "[language]") {
  CHECK(takes("dataSource? in vip", R"({"type":"a","dataSource":"search_eu"})"));
  CHECK(takes("dataSource? in vip", R"({"type":"a","dataSource":"b"})"));
  CHECK_FALSE(takes("dataSource? in vip", R"({"type":"a","dataSource":"my_search_eu"})"));
  CHECK(takes("dataSource? like re\"v[0-9]+_.*\"", R"({"type":"a","dataSource":"v7_x"})"));
  CHECK_FALSE(takes("dataSource? like re\"v[0-9]+\"", R"({"type":"a","dataSource":"v7_x"})"));
  CHECK(takes("dataSource else \"search_\" in vip", R"({"type":"a"})"));
  CHECK(takes("not (dataSource? like glob\"a?c\")", R"({"type":"a","dataSource":"ac"})"));
  CHECK(takes("dataSource? like glob\"a?c\"", R"({"type":"a","dataSource":"a\u00fcc"})"));
  CHECK(takes("dataSource? like glob\"[!a-c]\\*\"", R"({"type":"a","dataSource":"d*"})"));
}

TEST_CASE("a task without a datasource is in no list of them", "[language]") {
  CHECK(takes("dataSource in vip", R"({"type":"a","dataSource":"b"})"));
  CHECK_FALSE(takes("dataSource in vip", R"({"type":"a"})"));
  CHECK(takes("not (dataSource like glob\"*\")", R"({"type":"a"})"));
}

TEST_CASE("a canary takes its share, the same tasks each time, and more of them when it grows",
          "[language]") {
  int small = 0;
  int large = 0;
  for (int i = 0; i < counted_tasks; ++i) {
    const std::string task = R"({"type":"a","id":"task_)" + std::to_string(i) + "\"}";
    const bool in_small = takes("canary(\"s\", 5%)", task);
    const bool in_large = takes("canary(\"s\", 20%)", task);
    CHECK((!in_small || in_large));
    small += in_small ? 1 : 0;
    large += in_large ? 1 : 0;
  }
  // 5 and 20 per cent, give or take what chance may.
  CHECK(small > counted_tasks * 3 / 100);
  CHECK(small < counted_tasks * 7 / 100);
  CHECK(large > counted_tasks * 17 / 100);
  CHECK(large < counted_tasks * 23 / 100);
  const std::string task = R"({"type":"a","id":"x"})";
  CHECK(takes("canary(\"s\", 100%)", task));
  CHECK_FALSE(takes("canary(\"s\", 0%)", task));
  CHECK(takes("canary(\"s\", 0.0001%)", task, {.canary = true}));
  CHECK_FALSE(takes("canary(\"s\", 100%)", task, {.canary = false}));
  CHECK(takes("canary(\"s\", 50%, groupId) and canary(\"t\", 50%, tags.x?)", task) == false);
}

TEST_CASE("a window is open from its beginning up to its end, by the clock of its zone",
          "[language]") {
  const auto at = [](const char* time) {
    return engine::Circumstances{.now = engine::parse_instant(time), .canary = {}};
  };
  const std::string night = "within 22:00..06:00 \"Europe/Berlin\"";
  const std::string task = R"({"type":"a"})";
  CHECK(takes(night, task, at("2026-11-24T23:00:00+01:00")));
  CHECK(takes(night, task, at("2026-11-24T22:00:00+01:00")));
  CHECK_FALSE(takes(night, task, at("2026-11-24T06:00:00+01:00")));
  CHECK(takes(night, task, at("2026-07-01T03:59Z")));
  CHECK_FALSE(takes(night, task, at("2026-07-01T04:00Z")));
  CHECK_FALSE(takes(night, task));  // nobody says what time it is
  CHECK(takes("within 08:00..24:00", task, at("2026-07-01T23:59Z")));
  CHECK(takes("on sat, sun \"Europe/Berlin\"", task, at("2026-11-27T23:30Z")));
  CHECK_FALSE(takes("on sat, sun", task, at("2026-11-27T23:30Z")));
}

TEST_CASE("any nesting of and, or and not decides as it reads", "[language]") {
  // What is asked, and whether it holds for a task of two tags, each absent, "x" or "y".
  using Task = std::pair<int, int>;

  struct Meant {
    std::string text;
    std::function<bool(Task)> holds;
  };

  std::mt19937 random(3);
  std::function<Meant(int)> make = [&](int depth) -> Meant {
    const auto pick = random() % 10;
    if (depth < 4 && pick < 2) {
      const Meant a = make(depth + 1);
      const Meant b = make(depth + 1);
      return {"(" + a.text + " and " + b.text + ")",
              [a, b](Task t) { return a.holds(t) && b.holds(t); }};
    }
    if (depth < 4 && pick < 4) {
      const Meant a = make(depth + 1);
      const Meant b = make(depth + 1);
      return {"(" + a.text + " or " + b.text + ")",
              [a, b](Task t) { return a.holds(t) || b.holds(t); }};
    }
    if (depth < 4 && pick < 6) {
      const Meant a = make(depth + 1);
      return {"not (" + a.text + ")", [a](Task t) { return !a.holds(t); }};
    }
    const bool first = random() % 2 == 0;
    const auto value = [first](Task t) { return first ? t.first : t.second; };
    const std::string tag = first ? "tags.a" : "tags.b";
    switch (random() % 6) {
      case 0:
        return {"has " + tag, [value](Task t) { return value(t) > 0; }};
      case 1:
        return {tag + "? == \"x\"", [value](Task t) { return value(t) == 1; }};
      case 2:
        return {tag + " else \"y\" == \"y\"", [value](Task t) { return value(t) != 1; }};
      case 3:
        return {tag + " else \"y\" != \"x\"", [value](Task t) { return value(t) != 1; }};
      case 4:
        return {tag + "? in [\"x\", \"y\"]", [value](Task t) { return value(t) > 0; }};
      default:
        return {"true", [](Task) { return true; }};
    }
  };
  for (int i = 0; i < conditions; ++i) {
    const Meant one = make(0);
    const Meant two = make(0);
    Policy policy("rule \"one\" when " + one.text + " { template t }\nrule \"two\" when " +
                  two.text + " { template t }\ndefault { template t }");
    for (int a = 0; a < 3; ++a) {
      for (int b = 0; b < 3; ++b) {
        constexpr const char* values[] = {"null", "\"x\"", "\"y\""};
        const std::string task = std::string(R"({"type":"k","context":{"tags":{"a":)") + values[a] +
                                 ",\"b\":" + values[b] + "}}}";
        const std::string expected = one.holds({a, b})   ? "one: t"
                                     : two.holds({a, b}) ? "two: t"
                                                         : "default: t";
        if (policy.decide(task) != expected)
          FAIL(policy.source.text << "\n" << task << " should be " << expected);
      }
    }
  }
}

TEST_CASE("each mistake has its code and its place", "[language]") {
  CHECK(in_rule("tpye == \"a\"") == "P0520 1:15 unknown attribute `tpye`");
  CHECK(in_rule("spec.x == \"a\"") == "P0520 1:15 unknown attribute `spec.x`");
  CHECK(in_rule("supervisorId == \"a\"") ==
        "P0521 1:15 `supervisorId` may be absent, and nothing says what then");
  CHECK(in_rule("dataSource != \"a\"") ==
        "P0521 1:15 `dataSource` may be absent, and nothing says what then");
  CHECK(in_rule("tags.t? != \"a\"") == "P0522 1:15 true or false when `tags.t` is absent?");
  CHECK(in_rule("has tags.t?") == "P0522 1:19 `has` asks whether it is there");
  CHECK(in_rule("type == 7") == "P0523 1:23 `type` is a text, and is compared with a number");
  CHECK(in_rule("priority > 10m") ==
        "P0523 1:26 `priority` is an integer, and is compared with a duration");
  CHECK(in_rule("priority > 1.5") ==
        "P0523 1:26 `priority` is an integer, and is compared with a number");
  CHECK(in_rule("context.x? in [1, 5s]") ==
        "P0523 1:33 `context.x` is a number, and is compared with a duration");
  CHECK(in_rule("context.x else \"a\" > 16Gi") ==
        "P0523 1:30 `context.x` is a quantity, and is compared with a text");
  CHECK(in_rule("payload > true") ==
        "P0523 1:25 `payload` is a quantity, and is compared with true or false");
  CHECK(in_rule("context.x? > true") == "P0523 1:15 true and false are not ordered");
  CHECK(in_rule("priority like glob\"7*\"") ==
        "P0523 1:29 `priority` is an integer, and is compared with a pattern");
  CHECK(in_rule("payload > 5%") ==
        "P0523 1:25 `payload` is a quantity, and is compared with a share");
  CHECK(in_rule("context.x? > 5x") == "P0535 1:28 there is no unit `x`");
  CHECK(in_rule("dataSource? like glob\"a[\"") == "P0536 1:32 the glob cannot be used");
  CHECK(in_rule("dataSource? like re\"a(\"") == "P0536 1:32 the regex cannot be used");
  CHECK(in_rule("dataSource? like re\"((a{100}){100}){100}\"") ==
        "P0536 1:32 the regex cannot be used");
  CHECK(in_rule("canary(\"s\", 101%)") == "P0533 1:27 this is no share of the tasks");
  CHECK(in_rule("canary(\"s\", 5)") == "P0533 1:27 this is no share of the tasks");
  CHECK(in_rule("canary(\"s\", 0.00001%)") == "P0533 1:27 this is no share of the tasks");
  CHECK(in_rule("canary(\"s\", 5%, priority)") == "P0523 1:31 a canary counts texts");
  CHECK(in_rule("canary(\"s\", 5%, tags.x)") ==
        "P0521 1:31 `tags.x` may be absent, and nothing says what then");
  CHECK(in_rule("within 22:00..06:00 \"Europe/Atlantis\"") ==
        "P0534 1:35 there is no time zone `Europe/Atlantis`");
  CHECK(in_rule("within 22:00..24:30") == "P0537 1:29 there is no such time of day");
  CHECK(in_rule("within 22:00..22:00") == "P0537 1:15 the window begins when it ends");
  CHECK(in_rule("type < \"a\"") == "P0523 1:15 texts are not ordered");
  CHECK(in_rule("type in streming") == "P0524 1:23 there is no list `streming`");
  CHECK(faults("rule \"a\" { template t }\nrule \"a\" { template t }\ndefault { template t }") ==
        "P0525 2:6 a second rule is called `a`");
  CHECK(faults("default { template t }\ndefault { template t }") ==
        "P0525 2:1 the policy has two defaults");
  CHECK(faults("rule \"default\" { template t }\ndefault { template t }") ==
        "P0525 1:6 a rule is called `default`");
  CHECK(faults("rule \"a\" { template t }") == "P0526 1:24 the policy has no default");
  CHECK(faults("default { template t }\nrule \"a\" { template t }") ==
        "P0526 2:6 a rule stands behind the default");
  CHECK(faults("rule \"a\" { runner k8s }\ndefault { runner worker }") ==
        "P0527 1:6 rule `a` runs on k8s and has no template\n"
        "P0527 2:1 the default has no template");
  CHECK(faults("default { template a; template b }") == "P0528 1:23 `template` is said twice");
  CHECK(faults("default { template a = b }") == "P0529 1:11 one name is wanted here");
  CHECK(faults("default { templat a }") == "P0529 1:11 there is no outcome `templat`");
  CHECK(faults("default { template a; cpu 2 }") ==
        "P0538 1:23 the policy does not allow to override `cpu`");
  CHECK(faults("default { template a; runner k9s }") == "P0530 1:30 there is no runner `k9s`");
  CHECK(faults("attribute a: number = spec.a\ndefault { template a }") ==
        "P0532 1:14 there is no type `number`");
}

TEST_CASE("all mistakes of a policy are told in one run, in the order of the text", "[language]") {
  CHECK(faults("list l = [\"a\"]\nlist l = []\nrule \"a\" when tpye == \"x\" or tags.t == \"y\" "
               "{ runner k9s }\ndefault {}") ==
        "P0525 2:6 a second list is called `l`\n"
        "P0520 3:15 unknown attribute `tpye`\n"
        "P0521 3:30 `tags.t` may be absent, and nothing says what then\n"
        "P0530 3:53 there is no runner `k9s`\n"
        "P0527 4:1 the default has no template");
}

TEST_CASE("what is said beyond the limit is counted", "[language]") {
  std::string text = "default { template a }\n";
  for (std::size_t i = 0; i < complaint_limit; ++i)
    text += "rule \"" + std::to_string(i) + "\" when type == \"x\" { template a }\n";
  const std::string said = faults(text);
  CHECK(static_cast<std::size_t>(std::count(said.begin(), said.end(), '\n')) ==
        complaint_limit - 1);
  CHECK(faults(text + "list l = []").find("P0501 0:0 and 1 more") == std::string::npos);
  CHECK(faults(text + "rule \"y\" when tpye == \"x\" { cpu 1 }").ends_with("P0501 0:0 and 3 more"));
}

TEST_CASE("a condition with too many alternatives is refused", "[language]") {
  const auto wide = [](int factors) {
    std::string text;
    for (int i = 0; i < factors; ++i)
      text += std::string(i == 0 ? "" : " and ") + "(has tags.a" + std::to_string(i) +
              " or has tags.b" + std::to_string(i) + ")";
    return in_rule(text);
  };
  CHECK(wide(9).empty());  // 512
  CHECK(wide(10) == "P0531 1:15 the condition comes to more than 1000 alternatives");
  CHECK(wide(60).starts_with("P0531"));
}

TEST_CASE("a list of a million texts in one line of twelve megabytes decides", "[language]") {
  constexpr std::uint32_t items = 1'000'000;
  std::string text = "list many = [";
  for (std::uint32_t i = 0; i < items; ++i)
    text += (i == 0 ? "\"t" : ",\"t") + std::to_string(i) + "\"";
  text += "]\nrule \"r\" when dataSource in many { template t }\ndefault { template d }\n";
  Policy policy(text);
  CHECK(policy.decide(R"({"dataSource":"t0"})") == "r: t");
  CHECK(policy.decide(R"({"dataSource":"t999999"})") == "r: t");
  CHECK(policy.decide(R"({"dataSource":"t1000000"})") == "default: d");

  SECTION("what is wrong at its end is told at its place, in a few words") {
    const std::size_t end = text.find(']');
    text.insert(end, ",5m");
    const engine::Source source{"p", text};
    const Parsing parsed = parse(source);
    REQUIRE(parsed.diagnostics.empty());
    const auto made = meaning(source, parsed.file);
    REQUIRE_FALSE(made);
    REQUIRE(made.error().size() == 1);
    CHECK(made.error()[0].place.line == 1);
    CHECK(made.error()[0].place.column == end + 2);
    CHECK(engine::render(made.error()[0]).size() < 1'000);
  }
}
