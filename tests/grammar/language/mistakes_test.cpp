// Mistakes of people who know other languages: each is told in words of its own, and where a
// program can help, what it puts there is right.
#include "engine/source.hpp"
#include "grammar/language/parse.hpp"
#include "grammar/language/understanding.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace copse::grammar::language;
namespace engine = copse::engine;

namespace {

engine::Diagnostics said_of(const std::string& text) {
  const engine::Source source{"p", text};
  return understand(source, parse(source)).said;
}

// `2:7 a value is missing [= ] leave it out`, and what is fixed.
struct Told {
  std::string words;
  std::string fixed;
};

Told told(const std::string& text) {
  const engine::Diagnostics said = said_of(text);
  if (said.size() != 1) {
    std::string all = std::to_string(said.size()) + " said";
    for (const engine::Diagnostic& each : said) all += "\n" + engine::render(each);
    return {all, text};
  }
  const engine::Diagnostic& first = said.front();
  const engine::Place& at = first.place;
  Told made{std::to_string(at.line) + ":" + std::to_string(at.column) + " " + first.title + " [" +
                at.excerpt.substr(at.underline_at, at.underline_length) + "] " + first.help,
            text};
  if (first.fix)
    made.fixed.replace(first.fix->span.begin, first.fix->span.end - first.fix->span.begin,
                       first.fix->text);
  return made;
}

struct Case {
  std::string condition;
  std::string words;
  bool is_fixed = true;
};

const std::string end = "\ndefault { template d }\n";

// The mistake stands in what `around` puts where `…` is.
void check(const std::string& around, const std::vector<Case>& cases) {
  for (const Case& each : cases) {
    std::string text = around;
    text.replace(text.find("…"), std::string("…").size(), each.condition);
    const Told made = told(text);
    CHECK(made.words == each.words);
    CHECK((made.fixed != text) == each.is_fixed);
    if (!each.is_fixed) continue;
    INFO(made.fixed);
    for (const engine::Diagnostic& rest : said_of(made.fixed)) FAIL(engine::render(rest));
  }
}

}  // namespace

