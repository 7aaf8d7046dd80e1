#pragma once
// Names, literals and operands: what stands in the JSON becomes what stands in the language.
// Private to the reader.

#include "grammar/json_form/document.hpp"
#include "grammar/json_form/draft.hpp"

#include <string>
#include <string_view>

namespace copse::grammar::json_form {

class Values {
 public:
  Values(Document& json, Draft& draft) : json_(json), draft_(draft) {}

  /// A text of the language, `"…"`.
  void quoted(At at, std::string_view what);

  /// A text without its quotes, if `accepts` says so of it; else P0549 with `help`.
  void bare(At at, bool (*accepts)(std::string_view), std::string_view what, std::string_view help);

  /// A name, `nvme`.
  void name(At at, std::string_view what);

  /// `"a"`, `75`, `true`, `{"number": "10m"}`, `{"glob": "a*"}`, `{"regex": "a.*"}`, `{"clock":
  /// "22:00"}`.
  void literal(At at);

  /// `{"glob": "a*"}` or `{"regex": "a.*"}`
  void pattern(At at);

  /// What an outcome is set to: a literal, or `{"attribute": "tags.team", "else": "none"}`.
  void value(At at);

  /// What an outcome is about: a value, or `{"word": "large"}`.
  void key(At at);

  /// `tags.team` or `tags.team?`, with the literal that takes the place of an absent value.
  void operand(At path, const Member* otherwise);

 private:
  void tagged(At at, const Names& tags, std::string_view where, std::string_view help);
  void put_pattern(At at, std::string_view prefix);
  void number(At at);

  Document& json_;
  Draft& draft_;
};

/// `a.b`, with or without a question mark behind it.
[[nodiscard]] bool is_operand(std::string_view text);

}  // namespace copse::grammar::json_form
