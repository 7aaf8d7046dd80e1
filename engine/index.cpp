#include "engine/draft.hpp"
#include "engine/judge.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace copse::engine {
namespace {

// Branches that a test may have which also speaks of texts that it does not list: beyond it the
// rule goes to the list of rules without a home instead of under every branch.
constexpr std::uint32_t wide_branch_limit = 64;

}  // namespace

bool fails_on_normal_values(const AtomTest& test) {
  return (test.values > 0 && test.if_listed == Verdict::fail) || test.if_other == Verdict::fail ||
         test.if_absent == Verdict::fail;
}

Branches branches(const Image& image, const AtomTest& test) {
  Branches found;
  const std::uint32_t atoms = image.tables[std::to_underlying(test.attribute)].atoms();
  if (test.if_absent != Verdict::no) found.atoms.push_back(std::to_underlying(Atom::absent));
  if (test.if_other == Verdict::no) {
    if (test.if_listed == Verdict::no) return found;
    for (std::uint32_t i = 0; i < test.values; ++i) {
      found.atoms.push_back(test.values == 1 ? test.first_value
                                             : image.values[test.first_value + i]);
    }
    return found;
  }
  found.atoms.push_back(std::to_underlying(Atom::other));
  found.wide = atoms > wide_branch_limit;
  for (std::uint32_t atom = first_listed_atom; atom < atoms && !found.wide; ++atom) {
    if (judge(image, test, Atom{atom}) != Verdict::no) found.atoms.push_back(atom);
  }
  return found;
}

// The home is the test whose most common value is least common among all rules: that bounds the
// list in which the rule has to be found. A test that may fail for a normal value must not be
// skipped over: the home is at or before the first such test, so that the rule is found whenever it
// would fail.
void index(const Image& image, Draft& draft) {
  std::vector<std::vector<std::uint32_t>> popularity;
  for (const AtomTable& table : image.tables) popularity.emplace_back(table.atoms());
  for (const DraftRule& rule : draft.rules) {
    for (const AtomTest& test : rule.tests) {
      for (const std::uint32_t atom : branches(image, test).atoms) {
        ++popularity[std::to_underlying(test.attribute)][atom];
      }
    }
  }
  for (DraftRule& rule : draft.rules) {
    std::uint32_t best = std::numeric_limits<std::uint32_t>::max();
    for (std::uint32_t i = 0; i < rule.tests.size(); ++i) {
      const Branches found = branches(image, rule.tests[i]);
      std::uint32_t crowd = 0;
      for (const std::uint32_t atom : found.atoms) {
        crowd = std::max(crowd, popularity[std::to_underlying(rule.tests[i].attribute)][atom]);
      }
      if (!found.wide && crowd < best) {
        best = crowd;
        rule.home = i;
      }
      if (fails_on_normal_values(rule.tests[i])) break;
    }
  }
}

}  // namespace copse::engine
