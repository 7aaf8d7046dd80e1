#pragma once
// A parsed policy as text, one statement a line, with every part in brackets: what a test can say.

#include "grammar/language/parse.hpp"

#include <string>

namespace copse::tests {

class Tree {
 public:
  Tree(const engine::Source& source, const grammar::language::File& file)
      : source_(source), file_(file) {}

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string text(grammar::language::ExpressionId id) const;

 private:
  using Span = engine::Span;

  [[nodiscard]] std::string spelled(Span span) const {
    return std::string(grammar::language::spelled(source_, span));
  }

  [[nodiscard]] std::string literal(std::uint32_t index) const {
    return spelled(file_.literals[index].span);
  }

  [[nodiscard]] std::string literals(std::uint32_t first, std::uint32_t count) const;
  [[nodiscard]] std::string operand(std::uint32_t index) const;
  [[nodiscard]] std::string value(const grammar::language::Value& value) const;
  [[nodiscard]] std::string block(const grammar::language::Block& block) const;
  [[nodiscard]] std::string statement(const grammar::language::Statement& statement) const;

  const engine::Source& source_;
  const grammar::language::File& file_;
};

}  // namespace copse::tests
