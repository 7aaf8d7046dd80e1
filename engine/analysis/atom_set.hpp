#pragma once
// Sets of atoms of one attribute, as stretches: small for a few listed texts as for all but a few.

#include "engine/table.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace copse::engine::analysis {

class AtomSet {
 public:
  AtomSet() = default;

  /// The atoms from `first` to `last`, both included.
  static AtomSet stretch(std::uint32_t first, std::uint32_t last) {
    AtomSet made;
    if (first <= last) made.stretches_.emplace_back(first, last);
    return made;
  }

  /// Adds a stretch behind all that are there; one that touches the last becomes one with it.
  void append(std::uint32_t first, std::uint32_t last) {
    if (first > last) return;
    if (!stretches_.empty() && stretches_.back().second + 1 >= first) {
      stretches_.back().second = std::max(stretches_.back().second, last);
    } else {
      stretches_.emplace_back(first, last);
    }
  }

  [[nodiscard]] bool empty() const { return stretches_.empty(); }

  [[nodiscard]] bool contains(Atom atom) const {
    const auto wanted = std::to_underlying(atom);
    const auto after =
        std::upper_bound(stretches_.begin(), stretches_.end(), wanted,
                         [](std::uint32_t a, const auto& stretch) { return a < stretch.first; });
    return after != stretches_.begin() && (after - 1)->second >= wanted;
  }

  [[nodiscard]] AtomSet operator&(const AtomSet& other) const {
    AtomSet made;
    auto a = stretches_.begin();
    auto b = other.stretches_.begin();
    while (a != stretches_.end() && b != other.stretches_.end()) {
      const std::uint32_t first = std::max(a->first, b->first);
      const std::uint32_t last = std::min(a->second, b->second);
      if (first <= last) made.stretches_.emplace_back(first, last);
      if (a->second < b->second) {
        ++a;
      } else {
        ++b;
      }
    }
    return made;
  }

  /// All of `atoms` atoms that are not in it.
  [[nodiscard]] AtomSet complement(std::uint32_t atoms) const {
    AtomSet made;
    std::uint32_t from = 0;
    for (const auto& [first, last] : stretches_) {
      if (first > from) made.append(from, first - 1);
      from = last + 1;
    }
    if (from < atoms) made.append(from, atoms - 1);
    return made;
  }

  [[nodiscard]] AtomSet without(Atom atom) const {
    const auto at = std::to_underlying(atom);
    AtomSet made;
    for (const auto& [first, last] : stretches_) {
      if (at < first || at > last) {
        made.stretches_.emplace_back(first, last);
        continue;
      }
      if (first < at) made.stretches_.emplace_back(first, at - 1);
      if (at < last) made.stretches_.emplace_back(at + 1, last);
    }
    return made;
  }

  /// True when every atom of it is in `other`.
  [[nodiscard]] bool is_within(const AtomSet& other) const { return (*this & other) == *this; }

  [[nodiscard]] const std::vector<std::pair<std::uint32_t, std::uint32_t>>& stretches() const {
    return stretches_;
  }

  bool operator==(const AtomSet&) const = default;

 private:
  std::vector<std::pair<std::uint32_t, std::uint32_t>> stretches_;  // ascending, none touching
};

}  // namespace copse::engine::analysis
