#include "grammar/language/conditions.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace copse::grammar::language {
namespace {

using engine::Verdict;
using Kind = Expression::Kind;

struct BuiltIn {
  std::string_view name;
  Type type;
  bool may_be_absent;
};

constexpr std::array built_ins{
    BuiltIn{"type", Type::text, false},        BuiltIn{"id", Type::text, false},
    BuiltIn{"groupId", Type::text, false},     BuiltIn{"dataSource", Type::text, true},
    BuiltIn{"supervisorId", Type::text, true}, BuiltIn{"priority", Type::integer, false},
    BuiltIn{"attempt", Type::integer, false},  BuiltIn{"requiredCapacity", Type::integer, false},
    BuiltIn{"payload", Type::quantity, false}};

constexpr std::array<std::pair<std::string_view, Type>, 7> types{{{"text", Type::text},
                                                                  {"integer", Type::integer},
                                                                  {"decimal", Type::decimal},
                                                                  {"boolean", Type::boolean},
                                                                  {"duration", Type::duration},
                                                                  {"quantity", Type::quantity},
                                                                  {"interval", Type::interval}}};

Verdict opposite(Verdict verdict) {
  return verdict == Verdict::yes ? Verdict::no : Verdict::yes;
}

std::string_view in_words(LiteralKind kind) {
  switch (kind) {
    case LiteralKind::text:
      return "a text";
    case LiteralKind::glob:
    case LiteralKind::regex:
      return "a pattern";
    case LiteralKind::number:
      return "a number";
    case LiteralKind::boolean:
      return "true or false";
    case LiteralKind::clock:
      return "a time of day";
  }
  return "";
}

}  // namespace

std::vector<std::string> path_segments(const engine::Source& source, Span path) {
  std::vector<std::string> all;
  const std::string_view text = spelled(source, path);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '"') {
      const std::size_t end = std::min(text.find('.', at), text.size());
      all.emplace_back(text.substr(at, end - at));
      at = end;
      continue;
    }
    std::size_t end = at + 1;
    while (text[end] != '"') end += text[end] == '\\' ? 2U : 1U;
    all.push_back(
        literal_text(source, {LiteralKind::text, {path.begin + at, path.begin + end + 1}}));
    at = end + 1;
  }
  return all;
}

// What a condition asks about.
struct Conditions::Asked {
  engine::Attribute attribute;
  Type type = Type::text;
  bool may_be_absent = false;
};

std::optional<Type> type_named(std::string_view name) {
  const auto* at = std::find_if(types.begin(), types.end(),
                                [&](const auto& each) { return each.first == name; });
  return at == types.end() ? std::nullopt : std::optional(at->second);
}

std::string_view name(Type type) {
  const auto* at = std::find_if(types.begin(), types.end(),
                                [&](const auto& each) { return each.second == type; });
  return at == types.end() ? "any" : at->first;
}

void Complaints::say(std::string_view code, Span span, std::string title, std::string help,
                     std::string label) {
  engine::Diagnostic error;
  error.code = code;
  error.title = std::move(title);
  error.help = std::move(help);
  error.label = std::move(label);
  error.place = places_.place(span);
  to_.push_back(std::move(error));
}

