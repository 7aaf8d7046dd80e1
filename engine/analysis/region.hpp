#pragma once
// Sets of tasks, as what is known of each attribute that anything is known of: the boxes in which
// rules and what is left of them are counted.
//
// Attributes are taken to be independent of each other, and patterns of each other but for what
// one glob's text says of another's. So a region holds every task that it should, and perhaps some
// that cannot be: what is empty here is empty.

#include "engine/analysis/atom_set.hpp"
#include "engine/image.hpp"

#include <cstdint>
#include <vector>

namespace copse::engine::analysis {

/// What is known of one attribute's value.
struct Constraint {
  AttributeId attribute{};
  AtomSet atoms;
  std::vector<PatternId> matching;      ///< of a text that no test lists: all these match it
  std::vector<PatternId> not_matching;  ///< and none of these

  bool operator==(const Constraint&) const = default;
};

/// By attribute, ascending; what it does not name may be anything. Never empty.
struct Region {
  std::vector<Constraint> constraints;

  [[nodiscard]] const Constraint* of(AttributeId attribute) const;
};

/// True when every text of `narrow` is surely one of `wide`.
[[nodiscard]] bool covers(const PatternIndex& patterns, PatternId wide, PatternId narrow);

/// True when surely no text matches both.
[[nodiscard]] bool exclude(const PatternIndex& patterns, PatternId a, PatternId b);

/// The parts of `region` in which the test gives that verdict; together they are all of it.
[[nodiscard]] std::vector<Region> restricted(const Image& image, const Region& region,
                                             const AtomTest& test, Verdict verdict);

/// Where a rule says yes to all its tests.
[[nodiscard]] std::vector<Region> matched(const Image& image, RuleId rule);

/// Where a rule fails the task: tests before the one that fails say yes.
[[nodiscard]] std::vector<Region> failed(const Image& image, const Region& region, RuleId rule);

/// The parts of `region` whose tasks the rule passes over: its first tests say yes, and one no.
[[nodiscard]] std::vector<Region> passed_over(const Image& image, const Region& region,
                                              RuleId rule);

/// The parts of `region` that the rule matches.
[[nodiscard]] std::vector<Region> common(const Image& image, const Region& region, RuleId rule);

}  // namespace copse::engine::analysis
