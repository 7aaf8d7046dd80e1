// What is said of the JSON form, and where: code, title, underlined text and help; whether the form
// itself is wrong or what it means.
#include "grammar/json_form/reader.hpp"

#include "grammar/json_form/form.hpp"
#include "grammar/language/lint.hpp"
#include "grammar/policy_document.hpp"
#include "tests/grammar/language/random_policies.hpp"

#include <random>
#include <string>

#include <catch2/catch.hpp>

using namespace copse;

namespace {

std::string told(const engine::Diagnostic& d) {
  const std::string underlined =
      d.place.excerpt.substr(d.place.underline_at, d.place.underline_length);
  return d.code + " " + d.title + " [" + underlined + "]" + (d.help.empty() ? "" : " " + d.help);
}

std::string all_told(const engine::Diagnostics& said) {
  std::string all;
  for (const engine::Diagnostic& each : said) all += (all.empty() ? "" : "\n") + told(each);
  return all;
}

// All that is said of a document.
std::string about(const std::string& json) {
  const auto read = grammar::read_policy_document({"p.json", json}, engine::newest_release);
  return read ? "nothing" : all_told(read.error());
}

std::string document(const std::string& statements) {
  return "{\"copse\": 1, \"statements\": [" + statements + "]}";
}

std::string of_statement(const std::string& statement) {
  return about(document(statement + R"(, {"default": [{"template": "b"}]})"));
}

std::string of_condition(const std::string& condition) {
  return of_statement(R"({"rule": "r", "when": )" + condition +
                      R"(, "outcomes": [{"template": "a"}]})");
}

std::string of_outcome(const std::string& outcome) {
  return of_statement(R"({"rule": "r", "outcomes": [{"template": "a"}, )" + outcome + "]}");
}

}  // namespace

TEST_CASE("a document with a member `copse` is the JSON form", "[json_form]") {
  using grammar::DocumentKind;
  const auto kind = [](std::string text) { return grammar::kind_of({"p", std::move(text)}); };
  CHECK(kind(R"({"copse": 1, "statements": []})") == DocumentKind::json_form);
  CHECK(kind(R"({"statements": [], "copse": 2})") == DocumentKind::json_form);
  CHECK(kind("\n{ \"copse\": 1, \"statements\": [}") == DocumentKind::json_form);
  CHECK(kind(R"({"statements": []})") == DocumentKind::json_form);
  CHECK(kind(R"({"statements": [], "type": "default"})") == DocumentKind::strategy);
}

TEST_CASE("the outermost object is checked", "[json_form]") {
  CHECK(about(R"({"statements": [{"default": [{"template": "b"}]}]})") ==
        R"(P0551 `copse` is missing here [{] write {"copse": 1, "statements": […]})");
  CHECK(about(R"({"copse": 1})") ==
        R"(P0551 `statements` is missing here [{] write {"copse": 1, "statements": […]})");
  CHECK(
      about(R"({"copse": 2, "statements": [{"default": [{"template": "b"}]}]})") ==
      R"(P0552 this copse does not know such a version of the JSON form [2] it knows "copse": 1)");
  CHECK(about(R"({"copse": 1, "statments": []})") ==
        "P0548 a policy in JSON has no member `statments` [statments] did you mean `statements`?\n"
        R"(P0551 `statements` is missing here [{] write {"copse": 1, "statements": […]})");
  CHECK(about(R"({"copse": 1, "statements": {}})")
            .starts_with("P0549 `statements` is a list, and here an object [{]"));
  CHECK(about(R"({"copse": 1, "statements": [})").starts_with("P0101"));
  CHECK(about(document("")) ==
        "P0526 the policy has no default []] end it with `default { template \"…\" }`");
  CHECK(about(document(R"({"default": [{"template": "b"}]})")) == "nothing");
}

