#include "grammar/json_form/parts.hpp"

#include "engine/json_writer.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace copse::grammar::json_form {
namespace {

using language::Expression;
using language::LiteralKind;
using language::Operand;
using language::Value;

// A text of the language is JSON, but for control characters that stand in it as they are.
std::string as_json(std::string_view quoted) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
  std::string text;
  for (const char c : quoted) {
    if (!is_control(c)) {
      text += c;
      continue;
    }
    const std::string escaped = engine::quoted({&c, 1});
    text += std::string_view(escaped).substr(1, escaped.size() - 2);
  }
  return text;
}

bool has_unit_or_zeros(std::string_view number) {
  if (number.find_first_not_of("-.0123456789") != std::string_view::npos) return true;
  if (number.starts_with('-')) number.remove_prefix(1);
  return number.size() > 1 && number[0] == '0' && number[1] != '.';
}

Json tagged(std::string_view tag, Json value) {
  return std::move(Json::object().add(tag, std::move(value)));
}

std::string_view sign(language::Comparison comparison) {
  constexpr std::string_view signs[] = {"==", "!=", "<", "<=", ">", ">="};
  return signs[static_cast<std::size_t>(comparison)];
}

}  // namespace

Json Parts::literal(const language::Literal& literal) const {
  const std::string_view text = spelled(literal.span);
  switch (literal.kind) {
    case LiteralKind::text:
      return Json::raw(as_json(text));
    case LiteralKind::glob:
      return tagged("glob", Json::text(literal_text(source_, literal)));
    case LiteralKind::regex:
      return tagged("regex", Json::text(literal_text(source_, literal)));
    case LiteralKind::clock:
      return tagged("clock", Json::text(text));
    case LiteralKind::number:
      if (has_unit_or_zeros(text)) return tagged("number", Json::text(text));
      break;
    case LiteralKind::boolean:
      break;
  }
  return Json::raw(std::string(text));
}

Json Parts::literals(std::uint32_t first, std::uint32_t count) const {
  Json all = Json::list();
  for (std::uint32_t i = first; i < first + count; ++i) all.add(literal(i));
  return all;
}

Json Parts::path(const Operand& operand) const {
  return Json::text(std::string(spelled(operand.name)) + (operand.may_be_absent ? "?" : ""));
}

Json Parts::operand(const Operand& operand) const {
  Json made = tagged("attribute", path(operand));
  if (operand.otherwise) made.add("else", literal(*operand.otherwise));
  return made;
}

Json Parts::children(const Expression& of) const {
  Json all = Json::list();
  for (std::uint32_t i = of.first; i < of.first + of.count; ++i)
    all.add(condition(file_.children[i]));
  return all;
}

Json Parts::days(std::string_view listed) const {
  Json all = Json::list();
  while (!listed.empty()) {
    const std::size_t comma = std::min(listed.find(','), listed.size());
    std::string day;
    for (const char c : listed.substr(0, comma)) {
      if (c >= 'a' && c <= 'z') day += c;
    }
    all.add(Json::text(day));
    listed.remove_prefix(std::min(comma + 1, listed.size()));
  }
  return all;
}

Json Parts::condition(language::ExpressionId id) const {
  using Kind = Expression::Kind;
  const Expression& of = file_[id];
  const auto about = [&] { return operand(file_.operands[of.operand]); };
  switch (of.kind) {
    case Kind::any_of:
      return tagged("any", children(of));
    case Kind::all_of:
      return tagged("all", children(of));
    case Kind::negation:
      return tagged("not", condition(file_.children[of.first]));
    case Kind::compare:
      return std::move(about().add(sign(of.comparison), literal(of.first)));
    case Kind::in_list:
      return std::move(about().add("in", literals(of.first, of.count)));
    case Kind::in_named:
      return std::move(about().add("in", tagged("list", Json::text(spelled(of.word)))));
    case Kind::like:
      return std::move(about().add("like", literal(of.first)));
    case Kind::present:
      return tagged("has", path(file_.operands[of.operand]));
    case Kind::canary: {
      Json made = tagged("salt", literal(of.first));
      made.add("share", Json::text(spelled(file_.literals[of.first + 1].span)));
      if (of.has_operand) made.add("of", path(file_.operands[of.operand]));
      return tagged("canary", std::move(made));
    }
    case Kind::within: {
      Json made = tagged("from", Json::text(spelled(file_.literals[of.first].span)));
      made.add("to", Json::text(spelled(file_.literals[of.first + 1].span)));
      if (of.count > 2) made.add("zone", literal(of.first + 2));
      return tagged("within", std::move(made));
    }
    case Kind::on_days: {
      Json made = tagged("days", days(spelled(of.word)));
      if (of.count > 0) made.add("zone", literal(of.first));
      return tagged("on", std::move(made));
    }
    case Kind::constant:
      break;
  }
  return literal(of.first);
}

Json Parts::value(const Value& value) const {
  return value.kind == Value::Kind::literal ? literal(value.index)
                                            : operand(file_.operands[value.index]);
}

Json Parts::key(const Value& value, bool takes_word) const {
  if (value.kind == Value::Kind::literal) {
    const language::Literal& is = file_.literals[value.index];
    const bool is_text = is.kind == LiteralKind::text;
    return takes_word && is_text ? tagged("text", literal(is)) : literal(is);
  }
  const Operand& is = file_.operands[value.index];
  if (is.may_be_absent || is.otherwise) return operand(is);
  const std::string_view word = spelled(is.name);
  const bool is_plain = takes_word && word.find_first_of(".\"") == std::string_view::npos;
  return is_plain ? Json::text(word) : tagged("word", Json::text(word));
}

Json Parts::outcome(const language::Setting& setting) const {
  const std::string_view word = spelled(setting.keyword);
  const bool takes_word = word == "runner" || word == "use";
  const bool is_bare = setting.key.kind == Value::Kind::none;  // `error`
  Json made = tagged(word, is_bare ? Json::raw("true") : key(setting.key, takes_word));
  if (setting.value.kind != Value::Kind::none) made.add("value", value(setting.value));
  if (setting.upper.kind == Value::Kind::none) return made;
  const bool is_effect = word == "tolerate" && setting.upper.kind == Value::Kind::operand;
  if (is_effect) {
    made.add("effect", Json::text(spelled(file_.operands[setting.upper.index].name)));
  } else {
    made.add("limit", value(setting.upper));
  }
  return made;
}

}  // namespace copse::grammar::json_form
