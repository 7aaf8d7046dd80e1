#include "grammar/json_form/conditions.hpp"

#include "grammar/json_form/form.hpp"
#include "grammar/language/spelling.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace copse::grammar::json_form {
namespace {

using Kind = Document::Kind;

constexpr std::string_view condition_help =
    R"(such as {"attribute": "type", "==": "compact"}, {"has": "tags.team"}, {"all": […]}, {"any": […]}, {"not": …})";

constexpr std::string_view share_help = R"(such as "5%" or "0.1%")";

// What begins a condition of another kind: no question asks about them.
constexpr std::array<std::string_view, 7> words{"not", "has",  "canary", "within",
                                                "on",  "true", "false"};

const Names& questions() {
  static const Names names{"==", "!=", "<", "<=", ">", ">=", "in", "like"};
  return names;
}

bool is_asked(std::string_view text) {
  const std::string_view first = text.substr(0, text.find_first_of(".?"));
  return is_operand(text) && std::find(words.begin(), words.end(), first) == words.end();
}

bool is_day(std::string_view text) {
  constexpr std::array<std::string_view, 7> all{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  return std::find(all.begin(), all.end(), text) != all.end();
}

}  // namespace

void Conditions::put(At at, std::uint32_t depth, int within) {
  const Span span = json_.span(at);
  const Draft::Within here(draft_, span);
  if (json_.kind(at) == Kind::boolean) return draft_.copy(json_.bytes(span), span);
  if (!json_.is(Kind::object, at, "a condition", condition_help)) return;
  const Members members = json_.members(at);
  const Member* is = json_.decisive(
      members, at, {"all", "any", "not", "attribute", "has", "canary", "within", "on"},
      "a condition", condition_help);
  if (is == nullptr) return;
  if (is->name == "attribute") return question(members, at);
  json_.only(members, {is->name}, "`" + is->name + "`");
  const At value = is->value;
  if (is->name == "all" || is->name == "any")
    return parts(value, depth + 1, within, is->name == "all" ? all : any);
  if (is->name == "has") {
    draft_.put("has ");
    return path(value, "`has`");
  }
  if (is->name == "canary") return canary(value);
  if (is->name == "within") return window(value);
  if (is->name == "on") return days(value);
  draft_.put("not ");
  if (may_contain(value, depth + 1)) put(value, depth + 1, negation);
}

bool Conditions::may_contain(At at, std::uint32_t depth) {
  if (depth < nesting_limit) return true;
  json_.say(
      "P0505", json_.front(at),
      "conditions stand more than " + std::to_string(nesting_limit) + " deep within each other",
      "give parts of it to rules of their own");
  return false;
}

void Conditions::parts(At at, std::uint32_t depth, int within, int own) {
  const std::string_view name = own == all ? "`all`" : "`any`";
  if (!json_.is(Kind::array, at, name, "a list of conditions") || !may_contain(at, depth)) return;
  const std::vector<At> parts = json_.elements(at);
  if (parts.empty()) {
    json_.say("P0549", json_.front(at), std::string(name) + " of no conditions",
              own == all ? "leave it out, or write true" : "write false");
    return;
  }
  if (parts.size() == 1) return put(parts.front(), depth, within);
  const bool is_loose = within == negation ? own < negation : own <= within;
  if (is_loose) draft_.put("(");
  for (const At part : parts) {
    if (part != parts.front()) draft_.put(own == all ? " and " : " or ");
    put(part, depth, own);
  }
  if (is_loose) draft_.put(")");
}

void Conditions::question(const Members& members, At at) {
  const Member* path = find(members, "attribute");
  const auto text = json_.text_of(path->value, "`attribute`", "a path such as `type`");
  if (!text) return;
  if (is_operand(*text) && !is_asked(*text)) {
    json_.say("P0549", json_.span(path->value),
              "no condition can ask for an attribute called `" + *text + "`",
              "the word has a meaning of its own in conditions");
  }
  values_.operand(path->value, find(members, "else"));
  Members asked;
  for (const Member& each : members) {
    if (each.name != "attribute" && each.name != "else") asked.push_back(each);
  }
  const Member* question = json_.decisive(asked, at, questions(), "a condition on an attribute",
                                          "`==`, `!=`, `<`, `<=`, `>`, `>=`, `in` or `like`");
  if (question == nullptr) return;
  json_.only(asked, {question->name}, "a condition on an attribute");
  draft_.put(" " + question->name + " ");
  if (question->name == "in") return in(question->value);
  if (question->name == "like") return values_.pattern(question->value);
  values_.literal(question->value);
}

void Conditions::in(At at) {
  if (json_.kind(at) == Kind::object) {
    const Members members = json_.members(at);
    const Member* list =
        json_.decisive(members, at, {"list"}, "`in`", R"(write {"list": "vip"} or ["a", "b"])");
    if (list == nullptr) return;
    json_.only(members, {"list"}, "`in`");
    return values_.name(list->value, "the name of a list");
  }
  if (!json_.is(Kind::array, at, "`in`",
                R"(write ["a", "b"], or {"list": "vip"} for a list that has a name)"))
    return;
  draft_.put("[");
  std::string_view comma;
  for (const At item : json_.elements(at)) {
    draft_.put(comma);
    values_.literal(item);
    comma = ", ";
  }
  draft_.put("]");
}

void Conditions::path(At at, std::string_view what) {
  const auto text = json_.text_of(at, what, R"(a path such as "tags.team")");
  if (!text) return;
  const Draft::Within here(draft_, json_.span(at));
  values_.bare(at, is_operand, what, R"(a path such as "tags.team")");
}

void Conditions::canary(At at) {
  if (!json_.is(Kind::object, at, "`canary`", R"(write {"salt": "java21", "share": "5%"})")) return;
  const Members members = json_.members(at);
  json_.only(members, {"salt", "share", "of"}, "`canary`");
  const Span bracket = json_.front(at);
  const Member* salt = json_.needed(members, "salt", bracket, "a text of your choice");
  const Member* share = json_.needed(members, "share", bracket, share_help);
  if (salt == nullptr || share == nullptr) return;
  draft_.put("canary(");
  values_.quoted(salt->value, "`salt`");
  draft_.put(", ");
  values_.bare(share->value, language::is_number, "`share`", share_help);
  if (const Member* counted = find(members, "of")) {
    draft_.put(", ");
    path(counted->value, "`of`");
  }
  draft_.put(")");
}

void Conditions::window(At at) {
  if (!json_.is(Kind::object, at, "`within`", R"(write {"from": "22:00", "to": "06:00"})")) return;
  const Members members = json_.members(at);
  json_.only(members, {"from", "to", "zone"}, "`within`");
  const Span bracket = json_.front(at);
  const Member* from = json_.needed(members, "from", bracket, R"(such as "22:00")");
  const Member* to = json_.needed(members, "to", bracket, R"(such as "06:00")");
  if (from == nullptr || to == nullptr) return;
  draft_.put("within ");
  values_.bare(from->value, language::is_clock, "`from`", R"(such as "22:00")");
  draft_.put("..");
  values_.bare(to->value, language::is_clock, "`to`", R"(such as "06:00")");
  zone(members);
}

void Conditions::days(At at) {
  if (!json_.is(Kind::object, at, "`on`", R"(write {"days": ["sat", "sun"]})")) return;
  const Members members = json_.members(at);
  json_.only(members, {"days", "zone"}, "`on`");
  const Member* days = json_.needed(members, "days", json_.front(at), R"(such as ["sat", "sun"])");
  if (days == nullptr || !json_.is(Kind::array, days->value, "`days`", R"(such as ["sat", "sun"])"))
    return;
  const std::vector<At> named = json_.elements(days->value);
  if (named.empty()) json_.say("P0549", json_.front(days->value), "`days` names no day");
  draft_.put("on ");
  {
    const Draft::Within here(draft_, json_.span(days->value));
    for (const At day : named) {
      if (day != named.front()) draft_.put(", ");
      values_.bare(day, is_day, "a day", "mon, tue, wed, thu, fri, sat or sun");
    }
  }
  zone(members);
}

void Conditions::zone(const Members& members) {
  const Member* zone = find(members, "zone");
  if (zone == nullptr) return;
  draft_.put(" ");
  values_.quoted(zone->value, "`zone`");
}

}  // namespace copse::grammar::json_form
