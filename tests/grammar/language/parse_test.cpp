// What a policy in the language is read as.
#include "grammar/language/parse.hpp"

#include "tests/grammar/language/tree.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace copse::grammar::language;
using copse::tests::Tree;
namespace engine = copse::engine;

namespace {

std::string tree(const std::string& text) {
  const engine::Source source{"p.copse", text};
  const Parsing parsed = parse(source);
  for (const engine::Diagnostic& each : parsed.diagnostics) UNSCOPED_INFO(engine::render(each));
  CHECK(parsed.diagnostics.empty());
  return Tree(source, parsed.file).text();
}

// A condition, as the one of a rule.
std::string condition(const std::string& text) {
  const std::string whole = tree("rule \"r\" when " + text + " { template \"t\" }");
  constexpr std::string_view head = "rule \"r\" ";
  constexpr std::string_view tail = " {template \"t\"}\n";
  return whole.substr(head.size(), whole.size() - head.size() - tail.size());
}

std::string outcomes(const std::string& text) {
  return tree("default { " + text + " }");
}

}  // namespace

TEST_CASE("a whole policy is read statement by statement", "[language]") {
  CHECK(tree(R"(policy "production"        # one a file

templates from "templates/"
allow override cpu, memory, label, node, env
attribute rows: integer = spec.tuningConfig.maxRowsPerSegment

list streaming = ["index_kafka", "index_kinesis"]
list vip       = ["payments", "fraud", glob"search_*"]

profile nvme { node "disk" = "nvme"; env "FAST_TMP" = "/nvme" }

rule "java21-canary" when type in streaming and canary("java21", 5%) {
  template "stream-j21"; runner k8s; label "rollout" = "canary"
}

rule "vip-stream" when type in streaming and dataSource in vip and priority >= 75 {
  template "stream-large"; use nvme; cpu 2..4; memory 16Gi; label "team" = tags.team else "unowned"
}

rule "legacy" when dataSource like re"v[0-9]+_.*" { runner worker }

default { template "base" }

test "vip data on fast disks" {
  task { "type": "index_kafka", "context": { "priority": 80, "note": "}" } }
  now "2026-11-24T23:00:00+01:00"
  canary on
  expect rule "vip-stream"; template "stream-large"; node "disk" = "nvme"
}
)") ==
        R"(policy "production"
templates "templates/"
allow cpu memory label node env
attribute rows: integer = spec.tuningConfig.maxRowsPerSegment
list streaming {"index_kafka" "index_kinesis"}
list vip {"payments" "fraud" glob"search_*"}
profile nvme {node "disk" = "nvme"; env "FAST_TMP" = "/nvme"}
rule "java21-canary" (and (in [type] streaming) (canary "java21" 5%)) {template "stream-j21"; runner [k8s]; label "rollout" = "canary"}
rule "vip-stream" (and (in [type] streaming) (in [dataSource] vip) (>= [priority] 75)) {template "stream-large"; use [nvme]; cpu 2 .. 4; memory 16Gi; label "team" = [tags.team else "unowned"]}
rule "legacy" (like [dataSource] re"v[0-9]+_.*") {runner [worker]}
default {template "base"}
test "vip data on fast disks" { "type": "index_kafka", "context": { "priority": 80, "note": "}" } } at "2026-11-24T23:00:00+01:00" canary on {rule "vip-stream"; template "stream-large"; node "disk" = "nvme"}
)");
}

TEST_CASE("and binds closer than or, not closer than both", "[language]") {
  CHECK(condition("type == \"a\"") == R"((== [type] "a"))");
  CHECK(condition("has id and has tags.b or has tags.c") ==
        "(or (and (has [id]) (has [tags.b])) (has [tags.c]))");
  CHECK(condition("has id and (has tags.b or has tags.c)") ==
        "(and (has [id]) (or (has [tags.b]) (has [tags.c])))");
  CHECK(condition("not has tags.b and has tags.c") == "(and (not (has [tags.b])) (has [tags.c]))");
  CHECK(condition("not (has tags.b and has tags.c)") ==
        "(not (and (has [tags.b]) (has [tags.c])))");
  CHECK(condition("not not has id") == "(not (not (has [id])))");
  CHECK(condition("((has id))") == "(has [id])");
  CHECK(condition("true or false") == "(or true false)");
}

TEST_CASE("absence is said at the attribute", "[language]") {
  CHECK(condition("tags.tier? == \"gold\"") == R"((== [tags.tier?] "gold"))");
  CHECK(condition("context.rows else 0 >= 75") == "(>= [context.rows else 0] 75)");
  CHECK(condition("tags.\"a.b\"? == \"x\"") == R"((== [tags."a.b"?] "x"))");
  CHECK(condition("tags.cost-center? == \"x\"") == R"((== [tags.cost-center?] "x"))");
}

