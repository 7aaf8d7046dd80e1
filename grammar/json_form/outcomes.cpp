#include "grammar/json_form/outcomes.hpp"

#include "grammar/language/outcomes.hpp"
#include "grammar/language/spelling.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace copse::grammar::json_form {
namespace {

using Kind = Document::Kind;

constexpr std::string_view outcome_help =
    R"(such as {"template": "large"}, {"cpu": 2, "limit": 4}, {"label": "team", "value": "search"})";

constexpr std::string_view comment_help = "a comment begins with `#` and is one line";

// What stands beside the word of an outcome.
constexpr std::array<std::string_view, 4> beside{"value", "limit", "effect", "comment"};

// Words that begin something else in a test.
constexpr std::array<std::string_view, 4> lines_of_tests{"task", "now", "canary", "expect"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& all, std::string_view name) {
  return std::find(all.begin(), all.end(), name) != all.end();
}

Names known_words(bool in_test) {
  Names all(language::outcome_words.begin(), language::outcome_words.end());
  if (in_test) all.insert(all.end(), {"rule", "error"});
  return all;
}

bool is_comment(std::string_view text) {
  constexpr std::string_view breaks("\n\0", 2);
  return text.starts_with('#') && text.find_first_of(breaks) == std::string_view::npos;
}

}  // namespace

void Outcomes::block(At at, std::string_view what) {
  if (!json_.is(Kind::array, at, what, outcome_help)) return;
  draft_.put("{");
  const std::vector<At> all = json_.elements(at);
  if (!all.empty()) draft_.put("\n");
  for (const At each : all) {
    if (json_.kind(each) == Kind::text) {
      line(each);
    } else {
      outcome(each, Where::block);
      draft_.put("\n");
    }
  }
  draft_.put("}");
}

void Outcomes::expectations(At at) {
  if (!json_.is(Kind::array, at, "`expect`", outcome_help)) return;
  std::string_view before = "expect ";
  for (const At each : json_.elements(at)) {
    draft_.put(before);
    outcome(each, Where::test);
    before = "; ";
  }
  draft_.put("\n");
}

void Outcomes::line(At at) {
  if (!json_.text(at).empty()) put_comment(at);
  draft_.put("\n");
}

void Outcomes::comment(const Members& members) {
  const Member* found = find(members, "comment");
  if (found == nullptr) return;
  draft_.put("  ");
  put_comment(found->value);
}

void Outcomes::put_comment(At at) {
  const auto text = json_.text_of(at, "`comment`", comment_help);
  if (!text) return;
  if (!is_comment(*text)) json_.say("P0549", json_.span(at), "this is no comment", comment_help);
  draft_.put(*text, json_.span(at));
}

// The one member that stands not beside another one.
const Member* Outcomes::word_of(const Members& members, At at, Where where) {
  const Names known = known_words(where == Where::test);
  Members words;
  for (const Member& each : members) {
    if (!contains(beside, each.name)) words.push_back(each);
  }
  const bool is_one = words.size() == 1;
  if (is_one && language::is_name(words[0].name) && !contains(lines_of_tests, words[0].name))
    return find(members, words[0].name);
  const Member* word = json_.decisive(words, at, known, "an outcome", outcome_help);
  return word == nullptr ? nullptr : find(members, word->name);
}

void Outcomes::outcome(At at, Where where) {
  if (!json_.is(Kind::object, at, "an outcome", outcome_help)) return;
  const Draft::Within here(draft_, json_.span(at));
  const Members members = json_.members(at);
  const Member* word = word_of(members, at, where);
  if (word == nullptr) return;
  keyword(*word);
  if (where == Where::test && word->name == "error") return error(members, *word);
  Names allowed{word->name, "value", "limit", "effect"};
  if (where == Where::block) allowed.emplace_back("comment");
  json_.only(members, allowed, "an outcome");
  draft_.put(" ");
  const bool takes_word = word->name == "runner" || word->name == "use";
  if (takes_word && json_.kind(word->value) == Kind::text) {
    values_.name(word->value, "`" + word->name + "`");
  } else {
    values_.key(word->value);
  }
  if (const Member* value = find(members, "value")) {
    draft_.put(" = ");
    values_.value(value->value);
  }
  const Member* limit = find(members, "limit");
  if (limit != nullptr) {
    draft_.put("..");
    values_.value(limit->value);
  }
  if (const Member* effect = find(members, "effect")) {
    if (limit != nullptr)
      json_.say("P0553", effect->key, "an outcome has no limit and effect at once",
                "`limit` is of an amount, `effect` of a toleration");
    draft_.put(": ");
    values_.name(effect->value, "`effect`");
  }
  if (where == Where::block) comment(members);
}

void Outcomes::error(const Members& members, const Member& word) {
  json_.only(members, {"error"}, "an expected error");
  const bool is_any =
      json_.kind(word.value) == Kind::boolean && json_.bytes(json_.span(word.value)) == "true";
  if (is_any) return;
  draft_.put(" ");
  values_.quoted(word.value, "`error`");
}

void Outcomes::keyword(const Member& word) {
  const bool is_copy = json_.bytes(word.key) == word.name;
  is_copy ? draft_.copy(word.name, word.key) : draft_.put(word.name, word.key);
}

}  // namespace copse::grammar::json_form
