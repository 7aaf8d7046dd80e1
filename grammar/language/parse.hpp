#pragma once
// From text to tree. Each statement that is damaged is told of once, and reading goes on at the
// next.

#include "engine/diagnostic.hpp"
#include "grammar/language/syntax.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace copse::grammar::language {

/// Bytes of a policy.
inline constexpr std::size_t policy_size_limit = 100UL * 1024 * 1024;

/// Parentheses and `not` within each other.
inline constexpr std::uint32_t nesting_limit = 100;

/// Errors of one file; what follows is counted.
inline constexpr std::size_t error_limit = 100;

/// A statement that could not be read.
struct Damaged {
  std::string word;  ///< with which it begins; empty: none
  std::string name;  ///< that it would have declared; empty: none, or it cannot be told
};

/// What reading found. Without errors the file is whole; with errors it holds the statements that
/// could be read.
struct Parsing {
  File file;
  engine::Diagnostics diagnostics;
  bool is_readable = true;  ///< and not too damaged for a look at what the rest means
  std::vector<Damaged> damaged;
};

/// Codes: P0501 something else is expected, P0502 a text without an end, P0503 an escape that is
/// none, P0504 reserved for later, P0505 nested too deeply, P0506 not text in UTF-8, P0507 no
/// statement begins so, P0508 too large.
[[nodiscard]] Parsing parse(const engine::Source& source);

/// True when a text is meant as this language rather than as JSON or properties: one of its lines
/// begins a statement, whatever mistake stands before it.
[[nodiscard]] bool looks_like_language(std::string_view text);

}  // namespace copse::grammar::language
