#pragma once
// What stands at a place of a policy, and what may stand there, by what stands before it. Nothing
// behind the place is looked at: while somebody types that is damaged more often than not.

#include "runner/lsp/tokens.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace copse::runner::lsp {

/// What may be written at a place.
enum class Slot : std::uint8_t {
  nothing,        ///< or what only its author knows: a text, a number
  statement,      ///< `rule`, `list`, …
  from,           ///< behind `templates`
  override_word,  ///< behind `allow`
  field,          ///< what is allowed
  type,           ///< of a declared attribute
  new_name,       ///< a name that is declared: of an attribute, a list, a profile
  new_rule,       ///< the name of a rule, where it is declared
  when,           ///< behind the name of a rule
  condition,      ///< an attribute, `not`, `has`, …
  question,       ///< behind an attribute: `in`, `like`, `else`
  attribute,      ///< behind `has`, in `canary`, and what a label is set to
  connective,     ///< `and`, `or`
  list,           ///< behind `in`
  day,            ///< behind `on`
  outcome,        ///< of a rule, a profile, the default
  template_key,   ///< behind `template`
  runner,         ///< behind `runner`
  profile,        ///< behind `use`
  otherwise,      ///< behind a value: `else`
  effect,         ///< of a toleration
  test_line,      ///< `task`, `now`, `canary`, `expect`
  test_more,      ///< behind the `;` of an expectation: another one, or a line
  expectation,    ///< behind `expect`
  expected_rule,  ///< behind `expect rule`
  on_or_off       ///< of the canary of a test
};

struct Here {
  Slot slot = Slot::nothing;   ///< what may be written here, instead of what is being typed
  engine::Span typed;          ///< what is being typed, up to here: of a word or within a text
  bool is_in_text = false;     ///< here is within quotes
  Token token;                 ///< the word or text that here touches; of kind none: there is none
  Slot fills = Slot::nothing;  ///< what that stands for
};

/// Of the byte `at`.
[[nodiscard]] Here look(std::string_view text, std::size_t at);

}  // namespace copse::runner::lsp
