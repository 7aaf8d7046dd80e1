#pragma once
// What every text of a pattern has for certain: what an index can look for before it asks the
// pattern itself. Private to the compiler.

#include "engine/policy.hpp"

#include <string>

namespace copse::engine {

struct PatternLiterals {
  std::string prefix = {};   ///< begins with
  std::string suffix = {};   ///< ends with
  std::string longest = {};  ///< contains
  bool is_simple = false;    ///< prefix or suffix say all, as of a glob
  std::string glob = {};     ///< of a regex: one that texts of one line match alike; or empty
};

/// Of a pattern without a fault.
[[nodiscard]] PatternLiterals pattern_literals(const Pattern& pattern);

}  // namespace copse::engine
