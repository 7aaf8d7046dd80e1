#pragma once
// Conditions that decide nothing: by themselves, or beside the others of their rule.

#include "engine/analysis/region.hpp"
#include "engine/policy.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace copse::engine::analysis {

/// Tests of one rule that are compared with each other; in a longer one each is looked at alone.
inline constexpr std::size_t compared_tests_limit = 64;

/// A condition whose answer is known beforehand.
struct IdleCondition {
  Span span;                       ///< in the policy's source
  Verdict verdict = Verdict::yes;  ///< yes: it excludes nothing; no: it lets no task through
  std::vector<Span> because;       ///< conditions that make it so; none: it is so by itself
  /// It excludes nothing and stands in an `or` (or a negated `and`): all that the `or` joins makes
  /// no difference.
  bool ends_a_choice = false;
  std::optional<Region> others;  ///< where all else that its rule asks says yes
};

/// Those of a rule that became `count` rules from `first` on, one for each of its alternatives.
/// What is said of a condition holds in every alternative that has it, so that all that exclude
/// nothing can be left out at once. Tests without a place in the source are passed over.
[[nodiscard]] std::vector<IdleCondition> idle_conditions(const Image& image, const Policy& policy,
                                                         std::uint32_t first, std::uint32_t count);

}  // namespace copse::engine::analysis
