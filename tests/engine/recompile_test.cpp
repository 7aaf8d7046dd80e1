// A policy that changes, compiled with what is known of it: the same as compiled anew, to the byte.
#include "engine/compile.hpp"
#include "engine/image_file.hpp"
#include "tests/engine/worlds.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include <catch2/catch.hpp>

using namespace copse::engine;

namespace {

using copse::tests::Worlds;

#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint32_t policies_tried = 40;
#else
constexpr std::uint32_t policies_tried = 400;
#endif
constexpr std::uint32_t edits_each = 12;

const TemplateNames any_template{{}, false};

bool are_same(const Image& a, const Image& b) {
  const Block one = pack(a);
  const Block other = pack(b);
  return std::ranges::equal(one.bytes, other.bytes);
}

// Replaces, inserts or removes up to three rules at some place.
Policy edited(const Policy& before, Worlds& worlds) {
  Policy after = before;
  const auto rules = static_cast<std::uint32_t>(after.rules.size());
  const std::uint32_t at = worlds.below(rules + 1);
  const std::uint32_t removed = worlds.below(std::min(3U, rules - at) + 1);
  const Policy added = worlds.policy(worlds.below(4));
  const auto place = after.rules.begin() + at;
  after.rules.insert(after.rules.erase(place, place + removed), added.rules.begin(),
                     added.rules.end());
  // As in Druid's JSON, where a selector is named by its place; and all behind moved in the text.
  for (std::size_t i = 0; i < after.rules.size(); ++i) {
    after.rules[i].name = "selectors[" + std::to_string(i) + "]";
    after.rules[i].span.begin += 7;
    for (Test& test : after.rules[i].tests) test.span.begin += 7;
    for (Override& each : after.rules[i].outcome.overrides) each.span.begin += 7;
  }
  return after;
}

}  // namespace

TEST_CASE("a policy that changes is compiled as if it were new", "[recompile]") {
  Worlds worlds(31);

  for (std::uint32_t i = 0; i < policies_tried; ++i) {
    const Layout layout{.together = i % 2 == 0 ? 8U : 1'024U, .far = i % 3 == 0 ? 2U : 16'384U};
    Compiler compiler(layout);
    PolicySet now{.placement = worlds.policy(1 + worlds.below(30))};
    if (worlds.chance(50)) now.runner = worlds.policy(worlds.below(10));
    REQUIRE(compiler.compile(now, any_template));
    for (std::uint32_t edit = 0; edit < edits_each; ++edit) {
      PolicySet next = now;
      next.placement = edited(now.placement, worlds);
      Changes changes{change_between(now.placement, next.placement)};
      if (now.runner && worlds.chance(50)) {
        next.runner = edited(*now.runner, worlds);
        changes.runner = change_between(*now.runner, *next.runner);
      }
      const auto made = compiler.recompile(next, any_template, changes);
      const auto anew = compile(next, any_template, layout);
      REQUIRE(made);
      REQUIRE(anew);
      CHECK(verify(*made).empty());
      if (!are_same(*made, *anew))
        FAIL("policy " << i << ", edit " << edit << "\n" << dump(*made) << "\n" << dump(*anew));
      now = std::move(next);
    }
  }
}

TEST_CASE("a change is the rules between what two policies have in common", "[recompile]") {
  Worlds worlds(33);
  Policy before = worlds.policy(8);
  const Policy others = worlds.policy(3);
  const auto is = [](const Change& change, std::uint32_t first, std::uint32_t removed,
                     std::uint32_t added) {
    return change.first == first && change.before == removed && change.after == added;
  };
  // Rules that differ in nothing but their place could be taken for each other.
  for (std::size_t i = 0; i < before.rules.size(); ++i)
    before.rules[i].outcome.template_key = "before-" + std::to_string(i);
  Policy after = before;
  CHECK(is(change_between(before, after), 8, 0, 0));
  after.rules[3].outcome.template_key = "other";
  CHECK(is(change_between(before, after), 3, 1, 1));
  after = before;
  after.rules.insert(after.rules.begin() + 2, others.rules.begin(), others.rules.end());
  CHECK(is(change_between(before, after), 2, 0, 3));
  CHECK(is(change_between(after, before), 2, 3, 0));
  after = before;
  after.rules.front().outcome.template_key = "first";
  after.rules.back().outcome.template_key = "last";
  CHECK(is(change_between(before, after), 0, 8, 8));
  after = before;
  for (Rule& rule : after.rules) {
    rule.name += "x";
    rule.span.begin += 1;
  }
  CHECK(is(change_between(before, after), 8, 0, 0));
}

