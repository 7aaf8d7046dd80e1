#include "grammar/json_form/values.hpp"

#include "grammar/language/spelling.hpp"

#include <optional>

namespace copse::grammar::json_form {
namespace {

using Kind = Document::Kind;

constexpr std::string_view literal_help =
    R"(a literal is a text, a number, true, false, {"number": "10m"}, {"glob": "a*"}, {"regex": "a.*"})";

constexpr std::string_view pattern_help = R"(write {"glob": "search_*"} or {"regex": "v[0-9]+"})";

constexpr std::string_view path_help =
    "a path such as `type`, `tags.team`, or `tags.team?`, which is false when it is absent";

// What would be a literal where a value stands.
bool is_attribute(std::string_view text) {
  const std::string_view first = text.substr(0, text.find_first_of(".?"));
  return is_operand(text) && first != "true" && first != "false";
}

// JSON's exponents would be units.
bool is_plain_number(std::string_view text) {
  return text.find_first_not_of("-.0123456789") == std::string_view::npos;
}

}  // namespace

bool is_operand(std::string_view text) {
  if (text.ends_with('?')) text.remove_suffix(1);
  return language::is_path(text);
}

void Values::quoted(At at, std::string_view what) {
  if (!json_.is(Kind::text, at, what, "")) return;
  const Span span = json_.span(at);
  draft_.copy(json_.bytes(span), span);
}

void Values::bare(At at, bool (*accepts)(std::string_view), std::string_view what,
                  std::string_view help) {
  const auto text = json_.text_of(at, what, help);
  if (!text) return;
  const Span whole = json_.span(at);
  const Span span{whole.begin + 1, whole.end - 1};
  if (!accepts(*text)) {
    // As it is written: what it says may be no text to show.
    json_.say("P0549", whole,
              std::string(what) + " cannot be `" + std::string(json_.bytes(span)) + "`", help);
  } else if (json_.bytes(span) == *text) {
    draft_.copy(*text, span);
  } else {
    draft_.put(*text, span);
  }
}

void Values::name(At at, std::string_view what) {
  bare(at, language::is_name, what, "letters, digits, `_` and `-`, a letter first");
}

void Values::literal(At at) {
  const Span span = json_.span(at);
  switch (json_.kind(at)) {
    case Kind::text:
    case Kind::boolean:
      return draft_.copy(json_.bytes(span), span);
    case Kind::number:
      return number(at);
    case Kind::object:
      return tagged(at, {"number", "glob", "regex", "clock"}, "a literal", literal_help);
    case Kind::array:
    case Kind::null:
      break;
  }
  json_.say("P0549", span, "a literal cannot be " + std::string(word(json_.kind(at))),
            literal_help);
}

void Values::number(At at) {
  const Span span = json_.span(at);
  const std::string_view text = json_.bytes(span);
  if (is_plain_number(text)) return draft_.copy(text, span);
  json_.say("P0549", span, "a number has no exponent", "write its digits");
}

void Values::pattern(At at) {
  if (json_.is(Kind::object, at, "what `like` compares with", pattern_help))
    tagged(at, {"glob", "regex"}, "a pattern", pattern_help);
}

void Values::tagged(At at, const Names& tags, std::string_view where, std::string_view help) {
  const Members members = json_.members(at);
  const Member* tag = json_.decisive(members, at, tags, where, help);
  if (tag == nullptr) return;
  json_.only(members, {tag->name}, where);
  if (tag->name == "glob") return put_pattern(tag->value, "glob\"");
  if (tag->name == "regex") return put_pattern(tag->value, "re\"");
  if (tag->name == "text") return quoted(tag->value, "`text`");
  if (tag->name == "number")
    return bare(tag->value, language::is_number, "`number`", "such as \"10m\", \"16Gi\", \"5%\"");
  if (tag->name == "clock")
    return bare(tag->value, language::is_clock, "`clock`", "such as \"22:00\"");
  if (tag->name == "word")
    return bare(tag->value, is_attribute, "`word`", "a name; texts stand without `word`");
  operand(tag->value, nullptr);
}

void Values::put_pattern(At at, std::string_view prefix) {
  const auto text = json_.text_of(at, "a pattern", pattern_help);
  if (!text) return;
  const Span span = json_.span(at);
  if (!language::is_pattern(*text)) {
    json_.say("P0549", span, "the language has no way to write this pattern",
              "no line breaks, and no single `\\` before `\"` or the end");
    return;
  }
  draft_.put(std::string(prefix) + language::pattern_body(*text) + "\"", span);
}

void Values::value(At at) {
  if (json_.kind(at) != Kind::object) return literal(at);
  const Members members = json_.members(at);
  const Member* path = find(members, "attribute");
  if (path == nullptr)
    return tagged(at, {"number", "glob", "regex", "clock", "attribute"}, "a value",
                  R"(a literal, or {"attribute": "tags.team", "else": "none"})");
  json_.only(members, {"attribute", "else"}, "a value");
  const Draft::Within here(draft_, json_.span(at));
  operand(path->value, find(members, "else"));
}

void Values::key(At at) {
  if (json_.kind(at) == Kind::object) {
    const Members members = json_.members(at);
    if (find(members, "word") != nullptr || find(members, "text") != nullptr)
      return tagged(at, {"word", "text"}, "a value", "");
  }
  value(at);
}

void Values::operand(At path, const Member* otherwise) {
  const auto text = json_.text_of(path, "`attribute`", path_help);
  if (!text) return;
  const Draft::Within here(draft_, json_.span(path));
  bare(path, is_attribute, "`attribute`", path_help);
  if (otherwise == nullptr) return;
  if (text->ends_with('?')) {
    json_.say("P0553", otherwise->key, "`?` and `else` both say what absence means",
              "leave one of them out");
  }
  draft_.put(" else ");
  literal(otherwise->value);
}

}  // namespace copse::grammar::json_form
