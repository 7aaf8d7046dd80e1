#include "engine/compile.hpp"
#include "engine/image_file.hpp"
#include "grammar/policy_document.hpp"
#include "tests/engine/worlds.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace copse::tests {
namespace {

std::string block_of(const engine::PolicySet& policies, engine::Layout layout = {}) {
  const auto image = engine::compile(policies, {{"base"}, true}, layout);
  const engine::Block block = engine::pack(*image, "copse 0\n");
  return {reinterpret_cast<const char*>(block.bytes.data()), block.bytes.size()};
}

std::string written(std::string text) {
  const auto read =
      grammar::read_policy_document({"seed", std::move(text)}, engine::newest_release);
  return block_of(*read->value.policies);
}

}  // namespace

FuzzPlan plan() {
  FuzzPlan out;
  out.seeds = {{"default", written(R"(default { template "base" })")},
               {"patterns", written(R"(allow override label
rule "a" when dataSource in ["wiki", glob"search_*", glob"*_eu", glob"*pay*", re"v[0-9]+"] { template "a"; label "t" = tags.team else "x" }
rule "b" when tags.team? in [glob"l*", "ops"] and priority >= 50 { template "b" }
default { template "base" })")},
               {"numbers", written(R"(rule "a" when priority > 75 or priority < 10 { template "a" }
rule "b" when canary("s", 50%) and type in ["index", "compact", "kill"] { runner worker }
rule "c" when within 22:00..06:00 "UTC" { template "c" }
default { template "base" })")}};
  Worlds random(20261127);
  for (const std::uint32_t rules : {3U, 12U, 30U}) {
    engine::PolicySet policies;
    policies.placement = random.policy(rules);
    out.seeds.push_back({"world of " + std::to_string(rules), block_of(policies)});
    // As a large one is laid out.
    out.seeds.push_back(
        {"far world of " + std::to_string(rules), block_of(policies, {.together = 2, .far = 2})});
  }
  out.tokens = {std::string(1, '\0'),       std::string(4, '\0'),
                std::string(4, '\xff'),     std::string("\1\0\0\0", 4),
                std::string("\2\0\0\0", 4), std::string("\x40\0\0\0", 4),
                std::string(8, '\xff')};
  return out;
}

}  // namespace copse::tests
