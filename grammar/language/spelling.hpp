#pragma once
// How names, paths and literals are spelled, for those who make a text of the language out of parts
// that come from elsewhere: what passes here stands in the text as the part that it is.

#include <string>
#include <string_view>

namespace copse::grammar::language {

/// `nvme`: of a list, a profile, an attribute, an outcome.
[[nodiscard]] bool is_name(std::string_view text);

/// `tags.team`, `context."a b".c`
[[nodiscard]] bool is_path(std::string_view text);

/// `42`, `1.5`, `5%`, `500m`: whether there is such a unit is another question.
[[nodiscard]] bool is_number(std::string_view text);

/// `22:00`
[[nodiscard]] bool is_clock(std::string_view text);

/// True for text that can stand within `glob"…"` or `re"…"`: no line break, and no odd number of
/// backslashes before a quote or the end.
[[nodiscard]] bool is_pattern(std::string_view text);

/// Such a text as it is spelled between the quotes.
[[nodiscard]] std::string pattern_body(std::string_view text);

}  // namespace copse::grammar::language
