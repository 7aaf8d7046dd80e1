#pragma once
// Conditions as the engine takes them: any of some alternatives, each a list of tests that must all
// say yes. Names and types are checked on the way. Private to meaning.cpp.
//
// Two-valued throughout: a test says for an absent value what the policy says (`?` is no, `else` is
// the value), a value of another JSON type counts as absent, and `not` turns every answer round.

#include "engine/policy.hpp"
#include "grammar/language/values.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace copse::grammar::language {

/// Alternatives that one condition may come to when `or` is taken out of `and`.
inline constexpr std::size_t alternative_limit = 1000;

using Alternative = std::vector<engine::Test>;

/// Empty: never. One that is empty: always.
using Alternatives = std::vector<Alternative>;

/// What conditions may refer to.
struct Scope {
  std::map<std::string, std::span<const Literal>, std::less<>> lists;  ///< of the file
  Declared attributes;
};

class Conditions {
 public:
  Conditions(const engine::Source& source, const File& file, const Scope& scope,
             Complaints& complaints)
      : source_(source),
        file_(file),
        scope_(scope),
        complaints_(complaints),
        literals_(source, complaints) {}

  /// Nothing when something is wrong, which was told.
  [[nodiscard]] std::optional<Alternatives> of(ExpressionId id) { return of(id, false); }

  /// Patterns of lists that no condition looked into; when all were read.
  void look_at_unused_lists();

 private:
  std::optional<Alternatives> of(ExpressionId id, bool negated);
  std::optional<Alternatives> any_of(const Expression& of, bool negated);
  std::optional<Alternatives> all_of(const Expression& of, bool negated);
  std::optional<engine::Test> tested(const Expression& of);
  std::optional<engine::Test> present(const Expression& of);
  std::optional<engine::Test> compared(const Expression& of);
  std::optional<engine::Test> canary(const Expression& of);
  std::optional<engine::Test> within(const Expression& of);
  std::optional<engine::Test> on_days(const Expression& of);
  std::optional<std::string> zone(const Expression& of, std::uint32_t at);
  std::optional<std::span<const Literal>> literals(const Expression& of);
  std::optional<Asked> asked(Span name);
  bool tell_quoted_number(const Literal& literal);
  bool keeps_dimension(Span span, const Asked& about);
  bool says_absence(const Expression& of, const Operand& operand, const Asked& asked);

  const engine::Source& source_;
  const File& file_;
  const Scope& scope_;
  Complaints& complaints_;
  Literals literals_;
  std::unordered_map<std::string_view, Asked>
      known_;                            // by what is spelled: large policies ask the same again
  std::set<const Literal*> used_lists_;  // by their first items
  // Of values of the context: what they were compared with first, and where.
  std::map<std::string, std::pair<Type, Span>, std::less<>> dimensions_;
};

}  // namespace copse::grammar::language
