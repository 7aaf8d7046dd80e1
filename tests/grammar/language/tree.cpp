#include "tests/grammar/language/tree.hpp"

namespace copse::tests {

using namespace grammar::language;

std::string Tree::text() const {
  std::string all;
  for (const Statement& each : file_.statements) all += statement(each) + "\n";
  return all;
}

std::string Tree::literals(std::uint32_t first, std::uint32_t count) const {
  std::string all;
  for (std::uint32_t i = first; i < first + count; ++i) all += (i == first ? "" : " ") + literal(i);
  return all;
}

std::string Tree::operand(std::uint32_t index) const {
  const Operand& of = file_.operands[index];
  return spelled(of.name) + (of.may_be_absent ? "?" : "") +
         (of.otherwise ? " else " + literal(*of.otherwise) : "");
}

std::string Tree::text(ExpressionId id) const {
  using Kind = Expression::Kind;
  const Expression& of = file_[id];
  const auto children = [&](const std::string& head) {
    std::string all = "(" + head;
    for (std::uint32_t i = of.first; i < of.first + of.count; ++i)
      all += " " + text(file_.children[i]);
    return all + ")";
  };
  constexpr const char* comparisons[] = {"==", "!=", "<", "<=", ">", ">="};
  const std::string asked = of.has_operand ? "[" + operand(of.operand) + "]" : "";
  const bool has_children =
      of.kind == Kind::any_of || of.kind == Kind::all_of || of.kind == Kind::negation;
  const std::string said = has_children ? "" : literals(of.first, of.count);
  switch (of.kind) {
    case Kind::any_of:
      return children("or");
    case Kind::all_of:
      return children("and");
    case Kind::negation:
      return children("not");
    case Kind::compare:
      return "(" + std::string(comparisons[static_cast<int>(of.comparison)]) + " " + asked + " " +
             said + ")";
    case Kind::in_list:
      return "(in " + asked + " {" + said + "})";
    case Kind::in_named:
      return "(in " + asked + " " + spelled(of.word) + ")";
    case Kind::like:
      return "(like " + asked + " " + said + ")";
    case Kind::present:
      return "(has " + asked + ")";
    case Kind::canary:
      return "(canary " + said + asked + ")";
    case Kind::within:
      return "(within " + said + ")";
    case Kind::on_days: {
      std::string days = spelled(of.word);
      std::erase_if(days, [](char c) { return c == ' ' || c == '\n' || c == '\t'; });
      return "(on " + days + (said.empty() ? "" : " " + said) + ")";
    }
    case Kind::constant:
      return said;
  }
  return "?";
}

std::string Tree::value(const Value& value) const {
  switch (value.kind) {
    case Value::Kind::none:
      return "";
    case Value::Kind::literal:
      return literal(value.index);
    case Value::Kind::operand:
      return "[" + operand(value.index) + "]";
  }
  return "?";
}

std::string Tree::block(const Block& block) const {
  std::string all = "{";
  for (std::uint32_t i = block.first; i < block.first + block.count; ++i) {
    const Setting& of = file_.settings[i];
    all += (i == block.first ? "" : "; ") + spelled(of.keyword) + " " + value(of.key);
    if (of.value.kind != Value::Kind::none) all += " = " + value(of.value);
    if (of.upper.kind != Value::Kind::none) all += " .. " + value(of.upper);
  }
  return all + "}";
}

std::string Tree::statement(const Statement& of) const {
  struct Each {
    const Tree& tree;

    std::string operator()(const statement::PolicyName& s) const {
      return "policy " + tree.spelled(s.name.span);
    }

    std::string operator()(const statement::Templates& s) const {
      return "templates " + tree.spelled(s.folder.span);
    }

    std::string operator()(const statement::Allow& s) const {
      std::string all = "allow";
      for (std::uint32_t i = s.first; i < s.first + s.count; ++i)
        all += " " + tree.spelled(tree.file_.words[i]);
      return all;
    }

    std::string operator()(const statement::Attribute& s) const {
      return "attribute " + tree.spelled(s.name) + ": " + tree.spelled(s.type) + " = " +
             tree.spelled(s.path);
    }

    std::string operator()(const statement::List& s) const {
      return "list " + tree.spelled(s.name) + " {" + tree.literals(s.first, s.count) + "}";
    }

    std::string operator()(const statement::Profile& s) const {
      return "profile " + tree.spelled(s.name) + " " + tree.block(s.block);
    }

    std::string operator()(const statement::Rule& s) const {
      return "rule " + tree.spelled(s.name.span) + " " + (s.when ? tree.text(*s.when) + " " : "") +
             tree.block(s.block);
    }

    std::string operator()(const statement::Default& s) const {
      return "default " + tree.block(s.block);
    }

    std::string operator()(const statement::Test& s) const {
      return "test " + tree.spelled(s.name.span) + " " + tree.spelled(s.task) +
             (s.now ? " at " + tree.spelled(s.now->span) : "") +
             (s.canary ? " canary " + tree.spelled(*s.canary) : "") + " " + tree.block(s.expected);
    }
  };

  return std::visit(Each{*this}, of.is);
}

}  // namespace copse::tests
