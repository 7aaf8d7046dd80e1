#pragma once
// Conditions as the engine takes them: any of some alternatives, each a list of tests that must all
// say yes. Names and types are checked on the way. Private to meaning.cpp.
//
// Two-valued throughout: a test says for an absent value what the policy says (`?` is no, `else` is
// the value), a value of another JSON type counts as absent, and `not` turns every answer round.

#include "engine/diagnostic.hpp"
#include "engine/policy.hpp"
#include "grammar/language/syntax.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace copse::grammar::language {

/// Alternatives that one condition may come to when `or` is taken out of `and`.
inline constexpr std::size_t alternative_limit = 1000;

using Alternative = std::vector<engine::Test>;

/// Empty: never. One that is empty: always.
using Alternatives = std::vector<Alternative>;

enum class Type : std::uint8_t {
  text,
  integer,
  decimal,
  boolean,
  duration,
  quantity,
  interval,
  any
};

/// The type of that name, or nothing.
[[nodiscard]] std::optional<Type> type_named(std::string_view name);

[[nodiscard]] std::string_view name(Type type);

/// `tags."a.b".c` as its members.
[[nodiscard]] std::vector<std::string> path_segments(const engine::Source& source, Span path);

/// What conditions may refer to.
struct Scope {
  std::map<std::string, std::vector<Literal>, std::less<>> lists;
  std::map<std::string, std::pair<Type, std::vector<std::string>>, std::less<>> attributes;
};

/// Tells what is wrong, and where.
class Complaints {
 public:
  Complaints(const engine::Source& source, engine::Diagnostics& to) : places_(source), to_(to) {}

  void say(std::string_view code, Span span, std::string title, std::string help = {},
           std::string label = {});

 private:
  engine::Locator places_;
  engine::Diagnostics& to_;
};

class Conditions {
 public:
  Conditions(const engine::Source& source, const File& file, const Scope& scope,
             Complaints& complaints)
      : source_(source), file_(file), scope_(scope), complaints_(complaints) {}

  /// Nothing when something is wrong, which was told.
  [[nodiscard]] std::optional<Alternatives> of(ExpressionId id) { return of(id, false); }

 private:
  struct Asked;

  std::optional<Alternatives> of(ExpressionId id, bool negated);
  std::optional<Alternatives> any_of(const Expression& of, bool negated);
  std::optional<Alternatives> all_of(const Expression& of, bool negated);
  std::optional<Alternatives> tested(const Expression& of, bool negated);
  std::optional<Asked> asked(const Expression& of);
  std::optional<std::vector<std::string>> values(const Expression& of, const Asked& asked);
  bool says_absence(const Expression& of, const Operand& operand, const Asked& asked);
  std::optional<std::string> text_value(const Literal& literal, const Asked& asked);

  const engine::Source& source_;
  const File& file_;
  const Scope& scope_;
  Complaints& complaints_;
};

}  // namespace copse::grammar::language
