// What lint says of rules. The oracle: small worlds of which every task is decided.
#include "engine/analysis/lint.hpp"

#include "engine/analysis/alternatives.hpp"
#include "engine/analysis/idle.hpp"
#include "engine/evaluate.hpp"
#include "engine/facts.hpp"
#include "tests/engine/tiny_worlds.hpp"

#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace copse::engine;
using copse::tests::TinyWorlds;

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr int worlds = 1'000;
#else
constexpr int worlds = 100'000;
#endif

std::set<std::string> named(const Diagnostics& said, std::string_view code) {
  std::set<std::string> all;
  for (const Diagnostic& each : said) {
    if (each.code != code) continue;
    const std::size_t at = each.title.find('"') + 1;
    all.insert(each.title.substr(at, each.title.find('"', at) - at));
  }
  return all;
}

// Who decides some task of the world: the numbers of rules, or how many there are for the default.
struct Truth {
  std::set<std::size_t> deciding;

  Truth(const Policy& policy, bool with_patterns) {
    const auto image = compile(PolicySet{.placement = policy}, {{}, false});
    REQUIRE(image);
    FactReader reader(image->attributes);
    for (const std::string& task : TinyWorlds::tasks(with_patterns)) {
      const RuleId rule = decide(*image, image->placement, *reader.read(task)).rule;
      deciding.insert(rule == no_rule ? policy.rules.size() : std::to_underlying(rule));
    }
  }
};

// The outcome of each task, in the order of the world.
std::vector<std::string> outcomes(const Policy& policy, bool with_patterns) {
  const auto image = compile(PolicySet{.placement = policy}, {{}, false});
  FactReader reader(image->attributes);
  std::vector<std::string> all;
  for (const std::string& task : TinyWorlds::tasks(with_patterns)) {
    const Answer answer = decide(*image, image->placement, *reader.read(task));
    all.push_back(image->outcome(answer.outcome).template_key);
  }
  return all;
}

}  // namespace

TEST_CASE("what lint calls unreachable no task reaches, and without patterns it misses none",
          "[lint]") {
  TinyWorlds random(20261127);
  std::size_t unreachable = 0;
  std::size_t by_several = 0;
  std::size_t unused_default = 0;
  for (int w = 0; w < worlds; ++w) {
    const bool with_patterns = w % 2 == 1;
    const Policy policy = random.policy(with_patterns);
    const Diagnostics said = analysis::lint(PolicySet{.placement = policy}, {{}, false});
    const Truth truth(policy, with_patterns);
    const auto never_wins = [&](const std::string& rule) {
      const bool is_certain = named(said, "L0401").contains(rule);
      return is_certain || named(said, "L0405").contains(rule);
    };
    for (std::size_t i = 0; i < policy.rules.size(); ++i) {
      const std::string name = "r" + std::to_string(i);
      bool may = false;
      for (const Diagnostic& each : said)
        may = may || (each.code == "L0401" && each.severity == Severity::note &&
                      each.title.find('"' + name + '"') != std::string::npos);
      const bool claimed = never_wins(name) && !may;
      const bool is_reached = truth.deciding.contains(i);
      if (claimed) {
        ++unreachable;
        for (const Diagnostic& each : said)
          by_several += each.code == "L0401" && each.notes.size() > 1 &&
                                each.notes[0].find(" and ") != std::string::npos
                            ? 1U
                            : 0U;
      }
      if (claimed && is_reached) {
        for (const Diagnostic& each : said) UNSCOPED_INFO(render(each));
        FAIL("false: " << name << "\n"
                       << dump(*compile(PolicySet{.placement = policy}, {{}, false})));
      }
      if (!claimed && !is_reached && !with_patterns) {
        for (const Diagnostic& each : said) UNSCOPED_INFO(render(each));
        FAIL("missed: " << name << "\n"
                        << dump(*compile(PolicySet{.placement = policy}, {{}, false})));
      }
    }
    const bool says_unused = std::any_of(said.begin(), said.end(),
                                         [](const Diagnostic& d) { return d.code == "L0410"; });
    if (says_unused) {
      ++unused_default;
      CHECK_FALSE(truth.deciding.contains(policy.rules.size()));
    }
  }
  CHECK(unreachable > worlds / 50);
  CHECK(by_several > worlds / 500);
  CHECK(unused_default > worlds / 500);
}

TEST_CASE("without a rule that lint calls redundant every task gets the same", "[lint]") {
  TinyWorlds random(7);
  std::size_t redundant = 0;
  for (int w = 0; w < worlds / 10; ++w) {
    const bool with_patterns = w % 2 == 1;
    const Policy policy = random.policy(with_patterns);
    const std::set<std::string> said =
        named(analysis::lint(PolicySet{.placement = policy}, {{}, false}), "L0402");
    const std::vector<std::string> all = outcomes(policy, with_patterns);
    for (std::size_t i = 0; i < policy.rules.size(); ++i) {
      Policy without = policy;
      without.rules.erase(without.rules.begin() + static_cast<std::ptrdiff_t>(i));
      const bool changes = outcomes(without, with_patterns) != all;
      const bool claimed = said.contains("r" + std::to_string(i));
      redundant += claimed ? 1U : 0U;
      if (claimed && changes)
        FAIL("r" << i << "\n" << dump(*compile(PolicySet{.placement = policy}, {{}, false})));
    }
  }
  CHECK(redundant > static_cast<std::size_t>(worlds) / 1000);
}

namespace {

// The rules of one name with a place for each test, as the language makes them.
struct Written {
  Policy policy;

  static Test placed(Test test, std::uint64_t at) {
    test.span = {at, at + 1};
    return test;
  }

