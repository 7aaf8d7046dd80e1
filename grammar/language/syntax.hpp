#pragma once
// A policy in copse's language as a tree: what was written and where, before anybody asks what it
// means.
//
// Everything lives in flat vectors of one File and refers to its text by spans: a file of a million
// rules is some hundred bytes a rule, and destroying it is no recursion. Names and literals are
// spelled as in the text; `literal_text` decodes them. A File is only meaningful beside the Source
// that it was parsed from.

#include "engine/source.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace copse::grammar::language {

using engine::Span;

/// As `on` names them; Monday is day 1.
inline constexpr std::array<std::string_view, 7> days{"mon", "tue", "wed", "thu",
                                                      "fri", "sat", "sun"};

enum class LiteralKind : std::uint8_t {
  text,     ///< "…" with JSON's escapes
  glob,     ///< glob"…", raw but for \" and \\ before it
  regex,    ///< re"…", raw but for \"
  number,   ///< 42, 1.5, -3, and with a unit: 5%, 500m, 16Gi, 10m
  boolean,  ///< true, false
  clock     ///< 22:00
};

struct Literal {
  LiteralKind kind = LiteralKind::text;
  Span span;  ///< with quotes, prefix and unit
};

/// `tags.team else "unowned"`, `context.rows?`, `dataSource`
struct Operand {
  Span name;                               ///< the path
  bool may_be_absent = false;              ///< `?`: false when it is
  std::optional<std::uint32_t> otherwise;  ///< index of a literal, the value when it is absent
  Span span;                               ///< all of it
};

/// What an outcome is set to.
struct Value {
  enum class Kind : std::uint8_t { none, literal, operand };
  Kind kind = Kind::none;
  std::uint32_t index = 0;  ///< in File::literals, or (also of a bare word) in File::operands
};

enum class Comparison : std::uint8_t { equal, unequal, less, at_most, more, at_least };

enum class ExpressionId : std::uint32_t {};

struct Expression {
  enum class Kind : std::uint8_t {
    any_of,    ///< a or b: children
    all_of,    ///< a and b: children
    negation,  ///< not a: one child
    compare,   ///< operand, comparison, one literal
    in_list,   ///< operand and literals: in ["a", glob"b*"]
    in_named,  ///< operand; `word` is the name of the list
    like,      ///< operand, one literal: a glob or a regex
    present,   ///< has operand
    canary,    ///< two literals: salt and share; operand: what is counted (default: the id)
    within,    ///< two or three literals: from, to, zone
    on_days,   ///< `word` is the list of days; a literal: the zone
    constant   ///< true or false: one literal
  };
  Kind kind = Kind::constant;
  Comparison comparison = Comparison::equal;
  bool has_operand = false;
  std::uint32_t operand = 0;
  std::uint32_t first = 0;  ///< of its literals, or in File::children
  std::uint32_t count = 0;
  Span word;
  Span span;
};

/// `label "team" = tags.team else "unowned"`, `cpu 2..4`, `use nvme`
struct Setting {
  Span keyword;
  Value key;    ///< of label, annotation, node, env, tolerate; else what it is set to
  Value value;  ///< behind `=`
  Value upper;  ///< behind `..`, or the effect of a toleration
  Span span;
};

/// Settings of a block: [first, first + count) of File::settings.
struct Block {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  Span span;  ///< with its braces
};

namespace statement {

struct PolicyName {
  Literal name;
};

struct Templates {
  Literal folder;
};

struct Allow {
  std::uint32_t first = 0;  ///< of File::words
  std::uint32_t count = 0;
};

/// `attribute rows: integer = spec.tuningConfig.maxRowsPerSegment`
struct Attribute {
  Span name;
  Span type;
  Span path;
};

struct List {
  Span name;
  std::uint32_t first = 0;  ///< of File::literals
  std::uint32_t count = 0;
};

struct Profile {
  Span name;
  Block block;
};

struct Rule {
  Literal name;
  std::optional<ExpressionId> when;
  Block block;
};

struct Default {
  Block block;
};

struct Test {
  Literal name;
  Span task;  ///< a JSON object
  std::optional<Literal> now;
  std::optional<Span> canary;  ///< on, off
  Block expected;
};

}  // namespace statement

struct Statement {
  std::variant<statement::PolicyName, statement::Templates, statement::Allow, statement::Attribute,
               statement::List, statement::Profile, statement::Rule, statement::Default,
               statement::Test>
      is;
  Span span;
};

struct File {
  std::vector<Statement> statements;  ///< in the order of the text
  std::vector<Expression> expressions;
  std::vector<ExpressionId> children;
  std::vector<Operand> operands;
  std::vector<Literal> literals;
  std::vector<Setting> settings;
  std::vector<Span> words;
  std::vector<Span> comments;  ///< from `#` to the end of the line

  [[nodiscard]] const Expression& operator[](ExpressionId id) const {
    return expressions[static_cast<std::size_t>(id)];
  }
};

/// The characters of a span.
[[nodiscard]] inline std::string_view spelled(const engine::Source& source, Span span) {
  return std::string_view(source.text).substr(span.begin, span.end - span.begin);
}

/// What a literal in quotes says: escapes resolved, quotes and prefix gone. Others as they are
/// spelled.
[[nodiscard]] std::string literal_text(const engine::Source& source, const Literal& literal);

}  // namespace copse::grammar::language
