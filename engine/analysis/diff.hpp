#pragma once
// What a new policy does otherwise than the old one, with a task for each difference.
//
// Exact: where the two are said to decide alike, every task that can be gets the same from both;
// unless patterns, or the limit of a search, keep that from being certain.

#include "engine/analysis/example.hpp"
#include "engine/compile.hpp"

#include <string>
#include <vector>

namespace copse::engine::analysis {

/// Tasks that `before` decided and `after` decides now, otherwise.
struct Difference {
  std::string before;  ///< the rules' names
  std::string after;
  std::string from;  ///< the outcomes in words: `template "large"; cpu 2`, `runner worker`
  std::string to;
  Example example;
};

struct Comparison {
  std::vector<Difference> differences;
  bool is_certain = true;   ///< there are no others
  std::size_t changed = 0;  ///< rules that are not the same in both, or stand elsewhere
};

/// Differences that are looked for.
inline constexpr std::size_t difference_limit = 1'000;

/// `template "large"; cpu 2..4`, `runner worker`, `fails`.
[[nodiscard]] std::string in_words(const CompiledOutcome& outcome);

[[nodiscard]] Comparison compare(const PolicySet& before, const PolicySet& after,
                                 const TemplateNames& templates);

}  // namespace copse::engine::analysis