TEST_CASE("what a compiler knows does not grow with what is no longer said", "[recompile]") {
  Worlds worlds(34);
  Compiler compiler;
  PolicySet policies{.placement = worlds.policy(20)};
  REQUIRE(compiler.compile(policies, any_template));
  std::size_t most = 0;
  for (int i = 0; i < 2'500; ++i) {
    if (i % 2 == 0) {
      policies.placement.rules[7].tests = {
          {.attribute = tag_attribute("team"), .values = {"team-" + std::to_string(i)}}};
    } else {
      policies.placement.rules[7].outcome.template_key = "template-" + std::to_string(i);
    }
    const auto made = compiler.recompile(policies, any_template, {{7, 1, 1}});
    REQUIRE(made);
    most = std::max(most, compiler.known());
    if (i % 500 == 0) CHECK(are_same(*made, *compile(policies, any_template)));
  }
  CHECK(most < 2'500);
}

TEST_CASE("a compiler that cannot use what it knows compiles all", "[recompile]") {
  Worlds worlds(35);
  PolicySet policies{.placement = worlds.policy(9)};
  Compiler compiler;
  const auto first = compiler.recompile(policies, any_template, {{0, 0, 0}});  // it knows nothing
  REQUIRE(first);
  CHECK(are_same(*first, *compile(policies, any_template)));

  PolicySet with_runner = policies;
  with_runner.runner = worlds.policy(4);
  const auto second = compiler.recompile(with_runner, any_template, {{9, 0, 0}, {0, 0, 4}});
  REQUIRE(second);
  CHECK(are_same(*second, *compile(with_runner, any_template)));

  // A rule too large is told as ever, and what comes after it is compiled.
  PolicySet large = with_runner;
  large.placement.rules[2].tests.assign(test_limit + 1, Test{.attribute = type_attribute()});
  const auto refused = compiler.recompile(large, any_template, {{2, 1, 1}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().front().code == "P0303");
  const auto third = compiler.recompile(with_runner, any_template, {{2, 1, 1}});
  REQUIRE(third);
  CHECK(are_same(*third, *compile(with_runner, any_template)));

  // The same of a value that stands too deep.
  PolicySet deep = with_runner;
  Attribute below = context_attribute("a");
  below.path.resize(path_limit + 1, "a");
  deep.placement.rules[2].tests = {Test{.attribute = below}};
  const auto too_deep = compiler.recompile(deep, any_template, {{2, 1, 1}});
  REQUIRE_FALSE(too_deep);
  CHECK(too_deep.error().front().code == "P0303");
  below.path.resize(path_limit);
  deep.placement.rules[2].tests = {Test{.attribute = below}};
  CHECK(compile(deep, any_template).has_value());

  // The same of more attributes than a decision can hold.
  PolicySet wide = with_runner;
  for (std::size_t i = 0; i <= attribute_limit; ++i)
    wide.placement.rules[2].tests.push_back({.attribute = tag_attribute("t" + std::to_string(i))});
  CHECK_FALSE(compiler.recompile(wide, any_template, {{2, 1, 1}}));
  const auto after = compiler.recompile(with_runner, any_template, {{2, 1, 1}});
  REQUIRE(after);
  CHECK(are_same(*after, *compile(with_runner, any_template)));

  // Names of templates may have come since.
  const TemplateNames some{{"base"}, true};
  const auto fourth = compiler.recompile(with_runner, some, {{9, 0, 0}, {4, 0, 0}});
  REQUIRE(fourth);
  CHECK(are_same(*fourth, *compile(with_runner, some)));
}