TEST_CASE("conditions as other languages write them", "[language]") {
  check(
      "rule \"a\" when … { template a }" + end,
      {{"type = \"x\"", "1:20 what is asked of the attribute is missing [=] did you mean `==`?"},
       {"type === \"x\"", "1:22 one `=` too many [=] leave it out"},
       {"type is \"x\"", "1:20 what is asked of the attribute is missing [is] did you mean `==`?"},
       {"type == 'x'", "1:23 texts stand in double quotes ['x'] did you mean `\"x\"`?"},
       {"type == index",
        "1:23 a value is missing behind the comparison [index] did you mean `\"index\"`? "
        "attributes "
        "are compared with texts, numbers, `true` and `false`"},
       {"type like \"x*\"",
        "1:25 a pattern is missing behind `like` [\"x*\"] did you mean `glob\"x*\"`?"},
       {"type in \"x\"", "1:23 a list is missing behind `in` [\"x\"] did you mean `[\"x\"]`?"},
       {"type in [\"x\" \"y\"]", "1:28 a comma is missing between two items [\"] add `,`"},
       {"type in [\"x\"",
        "1:27 the list is not closed [] items are texts or globs between commas; "
        "add `]`"},
       {"!(type == \"x\")", "1:15 a condition is missing [!] did you mean `not`?"},
       {"type == \"x\" and and has id",
        "1:31 `and` stands between two conditions [and] leave it out"},
       {"or type == \"x\"", "1:15 `or` stands between two conditions [or] leave it out"},
       {"when type == \"x\"", "1:15 a second `when` [when] leave it out"},
       {"(type == \"x\" && has id)", "1:28 a parenthesis is not closed [&&] did you mean `and`?"},
       {"(type == \"x\" OR has id)",
        "1:28 words of the language are written small [OR] did you mean `or`?"},
       {"type == \"x\" && has id", "1:27 a block is missing [&&] did you mean `and`?"},
       {"type == \"x\" || has id", "1:27 a block is missing [||] did you mean `or`?"},
       {"type == \"x\" AND has id",
        "1:27 words of the language are written small [AND] did you mean `and`?"},
       {"type == \"x\" then", "1:27 `then` stands for nothing here [then] leave it out"},
       {"type == \"x\" =>", "1:27 `=>` stands for nothing here [=>] leave it out"},
       {"type == \"x\")", "1:26 no `(` is open here [)] leave it out"},
       {"canary(salt, 5%)", "1:22 the salt is missing [salt] did you mean `\"salt\"`?"},
       {"canary(\"salt\", 5)", "1:30 this is no share of the tasks [5] did you mean `5%`?"},
       {"within 20:00-06:00",
        "1:22 a time of day is missing [20:00-06:00] did you mean "
        "`20:00..06:00`?"},
       {"on saturday", "1:18 a day is missing [saturday] did you mean `sat`?"},
       {"on sat, sunn", "1:23 a day is missing [sunn] did you mean `sun`?"},
       {"context.x? > \"10m\"",
        "1:28 texts are not ordered [\"10m\"] did you mean `10m`, without "
        "quotes?"},
       {"priority == \"75\"",
        "1:27 `priority` is an integer, and is compared with a text [\"75\"] "
        "did you mean `75`, without quotes?"},
       {"type not in [\"x\"]",
        "1:20 what is asked of the attribute is missing [not] `not` stands before the condition: "
        "`not (type in …)`",
        false},
       {"tags.a == null",
        "1:25 a value is missing behind the comparison [null] absence is asked by `has`: `not (has "
        "tags.team)`",
        false},
       {"tags.a? else \"x\" == \"y\"",
        "1:23 `?` and `else` both say what absence means [else] `?` is false when absent, `else` a "
        "value instead: leave one of them out",
        false},
       {"priority in 5..10",
        "1:27 a list is missing behind `in` [5] a range is two comparisons: `priority >= 5 and "
        "priority <= 10`",
        false},
       {"type like re\"x",
        "1:27 the text has no end [\"x { template a }] close it with `\"` on the "
        "same line",
        false}});
}

TEST_CASE("what is missing at the end of a line is told there", "[language]") {
  check("…" + end,
        {{"rule \"a\" when has id\nlist l = [\"x\"]", "1:21 a block is missing [] write `{ … }`",
          false},
         {"test \"a\"\nlist l = [\"x\"]", "1:9 a block is missing [] write `{ … }`", false}});
  check("allow override cpu…\ndefault { template d; memory 4Gi }\n",
        {{" memory", "1:20 a comma is missing between two names [memory] add `,`"}});
}

TEST_CASE("a text that goes on to the next quote is told where it begins", "[language]") {
  check("…" + end,
        {{"rule \"a\" when type == \"x { template \"a\" }",
          "1:23 the text goes on to the next quote [\"x { template \"] is a `\"` missing "
          "before `{`?"}});
}

TEST_CASE("a damaged statement is not missed elsewhere, and nothing else is hidden by it",
          "[language]") {
  const auto codes = [](const std::string& text) {
    std::string all;
    for (const engine::Diagnostic& each : said_of(text))
      all += std::to_string(each.place.line) + ":" + each.code + " ";
    return all;
  };
  CHECK(codes("list a = [\"x\"\n"
              "rule \"r\" when type in a { template t }\n"
              "rule \"s\" when type in b { template t }" +
              end) == "1:P0501 3:P0524 ");
  CHECK(codes("profile a { cpu }\n"
              "rule \"r\" { use a; template t }\n"
              "rule \"s\" { use b; template t }" +
              end) == "1:P0501 3:P0544 ");
  CHECK(codes("attribute a integer = spec.a\n"
              "rule \"r\" when a? > 1 { template t }\n"
              "rule \"s\" when b? > 1 { template t }" +
              end) == "1:P0501 3:P0520 ");
  CHECK(codes("lst a = [\"x\"]\n"
              "rule \"r\" when type in a { template t }\n"
              "rule \"s\" when type in b { use p; template t }" +
              end) == "1:P0507 3:P0524 3:P0544 ");
  // What is allowed cannot be told from a line that cannot be read.
  CHECK(codes("allow override cpu memory\nrule \"r\" { template t; memory 4Gi }" + end) ==
        "1:P0507 ");  // at `memory`
  CHECK(codes("allow override cpu memory\nrule \"s\" when type in b { template t }" + end) ==
        "1:P0507 2:P0524 ");
  // A rule without `{`, and one without quotes behind it.
  CHECK(codes("rule \"r\" when has id\nrule s when has id { template t }" + end) ==
        "1:P0501 2:P0501 ");
  // A rule within what a test expects, and one whose block begins in the next line.
  CHECK(codes("test \"t\" {\n  tsk {}\n  rule \"r\"\n  {\n template t }" + end) == "2:P0501 ");
}