std::optional<Alternatives> Conditions::of(ExpressionId id, bool negated) {
  const Expression& each = file_[id];
  switch (each.kind) {
    case Kind::any_of:
      return negated ? all_of(each, true) : any_of(each, false);
    case Kind::all_of:
      return negated ? any_of(each, true) : all_of(each, false);
    case Kind::negation:
      return of(file_.children[each.first], !negated);
    case Kind::constant: {
      const bool is_true = spelled(source_, each.span) == "true";
      return is_true != negated ? Alternatives{{}} : Alternatives{};
    }
    case Kind::compare:
    case Kind::in_list:
    case Kind::in_named:
    case Kind::present:
      return tested(each, negated);
    case Kind::like:
    case Kind::canary:
    case Kind::within:
    case Kind::on_days:
      complaints_.say("P0590", each.span, "this release does not decide by this yet",
                      "it decides by `==`, `!=`, `in` and `has` over texts");
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Alternatives> Conditions::any_of(const Expression& whole, bool negated) {
  std::optional<Alternatives> all(std::in_place);
  for (std::uint32_t i = whole.first; i < whole.first + whole.count; ++i) {
    auto part = of(file_.children[i], negated);
    if (!part) {
      all.reset();  // the others are looked at all the same
    } else if (all) {
      std::move(part->begin(), part->end(), std::back_inserter(*all));
    }
  }
  return all;
}

std::optional<Alternatives> Conditions::all_of(const Expression& whole, bool negated) {
  std::optional<Alternatives> all(Alternatives{{}});
  for (std::uint32_t i = whole.first; i < whole.first + whole.count; ++i) {
    const auto part = of(file_.children[i], negated);
    if (!part) {
      all.reset();
      continue;
    }
    if (!all) continue;
    if (all->size() * part->size() > alternative_limit) {
      complaints_.say(
          "P0531", whole.span,
          "the condition comes to more than " + std::to_string(alternative_limit) + " alternatives",
          "give some of them rules of their own, or put texts into lists");
      return std::nullopt;
    }
    Alternatives joined;
    for (const Alternative& left : *all) {
      for (const Alternative& right : *part) {
        joined.push_back(left);
        joined.back().insert(joined.back().end(), right.begin(), right.end());
      }
    }
    all = std::move(joined);
  }
  return all;
}

std::optional<Alternatives> Conditions::tested(const Expression& of, bool negated) {
  const auto about = asked(of);
  if (!about) return std::nullopt;
  const Operand& operand = file_.operands[of.operand];
  const bool is_sound = says_absence(of, operand, *about);
  engine::Test test;
  test.attribute = about->attribute;
  if (of.kind == Kind::present) {
    test.if_listed = test.if_other = Verdict::yes;
  } else {
    auto listed = values(of, *about);
    if (!listed || !is_sound) return std::nullopt;
    test.values = std::move(*listed);
    const bool is_unequal = of.kind == Kind::compare && of.comparison == Comparison::unequal;
    test.if_listed = is_unequal ? Verdict::no : Verdict::yes;
    test.if_other = opposite(test.if_listed);
    if (operand.otherwise) {
      const auto otherwise = text_value(file_.literals[*operand.otherwise], *about);
      if (!otherwise) return std::nullopt;
      const bool is_listed =
          std::find(test.values.begin(), test.values.end(), *otherwise) != test.values.end();
      test.if_absent = is_listed ? test.if_listed : test.if_other;
    }
  }
  if (!is_sound) return std::nullopt;
  test.if_ill_typed = test.if_absent;
  if (negated) {
    for (Verdict* each : {&test.if_listed, &test.if_other, &test.if_absent, &test.if_ill_typed})
      *each = opposite(*each);
  }
  return Alternatives{{std::move(test)}};
}

std::optional<Conditions::Asked> Conditions::asked(const Expression& of) {
  const Span span = file_.operands[of.operand].name;
  const std::string name(spelled(source_, span));
  std::vector<std::string> path = path_segments(source_, span);
  if (path.size() == 2 && path[0] == "tags")
    return Asked{engine::tag_attribute(path[1]), Type::text, true};
  if (path.size() > 1 && path[0] == "context") return Asked{{name, path}, Type::any, true};
  if (const auto declared = scope_.attributes.find(name); declared != scope_.attributes.end())
    return Asked{{name, declared->second.second}, declared->second.first, true};
  const auto* built_in = std::find_if(built_ins.begin(), built_ins.end(),
                                      [&](const BuiltIn& each) { return each.name == name; });
  if (built_in == built_ins.end()) {
    std::vector<std::string_view> known;
    for (const BuiltIn& each : built_ins) known.push_back(each.name);
    for (const auto& [each, ignored] : scope_.attributes) known.push_back(each);
    const std::string_view near = engine::nearest(name, known);
    complaints_.say("P0520", span, "unknown attribute `" + name + "`",
                    near.empty() ? "declare it: attribute " + path.back() + ": text = " + name
                                 : "did you mean `" + std::string(near) + "`?",
                    "not in what a Druid task has");
    return std::nullopt;
  }
  if (name == "dataSource")
    return Asked{engine::data_source_attribute(), built_in->type, built_in->may_be_absent};
  if (built_in->type != Type::text || name == "groupId") {
    complaints_.say("P0590", span, "this release does not decide by `" + name + "` yet",
                    "it decides by texts: type, id, dataSource, supervisorId, tags and context");
    return std::nullopt;
  }
  return Asked{{name, std::move(path)}, Type::text, built_in->may_be_absent};
}

bool Conditions::says_absence(const Expression& of, const Operand& operand, const Asked& about) {
  const std::string& name = about.attribute.name;
  if (of.kind == Kind::present) {
    if (!operand.may_be_absent && !operand.otherwise) return true;
    complaints_.say("P0522", operand.span, "`has` asks whether it is there",
                    "leave out what follows the name");
    return false;
  }
  const bool is_unequal = of.kind == Kind::compare && of.comparison == Comparison::unequal;
  if (operand.may_be_absent && is_unequal) {
    complaints_.say(
        "P0522", of.span, "true or false when `" + name + "` is absent?",
        "write `not (" + name + "? == …)`, true when absent, or `" + name + " else \"…\" != …`");
    return false;
  }
  if (!about.may_be_absent || operand.may_be_absent || operand.otherwise) return true;
  complaints_.say("P0521", operand.span, "`" + name + "` may be absent, and nothing says what then",
                  "write `" + name + "?`, false when absent, or `" + name + " else \"…\"`");
  return false;
}

std::optional<std::vector<std::string>> Conditions::values(const Expression& of,
                                                           const Asked& about) {
  const bool is_ordered = of.kind == Kind::compare && of.comparison != Comparison::equal &&
                          of.comparison != Comparison::unequal;
  if (is_ordered && about.type == Type::text) {
    complaints_.say("P0523", of.span, "texts are not ordered",
                    "`==`, `!=`, `in` and `like` compare texts");
    return std::nullopt;
  }
  std::vector<Literal> literals(file_.literals.begin() + of.first,
                                file_.literals.begin() + of.first + of.count);
  if (of.kind == Kind::in_named) {
    const std::string list(spelled(source_, of.word));
    const auto found = scope_.lists.find(list);
    if (found == scope_.lists.end()) {
      std::vector<std::string_view> known;
      for (const auto& [each, ignored] : scope_.lists) known.push_back(each);
      const std::string_view near = engine::nearest(list, known);
      complaints_.say("P0524", of.word, "there is no list `" + list + "`",
                      near.empty() ? "add `list " + list + " = [\"…\"]`"
                                   : "did you mean `" + std::string(near) + "`?");
      return std::nullopt;
    }
    literals = found->second;
  }
  std::vector<std::string> texts;
  for (const Literal& each : literals) {
    auto text = text_value(each, about);
    if (!text) return std::nullopt;
    texts.push_back(std::move(*text));
  }
  return texts;
}

std::optional<std::string> Conditions::text_value(const Literal& literal, const Asked& about) {
  const bool is_text = about.type == Type::text;
  if (literal.kind == LiteralKind::text && (is_text || about.type == Type::any))
    return literal_text(source_, literal);
  const bool is_pattern = literal.kind == LiteralKind::glob || literal.kind == LiteralKind::regex;
  if (about.type != Type::any && literal.kind == LiteralKind::text) {
    complaints_.say("P0523", literal.span,
                    "`" + about.attribute.name + "` is of type " + std::string(name(about.type)) +
                        ", and is compared with a text");
  } else if (is_text && !is_pattern) {
    complaints_.say("P0523", literal.span,
                    "`" + about.attribute.name + "` is a text, and is compared with " +
                        std::string(in_words(literal.kind)),
                    "write it in quotes");
  } else {
    complaints_.say(
        "P0590", literal.span,
        "this release does not compare with " + std::string(in_words(literal.kind)) + " yet",
        "it decides by texts");
  }
  return std::nullopt;
}

}  // namespace copse::grammar::language
