#pragma once
// Characters that stand where the language has none, and which its own they were mistaken for:
// letters of other scripts that look like Latin ones, quotes and dashes of typographers, blanks
// that are none.

#include <optional>
#include <string>
#include <string_view>

namespace copse::grammar::language {

struct Foreign {
  std::size_t size = 0;    ///< bytes of the character
  std::string help;        ///< what it is, and what to write
  std::string meant = {};  ///< the character that it looks like; empty: none
};

/// `“compact”`, with typographers' quotes at the front of `text` and behind it in the same line.
struct ForeignText {
  std::size_t size = 0;  ///< bytes, with both quotes
  std::string meant;     ///< the text in plain quotes
};

[[nodiscard]] std::optional<ForeignText> foreign_text(std::string_view text);

/// True of a typographer's quote at the front of `text`.
[[nodiscard]] bool is_foreign_quote(std::string_view text);

/// The character at the front of `text`, when it is none of ASCII.
[[nodiscard]] std::optional<Foreign> foreign_character(std::string_view text);

}  // namespace copse::grammar::language
