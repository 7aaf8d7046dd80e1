#pragma once
// One compiled test against one value: shared by evaluate and explain, so that they cannot
// disagree.

#include "engine/facts.hpp"
#include "engine/image.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace copse::engine {

/// The atom of a fact.
[[nodiscard]] Atom atom_of(const Domain& domain, const Fact& fact);

/// Where a canary's text falls: the atom that was deferred.
[[nodiscard]] Atom canary_atom(const Image& image, AttributeId attribute, const Fact& fact);

/// What `AtomTest::mask` has to be.
[[nodiscard]] std::uint64_t mask_of(const Image& image, const AtomTest& test);

/// True when the text matches one of the test's patterns.
[[nodiscard]] bool matches_pattern(const Image& image, const AtomTest& test, const Fact& fact);

/// True when `atom`, a listed text or a part, is among what the test lists.
[[nodiscard]] inline bool lists(const Image& image, const AtomTest& test, Atom atom) {
  const std::uint32_t wanted = std::to_underlying(atom);
  const std::span<const std::uint32_t> values = image.values.span();
  switch (test.kind) {
    case AtomTest::Kind::set: {
      if (test.values == 1) return test.first_value == wanted;
      const auto own = values.subspan(test.first_value, test.values);
      return std::binary_search(own.begin(), own.end(), wanted);
    }
    case AtomTest::Kind::ranges: {
      // The last atoms of the ranges are the odd ones: the first range that does not end before it.
      std::uint32_t low = 0;
      std::uint32_t high = test.values / 2;
      while (low < high) {
        const std::uint32_t middle = (low + high) / 2;
        if (values[test.first_value + 2 * middle + 1] < wanted) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low < test.values / 2 && values[test.first_value + 2 * low] <= wanted;
    }
    case AtomTest::Kind::patterns: {
      const std::uint32_t atoms = values[test.first_value];
      const auto own = values.subspan(test.first_value + 1, atoms);
      if (std::binary_search(own.begin(), own.end(), wanted)) return true;
      const auto ids = values.subspan(test.first_value + 1 + atoms, test.values - 1 - atoms);
      const auto hits = image.domains[std::to_underlying(test.attribute)].hits_of(atom);
      return std::any_of(hits.begin(), hits.end(), [&](PatternId hit) {
        return std::binary_search(ids.begin(), ids.end(), std::to_underlying(hit));
      });
    }
  }
  return false;
}

/// The verdict, whatever the value's class. `fact` is the one that `atom` stands for.
[[nodiscard]] inline Verdict judge(const Image& image, const AtomTest& test, Atom atom,
                                   const Fact& fact) {
  const std::uint32_t number = std::to_underlying(atom);
  if (number < 64 && ((test.mask >> number) & 1U) != 0) return Verdict::yes;
  switch (atom) {
    case Atom::absent:
      return test.if_absent;
    case Atom::ill_typed:
      return test.if_ill_typed;
    case Atom::other:
      if (test.kind != AtomTest::Kind::patterns) return test.if_other;
      return matches_pattern(image, test, fact) ? test.if_listed : test.if_other;
    case Atom::deferred:
      atom = canary_atom(image, test.attribute, fact);
      break;
  }
  return lists(image, test, atom) ? test.if_listed : test.if_other;
}

}  // namespace copse::engine
