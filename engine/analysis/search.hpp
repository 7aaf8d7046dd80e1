#pragma once
// Looks for a task that a rule decides, although rules stand before it.
//
// A task out of the rule's region is decided; when an earlier rule takes it, the search goes on in
// the parts of the region that this rule passes over. So only rules that matter are ever looked
// at, and the answer is exact: a task, or the proof that there is none, or that it is not known.

#include "engine/analysis/example.hpp"
#include "engine/analysis/region.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <vector>

namespace copse::engine::analysis {

/// Regions that one search may look at.
inline constexpr std::uint32_t search_limit = 2'000;

struct Found {
  enum class What : std::uint8_t {
    example,  ///< `example` is a task as it was looked for
    nothing,  ///< there is no such task
    unknown   ///< none was found; a pattern, or the limit, keeps it from being certain
  };
  What what = What::nothing;
  std::optional<Example> example;
  std::set<RuleId> in_the_way;  ///< rules that took a task that was looked at
};

/// The rule that keeps a task from being what is looked for; nothing when it is that.
using InTheWay = std::function<std::optional<RuleId>(std::span<const Fact>)>;

class Search {
 public:
  explicit Search(const Image& image) : image_(image), examples_(image) {}

  /// A task of `regions` that no rule is in the way of. A rule that is in the way matches the task,
  /// and every task that it matches is not what is looked for.
  [[nodiscard]] Found run(std::vector<Region> regions, const InTheWay& in_the_way);

  /// A task that `rule` decides in `entry`; no_rule is the default.
  [[nodiscard]] Found decided_by(const Entry& entry, RuleId rule);

  [[nodiscard]] Examples& examples() { return examples_; }

 private:
  const Image& image_;
  Examples examples_;
};

}  // namespace copse::engine::analysis
