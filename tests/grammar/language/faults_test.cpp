// What is said of text that is no policy: code, place, words; and that reading goes on.
#include "grammar/language/parse.hpp"
#include "tests/grammar/language/random_policies.hpp"
#include "tests/grammar/language/tree.hpp"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace copse::grammar::language;
using copse::tests::Tree;
namespace engine = copse::engine;

namespace {

// `P0501 2:7 a value is missing`, one a line.
std::string faults(const std::string& text) {
  std::string all;
  for (const engine::Diagnostic& each : parse({"p", text}).diagnostics) {
    if (!all.empty()) all += "\n";
    all += each.code + " " + std::to_string(each.place.line) + ":" +
           std::to_string(each.place.column) + " " + each.title;
  }
  return all;
}

std::string in_rule(const std::string& condition) {
  return faults("rule \"r\" when " + condition + " { }");
}

}  // namespace

TEST_CASE("what is missing is named, where it is missing", "[language]") {
  CHECK(in_rule("type ==") == "P0501 1:23 a value is missing behind the comparison");
  CHECK(in_rule("type") == "P0501 1:20 what is asked of the attribute is missing");
  CHECK(in_rule("type = \"a\"") == "P0501 1:20 what is asked of the attribute is missing");
  CHECK(in_rule("type in") == "P0501 1:23 a list is missing behind `in`");
  CHECK(in_rule("type in [\"a\" \"b\"]") == "P0501 1:28 a comma is missing between two items");
  CHECK(in_rule("type like \"a*\"") == "P0501 1:25 a pattern is missing behind `like`");
  CHECK(in_rule("has id and") == "P0501 1:26 a condition is missing");
  CHECK(in_rule("(has id") == "P0501 1:23 a parenthesis is not closed");
  CHECK(in_rule("tags. == \"a\"") == "P0501 1:20 a name is missing behind the dot");
  CHECK(in_rule("canary(5%)") == "P0501 1:22 the salt is missing");
  CHECK(in_rule("canary(\"a\")") == "P0501 1:25 the share is missing");
  CHECK(in_rule("within 22:00") == "P0501 1:28 `..` is missing");
  CHECK(in_rule("on someday") == "P0501 1:18 a day is missing");
  CHECK(faults("rule x { }") == "P0501 1:6 a name in quotes is missing");
  CHECK(faults("rule \"x\"") == "P0501 1:9 a block is missing");
  CHECK(faults("rule \"x\" {") == "P0501 1:11 the block is not closed");
  CHECK(faults("rule \"x\" { template }") == "P0501 1:21 a value is missing");
  CHECK(faults("rule \"x\" { template \"a\" runner k8s }") ==
        "P0501 1:25 `;` or a new line is missing between two outcomes");
  CHECK(faults("default { cpu 2.. }") == "P0501 1:19 the upper end is missing");
  CHECK(faults("default { label \"a\" = }") == "P0501 1:23 a value is missing");
  CHECK(faults("list a [\"x\"]") == "P0501 1:8 `=` is missing");
  CHECK(faults("allow cpu") == "P0501 1:7 `override` is missing");
  CHECK(faults("templates \"x\"") == "P0501 1:11 `from` is missing");
  CHECK(faults("attribute rows = spec.rows") == "P0501 1:16 `:` is missing");
  CHECK(faults("test \"t\" { task { \"a\": 1 }") == "P0501 1:27 the block is not closed");
  CHECK(faults("test \"t\" { task { \"a\": 1 ") ==
        "P0501 1:17 a task is missing, or its braces do not fit");
}

TEST_CASE("texts that do not end, and escapes that are none", "[language]") {
  CHECK(faults("rule \"a\" when type == \"abc { }\nrule \"b\" { }") ==
        "P0502 1:23 the text has no end");
  CHECK(in_rule("type == \"a\\qb\"") == "P0503 1:26 there is no such escape");
  CHECK(in_rule("type like re\"abc") == "P0502 1:27 the text has no end");
}

TEST_CASE("words that are kept for later are refused with that text", "[language]") {
  for (const std::string word : {"fallback", "cluster", "queue", "include"}) {
    CHECK(faults(word + " \"x\"") == "P0504 1:1 `" + word + "` is reserved for later");
    CHECK(faults("default { " + word + " \"x\" }") ==
          "P0504 1:11 `" + word + "` is reserved for later");
  }
}

