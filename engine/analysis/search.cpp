#include "engine/analysis/search.hpp"

#include "engine/evaluate.hpp"

#include <iterator>
#include <utility>

namespace copse::engine::analysis {

Found Search::run(std::vector<Region> regions, const InTheWay& in_the_way) {
  Found found;
  bool is_certain = true;
  for (std::uint32_t looked = 0; !regions.empty(); ++looked) {
    if (looked == search_limit) {
      is_certain = false;
      break;
    }
    const Region region = std::move(regions.back());
    regions.pop_back();
    auto example = examples_.of(region);
    if (!example) {
      is_certain = false;
      continue;
    }
    const auto rule = in_the_way(examples_.facts());
    if (!rule) {
      found.what = Found::What::example;
      found.example = std::move(example);
      return found;
    }
    found.in_the_way.insert(*rule);
    std::ranges::move(passed_over(image_, region, *rule), std::back_inserter(regions));
  }
  found.what = is_certain ? Found::What::nothing : Found::What::unknown;
  return found;
}

Found Search::decided_by(const Entry& entry, RuleId rule) {
  return run(rule == no_rule ? std::vector{Region{}} : matched(image_, rule),
             [&](std::span<const Fact> facts) -> std::optional<RuleId> {
               const RuleId winner = decide(image_, entry, facts).rule;
               return winner == rule ? std::nullopt : std::optional(winner);
             });
}

}  // namespace copse::engine::analysis
