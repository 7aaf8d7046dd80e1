#pragma once
// Conditions, outcomes and literals of the language as JSON. Private to the writer.

#include "grammar/json_form/layout.hpp"
#include "grammar/language/syntax.hpp"

#include <cstdint>
#include <string_view>

namespace copse::grammar::json_form {

class Parts {
 public:
  /// Both outlive it.
  Parts(const engine::Source& source, const language::File& file) : source_(source), file_(file) {}

  [[nodiscard]] std::string_view spelled(engine::Span span) const {
    return language::spelled(source_, span);
  }

  [[nodiscard]] Json condition(language::ExpressionId id) const;
  /// An outcome, or what a test expects.
  [[nodiscard]] Json outcome(const language::Setting& setting) const;
  [[nodiscard]] Json literals(std::uint32_t first, std::uint32_t count) const;
  [[nodiscard]] Json literal(const language::Literal& literal) const;

 private:
  [[nodiscard]] Json literal(std::uint32_t index) const { return literal(file_.literals[index]); }

  [[nodiscard]] Json path(const language::Operand& operand) const;
  [[nodiscard]] Json operand(const language::Operand& operand) const;
  [[nodiscard]] Json value(const language::Value& value) const;
  [[nodiscard]] Json key(const language::Value& value, bool takes_word) const;
  [[nodiscard]] Json children(const language::Expression& of) const;
  [[nodiscard]] Json days(std::string_view listed) const;

  const engine::Source& source_;
  const language::File& file_;
};

}  // namespace copse::grammar::json_form