TEST_CASE("where only a person knows what was meant nothing is put there", "[language]") {
  check(
      "rule \"a\" when … { template a }" + end,
      {{"on mon-fri", "1:18 a day is missing [mon-fri] days stand between commas: `mon, tue, wed`",
        false},
       {"type != \"a\" and != \"b\"",
        "1:31 a condition is missing [!=] each comparison names its attribute: `type != \"a\" and "
        "type != \"b\"`",
        false},
       {"type == fin.orders",
        "1:23 a value is missing behind the comparison [fin] a text stands in quotes: attributes "
        "are compared with texts, numbers, `true` and `false`",
        false},
       {"type in [\"a\" # the first\n \"b\"]",
        "2:2 a comma is missing between two items [\"] add `,`", false}});
}

TEST_CASE("outcomes as other languages write them", "[language]") {
  check("allow override memory, label\ndefault { template d… }\n",
        {{", memory 4Gi", "2:21 an outcome or `}` is missing [,] did you mean `;`?"},
         {"; memory 4 Gi", "2:30 a unit stands right behind its number [4 Gi] did you mean `4Gi`?"},
         {"; memory = 4Gi", "2:30 `=` stands behind a key only [=] leave it out"},
         {"; label team \"x\"", "2:34 `=` is missing [\"x\"] write `label \"team\" = \"search\"`"},
         {"; label \"team\": \"x\"", "2:35 a key is set by `=` [:] did you mean `=`?"}});
  check("rule \"a\" when type == \"x\" { … }" + end,
        {{"worker", "1:29 a value is missing [worker] did you mean `runner worker`?"}});
}

TEST_CASE("statements as other languages write them", "[language]") {
  check(
      "…\ndefault { template d }\n",
      {{"// hi", "1:1 no statement begins so [//] a comment begins with `#`"},
       {"rule a { template a }", "1:6 a name in quotes is missing [a] did you mean `\"a\"`?"},
       {"rule 'a' { template a }", "1:6 texts stand in double quotes ['a'] did you mean `\"a\"`?"},
       {"rule \"a\": when has id { template a }",
        "1:9 `:` stands for nothing here [:] leave it out"},
       {"rule \"a\" if has id { template a }", "1:10 a block is missing [if] did you mean `when`?"},
       {"allow overrides cpu", "1:7 `override` is missing [overrides] did you mean `override`?"},
       {"rules \"a\" { template a }",
        "1:1 no statement begins with `rules` [rules] did you mean `rule`?"},
       {"List l = [\"a\"]", "1:1 no statement begins with `List` [List] did you mean `list`?"},
       {"lest l [\"a\"]", "1:1 no statement begins with `lest` [lest] did you mean `list`?", false},
       {"rule rule \"a\" { template a }", "1:6 a name in quotes is missing [rule] ", false},
       {"list l: [\"a\"]", "1:7 `=` is missing [:] did you mean `=`?"},
       {"list l = [\"a\"",
        "1:14 the list is not closed [] items are texts or globs between commas; add `]`"},
       {"list l = (\"a\")",
        "1:10 a list is missing [(] a list stands in brackets: `[\"a\", \"b\"]`", false}});
  CHECK(told("default { template d").words == "1:21 the block is not closed [] add `}`");
  CHECK(told("default \"x\" { template d }").words ==
        "1:9 the default has no name [\"x\"] leave it out");
}