TEST_CASE("a word that begins no statement gets the nearest that does", "[language]") {
  const auto said = parse({"p", "ruel \"x\" { }"}).diagnostics;
  REQUIRE(said.size() == 1);
  CHECK(said[0].code == "P0507");
  CHECK(said[0].title == "no statement begins with `ruel`");
  CHECK(said[0].help == "did you mean `rule`?");
}

TEST_CASE("each damaged statement is told of once, and the others are read", "[language]") {
  const engine::Source source{"p",
                              "rule \"a\" when type == { template \"t\" }\n"
                              "rule \"b\" { template \"b\" }\n"
                              "rule \"c\" {\n  template\n  runner k8s\n}\n"
                              "\tlist l = [\"x\"\n"
                              "profile p { node \"a\" = \"b\" }\n"
                              "default { template \"d\" }\n"};
  const Parsing parsed = parse(source);
  CHECK(Tree(source, parsed.file).text() ==
        "rule \"b\" {template \"b\"}\n"
        "profile p {node \"a\" = \"b\"}\n"
        "default {template \"d\"}\n");
  CHECK(faults(source.text) ==
        "P0501 1:23 a value is missing behind the comparison\n"
        "P0501 4:11 a value is missing\n"
        "P0501 7:15 the list is not closed");
}

TEST_CASE("a block without its end is told of where it should end", "[language]") {
  const std::string rest =
      "rule \"b\" when has id { template \"y\" }\ndefault { template \"z\" }\n";
  const std::string told = "the block is not closed";
  CHECK(faults("rule \"a\" { template \"x\"\n" + rest) == "P0501 1:24 " + told);
  CHECK(faults("rule \"a\" {\n  template \"x\"\n\n" + rest) == "P0501 2:15 " + told);
  CHECK(faults("rule \"a\" {\n" + rest) == "P0501 1:11 " + told);
  CHECK(faults("rule \"a\" { template \"x\"\n  default { template \"y\" }") ==
        "P0501 2:11 a value is missing");  // indented: perhaps no statement
  CHECK(
      faults("test \"t\" {\n  task { \"type\": \"x\" }\n  expect\n    rule \"r\" oops\n}\n" + rest)
          .find(told) == std::string::npos);
}

TEST_CASE("each misspelt statement is told, and what stands behind it is read", "[language]") {
  const engine::Source source{"p",
                              "rules \"s\" { template \"a\" }\n"
                              "profil t {\ntemplate \"x\"\n}\n"
                              "lst u = [\"a\"]\n"
                              "Rule \"t\" {\n  template \"a\"\n}\n"
                              "alow override cpu\n"
                              "atribute rows: integer = spec.rows\n"
                              "template from \"t\"\n"
                              "rule \"v\" { template \"a\" }\n"
                              "DEFAULT { template \"d\" }\n"};
  const Parsing parsed = parse(source);
  CHECK(Tree(source, parsed.file).text() == "rule \"v\" {template \"a\"}\n");
  const std::string told = " no statement begins with ";
  CHECK(faults(source.text) ==
        "P0507 1:1" + told + "`rules`\nP0507 2:1" + told + "`profil`\nP0507 5:1" + told +
            "`lst`\nP0507 6:1" + told + "`Rule`\nP0507 9:1" + told + "`alow`\nP0507 10:1" + told +
            "`atribute`\nP0507 11:1" + told + "`template`\nP0507 13:1" + told + "`DEFAULT`");
}

TEST_CASE("what is missing above the next statement is told where the line ends", "[language]") {
  const std::string rule = "\nrule \"b\" when has id { template \"y\" }\n";
  for (const auto& [line, told] : std::vector<std::pair<std::string, std::string>>{
           {"allow override", "1:15 the name of an override is missing"},
           {"allow override cpu,", "1:19 the name of an override is missing"},
           {"rule", "1:5 a name in quotes is missing"},
           {"policy", "1:7 a name in quotes is missing"},
           {"list", "1:5 a name is missing"},
           {"templates from", "1:15 a name in quotes is missing"},
           {"rule \"a\" when", "1:14 a condition is missing"},
           {"rule \"a\" when has", "1:18 an attribute is missing"},
           {"rule \"a\" when type ==", "1:22 a value is missing behind the comparison"},
           {"rule \"a\" when type in", "1:22 a list is missing behind `in`"},
           {"rule \"a\" when has id and", "1:25 a condition is missing"}}) {
    const engine::Source source{"p", line + rule};
    const Parsing parsed = parse(source);
    CHECK(faults(source.text) == "P0501 " + told);
    CHECK(Tree(source, parsed.file).text() == "rule \"b\" (has [id]) {template \"y\"}\n");
    CHECK(parsed.diagnostics.front().fix == std::nullopt);
    CHECK(faults(line + "\n") == "P0501 " + told);  // and where the file ends
  }
}

