#include "grammar/json_form/document.hpp"

#include "grammar/language/parse.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace copse::grammar::json_form {
namespace {

std::string in_backticks(std::string_view text) {
  return "`" + std::string(text) + "`";
}

bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// `value`, `limit` and `effect`
std::string listed(const Names& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += in_backticks(names[i]);
  }
  return text;
}

}  // namespace

const Member* find(const Members& members, std::string_view name) {
  const auto at = std::find_if(members.begin(), members.end(),
                               [&](const Member& each) { return each.name == name; });
  return at == members.end() ? nullptr : &*at;
}

Document::Kind Document::kind(At at) {
  json_.rewind(at);
  return json_.kind();
}

Span Document::span(At at) {
  json_.rewind(at);
  const std::size_t begin = json_.span().begin;
  json_.rewind(begin);
  json_.skip();
  return {begin, json_.mark()};
}

Span Document::front(At at) {
  json_.rewind(at);
  return json_.span();
}

std::string_view Document::bytes(Span span) const {
  return std::string_view(source_.text).substr(span.begin, span.end - span.begin);
}

std::vector<At> Document::elements(At at) {
  std::vector<At> all;
  json_.rewind(at);
  json_.enter();
  while (json_.next_element()) {
    all.push_back(json_.mark());
    json_.skip();
  }
  return all;
}

Members Document::members(At at) {
  Members all;
  Members again;
  std::set<std::string> seen;
  json_.rewind(at);
  json_.enter();
  Member next;
  while (json_.next_member(next.name, next.key)) {
    next.key = {next.key.begin + 1, next.key.end - 1};
    next.value = json_.mark();
    (seen.insert(next.name).second ? all : again).push_back(next);
    json_.skip();
  }
  for (const Member& each : again)
    say("P0553", each.key, in_backticks(bytes(each.key)) + " is said twice in one object",
        "leave one of them out");
  return all;
}

std::string Document::text(At at) {
  json_.rewind(at);
  return json_.text();
}

bool Document::is(Kind wanted, At at, std::string_view what, std::string_view help) {
  const Kind found = kind(at);
  if (found == wanted) return true;
  say("P0549", front(at),
      std::string(what) + " is " + std::string(word(wanted)) + ", and here " +
          std::string(word(found)),
      help);
  return false;
}

std::optional<std::string> Document::text_of(At at, std::string_view what, std::string_view help) {
  if (!is(Kind::text, at, what, help)) return std::nullopt;
  return text(at);
}

const Member* Document::decisive(const Members& members, At object, const Names& names,
                                 std::string_view where, std::string_view help) {
  const Member* found = nullptr;
  for (const Member& each : members) {
    if (!contains(names, each.name)) continue;
    if (found != nullptr) {
      say("P0553", each.key,
          in_backticks(found->name) + " and " + in_backticks(each.name) + " stand in one object",
          "give each an object of its own");
      return nullptr;
    }
    found = &each;
  }
  if (found != nullptr) return found;
  for (const Member& each : members) {
    if (engine::nearest(each.name, names).empty()) continue;
    unknown(each, names, where);
    return nullptr;
  }
  say("P0551", front(object), std::string(where) + " has to say what it is", help);
  return nullptr;
}

void Document::only(const Members& members, const Names& names, std::string_view where) {
  for (const Member& each : members) {
    if (!contains(names, each.name)) unknown(each, names, where);
  }
}

const Member* Document::needed(const Members& members, std::string_view name, Span where,
                               std::string_view help) {
  const Member* found = find(members, name);
  if (found == nullptr) say("P0551", where, in_backticks(name) + " is missing here", help);
  return found;
}

void Document::unknown(const Member& member, const Names& names, std::string_view where) {
  const std::string_view near = engine::nearest(member.name, names);
  engine::Diagnostic* said = add(
      "P0548", member.key, std::string(where) + " has no member " + in_backticks(bytes(member.key)),
      near.empty() ? "its members are " + listed(names)
                   : "did you mean " + in_backticks(near) + "?");
  if (said != nullptr && !near.empty()) said->fix = engine::Fix{member.key, std::string(near)};
}

void Document::say(std::string_view code, Span span, std::string title, std::string_view help) {
  add(code, span, std::move(title), help);
}

engine::Diagnostic* Document::add(std::string_view code, Span span, std::string title,
                                  std::string_view help) {
  if (to_.size() >= language::error_limit) {
    ++untold_;
    return nullptr;
  }
  engine::Diagnostic& error = to_.emplace_back();
  error.code = code;
  error.title = std::move(title);
  error.help = help;
  error.place = places_.place(span);
  return &error;
}

void Document::tell_rest() {
  if (untold_ == 0) return;
  engine::Diagnostic& more = to_.emplace_back();
  more.code = to_.front().code;
  more.title = "and " + std::to_string(untold_) + " more";
  more.place = engine::whole_file(source_.name);
}

}  // namespace copse::grammar::json_form