TEST_CASE("tests as one types them", "[language]") {
  check(
      "default { template d }\ntest \"t\" {\n  …\n}\n",
      {{"taks { \"type\": \"a\" }\n  expect error",
        "3:3 `task`, `now`, `canary`, `expect` or `}` is missing [taks] did you mean `task`?"},
       {"task { \"type\": \"a\" }\n  expects error",
        "4:3 `task`, `now`, `canary`, `expect` or `}` is missing [expects] did you mean `expect`?"},
       {"task { \"type\": \"a\" }\n  expect error\n  rule \"default\"",
        "5:3 `task`, `now`, `canary`, `expect` or `}` is missing [rule] what is expected stands "
        "behind `expect`, or `;`"},
       {"task { \"type\": \"a\" }\n  expect rul \"default\"",
        "4:10 there is no outcome `rul` [rul] did you mean `rule`?"},
       {"task { \"type\": \"a\" }\n  expect rule \"defualt\"",
        "4:15 no rule is called `defualt` [\"defualt\"] did you mean `default`?"}});
}

TEST_CASE("what is unequal to an absent value is asked at once", "[language]") {
  check("rule \"a\" when … { template a }" + end,
        {{"tags.team != \"x\"",
          "1:15 `tags.team` may be absent, and nothing says what then [tags.team] write `not "
          "(tags.team? == \"x\")`, true when absent, or `tags.team else \"…\" != \"x\"`, a value "
          "instead"},
         {"(dataSource) != \"x\"",
          "1:16 `dataSource` may be absent, and nothing says what then [dataSource] write `not "
          "(dataSource? == \"x\")`, true when absent, or `dataSource else \"…\" != \"x\"`, a value "
          "instead"},
         {"not context.n != 3",
          "1:19 `context.n` may be absent, and nothing says what then [context.n] write `not "
          "(context.n? == 3)`, true when absent, or `context.n else … != 3`, a value instead"}});
  CHECK(told("rule \"a\" when (tags.a) != \"x\" { template a }" + end).fixed ==
        "rule \"a\" when not (tags.a? == \"x\") { template a }" + end);
}

TEST_CASE("a share below one without a unit is a fraction", "[language]") {
  check("rule \"a\" when canary(\"s\", …) { template a }" + end,
        {{"0.05", "1:27 this is no share of the tasks [0.05] did you mean `5%`?"},
         {"0.000001", "1:27 this is no share of the tasks [0.000001] did you mean `0.0001%`?"},
         {"0.125", "1:27 this is no share of the tasks [0.125] did you mean `12.5%`?"},
         {"1.5", "1:27 this is no share of the tasks [1.5] did you mean `1.5%`?"},
         {"0.0000015",
          "1:27 this is no share of the tasks [0.0000015] write a percentage from 0% to 100%, to "
          "four digits behind the point: `5%`, `0.5%`",
          false}});
}

TEST_CASE("what is near a word and means something else is no fix", "[language]") {
  check("rule \"a\" when … { template a }" + end,
        {{"has id xor has id", "1:22 there is no `xor` [xor] write `(a or b) and not (a and b)`",
          false},
         {"(has id nor has id)", "1:23 there is no `nor` [nor] write `not (…)`", false}});
  check("…" + end,
        {{"allow override gpu",
          "1:16 a rule cannot override `gpu` [gpu] GPUs are asked for in the pod template: choose "
          "one by `template`",
          false},
         {"rule \"a\" { template a; gpu 1 }",
          "1:24 there is no outcome `gpu` [gpu] GPUs are asked for in the pod template: choose one "
          "by `template`",
          false},
         {"list w = [v, \"b\"]\nlist v = [\"a\"]",
          "1:11 lists do not nest [v] ask for both: `type in v or type in …`, or write the items "
          "out",
          false},
         {"list w = [v, \"b\"]\nlist vs = [\"a\"]",
          "1:11 the list is not closed [v] did you mean `\"v\"`?"}});
}

