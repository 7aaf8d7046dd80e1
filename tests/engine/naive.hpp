#pragma once
// The oracle: what a policy means, in the most obvious way that can be written. It looks at one
// rule after another and knows no atoms, tables or nodes. Slow on purpose.

#include "engine/compile.hpp"

#include <map>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <variant>

namespace copse::tests {

/// A value as the oracle sees it: a text, a number, or something of another type than the
/// attribute's. No entry: absent.
struct IllTyped {
  bool operator==(const IllTyped&) const = default;
};

using Value = std::variant<std::string, engine::Number, IllTyped>;
using Values = std::map<engine::Attribute, Value>;

struct NaiveAnswer {
  std::string rule;
  bool failed = false;  // a test failed
  engine::Outcome outcome;
};

/// A glob over ASCII, tried in every way.
inline bool naive_glob(std::string_view glob, std::string_view text) {
  if (glob.empty()) return text.empty();
  if (glob.front() == '*')
    return naive_glob(glob.substr(1), text) || (!text.empty() && naive_glob(glob, text.substr(1)));
  if (text.empty()) return false;
  std::size_t width = 1;
  bool takes = glob.front() == '?' || glob.front() == text.front();
  if (glob.front() == '[') {
    width = glob.find(']') + 1;
    const std::string_view members = glob.substr(1, width - 2);
    takes = false;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const bool is_range = i + 2 < members.size() && members[i + 1] == '-';
      takes = takes || (is_range ? members[i] <= text.front() && text.front() <= members[i + 2]
                                 : members[i] == text.front());
      if (is_range) i += 2;
    }
  }
  return takes && naive_glob(glob.substr(width), text.substr(1));
}

inline bool naive_match(const engine::Pattern& pattern, const std::string& text) {
  if (pattern.kind == engine::Pattern::Kind::glob) return naive_glob(pattern.text, text);
  // WHY kept: making one takes a hundred times as long as asking it.
  static std::map<std::string, std::regex> made;
  return std::regex_match(text, made.try_emplace(pattern.text, pattern.text).first->second);
}

inline engine::Verdict ask(const engine::Test& test, const Values& values) {
  const auto at = values.find(test.attribute);
  if (at == values.end()) return test.if_absent;
  if (const auto* number = std::get_if<engine::Number>(&at->second)) {
    for (const engine::Range& range : test.ranges) {
      if (range.first <= *number && *number <= range.last) return test.if_listed;
    }
    return test.if_other;
  }
  const auto* text = std::get_if<std::string>(&at->second);
  if (text == nullptr) return test.if_ill_typed;
  for (const std::string& value : test.values) {
    if (value == *text) return test.if_listed;
  }
  for (const engine::Pattern& pattern : test.patterns) {
    if (naive_match(pattern, *text)) return test.if_listed;
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
