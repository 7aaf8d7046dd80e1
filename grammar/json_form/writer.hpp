#pragma once
// From the language to its JSON form (form.hpp).
//
// What is written is a matter of what `copse fmt` makes of the policy, so that
//   fmt(text of read(write(policy))) is fmt(policy), and write(text of read(json)) is json
// for every policy that has a meaning, and for each JSON that was written here. Blank lines and
// comments stay, but for a comment where the JSON has no place for one (in the middle of a
// condition, in a list, in a test): it stands before its statement then, and a note says so. A
// control character that stands in a text as it is (a tab) becomes its escape.

#include "engine/diagnostic.hpp"
#include "grammar/language/syntax.hpp"

#include <string>

namespace copse::grammar::json_form {

struct Written {
  std::string text;
  engine::Diagnostics notes;  ///< P0561: a comment that stands elsewhere now
};

/// `file` is what parsing `source` gave, without an error.
[[nodiscard]] Written write(const engine::Source& source, const language::File& file);

}  // namespace copse::grammar::json_form
