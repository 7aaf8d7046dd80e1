#pragma once
// Reads a JSON text from front to back, with the place of everything: for configuration that people
// write. (Task documents go through facts.hpp, which is faster and knows no places.)
//
// The text must have passed find_json_fault: what is known to be JSON can be read without a single
// error path. Each value is consumed exactly once, by text(), scalar(), skip(), or by entering it
// and going through its members.

#include "engine/source.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace copse::engine {

class JsonScanner {
 public:
  enum class Kind : std::uint8_t { object, array, text, number, boolean, null };

  explicit JsonScanner(std::string_view valid_json) : text_(valid_json) {}

  /// The kind of the value that comes next, and its place (of an object or array: its bracket).
  [[nodiscard]] Kind kind();
  [[nodiscard]] Span span();

  /// Goes into an object or array.
  void enter();
  /// The next member of the object; its value comes next. False: the object has ended and is left.
  [[nodiscard]] bool next_member(std::string& key, Span& key_span);
  /// True when another element comes next. False: the array has ended and is left.
  [[nodiscard]] bool next_element();

  /// A text, unescaped; a lone surrogate becomes U+FFFD.
  [[nodiscard]] std::string text();
  /// A number, boolean or null as it is written.
  [[nodiscard]] std::string_view scalar();
  /// Passes over any value.
  void skip();

  /// Where the reading stands, to go back to.
  [[nodiscard]] std::size_t mark() const { return at_; }

  void rewind(std::size_t mark) { at_ = mark; }

 private:
  void blanks();
  [[nodiscard]] std::size_t text_end() const;
  void unescape(std::string& out);

  std::string_view text_;
  std::size_t at_ = 0;
};

/// The kind in words, for messages: `a list`.
[[nodiscard]] std::string_view word(JsonScanner::Kind kind);

}  // namespace copse::engine