TEST_CASE("a statement says once what it is", "[json_form]") {
  CHECK(of_statement(R"({"rul": "r", "outcomes": []})") ==
        "P0548 a statement has no member `rul` [rul] did you mean `rule`?");
  CHECK(
      of_statement(R"({"name": "r"})").starts_with("P0551 a statement has to say what it is [{]"));
  CHECK(of_statement(R"({"rule": "r", "list": "l"})") ==
        "P0553 `rule` and `list` stand in one object [list] give each an object of its own");
  CHECK(of_statement(R"({"rule": "r", "rule": "s", "outcomes": [{"template": "t"}]})") ==
        "P0553 `rule` is said twice in one object [rule] leave one of them out");
  CHECK(of_statement(R"({"rule": "r", "wehn": true, "outcomes": [{"template": "t"}]})") ==
        "P0548 `rule` has no member `wehn` [wehn] did you mean `when`?");
  CHECK(of_statement(R"({"rule": "r"})") ==
        "P0551 `outcomes` is missing here [rule] a list; an empty one when there are none");
  CHECK(of_statement("7").starts_with("P0549 a statement is an object, and here a number [7]"));
  CHECK(of_statement(R"("why")") ==
        R"(P0549 this is no comment ["why"] a comment begins with `#` and is one line)");
  CHECK(of_statement(R"("# a\nrule")").starts_with("P0549 this is no comment"));
  CHECK(of_statement(R"({"list": "a b", "items": []})") ==
        R"(P0549 `list` cannot be `a b` ["a b"] letters, digits, `_` and `-`, a letter first)");
  CHECK(of_statement(R"({"allow": []})").starts_with("P0549 `allow` names nothing [[]"));
  CHECK(of_statement(R"({"include": "x"})").starts_with("P0551"));
}

TEST_CASE("conditions are checked", "[json_form]") {
  CHECK(of_condition(R"({"attribut": "type", "==": "a"})") ==
        "P0548 a condition has no member `attribut` [attribut] did you mean `attribute`?");
  CHECK(of_condition(R"({"attribute": "type"})") ==
        "P0551 a condition on an attribute has to say what it is [{] `==`, `!=`, `<`, `<=`, `>`, "
        "`>=`, `in` or `like`");
  CHECK(of_condition(R"({"attribute": "type", "==": "a", "!=": "b"})") ==
        "P0553 `==` and `!=` stand in one object [!=] give each an object of its own");
  CHECK(of_condition(R"({"attribute": "type", "==": null})")
            .starts_with("P0549 a literal cannot be null [null]"));
  CHECK(of_condition(R"({"attribute": "priority", ">": 1e2})") ==
        "P0549 a number has no exponent [1e2] write its digits");
  CHECK(of_condition(R"({"attribute": "type", "in": "vip"})") ==
        "P0549 `in` is a list, and here a text [\"vip\"] write [\"a\", \"b\"], or {\"list\": "
        "\"vip\"} "
        "for a list that has a name");
  CHECK(of_condition(R"({"attribute": "type", "like": {"glob": "a\\"}})")
            .starts_with(R"(P0549 the language has no way to write this pattern ["a\\"])"));
  CHECK(of_condition(R"({"attribute": "type == \"a\" or id", "==": "x"})")
            .starts_with(R"(P0549 `attribute` cannot be `type == \"a\" or id`)"));
  CHECK(of_condition(R"({"has": "tags.\"a\u0000\""})")
            .starts_with(R"(P0549 `has` cannot be `tags.\"a\u0000\"`)"));
  CHECK(of_condition(R"({"attribute": "not", "==": "x"})")
            .starts_with("P0549 no condition can ask for an attribute called `not` [\"not\"]"));
  CHECK(of_condition(R"({"attribute": "tags.t?", "else": "a", "==": "x"})") ==
        "P0553 `?` and `else` both say what absence means [else] leave one of them out");
  CHECK(of_condition(R"({"all": []})") ==
        "P0549 `all` of no conditions [[] leave it out, or write true");
  CHECK(of_condition(R"({"canary": {"salt": "s"}})") ==
        R"(P0551 `share` is missing here [{] such as "5%" or "0.1%")");
  CHECK(of_condition(R"({"canary": {"salt": "s", "share": 5}})") ==
        R"(P0549 `share` is a text, and here a number [5] such as "5%" or "0.1%")");
  CHECK(of_condition(R"({"within": {"from": "22", "to": "06:00"}})") ==
        R"(P0549 `from` cannot be `22` ["22"] such as "22:00")");
  CHECK(of_condition(R"({"on": {"days": ["sat", "day"]}})") ==
        R"(P0549 a day cannot be `day` ["day"] mon, tue, wed, thu, fri, sat or sun)");
  CHECK(of_condition(R"({"all": [{"has": "tags.t"}]})") == "nothing");
}

