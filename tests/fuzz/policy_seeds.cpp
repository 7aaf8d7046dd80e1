#include "tests/fuzz/fuzz.hpp"

namespace copse::tests {

FuzzPlan plan() {
  FuzzPlan out;
  out.seeds = {
      {"language", R"(policy "p"
allow override cpu, label, namespace
list l = ["a", glob"b*", glob"[a-c]?d"]
attribute rows: integer = spec.tuningConfig.maxRowsPerSegment
profile f { node "disk" = "nvme" }
rule "r" when type in l and (priority >= 75 or not has tags.team) and canary("s", 5%) { template "t"; use f; cpu 1..2 }
rule "n" when within 22:00..06:00 "Europe/Berlin" and on sat, sun { template "n"; namespace "x" }
rule "q" when rows else 0 > 1 and tags.tier? == "gold" and context.taskLockTimeout? > 10m { template "q"; label "a" = tags.team else "none" }
default { template "base" }
test "x" { task { "type": "noop" } expect rule "default" }
)"},
      {"json form",
       R"({"copse": 1, "statements": [{"rule": "x", "when": {"attribute": "type", "==": "noop"}, "outcomes": [{"template": "t"}]}, {"default": [{"template": "base"}]}]})"},
      {"selectors",
       R"({"podTemplateSelectStrategy":{"type":"selectorBased","selectors":[{"selectionKey":"k","type":["index"],"dataSource":["a"],"context.tags":{"team":["b",null]}}]},"capacity":3})"},
      {"by type", R"({"type":"taskType"})"},
      {"properties", "druid.indexer.runner.namespace=druid\ncopse.namespaces=a, b\n"},
      {"nothing", ""}};
  out.tokens = {"rule",
                "\"",
                "{",
                "}",
                "[",
                "]",
                "(",
                ")",
                "and",
                "or",
                "not",
                "in",
                "has",
                "?",
                "else",
                "==",
                "!=",
                "<=",
                ">",
                "..",
                "5%",
                "10m",
                "16Gi",
                "500m",
                "1.5",
                "-1",
                "glob\"*\"",
                "re\"(a|b)*\"",
                "like",
                "canary",
                "within",
                "on",
                "template",
                "default",
                "list",
                "use",
                "\\u0000",
                "\\",
                "#",
                "\n",
                "\r\n",
                "\t",
                "\xef\xbb\xbf",
                "\xff",
                ":",
                ",",
                ";",
                "null",
                "true",
                "tags.",
                "context.",
                "\"copse\"",
                "99999999999999999999"};
  return out;
}

}  // namespace copse::tests
