#include "runner/bench/scan.hpp"

#include "engine/evaluate.hpp"
#include "engine/murmur3.hpp"
#include "engine/patterns.hpp"
#include "runner/bench/rounds.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace copse::runner::bench {

struct Scan::Rules {
  struct Test {
    std::size_t attribute = 0;
    std::string salt = {};  // of a canary
    std::unordered_set<std::string_view> values = {};
    std::vector<engine::PatternIndex> patterns = {};  // each by itself
    std::vector<engine::Range> ranges = {};

    [[nodiscard]] bool lists(const engine::Fact& fact) const {
      if (fact.state() == engine::Fact::State::counted) {
        const std::uint64_t hash = engine::murmur3_salted(salt, fact.text());
        return in_range({static_cast<std::int64_t>(hash % engine::share_unit), 0});
      }
      if (fact.state() == engine::Fact::State::number) return in_range(fact.number());
      if (fact.state() != engine::Fact::State::text) return false;
      const std::string_view text = fact.text();
      return values.contains(text) ||
             std::any_of(patterns.begin(), patterns.end(), [&](const auto& pattern) {
               return pattern.matches(engine::PatternId{0}, text);
             });
    }

    [[nodiscard]] bool in_range(engine::Number number) const {
      return std::any_of(ranges.begin(), ranges.end(), [&](const engine::Range& range) {
        return range.first <= number && number <= range.last;
      });
    }
  };

  std::vector<std::vector<Test>> all;
};

Scan::Scan(const engine::Policy& policy, const engine::Image& image)
    : rules_(std::make_unique<Rules>()) {
  for (const engine::Rule& rule : policy.rules) {
    auto& tests = rules_->all.emplace_back();
    for (const engine::Test& test : rule.tests) {
      Rules::Test& made = tests.emplace_back();
      const auto at = std::find(image.attributes.begin(), image.attributes.end(), test.attribute);
      made.attribute = static_cast<std::size_t>(at - image.attributes.begin());
      made.salt = test.attribute->argument;
      made.values = {test.values.begin(), test.values.end()};
      made.ranges = test.ranges;
      for (const engine::Pattern& pattern : test.patterns)
        made.patterns.push_back(engine::PatternIndex::build({&pattern, 1}));
    }
  }
}

Scan::~Scan() = default;

std::size_t Scan::decide(std::span<const engine::Fact> facts) const {
  const auto& all = rules_->all;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& tests) {
    return std::all_of(tests.begin(), tests.end(),
                       [&](const Rules::Test& test) { return test.lists(facts[test.attribute]); });
  });
  return static_cast<std::size_t>(found - all.begin());
}

bool same_answers(const engine::Image& image, const Scan& scan, const FactRows& facts,
                  std::size_t tasks) {
  for (std::size_t row = 0; row < std::min(tasks, facts.size()); ++row) {
    const engine::RuleId rule = evaluate(image, facts[row]).placement.rule;
    const std::size_t expected = scan.decide(facts[row]);
    const bool is_default = expected == image.rules.size();
    if (is_default != (rule == engine::no_rule)) return false;
    if (!is_default && static_cast<std::size_t>(rule) != expected) return false;
  }
  return true;
}

double scan_all(const Scan& scan, const FactRows& facts, std::size_t tasks) {
  const std::size_t count = std::min(tasks, facts.size());
  return median_ns(count, [&] {
    std::uint64_t sum = 0;
    for (std::size_t task = 0; task < count; ++task) sum += scan.decide(facts[task]);
    return sum;
  });
}

}  // namespace copse::runner::bench