TEST_CASE("typographers' quotes are replaced in pairs", "[language]") {
  const auto fixed = [](const std::string& quoted) {
    return told("rule \"a\" when type == " + quoted + " { template a }" + end).fixed;
  };
  const auto as_is = [](const std::string& quoted) {
    return "rule \"a\" when type == " + quoted + " { template a }" + end;
  };
  for (const std::string quoted : {"“x”", "„x“", "‘x’", "«x»", "“x\""})
    CHECK(fixed(quoted) == as_is("\"x\""));
  CHECK(fixed("‘x’s’") == as_is("\"x’s\""));
  CHECK(fixed("“x") == as_is("“x"));  // one alone is no text
  CHECK(told("rule “a b” { template a }" + end).fixed == "rule \"a b\" { template a }" + end);
  CHECK(told("rule “a b” { template a }" + end)
            .words.ends_with("texts stand in plain quotes: did you mean `\"a b\"`?"));
}

TEST_CASE("a tag has one name, also with a dot in it", "[language]") {
  check("rule \"a\" when … { template a }" + end,
        {{"tags.a.b? == \"x\"",
          "1:15 unknown attribute `tags.a.b` [tags.a.b] a tag has one name: did you mean "
          "`tags.\"a.b\"`?"},
         {"tag.a.b? == \"x\"",
          "1:15 unknown attribute `tag.a.b` [tag.a.b] a tag has one name: did you mean "
          "`tags.\"a.b\"`?"}});
}

TEST_CASE("a value that Kubernetes refuses is marked, and told from what was written",
          "[language]") {
  const std::string allow = "allow override cpu, memory, label, tolerate, deadline, namespace\n";
  check(allow + "rule \"a\" { template a; … }" + end,
        {{"deadline \"PT30M\"",
          "2:33 `deadline` cannot be set to this [\"PT30M\"] did you mean `30m`?"},
         {"deadline P1DT2H", "2:33 `deadline` cannot be set to this [P1DT2H] did you mean `26h`?"},
         {"deadline 90min", "2:33 `deadline` cannot be set to this [90min] did you mean `90m`?"},
         {"deadline 300",
          "2:33 `deadline` cannot be set to this [300] write the unit: `300s`, `300m` or `300h`",
          false},
         {"memory 8GB", "2:31 `memory` cannot be set to this [8GB] did you mean `8G`?"},
         {"memory 2G..8GiB", "2:35 `memory` cannot be set to this [8GiB] did you mean `8Gi`?"},
         {"memory 8G..4G",
          "2:31 `memory` cannot be set to this [8G..4G] the request stands first: `4G..8G`", false},
         {"memory 4", "2:31 `memory` cannot be set to this [4] write the unit: `4Gi` or `4Mi`",
          false},
         {"memory 8g", "2:31 `memory` cannot be set to this [8g] ", false},
         {"cpu 8Gi", "2:28 `cpu` cannot be set to this [8Gi] cores have no such unit: write `8`",
          false},
         {"namespace \"Ads\"",
          "2:34 `namespace` cannot be set to this [\"Ads\"] did you mean `\"ads\"`?"},
         {"namespace \"a_b\"", "2:34 `namespace` cannot be set to this [\"a_b\"] ", false},
         {"label \"team\" = \"a b\"",
          "2:39 `label` cannot be set to this [\"a b\"] such as `\"a_b\"`", false},
         {"label \"team\" = tags.t else \"a b\"",
          "2:51 `label` cannot be set to this [\"a b\"] such as `\"a_b\"`", false},
         {"label \"a b\" = \"x\"", "2:30 `label` cannot be set to this [\"a b\"] ", false},
         {"tolerate \"x\" = \"y\": noSchedule",
          "2:44 `tolerate` cannot be set to this [noSchedule] did you mean `NoSchedule`?"}});
  check("rule \"a\" { template a; runner … }" + end,
        {{"k8", "1:31 there is no runner `k8` [k8] did you mean `k8s`?"},
         {"\"K8s\"", "1:31 there is no runner `K8s` [\"K8s\"] did you mean `\"k8s\"`?"},
         {"here", "1:31 there is no runner `here` [here] k8s or worker", false}});
  check("rule \"a\" { runner … }" + end,
        {{"workers", "1:19 there is no runner `workers` [workers] did you mean `worker`?"}});
}

