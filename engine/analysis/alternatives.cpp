#include "engine/analysis/alternatives.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>

namespace copse::engine::analysis {
namespace {

using Regions = std::vector<Region>;

bool takes_all(const Image& image, const Regions& regions, RuleId rule) {
  return std::ranges::all_of(regions, [&](const Region& each) {
    return passed_over(image, each, rule).empty() && failed(image, each, rule).empty();
  });
}

Span hull(const Span& a, const Span& b) {
  if (a == Span{}) return b;
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

class Cover {
 public:
  Cover(const Image& image, std::span<const Rule> rules, std::uint32_t first)
      : image_(image), rules_(rules), first_(first), by_(rules.size()) {}

  std::vector<CoveredAlternative> run() {
    find();
    gather();
    std::vector<CoveredAlternative> all;
    for (Group& each : groups_) all.push_back(told(std::move(each)));
    std::ranges::sort(all, {}, [](const CoveredAlternative& each) { return each.span.begin; });
    return all;
  }

 private:
  [[nodiscard]] RuleId id(std::size_t alternative) const {
    return RuleId{first_ + static_cast<std::uint32_t>(alternative)};
  }

  // What asks for an attribute that the other does not ask for lets less through.
  [[nodiscard]] bool may_cover(std::size_t one, std::size_t other) const {
    return std::ranges::includes(asked_[other], asked_[one]);
  }

  // From the last on: what covers another one stays, or is itself covered by what stays.
  void find() {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      std::vector<AttributeId>& asked = asked_.emplace_back();
      for (const AtomTest& each : image_.tests_of(id(i))) asked.push_back(each.attribute);
      std::ranges::sort(asked);
      asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
    }
    for (std::size_t i = rules_.size(); i-- > 0;) {
      std::optional<Regions> own;
      for (std::size_t other = 0; other < rules_.size() && !by_[i]; ++other) {
        if (other == i || by_[other] || !may_cover(other, i)) continue;
        if (!own) own = matched(image_, id(i));
        if (own->empty()) break;  // it matches nothing, which others say
        if (!takes_all(image_, *own, id(other))) continue;
        by_[i] = other;
        some_[i] = std::move(own->front());
      }
    }
  }

  // Conditions that only alternatives ask which can be left out, by where they begin.
  [[nodiscard]] std::map<std::uint64_t, Span> needless() const {
    std::map<std::uint64_t, Span> all;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (!by_[i]) continue;
      for (const Test& each : rules_[i].tests) all.emplace(each.span.begin, each.span);
    }
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (by_[i]) continue;
      for (const Test& each : rules_[i].tests) all.erase(each.span.begin);
    }
    return all;
  }

  // One branch of an `or`: its conditions, and an alternative that has it.
  struct Group {
    std::map<std::uint64_t, Span> conditions;
    std::size_t alternative = 0;
  };

  // Of `A and (B or C) or D` all of A, B and C are one branch; of `(A or B) and (C or D)` A and C
  // are two, though one alternative asks both. So those with the fewest come first.
  void gather() {
    const std::map<std::uint64_t, Span> all = needless();
    std::vector<Group> found;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (!by_[i]) continue;
      Group& own = found.emplace_back();
      own.alternative = i;
      for (const Test& each : rules_[i].tests) {
        if (all.contains(each.span.begin)) own.conditions.emplace(each.span.begin, each.span);
      }
    }
    std::ranges::stable_sort(found, {}, [](const Group& each) { return each.conditions.size(); });
    for (Group& own : found) add(std::move(own));
  }

  void add(Group own) {
    const auto is_in = [](const Group& group, std::uint64_t at) {
      return group.conditions.contains(at);
    };
    const bool is_told = std::ranges::all_of(own.conditions, [&](const auto& each) {
      return std::ranges::any_of(groups_,
                                 [&](const Group& group) { return is_in(group, each.first); });
    });
    if (is_told) return;
    std::vector<Group> others;
    for (Group& group : groups_) {
      const bool is_apart = std::ranges::none_of(
          own.conditions, [&](const auto& each) { return is_in(group, each.first); });
      if (is_apart) {
        others.push_back(std::move(group));
      } else {
        own.conditions.merge(group.conditions);
      }
    }
    others.push_back(std::move(own));
    groups_ = std::move(others);
  }

  CoveredAlternative told(Group group) {
    Span all;
    for (const auto& [begin, span] : group.conditions) all = hull(all, span);
    const std::size_t i = group.alternative;
    return {all, only_of(*by_[i], rules_[i]), std::move(some_.at(i))};
  }

  // What that alternative asks and the rule does not.
  [[nodiscard]] Span only_of(std::size_t alternative, const Rule& rule) const {
    Span all;
    for (const Test& each : rules_[alternative].tests) {
      const bool is_shared = std::ranges::any_of(
          rule.tests, [&](const Test& other) { return other.span == each.span; });
      if (!is_shared) all = hull(all, each.span);
    }
    return all;
  }

  const Image& image_;
  std::span<const Rule> rules_;
  std::uint32_t first_;
  std::vector<std::optional<std::size_t>> by_;  // the alternative that covers it
  std::map<std::size_t, Region> some_;
  std::vector<std::vector<AttributeId>> asked_;  // by each alternative, ascending
  std::vector<Group> groups_;
};

}  // namespace

std::vector<CoveredAlternative> covered_alternatives(const Image& image, const Policy& policy,
                                                     std::uint32_t first, std::uint32_t count) {
  if (count < 2 || count > compared_alternatives_limit) return {};
  const auto rules = std::span(policy.rules).subspan(first, count);
  const bool is_written = std::ranges::all_of(rules, [](const Rule& rule) {
    return std::ranges::all_of(rule.tests, [](const Test& test) { return !(test.span == Span{}); });
  });
  return is_written ? Cover(image, rules, first).run() : std::vector<CoveredAlternative>{};
}

}  // namespace copse::engine::analysis
