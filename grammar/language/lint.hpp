#pragma once
// What is odd about how a policy is written: names that nobody uses, items that are there twice.
// (What is odd about what it decides is engine/analysis/lint.hpp.)

#include "engine/diagnostic.hpp"
#include "grammar/language/syntax.hpp"

namespace copse::grammar::language {

/// L0406 a list, profile or declared attribute that nothing uses, L0407 an item of a list that is
/// there twice, or that a pattern of the same list covers, L0411 a text that mixes scripts, L0413
/// one with a `*` that is compared as it is, L0415 a clock without a zone. Of a policy without
/// faults.
[[nodiscard]] engine::Diagnostics lint(const engine::Source& source, const File& file);

}  // namespace copse::grammar::language
