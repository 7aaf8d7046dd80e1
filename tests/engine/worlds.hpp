#pragma once
// Random small worlds: policies over few attributes and values, so that rules overlap, shadow each
// other and fail, and tasks that hit them.

#include "engine/compile.hpp"
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

  engine::Attribute attribute() {
    if (few_values_) return chance(50) ? engine::type_attribute() : engine::tag_attribute("t0");
    switch (below(6)) {
      case 0:
        return engine::type_attribute();
      case 1:
        return engine::data_source_attribute();
      case 2:
        return engine::context_attribute("key");
      default:
        return engine::tag_attribute("t" + std::to_string(below(3)));
    }
  }

  engine::Verdict verdict() { return static_cast<engine::Verdict>(below(3)); }

  engine::Test test() {
    engine::Test test;
    test.attribute = attribute();
    const std::uint32_t size = chance(10) && !few_values_ ? below(120) : below(4);
    for (std::uint32_t i = 0; i < size; ++i) test.values.push_back(value());
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
  };

  Task task() {
    Task task;
    std::string tags;
    std::string context;
    const auto member = [](std::string& object, const std::string& name, const std::string& json) {
      object += (object.empty() ? "\"" : ",\"") + name + "\":" + json;
    };
    const auto put = [&](std::string& object, const std::string& name,
                         const engine::Attribute& attribute) {
      switch (below(20)) {
        case 0:
          member(object, name, "null");
          return;
        case 1:
          return;
        case 2: {
          static const std::vector<std::string> others{"7", "true", "[\"v1\"]", "{\"v\":1}", "1.5"};
          member(object, name, others[below(5)]);
          task.values[attribute.name] = NotText{};
          return;
        }
        default: {
          const std::string text = value();
          member(object, name, "\"" + text + "\"");
          task.values[attribute.name] = text;
        }
      }
    };
    for (int i = 0; i < 3; ++i) {
      const std::string name = "t" + std::to_string(i);
      put(tags, name, engine::tag_attribute(name));
    }
    member(context, "noise", "{\"key\":\"v1\",\"deep\":[[{\"type\":\"v0\"}]]}");
    put(context, "key", engine::context_attribute("key"));
    if (chance(3)) {
      member(context, "tags", "\"no object\"");
      for (int i = 0; i < 3; ++i)
        task.values[engine::tag_attribute("t" + std::to_string(i)).name] = NotText{};
    } else {
      member(context, "tags", "{" + tags + "}");
    }
    put(task.document, "type", engine::type_attribute());
    member(task.document, "context", "{" + context + "}");
    put(task.document, "dataSource", engine::data_source_attribute());
    task.document = "{" + task.document + "}";
    return task;
  }

 private:
  std::mt19937_64 random_;
  bool few_values_ = false;
};

}  // namespace copse::tests
