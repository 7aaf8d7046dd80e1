#pragma once
// Outcomes in JSON, of rules and of what a test expects, as those of the language. Private to the
// reader.

#include "grammar/json_form/values.hpp"

namespace copse::grammar::json_form {

class Outcomes {
 public:
  Outcomes(Document& json, Draft& draft) : json_(json), draft_(draft), values_(json, draft) {}

  /// `{ … }`, an outcome a line, with comments and blank lines where they stand.
  void block(At at, std::string_view what);

  /// `expect …; …`
  void expectations(At at);

  /// A text among statements or outcomes: a comment, or a blank line.
  void line(At at);

  /// The member "comment", if there is one: two blanks and the comment.
  void comment(const Members& members);

 private:
  enum class Where : bool { block, test };

  void outcome(At at, Where where);
  void error(const Members& members, const Member& word);
  void keyword(const Member& word);
  [[nodiscard]] const Member* word_of(const Members& members, At at, Where where);
  void put_comment(At at);

  Document& json_;
  Draft& draft_;
  Values values_;
};

}  // namespace copse::grammar::json_form