TEST_CASE("outcomes are checked", "[json_form]") {
  CHECK(of_outcome(R"({"cpu": 2, "limt": 4})") ==
        "P0548 an outcome has no member `limt` [limt] did you mean `limit`?");
  CHECK(of_outcome(R"({"label": "a", "env": "b", "value": "c"})") ==
        "P0553 `label` and `env` stand in one object [env] give each an object of its own");
  CHECK(of_outcome("{}").starts_with("P0551 an outcome has to say what it is [{]"));
  CHECK(of_outcome(R"({"now": "x"})").starts_with("P0551"));
  CHECK(of_outcome(R"({"runner": "a b"})").starts_with("P0549 `runner` cannot be `a b`"));
  CHECK(of_statement(R"({"test": "t", "expect": [{"error": false}]})") ==
        "P0549 `error` is a text, and here a boolean [false]");
}

TEST_CASE("what the language means is said at its place in the JSON", "[json_form]") {
  CHECK(of_condition(R"({"attribute": "prioritty", ">=": 75})") ==
        "P0520 unknown attribute `prioritty` [prioritty] did you mean `priority`?");
  CHECK(
      of_condition(R"({"attribute": "priority", ">": {"number": "10m"}})") ==
      "P0523 `priority` is an integer, and is compared with a duration [10m] write a whole number "
      "such as `75`");
  CHECK(of_condition(R"({"attribute": "type", "in": {"list": "streming"}})") ==
        "P0524 there is no list `streming` [streming] add `list streming = [\"…\"]`");
  CHECK(of_condition(R"({"attribute": "dataSource", "like": {"regex": "(a"}})")
            .starts_with(R"(P0536 the regex cannot be used ["(a"])"));
  CHECK(of_outcome(R"({"templte": "x"})") ==
        "P0529 there is no outcome `templte` [templte] did you mean `template`?");
  CHECK(of_outcome(R"({"fallback": "x"})").starts_with("P0504 `fallback` is reserved for later"));
  CHECK(of_outcome(R"({"cpu": 2})")
            .starts_with(R"(P0538 the policy does not allow to override `cpu` [{"cpu": 2}])"));
  CHECK(of_statement(R"({"default": [{"template": "b"}]})")
            .starts_with("P0525 the policy has two defaults [default]"));
  CHECK(of_statement(R"({"test": "t", "task": {"type": "noop"}})")
            .starts_with(R"(P0542 test `t` expects nothing ["t"])"));
}

TEST_CASE("a remedy changes the JSON", "[json_form]") {
  const std::string json = document(
      R"({"rule": "r", "when": {"attribute": "tags.t", "==": "a"}, "outcomes": [{"template": "x"}]})");
  const auto read = grammar::read_policy_document({"p.json", json}, engine::newest_release);
  REQUIRE_FALSE(read);
  const auto& fix = read.error().front().fix;
  REQUIRE(fix);
  std::string remedied = json;
  remedied.replace(fix->span.begin, fix->span.end - fix->span.begin, fix->text);
  CHECK(remedied.find(R"("attribute": "tags.t?")") != std::string::npos);
}

TEST_CASE("lint finds the same in JSON", "[json_form]") {
  const auto text = grammar::json_form::read(
      {"p.json", document("\n"
                          R"({"list": "vip", "items": ["ab", {"glob": "a*"}]})")});
  REQUIRE(text);
  const auto said = grammar::language::lint(*text, grammar::language::parse(*text).file);
  REQUIRE(said.size() == 2);
  CHECK(told(said[0]) == "L0406 nothing uses the list `vip` [vip] delete it");
  CHECK(told(said[1]).starts_with("L0407 `glob\"a*\"` of the same list covers this item [\"ab\"]"));
  CHECK(said[1].place.line == 2);
}

TEST_CASE("names with escapes are the names that they are", "[json_form]") {
  CHECK(about(R"({"copse": 1, "statements": [{"default": [{"te\u006dplate": "b"}]}]})") ==
        "nothing");
  CHECK(of_condition(R"({"attribute": "t\u0079pe", "==": "a"})") == "nothing");
  CHECK(of_condition(R"({"attribute": "t\u0079pp", "==": "a"})") ==
        R"(P0520 unknown attribute `typp` [t\u0079pp] did you mean `type`?)");
}

TEST_CASE("several mistakes are told at once, and not too many", "[json_form]") {
  const std::string two = about(document(R"({"rul": "r"}, {"list": 7, "items": []})"));
  CHECK(two.find("P0548") != std::string::npos);
  CHECK(two.find("P0549") != std::string::npos);
  std::string many = "7";
  for (int i = 0; i < 150; ++i) many += ", 7";
  const auto read = grammar::json_form::read({"p.json", document(many)});
  REQUIRE_FALSE(read);
  CHECK(read.error().size() == grammar::language::error_limit + 1);
  CHECK(read.error().back().title == "and 51 more");
}

TEST_CASE("conditions are nested as deep as the limit says", "[json_form]") {
  const auto nested = [](std::uint32_t depth) {
    std::string text = "true";
    for (std::uint32_t i = 0; i < depth; ++i) text = R"({"all": [)" + text + "]}";
    return text;
  };
  CHECK(of_condition(nested(grammar::json_form::nesting_limit - 1)) == "nothing");
  CHECK(of_condition(nested(grammar::json_form::nesting_limit))
            .starts_with("P0505 conditions stand more than 201 deep within each other [[]"));
  const auto negated = [](std::uint32_t depth) {
    std::string text = R"({"has": "tags.t"})";
    for (std::uint32_t i = 0; i < depth; ++i) text = R"({"not": )" + text + "}";
    return text;
  };
  CHECK(of_condition(negated(grammar::language::nesting_limit - 1)) == "nothing");
  CHECK(of_condition(negated(grammar::language::nesting_limit)).starts_with("P0505"));
}

TEST_CASE("what passes the reader parses, whatever was damaged", "[json_form]") {
  const std::string whole = document(
      R"({"policy": "p"}, {"list": "l", "items": ["a", {"glob": "b*"}]}, "# why", "",)"
      R"({"attribute": "n", "type": "integer", "path": "spec.n", "comment": "# c"},)"
      R"({"rule": "r", "when": {"all": [{"attribute": "type", "in": {"list": "l"}},)"
      R"({"any": [{"has": "tags.t"}, {"not": {"attribute": "context.x", "else": 1, ">=": 2}}]},)"
      R"({"canary": {"salt": "s", "share": "5%", "of": "groupId"}},)"
      R"({"within": {"from": "22:00", "to": "6:00"}}, {"on": {"days": ["sat"]}}]},)"
      R"("outcomes": [{"template": "t"}, {"cpu": {"number": "500m"}, "limit": 2},)"
      R"({"label": "a", "value": {"attribute": "tags.t", "else": "x"}}]},)"
      R"({"default": [{"template": "b", "comment": "# d"}]},)"
      R"({"test": "t", "task": {"type": "noop"}, "canary": true, "expect": [{"error": true}]})");
  REQUIRE(grammar::json_form::read({"p.json", whole}));
  std::mt19937 random(5);
  constexpr std::string_view characters = "\"{}[],:?\\ #%.01aeltn\n";
  int passed = 0;
  for (int i = 0; i < copse::tests::random_texts(20'000); ++i) {
    std::string text = whole;
    for (std::size_t n = random() % 2 + 1; n > 0; --n) {
      const std::size_t at = random() % text.size();
      const char with = characters[random() % characters.size()];
      switch (random() % 3) {
        case 0:
          text[at] = with;
          break;
        case 1:
          text.insert(at, 1, with);
          break;
        default:
          text.erase(at, 1);
      }
    }
    const auto read = grammar::json_form::read({"p.json", text});
    if (!read) continue;
    ++passed;
    const auto parsed = grammar::language::parse(*read);
    INFO(text << "\n" << read->text);
    CHECK(all_told(parsed.diagnostics) == "");
  }
  CHECK(passed > copse::tests::random_texts(20'000) / 40);
}
