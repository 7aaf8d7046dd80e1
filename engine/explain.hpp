#pragma once
// Why a task got its decision: the tests of the winning rule, and what the rules before it lacked.
//
// Looks at every rule of an entry, one after another, with the same `judge` that decisions use:
// slow beside evaluate, and never of another opinion.

#include "engine/evaluate.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace copse::engine {

/// One test in words.
struct TestReport {
  std::string attribute;
  std::string wants;  ///< what it lists, at most listed_text_limit of that
  std::string has;    ///< `"wiki"`, `10m`, `nothing`, `something that is no text`
  Verdict verdict = Verdict::no;
};

struct RuleReport {
  RuleId rule = no_rule;
  std::string name;
  std::vector<TestReport>
      tests;  ///< of the winner: all; of a near miss: those that did not say yes
};

struct EntryReport {
  RuleReport winner;  ///< without tests when the default decided
  std::vector<RuleReport>
      near_misses;  ///< rules before the winner that lacked one test, nearest to it first
  std::uint64_t passed_over = 0;  ///< rules before the winner in all
};

/// Texts of one test that a report names.
inline constexpr std::size_t listed_text_limit = 8;

/// Near misses that a report names.
inline constexpr std::size_t near_miss_limit = 10;

/// The first rule, not behind the one that decided, that would have to know what time it is;
/// nothing when the decision is the same at any time. For facts without a time.
[[nodiscard]] std::optional<RuleId> asks_the_clock(const Image& image, const Entry& entry,
                                                   const Answer& answer,
                                                   std::span<const Fact> facts);

[[nodiscard]] EntryReport explain(const Image& image, const Entry& entry, const Answer& answer,
                                  std::span<const Fact> facts);

}  // namespace copse::engine
