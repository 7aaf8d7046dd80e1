#pragma once
// Small worlds of which every task can be decided: policies over a type, a tag and a number, and
// all tasks that they can tell apart.

#include "engine/compile.hpp"
#include "engine/facts.hpp"

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace copse::tests {

using engine::Attribute;
using engine::Number;
using engine::Pattern;
using engine::Policy;
using engine::Rule;
using engine::Test;
using engine::ValueType;
using engine::Verdict;

// Three attributes: a type out of two and others, a tag, a number; each in every state.
class TinyWorlds {
 public:
  explicit TinyWorlds(std::uint64_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  static Attribute number() {
    Attribute made = engine::context_attribute("n");
    made.type = ValueType::integer;
    return made;
  }

  /// Whether tests may ask, too, if there is a number at all.
  void presence(bool with) { presence_ = with; }

  Test test(bool with_patterns) {
    Test made;
    if (presence_ && below(4) == 0) {
      Attribute present = number();
      present.type = ValueType::any;
      made.attribute = present;
      made.if_other = below(3) == 0 ? Verdict::no : Verdict::yes;
      made.if_absent = made.if_other == Verdict::yes ? Verdict::no : Verdict::yes;
      made.if_ill_typed = made.if_absent;
      return made;
    }
    switch (below(3)) {
      case 0:
        made.attribute = engine::type_attribute();
        for (const char* each : {"a", "b", "ab"}) {
          if (below(2) == 0) made.values.emplace_back(each);
        }
        break;
      case 1: {
        made.attribute = engine::tag_attribute("t");
        if (below(2) == 0) made.values.emplace_back("x");
        if (below(3) == 0) made.values.emplace_back("xy");
        static const std::vector<std::string> globs{"x*", "*y", "?", "x?*", "*x*", "xy*", "*"};
        if (with_patterns && below(2) == 0)
          made.patterns.push_back({Pattern::Kind::glob, globs[below(7)]});
        if (with_patterns && below(6) == 0)
          made.patterns.push_back({Pattern::Kind::regex, below(2) == 0 ? "x[a-z]+" : "y|z.*"});
        break;
      }
      default:
        made.attribute = number();
        const auto low = static_cast<std::int64_t>(below(3));
        made.ranges.push_back({below(3) == 0 ? engine::smallest_number : Number{low, 0},
                               below(3) == 0
                                   ? engine::largest_number
                                   : Number{low + static_cast<std::int64_t>(below(2)), 0}});
    }
    if (below(4) == 0) {
      made.if_listed = Verdict::no;
      made.if_other = Verdict::yes;
    }
    if (below(2) == 0) made.if_absent = made.if_ill_typed = Verdict::yes;
    return made;
  }

  Policy policy(bool with_patterns) {
    Policy made;
    made.source = {"p", std::string(100, 'x')};
    const std::uint32_t rules = 1 + below(6);
    for (std::uint32_t i = 0; i < rules; ++i) {
      Rule& rule = made.rules.emplace_back();
      rule.name = "r" + std::to_string(i);
      rule.span = {i, i + 1};
      const std::uint32_t tests = 1 + below(3);
      for (std::uint32_t t = 0; t < tests; ++t) rule.tests.push_back(test(with_patterns));
      rule.outcome.template_key = "k" + std::to_string(below(2));
    }
    made.otherwise.template_key = "k" + std::to_string(below(2));
    return made;
  }

  /// The same with one thing changed: a rule more, less, moved, or another; sometimes nothing.
  Policy changed(const Policy& policy, bool with_patterns) {
    Policy made = policy;
    auto& rules = made.rules;
    const Policy other = this->policy(with_patterns);
    const std::size_t at = below(static_cast<std::uint32_t>(rules.size()));
    const auto place = rules.begin() + static_cast<std::ptrdiff_t>(at);
    switch (below(6)) {
      case 0:
        rules.erase(place);
        break;
      case 1:
        rules.insert(place, other.rules[0])->name = "new";
        break;
      case 2:
        std::swap(rules[at], rules[below(static_cast<std::uint32_t>(rules.size()))]);
        break;
      case 3:
        place->tests = other.rules[0].tests;
        break;
      case 4:
        made.otherwise = other.otherwise;
        break;
      default:
        break;
    }
    return made;
  }

  /// Every task that such a policy can tell from another: with patterns more texts are needed.
  static const std::vector<std::string>& tasks(bool with_patterns) {
    static const std::vector<std::string> few =
        all_tasks({"null", "7", "\"x\"", "\"xy\"", "\"z\""});
    static const std::vector<std::string> many =
        all_tasks({"null",    "7",       "\"x\"",    "\"xy\"",  "\"y\"",   "\"z\"",   "\"xz\"",
                   "\"xzz\"", "\"xyz\"", "\"zy\"",   "\"zxz\"", "\"zxy\"", "\"xzy\"", "\"zz\"",
                   "\"\"",    "\"X\"",   "\"x-\"",   "\"y-\"",  "\"-x\"",  "\"-\"",   "\"--\"",
                   "\"xyy\"", "\"-y\"",  "\"z-x-\"", "\"-x-\"", "\"x-y\""});
    return with_patterns ? many : few;
  }

 private:
  static std::vector<std::string> all_tasks(const std::vector<std::string>& tags) {
    std::vector<std::string> made;
    for (const char* type : {"a", "b", "ab", "c"}) {
      for (const std::string& tag : tags) {
        for (const char* number : {"null", "\"x\"", "-1", "0", "1", "2", "3", "4"}) {
          std::string task = std::string(R"({"id":"i","type":")") + type +
                             R"(","context":{"tags":{"t":)" + tag + R"(},"n":)" + number + "}}";
          task.reserve(task.size() + engine::document_padding);
          made.push_back(std::move(task));
        }
      }
    }
    return made;
  }

  std::mt19937_64 random_;
  bool presence_ = false;
};

}  // namespace copse::tests
