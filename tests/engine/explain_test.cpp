#include "engine/explain.hpp"

#include "engine/compile.hpp"
#include "engine/passing.hpp"
#include "tests/engine/naive.hpp"
#include "tests/engine/worlds.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace copse::engine;
using copse::tests::ask;
using copse::tests::naive;
using copse::tests::Values;
using copse::tests::Worlds;

namespace {

const TemplateNames templates{{"base", "k0", "k1", "k2", "k3"}, true};

// A rule and which of its tests, by their places in the policy.
using Miss = std::pair<std::size_t, std::size_t>;

// The oracle: rule by rule, from the winner back.
std::vector<Miss> naive_misses(const Policy& policy, std::size_t winner, const Values& values) {
  std::vector<Miss> of_several;
  std::vector<Miss> of_one;
  for (std::size_t r = winner; r-- > 0;) {
    const std::vector<Test>& tests = policy.rules[r].tests;
    std::vector<std::size_t> lacking;
    for (std::size_t t = 0; t < tests.size(); ++t) {
      if (ask(tests[t], values) != Verdict::yes) lacking.push_back(t);
    }
    if (lacking.size() == 1) (tests.size() == 1 ? of_one : of_several).emplace_back(r, lacking[0]);
  }
  of_several.insert(of_several.end(), of_one.begin(), of_one.end());
  if (of_several.size() > near_miss_limit) of_several.resize(near_miss_limit);
  std::sort(of_several.begin(), of_several.end());
  return of_several;
}

std::size_t place_of(const Policy& policy, const std::string& rule) {
  const auto at = std::find_if(policy.rules.begin(), policy.rules.end(),
                               [&](const Rule& each) { return each.name == rule; });
  return static_cast<std::size_t>(at - policy.rules.begin());
}

// What a trace says, in the places of the policy.
std::vector<Miss> traced(const Image& image, const Entry& entry, std::span<const Fact> facts) {
  const Trace made = trace(image, entry, decide(image, entry, facts), facts);
  std::vector<Miss> misses;
  for (const NearMiss& miss : made.misses()) {
    const CompiledRule& rule = image.rules[std::to_underlying(miss.rule)];
    const auto tests = image.sequences.span().subspan(rule.first_test, rule.tests);
    const auto test = std::find(tests.begin(), tests.end(), miss.test) - tests.begin();
    misses.emplace_back(std::to_underlying(miss.rule) - entry.first_rule, test);
  }
  return misses;
}

}  // namespace

