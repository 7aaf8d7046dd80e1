#pragma once
// Random small worlds: policies over few attributes and values, so that rules overlap, shadow each
// other and fail, and tasks that hit them.

#include "engine/compile.hpp"
#include "engine/facts.hpp"
#include "engine/murmur3.hpp"
#include "tests/engine/naive.hpp"

#include <random>
#include <string>
#include <vector>

namespace copse::tests {

class Worlds {
 public:
  explicit Worlds(std::uint64_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  bool chance(std::uint32_t percent) { return below(100) < percent; }

  std::string value() {
    // Mostly few values, sometimes many: atoms beyond 64 take another path than the mask.
    return "v" + std::to_string(few_values_ || chance(60) ? below(4) : below(150));
  }

  /// Few values, few attributes and more tests a rule make long lists that are not cut short.
  void few_values(bool few) { few_values_ = few; }

  void regexes(bool with) { regexes_ = with; }

  static engine::Attribute number_attribute(engine::ValueType type) {
    engine::Attribute made = engine::context_attribute("number");
    made.type = type;
    return made;
  }

  static engine::Attribute clock_attribute(engine::Origin origin) {
    return {.name = "clock",
            .path = {},
            .type = engine::ValueType::integer,
            .origin = origin,
            .argument = "Europe/Berlin"};
  }

  engine::Attribute attribute() {
    if (few_values_) return chance(50) ? engine::type_attribute() : engine::tag_attribute("t0");
    switch (below(11)) {
      case 0:
        return engine::type_attribute();
      case 1:
        return engine::data_source_attribute();
      case 2:
        return engine::context_attribute("key");
      case 3:
        return number_attribute(engine::ValueType::integer);
      case 4:
        return number_attribute(engine::ValueType::decimal);
      case 5:
        return number_attribute(engine::ValueType::duration);
      case 6:
        return engine::canary_attribute(engine::id_attribute(), "salt" + std::to_string(below(2)));
      case 7:
        return clock_attribute(chance(50) ? engine::Origin::time_of_day : engine::Origin::weekday);
      case 8: {
        engine::Attribute present = engine::context_attribute("key");
        present.type = engine::ValueType::any;
        return present;
      }
      default:
        return engine::tag_attribute("t" + std::to_string(below(3)));
    }
  }

  engine::Verdict verdict() { return static_cast<engine::Verdict>(below(3)); }

  engine::Test test() {
    engine::Test test;
    test.attribute = attribute();
    const std::uint32_t size = chance(10) && !few_values_ ? below(120) : below(4);
    if (engine::is_numeric(test.attribute->type)) {
      test.ranges = ranges(size, test.attribute->origin);
    } else if (test.attribute->type == engine::ValueType::text) {
      for (std::uint32_t i = 0; i < size; ++i) test.values.push_back(value());
      const std::uint32_t patterns = few_values_ || chance(60) ? 0 : 1 + below(3);
      for (std::uint32_t i = 0; i < patterns; ++i) test.patterns.push_back(pattern());
    }
    if (chance(few_values_ ? 95 : 70)) {
      test.if_ill_typed = engine::Verdict::fail;
    } else {
      test.if_listed = verdict();
      test.if_other = verdict();
      test.if_absent = verdict();
      test.if_ill_typed = verdict();
    }
    return test;
  }

  /// Over the alphabet of value(): each family, and each way to hang.
  engine::Pattern pattern() {
    static const std::vector<std::string> globs{"v*",   "*1",    "v?",     "*",     "v1*",
                                                "*v1*", "v*3",   "v[0-2]", "?[12]", "v1[0-9]*",
                                                "*10*", "v1?0*", "v",      "*1?",   "v[13]*"};
    static const std::vector<std::string> regexes{"v[0-9]",    "v1.*",      "(v1|v2)[0-9]?", ".*3",
                                                  "v[0-9]{2}", "[a-z]1.*0", "v12[0-9]",      "v.",
                                                  ".*",        "v(1|33)",   "v1(2|3)?"};
    if (chance(60) || !regexes_)
      return {engine::Pattern::Kind::glob, globs[below(static_cast<std::uint32_t>(globs.size()))]};
    return {engine::Pattern::Kind::regex,
            regexes[below(static_cast<std::uint32_t>(regexes.size()))]};
  }

  std::vector<engine::Range> ranges(std::uint32_t size, engine::Origin origin) {
    const std::uint32_t most = origin == engine::Origin::canary        ? engine::share_unit
                               : origin == engine::Origin::time_of_day ? 1440
                               : origin == engine::Origin::weekday     ? 8
                                                                       : 60;
    std::vector<engine::Range> made;
    std::int64_t from = chance(20) ? -1 : static_cast<std::int64_t>(below(most));
    for (std::uint32_t i = 0; i < size; ++i) {
      const std::int64_t to = from + static_cast<std::int64_t>(below(most / 2));
      made.push_back({from < 0 ? engine::smallest_number : engine::Number{from, 0},
                      chance(10) ? engine::largest_number : engine::Number{to, 0}});
      if (made.back().last == engine::largest_number) break;
      from = to + 1 + static_cast<std::int64_t>(below(most / 4 + 1));
      if (chance(20)) {  // open at the end
        made.back().last = engine::before(engine::Number{from, 0});
        ++from;
      }
    }
    return made;
  }

  engine::Policy policy(std::uint32_t rules) {
    engine::Policy policy;
    for (std::uint32_t i = 0; i < rules; ++i) {
      engine::Rule rule;
      rule.name = "rule" + std::to_string(i);
      const std::uint32_t least = few_values_ ? 2 : 1;  // a single test would end its list
      const std::uint32_t tests = chance(3) ? 0 : least + below(4);
      for (std::uint32_t t = 0; t < tests; ++t) rule.tests.push_back(test());
      rule.outcome.template_key = "k" + std::to_string(below(6));
      policy.rules.push_back(rule);
    }
    policy.otherwise.template_key = "base";
    return policy;
  }

  engine::Policy runner_policy() {
    engine::Policy made = policy(below(4));
    for (engine::Rule& rule : made.rules) {
      rule.outcome = {};
      rule.outcome.runner = chance(50) ? engine::Runner::worker : engine::Runner::k8s;
    }
    made.otherwise = {};
    made.otherwise.runner = chance(30) ? engine::Runner::worker : engine::Runner::k8s;
    return made;
  }

  /// A task as values and as the document that says the same.
  struct Task {
    Values values;
    std::string document;
    engine::Circumstances circumstances;
  };

  Task task() {
    Task task;
    std::string tags;
    std::string context;
    const auto put = [&](std::string& object, const std::string& name,
                         const engine::Attribute& attribute) {
      engine::Attribute present = attribute;
      present.type = engine::ValueType::any;
      switch (below(20)) {
        case 0:
          member(object, name, "null");
          return;
        case 1:
          return;
        case 2: {
          static const std::vector<std::string> others{"7", "true", "[\"v1\"]", "{\"v\":1}", "1.5"};
          member(object, name, others[below(5)]);
          task.values[attribute] = IllTyped{};
          break;
        }
        default: {
          const std::string text = value();
          member(object, name, "\"" + text + "\"");
          task.values[attribute] = text;
        }
      }
      task.values[present] = "there";
    };
    for (int i = 0; i < 3; ++i) {
      const std::string name = "t" + std::to_string(i);
      put(tags, name, engine::tag_attribute(name));
    }
    member(context, "noise", R"({"key":"v1","deep":[[{"type":"v0"}]]})");
    put(context, "key", engine::context_attribute("key"));
    number(context, task);
    if (chance(3)) {
      member(context, "tags", "\"no object\"");
      for (int i = 0; i < 3; ++i)
        task.values[engine::tag_attribute("t" + std::to_string(i))] = IllTyped{};
    } else {
      member(context, "tags", "{" + tags + "}");
    }
    put(task.document, "type", engine::type_attribute());
    member(task.document, "context", "{" + context + "}");
    put(task.document, "dataSource", engine::data_source_attribute());
    counted(task);
    clock(task);
    task.document = "{" + task.document + "}";
    return task;
  }

 private:
  static void member(std::string& object, const std::string& name, const std::string& json) {
    object += (object.empty() ? "\"" : ",\"") + name + "\":" + json;
  }

  // One value, read as three types.
  void number(std::string& context, Task& task) {
    struct Case {
      std::string json;
      Value integer;
      Value decimal;
      Value duration;
    };

    const auto whole = static_cast<std::int64_t>(below(60));
    const engine::Number half{whole, 500'000'000};
    const engine::Number same{whole, 0};
    const std::string text = std::to_string(whole);
    const IllTyped no;
    const std::vector<Case> cases{
        {text, same, same, same},
        {text + ".5", no, half, half},
        {text + ".0", same, same, same},
        {"\"PT0.0" + (whole < 10 ? "0" + text : text) + "S\"", no, no, same},
        {"\"" + text + "\"", no, no, no},
        {"1e300", engine::largest_number, engine::largest_number, engine::largest_number},
        {"true", no, no, no},
        {"[1]", no, no, no}};
    if (chance(10)) return;
    const Case& each = cases[chance(60) ? 0 : below(static_cast<std::uint32_t>(cases.size()))];
    member(context, "number", each.json);
    task.values[number_attribute(engine::ValueType::integer)] = each.integer;
    task.values[number_attribute(engine::ValueType::decimal)] = each.decimal;
    task.values[number_attribute(engine::ValueType::duration)] = each.duration;
  }

  void counted(Task& task) {
    if (chance(5)) return;
    const std::string id = "task_" + std::to_string(below(1000));
    member(task.document, "id", "\"" + id + "\"");
    if (chance(10)) task.circumstances.canary = chance(50);
    for (const std::string salt : {"salt0", "salt1"}) {
      const std::string hex = engine::murmur3_x64_128(salt + '\0' + id);
      std::uint64_t hash = 0;
      for (std::size_t byte = 16; byte > 0; byte -= 2)
        hash = hash << 8U | std::stoul(hex.substr(byte - 2, 2), nullptr, 16);
      std::int64_t place = static_cast<std::int64_t>(hash % engine::share_unit);
      if (task.circumstances.canary) place = *task.circumstances.canary ? 0 : engine::share_unit;
      task.values[engine::canary_attribute(engine::id_attribute(), salt)] =
          engine::Number{place, 0};
    }
  }

  // 2026-11-23 was a Monday; Berlin is an hour before UTC then.
  void clock(Task& task) {
    if (chance(10)) return;
    const auto minutes = static_cast<std::int64_t>(below(7 * 1440));
    const std::int64_t monday = 1'795'388'400'000;  // midnight in Berlin
    task.circumstances.now = engine::Instant{monday + minutes * 60'000};
    task.values[clock_attribute(engine::Origin::time_of_day)] = engine::Number{minutes % 1440, 0};
    task.values[clock_attribute(engine::Origin::weekday)] = engine::Number{minutes / 1440 + 1, 0};
  }

  std::mt19937_64 random_;
  bool few_values_ = false;
  bool regexes_ = true;
};

}  // namespace copse::tests
