#pragma once
// The first rule from a given one on that matches: what decides when those before it were gone.
//
// An image cannot say it, since it drops what stands behind a rule that is certain. Each rule hangs
// here under every atom of one of its tests, so that only those are judged whose test holds.

#include "engine/facts.hpp"
#include "engine/image.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace copse::engine::analysis {

class Finder {
 public:
  /// The image outlives it.
  explicit Finder(const Image& image);

  /// The first rule of [from, to) that says yes to all its tests.
  [[nodiscard]] std::optional<RuleId> first_match(std::span<const Fact> facts, std::uint32_t from,
                                                  std::uint32_t to) const;

 private:
  using Rules = std::vector<std::uint32_t>;  // ascending

  const Image& image_;
  std::vector<std::vector<Rules>> under_;  // by attribute and atom
  Rules anywhere_;
};

}  // namespace copse::engine::analysis
