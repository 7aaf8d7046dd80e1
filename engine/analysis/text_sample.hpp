#pragma once
// Texts that a pattern matches, for examples.

#include "engine/policy.hpp"

#include <cstdint>
#include <string>

namespace copse::engine::analysis {

/// A text that the pattern matches, or at least looks as if it did: for a regex its alternatives,
/// classes and counts are followed, but nothing that looks around. `variant` chooses another one.
[[nodiscard]] std::string text_like(const Pattern& pattern, std::uint32_t variant);

}  // namespace copse::engine::analysis
