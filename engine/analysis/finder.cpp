#include "engine/analysis/finder.hpp"

#include "engine/judge.hpp"

#include <algorithm>
#include <utility>

namespace copse::engine::analysis {
namespace {

// True when a test says yes to nothing but what it lists.
bool is_selective(const AtomTest& test) {
  return test.kind == AtomTest::Kind::set && test.if_listed == Verdict::yes &&
         test.if_other != Verdict::yes && test.if_absent != Verdict::yes;
}

}  // namespace

Finder::Finder(const Image& image) : image_(image) {
  for (const Domain& domain : image.domains) under_.emplace_back(domain.atoms());
  for (std::uint32_t rule = 0; rule < image.rules.size(); ++rule) {
    const auto tests = image.tests_of(RuleId{rule});
    // The attribute with most atoms tells rules best apart.
    const AtomTest* home = nullptr;
    std::size_t most = 0;
    for (const AtomTest& test : tests) {
      const std::size_t atoms = under_[std::to_underlying(test.attribute)].size();
      if (!is_selective(test) || atoms <= most) continue;
      most = atoms;
      home = &test;
    }
    if (home == nullptr) {
      anywhere_.push_back(rule);
      continue;
    }
    const auto values = home->values == 1
                            ? std::span(&home->first_value, 1)
                            : image.values.span().subspan(home->first_value, home->values);
    for (const std::uint32_t atom : values)
      under_[std::to_underlying(home->attribute)][atom].push_back(rule);
  }
}

std::optional<RuleId> Finder::first_match(std::span<const Fact> facts, std::uint32_t from,
                                          std::uint32_t to) const {
  std::vector<Atom> atoms;
  for (std::size_t i = 0; i < facts.size(); ++i)
    atoms.push_back(atom_of(image_.domains[i], facts[i]));
  const auto matches = [&](std::uint32_t rule) {
    const auto tests = image_.tests_of(RuleId{rule});
    return std::all_of(tests.begin(), tests.end(), [&](const AtomTest& test) {
      const std::size_t i = std::to_underlying(test.attribute);
      return judge(image_, test, atoms[i], facts[i]) == Verdict::yes;
    });
  };
  std::uint32_t best = to;
  const auto look = [&](const Rules& rules) {
    for (auto at = std::lower_bound(rules.begin(), rules.end(), from);
         at != rules.end() && *at < best; ++at) {
      if (matches(*at)) best = *at;
    }
  };
  look(anywhere_);
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    const std::uint32_t atom = std::to_underlying(atoms[i]);
    if (atom < under_[i].size()) look(under_[i][atom]);
  }
  return best == to ? std::nullopt : std::optional(RuleId{best});
}

}  // namespace copse::engine::analysis
