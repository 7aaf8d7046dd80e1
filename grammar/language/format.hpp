#pragma once
// The one way to write a policy: what `copse fmt` makes of a text.
//
// What it means stays (parse(format(p)) is parse(p)), comments stay where they are, one blank line
// stays where one or more were, and formatting twice changes nothing. A statement with a comment in
// the middle of its condition is left as it was written.

#include "grammar/language/syntax.hpp"

#include <cstddef>
#include <string>

namespace copse::grammar::language {

/// Columns, in code points, that a line may take where it can be broken.
inline constexpr std::size_t line_width = 100;

/// `file` is what `source` was read as, without errors.
[[nodiscard]] std::string format(const engine::Source& source, const File& file);

}  // namespace copse::grammar::language
