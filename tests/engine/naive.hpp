#pragma once
// The oracle: what a policy means, in the most obvious way that can be written. It looks at one
// rule after another and knows no atoms, tables or nodes. Slow on purpose.

#include "engine/compile.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>

namespace copse::tests {

/// A value as the oracle sees it: a text, or something that is not a text. No entry: absent.
struct NotText {
  bool operator==(const NotText&) const = default;
};

using Value = std::variant<std::string, NotText>;
using Values = std::map<std::string, Value>;  // by attribute name

struct NaiveAnswer {
  std::string rule;
  bool failed = false;  // a test failed
  engine::Outcome outcome;
};

inline engine::Verdict ask(const engine::Test& test, const Values& values) {
  const auto at = values.find(test.attribute.name);
  if (at == values.end()) return test.if_absent;
  const auto* text = std::get_if<std::string>(&at->second);
  if (text == nullptr) return test.if_ill_typed;
  for (const std::string& value : test.values) {
    if (value == *text) return test.if_listed;
  }
  return test.if_other;
}

inline NaiveAnswer naive(const engine::Policy& policy, const Values& values) {
  for (const engine::Rule& rule : policy.rules) {
    engine::Verdict verdict = engine::Verdict::yes;
    for (const engine::Test& test : rule.tests) {
      verdict = ask(test, values);
      if (verdict != engine::Verdict::yes) break;
    }
    if (verdict == engine::Verdict::fail) return {rule.name, true, rule.outcome};
    if (verdict == engine::Verdict::yes) return {rule.name, false, rule.outcome};
  }
  return {policy.otherwise_name, false, policy.otherwise};
}

}  // namespace copse::tests
