// The language as JSON and back. What comes back is what `fmt` makes of the policy, and is written
// again to the same bytes.
#include "grammar/json_form/form.hpp"
#include "grammar/json_form/reader.hpp"
#include "grammar/json_form/writer.hpp"
#include "grammar/language/format.hpp"
#include "grammar/language/parse.hpp"
#include "tests/grammar/language/random_policies.hpp"
#include "tests/grammar/language/tree.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <catch2/catch.hpp>

using namespace copse::grammar;
using copse::tests::Tree;
namespace engine = copse::engine;
namespace fs = std::filesystem;

namespace {

constexpr int random_policies = copse::tests::random_texts(3'000);

// A text of the language that can be read.
struct Policy {
  engine::Source source;
  language::Parsing parsed;

  explicit Policy(engine::Source of) : source(std::move(of)), parsed(language::parse(source)) {
    for (const engine::Diagnostic& each : parsed.diagnostics) UNSCOPED_INFO(engine::render(each));
    REQUIRE(parsed.diagnostics.empty());
  }

  explicit Policy(std::string text) : Policy(engine::Source{"p", std::move(text)}) {}

  std::string formatted() const { return language::format(source, parsed.file); }

  std::string tree() const { return Tree(source, parsed.file).text(); }

  json_form::Written written() const { return json_form::write(source, parsed.file); }

  std::string comments() const {
    std::string all;
    for (const engine::Span span : parsed.file.comments) {
      all += language::spelled(source, span);
      all.erase(all.find_last_not_of(" \t\r") + 1);
      all += "\n";
    }
    return all;
  }
};

Policy read(const std::string& json) {
  auto text = json_form::read({"p.json", json});
  if (!text) {
    for (const engine::Diagnostic& each : text.error()) UNSCOPED_INFO(engine::render(each));
  }
  REQUIRE(text);
  return Policy(std::move(*text));
}

// The JSON of a policy; whatever comes back is held against it.
std::string json_of(const std::string& text) {
  INFO(text);
  const Policy before(text);
  const json_form::Written written = before.written();
  INFO(written.text);
  const Policy after = read(written.text);
  INFO(after.source.text);
  CHECK(after.written().text == written.text);
  CHECK(after.written().notes.empty());
  CHECK(after.comments() == before.comments());
  CHECK(after.tree() == Policy(before.formatted()).tree());
  if (written.notes.empty()) CHECK(after.formatted() == before.formatted());
  return written.text;
}

// On one line, as it is written when it fits.
std::string flat(const std::string& json) {
  std::string text;
  for (std::size_t at = 0; at < json.size(); ++at) {
    if (json[at] != '\n') {
      text += json[at];
      continue;
    }
    at = json.find_first_not_of(" \n", at);
    if (at == std::string::npos) break;
    if (text.ends_with(',')) text += ' ';
    text += json[at];
  }
  return text + "\n";
}

std::string statement(const std::string& text) {
  constexpr std::string_view head = "{\"copse\": 1, \"statements\": [";
  const std::string json = flat(json_of(text));
  return json.substr(head.size(), json.size() - head.size() - 3);
}

std::string condition(const std::string& text) {
  constexpr std::string_view head = "{\"rule\": \"r\", \"when\": ";
  const std::string json = statement("rule \"r\" when " + text + " {}");
  INFO(json);
  REQUIRE(json.starts_with(head));
  return json.substr(head.size(), json.rfind(", \"outcomes\"") - head.size());
}

std::string outcome(const std::string& text) {
  const std::string json = statement("default {" + text + "}");
  return json.substr(13, json.size() - 15);
}

std::string file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("each statement is an object, and says first what it is", "[json_form]") {
  CHECK(statement("policy \"p\"") == R"({"policy": "p"})");
  CHECK(statement("templates from \"t/\"") == R"({"templates": "t/"})");
  CHECK(statement("allow override cpu, label") == R"({"allow": ["cpu", "label"]})");
  CHECK(statement("attribute r: integer = spec.\"a b\".c") ==
        R"({"attribute": "r", "type": "integer", "path": "spec.\"a b\".c"})");
  CHECK(statement("list l = [\"a\", glob\"b*\", re\"c.\"]") ==
        R"({"list": "l", "items": ["a", {"glob": "b*"}, {"regex": "c."}]})");
  CHECK(statement("profile p { cpu 2 }") == R"({"profile": "p", "outcomes": [{"cpu": 2}]})");
  CHECK(statement("rule \"r\" {}") == R"({"rule": "r", "outcomes": []})");
  CHECK(statement("default { template \"b\" }") == R"({"default": [{"template": "b"}]})");
  CHECK(statement("test \"t\" { task {\"a\":1} canary on now \"n\" expect error; rule \"r\" }") ==
        R"({"test": "t", "task": {"a":1}, "now": "n", "canary": true, )"
        R"("expect": [{"error": true}, )"
        "{\"rule\": \"r\"}]}");
  CHECK(json_of("") == "{\"copse\": 1, \"statements\": []}\n");
}

TEST_CASE("conditions are a tree", "[json_form]") {
  CHECK(condition("type == \"a\"") == R"({"attribute": "type", "==": "a"})");
  CHECK(condition("tags.t? != \"a\"") == R"({"attribute": "tags.t?", "!=": "a"})");
  CHECK(condition("(context.r else 0) >= 1.50") ==
        R"({"attribute": "context.r", "else": 0, ">=": 1.50})");
  CHECK(condition("type in vip") == R"({"attribute": "type", "in": {"list": "vip"}})");
  CHECK(condition("type in []") == R"({"attribute": "type", "in": []})");
  CHECK(condition("type like re\"a\\d\\\"\"") ==
        R"({"attribute": "type", "like": {"regex": "a\\d\""}})");
  CHECK(condition("has tags.\"a b\"") == R"({"has": "tags.\"a b\""})");
  CHECK(condition("canary(\"s\", 0.5%, groupId)") ==
        R"({"canary": {"salt": "s", "share": "0.5%", "of": "groupId"}})");
  CHECK(condition("within 22:00..6:00 \"UTC\"") ==
        R"({"within": {"from": "22:00", "to": "6:00", "zone": "UTC"}})");
  CHECK(condition("on sat, sun") == R"({"on": {"days": ["sat", "sun"]}})");
  CHECK(condition("true") == "true");
  CHECK(condition("has a and (has b and has c)") ==
        R"({"all": [{"has": "a"}, {"all": [{"has": "b"}, {"has": "c"}]}]})");
  CHECK(condition("has a or not (has b or has c)") ==
        R"({"any": [{"has": "a"}, {"not": {"any": [{"has": "b"}, {"has": "c"}]}}]})");
}