  // `A and (B or C)` and the like: conditions out of a few, in one to three alternatives.
  static Written random(TinyWorlds& choose, bool with_patterns) {
    std::vector<Test> conditions;
    for (std::uint64_t i = 0; i < 4; ++i)
      conditions.push_back(placed(choose.test(with_patterns), 10 + i));
    Written made{choose.policy(false)};
    made.policy.rules.clear();
    const std::uint32_t alternatives = 1 + choose.below(3);
    for (std::uint32_t a = 0; a < alternatives; ++a) {
      Rule& rule = made.policy.rules.emplace_back();
      rule.name = "r";
      rule.span = {1, 2};
      rule.outcome.template_key = "k";
      for (const Test& each : conditions) {
        if (choose.below(2) == 0) rule.tests.push_back(each);
      }
    }
    made.policy.otherwise.template_key = "other";
    return made;
  }
};

}  // namespace

TEST_CASE("alternatives that lint calls needless can be left out together", "[lint]") {
  TinyWorlds random(12);
  int needless = 0;
  for (int w = 0; w < worlds / 20; ++w) {
    const bool with_patterns = w % 2 == 1;
    const Policy policy = Written::random(random, with_patterns).policy;
    const auto image = compile(PolicySet{.placement = policy}, {{}, false});
    REQUIRE(image);
    Policy without = policy;
    for (const auto& each : analysis::covered_alternatives(
             *image, policy, 0, static_cast<std::uint32_t>(policy.rules.size()))) {
      ++needless;
      // What begins the branch is asked by no alternative that stays.
      std::erase_if(without.rules, [&](const Rule& rule) {
        return std::any_of(rule.tests.begin(), rule.tests.end(),
                           [&](const Test& test) { return test.span.begin == each.span.begin; });
      });
    }
    if (outcomes(without, with_patterns) != outcomes(policy, with_patterns)) FAIL(dump(*image));
  }
  CHECK(needless > worlds / 100);
}

TEST_CASE("a rule of very many alternatives is not looked at in pairs", "[lint]") {
  Policy policy;
  policy.otherwise.template_key = "other";
  const auto add = [&](std::uint32_t count) {
    policy.rules.clear();
    for (std::uint32_t i = 0; i < count; ++i) {
      Rule& rule = policy.rules.emplace_back();
      rule.name = "r";
      rule.outcome.template_key = "k";
      Test& test = rule.tests.emplace_back();
      test.attribute = type_attribute();
      test.values = {"a"};
      test.span = {10 + i, 11 + i};
    }
    const auto image = compile(PolicySet{.placement = policy}, {{}, false});
    REQUIRE(image);
    return analysis::covered_alternatives(*image, policy, 0, count).size();
  };
  const std::uint32_t limit = analysis::compared_alternatives_limit;
  CHECK(add(limit) == limit - 1);
  CHECK(add(limit + 1) == 0);
}

namespace {

bool is_about_presence(const Policy& policy, Span span) {
  return std::any_of(policy.rules.begin(), policy.rules.end(), [&](const Rule& rule) {
    return std::any_of(rule.tests.begin(), rule.tests.end(), [&](const Test& test) {
      return test.span == span && test.attribute->type == ValueType::any;
    });
  });
}

}  // namespace

TEST_CASE("conditions that lint calls idle can be left out together, or let no task through",
          "[lint]") {
  TinyWorlds random(11);
  int excludes_nothing = 0;
  int beside_others = 0;
  int by_presence = 0;
  int lets_nothing_through = 0;
  for (int w = 0; w < worlds / 20; ++w) {
    const bool with_patterns = w % 2 == 1;
    random.presence(w % 4 > 1);
    const Policy policy = Written::random(random, with_patterns).policy;
    const auto image = compile(PolicySet{.placement = policy}, {{}, false});
    REQUIRE(image);
    const auto idle = analysis::idle_conditions(*image, policy, 0,
                                                static_cast<std::uint32_t>(policy.rules.size()));
    Policy without = policy;
    Policy alive = policy;
    for (const analysis::IdleCondition& each : idle) {
      const auto is_it = [&](const Test& test) { return test.span == each.span; };
      beside_others += each.because.empty() ? 0 : 1;
      by_presence += each.because.size() == 1 && is_about_presence(policy, each.span) ? 1 : 0;
      if (each.verdict == Verdict::yes) {
        ++excludes_nothing;
        for (Rule& rule : without.rules) std::erase_if(rule.tests, is_it);
      } else {
        ++lets_nothing_through;
        std::erase_if(alive.rules, [&](const Rule& rule) {
          return std::any_of(rule.tests.begin(), rule.tests.end(), is_it);
        });
      }
    }
    const auto all = outcomes(policy, with_patterns);
    if (outcomes(without, with_patterns) != all || outcomes(alive, with_patterns) != all) {
      for (const auto& each : idle)
        UNSCOPED_INFO(each.span.begin << (each.verdict == Verdict::yes ? " yes" : " no"));
      FAIL(dump(*image));
    }
  }
  CHECK(excludes_nothing > worlds / 100);
  CHECK(beside_others > worlds / 100);
  CHECK(by_presence > worlds / 1'000);
  CHECK(lets_nothing_through > worlds / 100);
}

TEST_CASE("of a policy beyond a limit lint says just that", "[lint]") {
  PolicySet policies;
  policies.placement.otherwise.template_key = "base";
  for (std::size_t i = 0; i <= attribute_limit; ++i) {
    Rule& rule = policies.placement.rules.emplace_back();
    rule.name = "r" + std::to_string(i);
    rule.tests.push_back({.attribute = tag_attribute(rule.name), .values = {"x"}});
    rule.outcome.template_key = "k";
  }
  const Diagnostics said = analysis::lint(policies, {{}, false});
  REQUIRE(said.size() == 1);
  CHECK(said.front().code == "P0303");
}
