#pragma once
// Why a task got its decision: the tests of the winning rule, and what the rules before it lacked.
//
// Looks at the rules before the one that decided, the nearest first, with the same `judge` that
// decisions use: never of another opinion. `trace` finds what there is to say and allocates
// nothing, `explain` puts it into words.

#include "engine/evaluate.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace copse::engine {

/// Near misses that a trace or a report names.
inline constexpr std::size_t near_miss_limit = 10;

/// A rule before the winner of which one test did not say yes. Those with several tests are looked
/// for first: of a rule with one it says little.
struct NearMiss {
  RuleId rule = no_rule;
  std::uint32_t test = 0;  ///< place in Image::tests of the one that did not say yes

  bool operator==(const NearMiss&) const = default;
};

struct Trace {
  std::uint64_t passed_over = 0;  ///< rules before the winner in all
  std::array<NearMiss, near_miss_limit>
      near_misses{};      ///< those nearest to the winner, in the policy's order
  std::size_t count = 0;  ///< of near misses

  [[nodiscard]] std::span<const NearMiss> misses() const { return {near_misses.data(), count}; }
};

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
      near_misses;  ///< rules before the winner that lacked one test, in the policy's order
  std::uint64_t passed_over = 0;  ///< rules before the winner in all, as they are written
};

/// Texts of one test that a report names.
inline constexpr std::size_t listed_text_limit = 8;

/// The first rule, not behind the one that decided, that would have to know what time it is;
/// nothing when the decision is the same at any time. For facts without a time.
[[nodiscard]] std::optional<RuleId> asks_the_clock(const Image& image, const Entry& entry,
                                                   const Answer& answer,
                                                   std::span<const Fact> facts);

/// What led to `answer`, without words.
[[nodiscard]] Trace trace(const Image& image, const Entry& entry, const Answer& answer,
                          std::span<const Fact> facts);

[[nodiscard]] EntryReport explain(const Image& image, const Entry& entry, const Answer& answer,
                                  std::span<const Fact> facts);

}  // namespace copse::engine
