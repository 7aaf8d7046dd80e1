// What two policies decide otherwise. The oracle: small worlds of which every task is decided by
// both.
#include "engine/analysis/diff.hpp"

#include "engine/evaluate.hpp"
#include "engine/facts.hpp"
#include "tests/engine/tiny_worlds.hpp"

#include <set>
#include <string>

#include <catch2/catch.hpp>

using namespace copse::engine;
using copse::tests::TinyWorlds;

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr int worlds = 500;
#else
constexpr int worlds = 10'000;
#endif

// `before>after` for each pair of rules that decide some task otherwise.
std::set<std::string> truth(const Policy& before, const Policy& after, bool with_patterns) {
  const auto image = compile(PolicySet{.placement = before, .runner = after}, {{}, false});
  FactReader reader(image->attributes);
  std::set<std::string> all;
  for (const std::string& task : TinyWorlds::tasks(with_patterns)) {
    const auto facts = *reader.read(task);
    const Answer from = decide(*image, image->placement, facts);
    const Answer to = decide(*image, image->runner, facts);
    if (from.outcome == to.outcome) continue;
    const auto name = [&](const Answer& answer) {
      return answer.rule == no_rule ? std::string("default")
                                    : std::string(image->name(answer.rule));
    };
    all.insert(name(from) + ">" + name(to));
  }
  return all;
}

}  // namespace

TEST_CASE("every difference is told, and no other", "[diff]") {
  TinyWorlds random(27);
  std::size_t alike = 0;
  std::size_t pairs = 0;
  for (int w = 0; w < worlds; ++w) {
    const bool with_patterns = w % 2 == 1;
    const Policy before = random.policy(with_patterns);
    const Policy after = random.changed(before, with_patterns);
    const analysis::Comparison said = analysis::compare(PolicySet{.placement = before},
                                                        PolicySet{.placement = after}, {{}, false});
    const std::set<std::string> expected = truth(before, after, with_patterns);
    std::set<std::string> told;
    for (const analysis::Difference& each : said.differences)
      told.insert(each.before + ">" + each.after);
    INFO(w);
    // With patterns there may be texts that the small world does not have.
    for (const std::string& each : expected) CHECK((told.contains(each) || !said.is_certain));
    if (!with_patterns) CHECK(told == expected);
    if (!with_patterns) CHECK(said.is_certain);
    alike += expected.empty() ? 1U : 0U;
    pairs += expected.size();
  }
  CHECK(alike > worlds / 20);
  CHECK(pairs > worlds / 2);
}

TEST_CASE("an example gets from both what is said of it", "[diff]") {
  TinyWorlds random(28);
  for (int w = 0; w < worlds / 10; ++w) {
    const Policy before = random.policy(true);
    const Policy after = random.changed(before, true);
    const auto image = compile(PolicySet{.placement = before, .runner = after}, {{}, false});
    FactReader reader(image->attributes);
    for (const analysis::Difference& each :
         analysis::compare(PolicySet{.placement = before}, PolicySet{.placement = after},
                           {{}, false})
             .differences) {
      const auto facts = reader.read(each.example.task, each.example.circumstances);
      REQUIRE(facts);
      const auto words = [&](const Entry& entry) {
        const OutcomeId outcome = decide(*image, entry, *facts).outcome;
        return analysis::in_words(image->outcome(outcome));
      };
      CHECK(words(image->placement) == each.from);
      CHECK(words(image->runner) == each.to);
    }
  }
}

TEST_CASE("two policies that ask for too much together are not said to be alike", "[diff]") {
  const auto of_tags = [](const std::string& prefix) {
    PolicySet made;
    made.placement.otherwise.template_key = "base";
    for (std::size_t i = 0; i < attribute_limit - 10; ++i) {
      Rule& rule = made.placement.rules.emplace_back();
      rule.name = prefix + std::to_string(i);
      rule.outcome.template_key = "k";
      rule.tests.push_back({.attribute = tag_attribute(rule.name), .values = {"x"}});
    }
    return made;
  };
  const analysis::Comparison made = analysis::compare(of_tags("a"), of_tags("b"), {{}, false});
  CHECK(made.differences.empty());
  CHECK_FALSE(made.is_certain);
}