TEST_CASE("what is no text says so", "[json_form]") {
  CHECK(condition("context.x? > 10m") == R"({"attribute": "context.x?", ">": {"number": "10m"}})");
  CHECK(condition("context.x? > 007") == R"({"attribute": "context.x?", ">": {"number": "007"}})");
  CHECK(condition("context.x? == \"10m\"") == R"({"attribute": "context.x?", "==": "10m"})");
  CHECK(condition("type == 22:00") == R"({"attribute": "type", "==": {"clock": "22:00"}})");
  CHECK(outcome("cpu 500m..2") == R"({"cpu": {"number": "500m"}, "limit": 2})");
  CHECK(outcome("runner worker") == R"({"runner": "worker"})");
  CHECK(outcome("runner \"worker\"") == R"({"runner": {"text": "worker"}})");
  CHECK(outcome("template large") == R"({"template": {"word": "large"}})");
  CHECK(outcome("label \"t\" = tags.t else \"x\"") ==
        R"({"label": "t", "value": {"attribute": "tags.t", "else": "x"}})");
  CHECK(outcome("tolerate \"s\" = \"v\": NoExecute") ==
        R"({"tolerate": "s", "value": "v", "effect": "NoExecute"})");
}

TEST_CASE("comments and blank lines stay", "[json_form]") {
  CHECK(
      json_of("# top\n\n\npolicy \"p\" # tail\ndefault {\n # why\n cpu 1 # this\n\n cpu 2\n # last"
              "\n}\n# end\n") == R"({
  "copse": 1,
  "statements": [
    "# top",
    "",
    {"policy": "p", "comment": "# tail"},
    {"default": ["# why", {"cpu": 1, "comment": "# this"}, "", {"cpu": 2}, "# last"]},
    "# end"
  ]
}
)");
  CHECK(statement("rule \"r\" when has id # because\n and has a {\n cpu 1\n\n cpu 2 # two\n}") ==
        R"("# because", "# two", {"rule": "r", "when": {"all": [{"has": "id"}, {"has": "a"}]}, )"
        R"("outcomes": [{"cpu": 1}, {"cpu": 2}]})");
  const Policy within("policy \"p\"\nlist l = [\"a\", # one\n \"b\", # two\n]");
  const auto notes = within.written().notes;
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].code == "P0561");
  CHECK(notes[0].place.line == 2);
}

TEST_CASE("a tab within a text comes back as its escape", "[json_form]") {
  const Policy before("policy \"a\tb\"");
  CHECK(read(before.written().text).formatted() == "policy \"a\\tb\"\n");
}

TEST_CASE("a task keeps its own lines", "[json_form]") {
  json_of("test \"t\" {\n  task {\n    \"type\":   \"noop\"\n  }\n  expect rule \"r\"\n}");
}

TEST_CASE("whatever is written comes back", "[json_form]") {
  copse::tests::RandomPolicies policies(13, copse::tests::Comments::none);
  for (int i = 0; i < random_policies; ++i) {
    const std::string text = policies.next();
    json_of(text);
    CHECK(Policy(text).written().notes.empty());
  }
}

TEST_CASE("whatever is written comes back, its comments too", "[json_form]") {
  copse::tests::RandomPolicies policies(17, copse::tests::Comments::anywhere);
  for (int i = 0; i < random_policies; ++i) json_of(policies.next());
}

TEST_CASE("each policy that ships comes back as it is", "[json_form]") {
  int seen = 0;
  for (const auto& each : fs::recursive_directory_iterator(COPSE_RULES)) {
    if (each.path().extension() != ".copse") continue;
    ++seen;
    const std::string text = file(each.path());
    json_of(text);
    const Policy policy(text);
    INFO(each.path());
    CHECK(policy.written().notes.empty());
    CHECK(read(policy.written().text).formatted() == text);
  }
  CHECK(seen >= 8);
}

TEST_CASE("what the language nests, the JSON form does", "[json_form]") {
  const std::string deepest = [] {
    std::string text = "has a";
    for (std::uint32_t i = 1; i < language::nesting_limit; ++i)
      text = "has b or has c and (" + text + ")";
    return text;
  }();
  json_of("rule \"r\" when " + deepest + " {}");
}