TEST_CASE("each comparison is read as itself", "[language]") {
  for (const std::string sign : {"==", "!=", "<", "<=", ">", ">="}) {
    CHECK(condition("priority " + sign + " -3") == "(" + sign + " [priority] -3)");
    CHECK(condition("priority" + sign + "1.5") == "(" + sign + " [priority] 1.5)");
  }
}

TEST_CASE("literals keep their units", "[language]") {
  for (const std::string literal :
       {"500m", "16Gi", "10m", "1d", "5%", "0.1%", "1e3", "true", "\"\""})
    CHECK(condition("priority == " + literal) == "(== [priority] " + literal + ")");
}

TEST_CASE("lists may be empty, end in a comma and hold patterns", "[language]") {
  CHECK(condition("type in []") == "(in [type] {})");
  CHECK(condition("type in [\"a\", glob\"b*\", re\"c\",]") ==
        R"((in [type] {"a" glob"b*" re"c"}))");
  CHECK(condition("type in vip") == "(in [type] vip)");
}

TEST_CASE("time windows, days and canaries", "[language]") {
  CHECK(condition("within 22:00..06:00 \"Europe/Berlin\"") ==
        R"((within 22:00 06:00 "Europe/Berlin"))");
  CHECK(condition("within 9:00 .. 17:30") == "(within 9:00 17:30)");
  CHECK(condition("on sat, sun") == "(on sat,sun)");
  CHECK(condition("on mon \"UTC\" and has id") == R"((and (on mon "UTC") (has [id])))");
  CHECK(condition("canary(\"salt\", 5%, groupId)") == R"((canary "salt" 5%[groupId]))");
}

TEST_CASE("outcomes stand behind semicolons or on lines of their own", "[language]") {
  CHECK(outcomes("") == "default {}\n");
  CHECK(outcomes("template \"a\"\n  runner k8s\n") == "default {template \"a\"; runner [k8s]}\n");
  CHECK(outcomes("template a;") == "default {template [a]}\n");
  CHECK(outcomes("tolerate \"dedicated\" = \"druid\" : NoSchedule; deadline 2h; grace 30s") ==
        "default {tolerate \"dedicated\" = \"druid\" .. [NoSchedule]; deadline 2h; grace 30s}\n");
  CHECK(outcomes("cpu 500m..2; memory 32Gi..48Gi; storage 10Gi") ==
        "default {cpu 500m .. 2; memory 32Gi .. 48Gi; storage 10Gi}\n");
}

TEST_CASE("comments stand anywhere, and are kept in order", "[language]") {
  const engine::Source source{"p",
                              "# one\nrule \"a\" # two\n when has id # three\n or # four\n has "
                              "tags.b { # five\n template \"t\" # six\n } # seven"};
  const Parsing parsed = parse(source);
  CHECK(parsed.diagnostics.empty());
  std::string comments;
  for (const engine::Span span : parsed.file.comments)
    comments += std::string(spelled(source, span)) + "|";
  CHECK(comments == "# one|# two|# three|# four|# five|# six|# seven|");
}

TEST_CASE("line ends of Windows, tabs and a byte order mark are no matter", "[language]") {
  CHECK(
      tree("\xEF\xBB\xBFrule \"a\"\r\n\twhen has id\r\n{\ttemplate \"t\"\r\n\trunner k8s }\r\n") ==
      "rule \"a\" (has [id]) {template \"t\"; runner [k8s]}\n");
  CHECK(tree("").empty());
  CHECK(tree("# nothing\n").empty());
}

TEST_CASE("a text says what its escapes mean, a pattern what stands there", "[language]") {
  const auto said = [](const std::string& literal) {
    const engine::Source source{"p", "list l = [" + literal + "]"};
    const Parsing parsed = parse(source);
    REQUIRE(parsed.diagnostics.empty());
    return literal_text(source, parsed.file.literals.at(0));
  };
  CHECK(said(R"("a\"b\\c\/\n\t")") == "a\"b\\c/\n\t");
  CHECK(said(R"("\u00fc\ud83d\ude00\ud800")") == "ü😀\xEF\xBF\xBD");
  CHECK(said(R"(re"v\d+\.\"x")") == R"(v\d+\."x)");
  CHECK(said(R"(glob"a\*b")") == R"(a\*b)");
  CHECK(said("16Gi") == "16Gi");
}

TEST_CASE("what a text is meant as is told by its first word", "[language]") {
  CHECK(looks_like_language("policy \"x\""));
  CHECK(looks_like_language("# c\n\n  default { }"));
  CHECK(looks_like_language("rule \"a\" {"));
  CHECK_FALSE(looks_like_language("{\"type\": \"default\"}"));
  CHECK_FALSE(looks_like_language("druid.indexer.runner.capacity=1"));
  CHECK_FALSE(looks_like_language("policy.x=1"));
  CHECK_FALSE(looks_like_language("# only a comment"));
  CHECK_FALSE(looks_like_language(""));
}
