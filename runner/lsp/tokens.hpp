#pragma once
// The words and signs of a policy that may be damaged, one after the other: every text has some.
// (A policy that is whole is read by grammar/language.)

#include "engine/source.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace copse::runner::lsp {

struct Token {
  enum class Kind : std::uint8_t {
    none,     ///< the end
    word,     ///< a name or a path: `use`, `tags.team`, `context."a b".c`
    text,     ///< `"…"`
    pattern,  ///< `glob"…"`, `re"…"`
    number,   ///< also with a unit, and a time of day
    sign,     ///< all else
    comment   ///< to the end of its line
  };
  Kind kind = Kind::none;
  engine::Span span;
  bool is_closed = true;       ///< false of a text or pattern without a second quote
  bool is_on_new_line = true;  ///< the first one of its line
  bool begins_line = true;     ///< and with nothing before it, not even blanks
};

class Tokens {
 public:
  /// `text` outlives it.
  explicit Tokens(std::string_view text) : text_(text) {}

  [[nodiscard]] Token next();

 private:
  void skip_blanks(Token& token);
  void read_word(Token& token);
  void read_quoted(Token& token);
  void read_number();
  [[nodiscard]] char peek(std::size_t ahead = 0) const;

  std::string_view text_;
  std::size_t at_ = 0;
  bool is_line_new_ = true;
};

}  // namespace copse::runner::lsp
