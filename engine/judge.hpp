#pragma once
// One compiled test against one atom: shared by evaluate and explain, so that they cannot disagree.

#include "engine/image.hpp"

#include <algorithm>
#include <utility>

namespace copse::engine {

/// True when `atom`, a listed text, is among the test's values.
[[nodiscard]] inline bool lists(const Image& image, const AtomTest& test, Atom atom) {
  const std::uint32_t wanted = std::to_underlying(atom);
  if (test.values == 1) return test.first_value == wanted;
  const auto begin = image.values.begin() + test.first_value;
  return std::binary_search(begin, begin + test.values, wanted);
}

/// The verdict, whatever the atom's class.
[[nodiscard]] inline Verdict judge(const Image& image, const AtomTest& test, Atom atom) {
  const std::uint32_t number = std::to_underlying(atom);
  if (number < 64 && ((test.mask >> number) & 1U) != 0) return Verdict::yes;
  switch (atom) {
    case Atom::absent:
      return test.if_absent;
    case Atom::ill_typed:
      return test.if_ill_typed;
    case Atom::other:
      return test.if_other;
  }
  return lists(image, test, atom) ? test.if_listed : test.if_other;
}

}  // namespace copse::engine
