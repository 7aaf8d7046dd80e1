#pragma once
// Parts of an `or` that another part of it makes needless.

#include "engine/analysis/region.hpp"
#include "engine/policy.hpp"

#include <cstdint>
#include <vector>

namespace copse::engine::analysis {

/// Alternatives of one rule that are compared with each other; a rule of more is passed over.
inline constexpr std::uint32_t compared_alternatives_limit = 64;

/// Conditions that could be left out of their `or` (or negated `and`), and the rule would match the
/// same tasks.
struct CoveredAlternative {
  Span span;    ///< in the policy's source, from the first condition to the last
  Span by;      ///< of the alternative that takes all its tasks; empty: it has no place of its own
  Region some;  ///< where both match
};

/// Those of a rule that became `count` rules from `first` on, one for each of its alternatives. All
/// of them can be left out at once: of two that say the same the first stays. Only what one single
/// alternative covers is found, not what several cover together.
[[nodiscard]] std::vector<CoveredAlternative> covered_alternatives(const Image& image,
                                                                   const Policy& policy,
                                                                   std::uint32_t first,
                                                                   std::uint32_t count);

}  // namespace copse::engine::analysis