TEST_CASE("a bomb of parentheses is refused at its limit", "[language]") {
  const auto nested = [](std::size_t depth) {
    return in_rule(std::string(depth, '(') + "has id" + std::string(depth, ')'));
  };
  CHECK(nested(nesting_limit - 1).empty());
  CHECK(nested(nesting_limit).starts_with("P0505"));
  CHECK(nested(1'000'000).starts_with("P0505"));
  std::string nots;
  for (int i = 0; i < 100'000; ++i) nots += "not ";
  CHECK(in_rule(nots + "has id").starts_with("P0505"));
  CHECK(faults("test \"t\" { task " + std::string(1'000'000, '{')).starts_with("P0501"));
}

TEST_CASE("what is no text in UTF-8 is refused as a whole", "[language]") {
  CHECK(faults(std::string("rule\0", 5)) == "P0506 1:5 the policy is binary: it holds a zero byte");
  CHECK(faults("\xFF\xFEr").starts_with("P0506 1:1 the policy is UTF-16"));
  CHECK(faults("list a = [\"\xE4\"]") == "P0506 1:12 the policy is not UTF-8");
}

TEST_CASE("after so many errors the rest is counted", "[language]") {
  std::string text;
  for (std::size_t i = 0; i < error_limit + 7; ++i) text += "rule \"x\"\n";
  const auto said = parse({"p", text}).diagnostics;
  REQUIRE(said.size() == error_limit + 1);
  CHECK(said.back().title == "and 7 more");
}

TEST_CASE("whatever is changed in a policy, reading ends, with its places in the text",
          "[language]") {
  const std::string good =
      "policy \"p\"\nallow override cpu\nlist l = [\"a\", glob\"b*\"]\n"
      "rule \"r\" when type in l and not (tags.t? == \"x\") or canary(\"s\", 5%) {\n"
      "  template \"t\"; cpu 1..2\n}\ndefault { template \"b\" }\n"
      "test \"t\" { task {\"type\": \"a\"}\n expect template \"t\" }\n";
  const std::string odd =
      "NOT has a.b is not null <> 5 < p <= 7 => =< [1..3] 2-4 8 GB 5 % 1_000 PT10M xor UTC sat sun "
      "“x” ‘y’ rules \"s\" { template: \"x\"; cpu 2-4 }\nlst v = [l, 1..2]\nallow override\nrule\n"
      "test \"u\" { task {\"type\":{}} expect error }\n";
  std::mt19937 random(7);
  for (int i = 0; i < copse::tests::random_texts(20'000); ++i) {
    std::string text = good;
    for (std::size_t n = random() % 3 + 1; n > 0; --n) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text.erase(at, random() % 9 + 1);
          break;
        case 1:
          text.insert(at, random() % 2 == 0 ? good.substr(random() % good.size(), random() % 9 + 1)
                                            : odd.substr(random() % odd.size(), random() % 25 + 1));
          break;
        default:
          text[at] = good[random() % good.size()];
      }
      if (text.empty()) text = " ";
    }
    const engine::Source source{"p", text};
    const Parsing parsed = parse(source);
    static_cast<void>(Tree(source, parsed.file).text());  // every index leads somewhere
    for (const engine::Diagnostic& each : parsed.diagnostics) {
      if (each.code.empty() || each.title.empty()) FAIL(text);
      if (each.place.line == 0) FAIL(text);
      const bool is_within = !each.fix || (each.fix->span.begin <= each.fix->span.end &&
                                           each.fix->span.end <= text.size());
      if (!is_within) FAIL(text);
    }
  }
}