TEST_CASE("units that other languages have are told of", "[language]") {
  check("rule \"a\" when … { template a }" + end,
        {{"context.x? > 5min", "1:28 there is no unit `min` [5min] did you mean `5m`?"},
         {"context.x? > 8GB", "1:28 there is no unit `GB` [8GB] did you mean `8G`?"},
         {"payload > 5min",
          "1:25 there is no unit `min` [5min] of durations: ms, s, m, h, d; of quantities: m, k, "
          "M, G, T, Ki, Mi, Gi, Ti",
          false}});
}

TEST_CASE("conditions as SQL writes them", "[language]") {
  const std::string missing = " what is asked of the attribute is missing ";
  const std::string small = " words of the language are written small ";
  const std::string turned = "1:15 the attribute stands before its value ";
  check("rule \"a\" when … { template a }" + end,
        {{"tags.a is null", "1:15" + missing + "[tags.a is null] did you mean `not has tags.a`?"},
         {"tags.a? IS NOT NULL",
          "1:15" + missing + "[tags.a? IS NOT NULL] did you mean `has tags.a`?"},
         {"tags.\"a b\" is null", "1:26" + missing + "[is null] absence is asked by `not has`",
          false},
         {"type is not \"x\"", "1:20" + missing + "[is not] did you mean `!=`?"},
         {"type <> \"x\"", "1:20 a value is missing behind the comparison [<>] did you mean `!=`?"},
         {"priority => 5", "1:24" + missing + "[=>] did you mean `>=`?"},
         {"priority =< 5", "1:24" + missing + "[=<] did you mean `<=`?"},
         {"NOT has id", "1:15" + small + "[NOT] did you mean `not`?"},
         {"has id and NOT (type == \"x\")", "1:26" + small + "[NOT] did you mean `not`?"},
         {"HAS id", "1:15" + small + "[HAS] did you mean `has`?"},
         {"tags.a ELSE \"x\" == \"x\"", "1:22" + small + "[ELSE] did you mean `else`?"},
         {"5 < priority", turned + "[5 < priority] did you mean `priority > 5`?"},
         {"\"x\" = type", turned + "[\"x\" = type] did you mean `type == \"x\"`?"},
         {"1h >= context.x? or has id",
          turned + "[1h >= context.x?] did you mean `context.x? <= 1h`?"},
         {"5 < priority < 7", turned + "[5 < priority] such as `priority > 5`", false},
         {"priority in [1..3]",
          "1:15 a list names each of its items [priority in [1..3]] did you mean `priority >= 1 "
          "and priority <= 3`?"},
         {"not priority in [1..3]",
          "1:33 a list names each of its items [..] a range is two comparisons: `priority >= 5 and "
          "priority <= 10`",
          false},
         {"priority like glob\"5*\"",
          "1:29 `priority` is an integer, and is compared with a pattern [glob\"5*\"] patterns are "
          "of texts: compare with `==`, `<` or `>=`",
          false}});
}

