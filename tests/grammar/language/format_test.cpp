// The one way to write a policy. The oracle of every case: the same tree, the same comments, and
// formatting again changes nothing.
#include "grammar/language/format.hpp"

#include "grammar/language/parse.hpp"
#include "tests/grammar/language/random_policies.hpp"
#include "tests/grammar/language/tree.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace copse::grammar::language;
using copse::tests::Tree;
namespace engine = copse::engine;

namespace {

struct Read {
  engine::Source source;
  Parsing parsed;

  explicit Read(std::string text) : source{"p", std::move(text)}, parsed(parse(source)) {}

  std::string tree() const { return Tree(source, parsed.file).text(); }

  std::string comments() const {
    std::string all;
    for (const engine::Span span : parsed.file.comments) {
      all += spelled(source, span);
      all.erase(all.find_last_not_of(" \t\r") + 1);
      all += "\n";
    }
    return all;
  }
};

std::string formatted(const std::string& text) {
  const Read before(text);
  for (const engine::Diagnostic& each : before.parsed.diagnostics)
    UNSCOPED_INFO(engine::render(each));
  REQUIRE(before.parsed.diagnostics.empty());
  const Read after(format(before.source, before.parsed.file));
  INFO(text << "\n----\n" << after.source.text);
  REQUIRE(after.parsed.diagnostics.empty());
  CHECK(after.tree() == before.tree());
  CHECK(after.comments() == before.comments());
  CHECK(format(after.source, after.parsed.file) == after.source.text);
  return after.source.text;
}

std::string condition(const std::string& text) {
  constexpr std::string_view head = "rule \"r\" when ";
  const std::string whole = formatted(std::string(head) + text + "{}");
  return whole.substr(head.size(), whole.size() - head.size() - 4);
}

}  // namespace

TEST_CASE("what fits stands on one line, with one blank between words", "[language]") {
  CHECK(formatted("policy   \"p\"") == "policy \"p\"\n");
  CHECK(formatted("templates\nfrom \"t/\"") == "templates from \"t/\"\n");
  CHECK(formatted("allow override cpu ,memory") == "allow override cpu, memory\n");
  CHECK(formatted("attribute a:integer=spec.x") == "attribute a: integer = spec.x\n");
  CHECK(formatted("list   vip = [\"a\",glob\"b*\" , ]") == "list vip = [\"a\", glob\"b*\"]\n");
  CHECK(formatted("profile p{node \"a\"=\"b\";env \"c\"=\"d\";}") ==
        "profile p { node \"a\" = \"b\"; env \"c\" = \"d\" }\n");
  CHECK(formatted("rule \"r\" when type==\"a\"{\n  runner worker\n}\n") ==
        "rule \"r\" when type == \"a\" { runner worker }\n");
  CHECK(formatted("default{}") == "default {}\n");
  CHECK(formatted("default { tolerate \"a\"=\"b\":NoSchedule ; cpu 2 .. 4 }") ==
        "default { tolerate \"a\" = \"b\": NoSchedule; cpu 2..4 }\n");
}

TEST_CASE("parentheses stay where they mean something", "[language]") {
  CHECK(condition("((has id))") == "has id");
  CHECK(condition("(has id and has tags.a) or has tags.b") ==
        "has id and has tags.a or has tags.b");
  CHECK(condition("has id and (has tags.a or has tags.b)") ==
        "has id and (has tags.a or has tags.b)");
  CHECK(condition("has id and (has tags.a and has tags.b)") ==
        "has id and (has tags.a and has tags.b)");
  CHECK(condition("not (has id)") == "not has id");
  CHECK(condition("not (has id or true)") == "not (has id or true)");
  CHECK(condition("not (type == \"a\")") == "not type == \"a\"");
  CHECK(condition("(context.rows else 0) >= 75") == "context.rows else 0 >= 75");
  CHECK(condition("within 22:00 .. 6:00   \"UTC\"") == "within 22:00..6:00 \"UTC\"");
  CHECK(condition("on sat,sun") == "on sat, sun");
  CHECK(condition("canary ( \"s\" ,5%, groupId )") == "canary(\"s\", 5%, groupId)");
}

TEST_CASE("what is long is broken at its joints", "[language]") {
  const std::string a = "dataSource == \"" + std::string(40, 'a') + "\"";
  const std::string b = "tags.team? == \"" + std::string(40, 'b') + "\"";
  CHECK(formatted("rule \"r\" when " + a + " and " + b + " { template \"t\" }") ==
        "rule \"r\" when " + a + "\n    and " + b + "\n{\n  template \"t\"\n}\n");
  CHECK(formatted("rule \"r\" when " + a + " { template \"" + std::string(40, 't') + "\" }") ==
        "rule \"r\" when " + a + " {\n  template \"" + std::string(40, 't') + "\"\n}\n");
  const std::string label =
      "label \"" + std::string(30, 'l') + "\" = \"" + std::string(30, 'm') + "\"";
  CHECK(formatted("default { " + label + "; " + label + " }") ==
        "default {\n  " + label + "\n  " + label + "\n}\n");
  std::string items;
  for (int i = 0; i < 12; ++i) items += (i == 0 ? "\"" : ", \"") + std::string(18, 'x') + "\"";
  const std::string list = formatted("list l = [" + items + "]");
  CHECK(list.starts_with("list l = [\n  \"xxxx"));
  CHECK(list.ends_with(",\n]\n"));
  const std::string within =
      formatted("rule \"r\" when type in [" + items + "] { template \"t\" }");
  CHECK(within.starts_with("rule \"r\" when type in [\n    \"xxxx"));
  CHECK(within.ends_with(",\n  ]\n{\n  template \"t\"\n}\n"));
}

TEST_CASE("comments and single blank lines stay", "[language]") {
  CHECK(formatted(
            "# top  \n\n\n\nlist a = []  # of a\nlist b = []\n\n\n# of c\nlist c = []\n# end") ==
        "# top\n\nlist a = []  # of a\nlist b = []\n\n# of c\nlist c = []\n# end\n");
  CHECK(
      formatted("default { # why\n template \"t\" # this\n\n # before\n runner k8s\n # last\n}") ==
      "default {\n  # why\n  template \"t\"  # this\n\n  # before\n  runner k8s\n  # last\n}\n");
  CHECK(formatted("rule \"r\" when has id # because  \n  and has tags.a {}") ==
        "rule \"r\" when has id # because\n  and has tags.a {}\n");
  CHECK(formatted("").empty());
  CHECK(formatted("# only").empty() == false);
}

TEST_CASE("a test keeps its task as it is written", "[language]") {
  CHECK(formatted("test \"t\" { task {\"type\":\n  \"a\"} ; canary off; expect template "
                  "\"x\";runner k8s }") ==
        "test \"t\" {\n  task {\"type\":\n  \"a\"}\n  canary off\n  expect template \"x\"; runner "
        "k8s\n}\n");
}

TEST_CASE("whatever is written, formatting keeps what it means", "[language]") {
  copse::tests::RandomPolicies policies(11, copse::tests::Comments::anywhere);
  for (int i = 0; i < copse::tests::random_texts(3'000); ++i) formatted(policies.next());
}