TEST_CASE("near misses are those that a look at rule after rule finds, in 100,000 random pairs",
          "[engine]") {
  Worlds random(20261128);
  std::size_t found = 0;
  std::size_t without_room = 0;
  for (std::uint32_t w = 0; w < 4'000; ++w) {
    random.few_values(w % 4 == 0);
    PolicySet policies;
    policies.placement = random.policy(random.below(w % 16 == 0 ? 400 : 100));
    if (random.chance(30)) policies.runner = random.runner_policy();
    const auto image = compile(policies, templates, {.together = w % 2 == 0 ? 8U : 1'024U});
    REQUIRE(image);
    REQUIRE(passing_fault(*image).empty());
    const auto canaries = std::count_if(image->attributes.begin(), image->attributes.end(),
                                        [](auto& each) { return each.origin == Origin::canary; });
    without_room += image->passing_columns.size() + static_cast<std::size_t>(canaries) <
                            image->attributes.size()
                        ? 1U
                        : 0U;
    FactReader reader(image->attributes);
    for (std::uint32_t t = 0; t < 25; ++t) {
      const Worlds::Task task = random.task();
      const auto facts = reader.read(task.document, task.circumstances);
      REQUIRE(facts);
      const auto compare = [&](const Policy& policy, const Entry& entry) {
        const std::size_t winner = place_of(policy, naive(policy, task.values).rule);
        const std::vector<Miss> expected = naive_misses(policy, winner, task.values);
        found += expected.size();
        if (traced(*image, entry, *facts) != expected)
          FAIL("world " << w << "\n" << task.document << "\n" << dump(*image));
      };
      compare(policies.placement, image->placement);
      if (policies.runner) compare(*policies.runner, image->runner);
    }
  }
  // The worlds must reach what they are for.
  CHECK(found > 100'000);
  CHECK(without_room > 10);
}

TEST_CASE("a rule of several alternatives is one near miss, and none of itself", "[engine]") {
  const auto of = [](std::string name, std::vector<std::string> tags) {
    Rule rule;
    rule.name = std::move(name);
    rule.outcome.template_key = "base";
    for (std::string& tag : tags)
      rule.tests.push_back({.attribute = tag_attribute(std::move(tag)), .values = {"x"}});
    return rule;
  };
  PolicySet policies;
  policies.placement.otherwise.template_key = "base";
  policies.placement.rules = {of("r", {"a"}), of("r", {"b", "there"}), of("s", {"c", "there"}),
                              of("won", {"d"}), of("won", {"there"})};
  const auto image = compile(policies, templates);
  REQUIRE(image);
  FactReader reader(image->attributes);
  const std::string document = R"({"type":"noop","id":"n","context":{"tags":{"there":"x"}}})";
  const auto facts = reader.read(document);
  REQUIRE(facts);
  CHECK(traced(*image, image->placement, *facts) == std::vector<Miss>{{1, 0}, {2, 0}});
  const EntryReport report =
      explain(*image, image->placement, decide(*image, image->placement, *facts), *facts);
  CHECK(report.winner.name == "won");
  CHECK(report.passed_over == 2);
}

TEST_CASE("attributes that find no room are asked one by one", "[engine]") {
  PolicySet policies;
  policies.placement.otherwise.template_key = "base";
  constexpr std::uint32_t tags = 200;
  for (std::uint32_t i = 0; i < tags; ++i) {
    Rule& rule = policies.placement.rules.emplace_back();
    rule.name = "rule" + std::to_string(i);
    for (const std::uint32_t tag : {i, (i + 1) % tags}) {
      rule.tests.push_back(
          {.attribute = tag_attribute("t" + std::to_string(tag)), .values = {"a", "b", "c"}});
    }
  }
  const auto image = compile(policies, templates);
  REQUIRE(image);
  CHECK(image->passing_columns.size() < tags);
  CHECK(passing_words(*image) <= passing_words_limit);
  const std::string document =
      R"({"type":"noop","id":"n","context":{"tags":{"t7":"a","t190":"b"}}})";
  FactReader reader(image->attributes);
  const auto facts = reader.read(document);
  REQUIRE(facts);
  CHECK(traced(*image, image->placement, *facts) ==
        std::vector<Miss>{{6, 0}, {7, 1}, {189, 0}, {190, 1}});
}

TEST_CASE("a compiled policy whose bits for explaining are out of range is refused", "[engine]") {
  PolicySet policies;
  policies.placement = Worlds(1).policy(100);
  const auto compiled = compile(policies, templates);
  REQUIRE(compiled);
  const auto with = [&](auto damage) {
    Image image = *compiled;
    damage(image);
    return verify(image);
  };
  const auto change = [](auto& column, auto edit) { column.edit([&](auto& all) { edit(all); }); };
  CHECK(with([&](Image& image) { change(image.passing, [](auto& all) { all.pop_back(); }); }) ==
        "passing: not one block for 64 rules");
  CHECK(with([&](Image& image) {
          change(image.passing_columns, [](auto& all) { all[0].first += 1'000; });
        }) == "passing: bits out of range");
  CHECK(with([&](Image& image) {
          change(image.passing_columns, [](auto& all) { all[0].attribute = 200; });
        }) == "passing: unknown attribute");
  CHECK(with([&](Image& image) {
          change(image.passing_columns, [](auto& all) { all.resize(300, all[0]); });
        }) == "passing: too many columns");
}
