#pragma once
// What was meant where the grammar found something else: mistakes that people make who know other
// languages. Private to parse.cpp.

#include "engine/source.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace copse::grammar::language {

struct Fault;

/// What is said of a fault instead of what was expected.
struct Mistake {
  std::string title;  ///< empty: that of the fault
  std::string help;
  engine::Span span;                   ///< what is underlined
  std::optional<engine::Span> fix_at;  ///< where a program can help …
  std::string fix;                     ///< … and with what
};

/// `text` is the file, `statement` where the damaged statement begins, `at` where the fault is.
/// Nothing: the fault says all there is to say.
[[nodiscard]] std::optional<Mistake> mistake(std::string_view text, std::size_t statement,
                                             const Fault& fault, std::size_t at);

/// With which statements begin.
inline constexpr std::array<std::string_view, 9> statement_words{
    "policy", "templates", "allow", "attribute", "list", "profile", "rule", "default", "test"};

[[nodiscard]] bool is_statement_word(std::string_view word);

/// The word that was meant by a line that begins a statement but for a misspelt first word: `rules
/// "a"`. Empty: none; what stands behind the word tells it from what blocks and lists hold.
[[nodiscard]] std::string_view misspelt_statement(std::string_view line);

/// A letter, a digit, `_` or `-`.
[[nodiscard]] bool is_name_character(char c);

/// The letters, digits, `_` and `-` at the front of `text`.
[[nodiscard]] std::string_view first_word(std::string_view text);

}  // namespace copse::grammar::language
