#pragma once
// Globs: `*` any run of characters, `?` one character, `[a-z0-9]` one of a class, `[!a]` none of
// it; `\` before one of these takes it as it is. Case-sensitive, the whole text. A character is one
// code point of UTF-8; a byte that is none counts as one.

#include <optional>
#include <string>
#include <string_view>

namespace copse::engine {

/// What is wrong with it, or nothing.
[[nodiscard]] std::optional<std::string> glob_fault(std::string_view glob);

/// True when the whole text is one that the glob stands for. In time of glob times text at most,
/// without allocation. `glob` is one without a fault.
[[nodiscard]] bool glob_matches(std::string_view glob, std::string_view text);

/// What every text of a glob has.
struct GlobLiterals {
  std::string prefix;       ///< begins with
  std::string suffix;       ///< ends with
  std::string longest;      ///< contains: the longest run between two wildcards, or at an end
  bool is_literal = false;  ///< it stands for one text, `prefix`
  bool is_simple = false;   ///< `abc*` or `*abc`: prefix or suffix say all
};

[[nodiscard]] GlobLiterals glob_literals(std::string_view glob);

}  // namespace copse::engine