TEST_CASE("values as other languages write them", "[language]") {
  const std::string apart = " a unit stands right behind its number ";
  const std::string no_value = " a value is missing behind the comparison ";
  check(
      "rule \"a\" when … { template a }" + end,
      {{"payload > 1.5 Mi", "1:25" + apart + "[1.5 Mi] did you mean `1.5Mi`?"},
       {"(context.x? > 5 minutes)", "1:29" + apart + "[5 minutes] did you mean `5m`?"},
       {"payload > 5 minutes", "1:25" + apart + "[5 minutes] did you mean `5m`?", false},
       {"canary(\"a\", 5 %)", "1:27" + apart + "[5 %] did you mean `5%`?"},
       {"context.x? > 1_000", "1:28 a number is written without `_` [1_000] did you mean `1000`?"},
       {"context.x? > PT10M", "1:28" + no_value + "[PT10M] did you mean `10m`?"},
       {"payload > PT10M", "1:25" + no_value + "[PT10M] did you mean `10m`?", false},
       {"context.x? > \"PT1H30M\"",
        "1:28 texts are not ordered [\"PT1H30M\"] did you mean `90m`, without quotes?"},
       {"within 22:00..06:00 Europe/Berlin",
        "1:35 a time zone stands in quotes [Europe/Berlin] did you mean `\"Europe/Berlin\"`?"},
       {"(on sat, sun UTC)", "1:28 a time zone stands in quotes [UTC] did you mean `\"UTC\"`?"},
       {"on sat sunday",
        "1:22 a comma is missing between two days [sunday] did you mean `, sun`?"}});
  check("allow override cpu, memory, deadline\nrule \"a\" { template a; … }" + end,
        {{"cpu: 2", "2:27 an outcome has no `:` [:] leave it out"},
         {"cpu:2", "2:27 an outcome has no `:` [:] leave it out"},
         {"cpu 2-4", "2:28 a range is written with `..` [2-4] did you mean `2..4`?"},
         {"memory 8Gi-16Gi",
          "2:31 a range is written with `..` [8Gi-16Gi] did you mean `8Gi..16Gi`?"},
         {"memory 8 GB", "2:31" + apart + "[8 GB] did you mean `8G`?"},
         {"memory 1.5 Gi", "2:31" + apart + "[1.5 Gi] did you mean `1.5Gi`?"},
         {"deadline 30 minutes", "2:33" + apart + "[30 minutes] did you mean `30m`?"}});
  check("rule \"a\" { … }" + end,
        {{"template: \"large\"", "1:20 an outcome has no `:` [:] leave it out"}});
}

TEST_CASE("a brace too many or too few in a task is told where it is", "[language]") {
  const std::string unclosed =
      "this `{` of the task's JSON is not closed [{] add `}` behind the "
      "last member";
  check("test \"t\" {\n  task …\n  expect rule \"default\"\n}" + end,
        {{"{\"type\":\"x\"}}",
          "2:20 a `}` too many: it ends the test behind its task [}] leave it out"},
         {"{\"type\":\"x\"}\n}",
          "3:1 a `}` too many: it ends the test behind its task [}] leave it out"},
         {"{\"type\":\"x\",\"context\":{\"a\":1}},\"id\":\"y\"}}",
          "2:37 a `}` too many [}] the task's JSON ends here, and goes on behind it", false},
         {"{\"type\":\"x\",\"context\":{\"a\":1}", "2:8 " + unclosed},
         {"{\"type\":\"x\"", "2:8 " + unclosed}});
  const std::string broken = "test \"task t\" { task {\"type\":\"x\" expect rule \"b\" }\n";
  CHECK(told(broken + "rule \"b\" { template b }" + end).words == "1:22 " + unclosed);
  CHECK(told("default { template d }\n" + broken).words == "2:22 " + unclosed);
}

TEST_CASE("a test has one task with a type, one time and one canary", "[language]") {
  const auto told_of = [](const std::string& lines) {
    return told("default { template d }\ntest \"t\" { task {\"type\":\"x\"} " + lines +
                " expect rule \"default\" }")
        .words;
  };
  const std::string now = "now \"2026-11-24T23:00:00Z\" ";
  const std::string twice = " a test has one: leave one of them out";
  CHECK(told_of("task {}") == "2:30 `task` is said twice [task]" + twice);
  CHECK(told_of("canary on canary off") == "2:40 `canary` is said twice [canary]" + twice);
  CHECK(told_of(now + now) == "2:57 `now` is said twice [now]" + twice);
  for (const std::string task : {"{}", "{\"typ\":\"o\"}", "{\"type\":7}", "{\"type\":\"\"}"})
    CHECK(told("default { template d }\ntest \"t\" { task " + task + " expect rule \"default\" }")
              .words ==
          "2:17 the task has no `type` [{] every Druid task names its type, e.g. `\"type\": "
          "\"index_parallel\"`");
}
