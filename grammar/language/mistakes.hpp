#pragma once
// What was meant where the grammar found something else: mistakes that people make who know other
// languages. Private to parse.cpp.

#include "engine/source.hpp"

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

/// A letter, a digit, `_` or `-`.
[[nodiscard]] bool is_name_character(char c);

/// The letters, digits, `_` and `-` at the front of `text`.
[[nodiscard]] std::string_view first_word(std::string_view text);

}  // namespace copse::grammar::language
