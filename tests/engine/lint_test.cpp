// What lint says of rules. The oracle: small worlds of which every task is decided.
#include "engine/analysis/lint.hpp"

#include "engine/evaluate.hpp"
#include "engine/facts.hpp"

#include <random>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace copse::engine;

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr int worlds = 1'000;
#else
constexpr int worlds = 100'000;
#endif

// Three attributes: a type out of two and others, a tag, a number; each in every state.
class Worlds {
 public:
  explicit Worlds(std::uint64_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  static Attribute number() {
    Attribute made = context_attribute("n");
    made.type = ValueType::integer;
    return made;
  }

  Test test(bool with_patterns) {
    Test made;
    switch (below(3)) {
      case 0:
        made.attribute = type_attribute();
        for (const char* each : {"a", "b", "ab"}) {
          if (below(2) == 0) made.values.emplace_back(each);
        }
        break;
      case 1: {
        made.attribute = tag_attribute("t");
        if (below(2) == 0) made.values.emplace_back("x");
        if (below(3) == 0) made.values.emplace_back("xy");
        static const std::vector<std::string> globs{"x*", "*y", "?", "x?*", "*x*", "xy*", "*"};
        if (with_patterns && below(2) == 0)
          made.patterns.push_back({Pattern::Kind::glob, globs[below(7)]});
        if (with_patterns && below(6) == 0)
          made.patterns.push_back({Pattern::Kind::regex, below(2) == 0 ? "x[a-z]+" : "y|z.*"});
        break;
      }
      default:
        made.attribute = number();
        const auto low = static_cast<std::int64_t>(below(3));
        made.ranges.push_back({below(3) == 0 ? smallest_number : Number{low, 0},
                               below(3) == 0
                                   ? largest_number
                                   : Number{low + static_cast<std::int64_t>(below(2)), 0}});
    }
    if (below(4) == 0) {
      made.if_listed = Verdict::no;
      made.if_other = Verdict::yes;
    }
    if (below(2) == 0) made.if_absent = made.if_ill_typed = Verdict::yes;
    return made;
  }

  Policy policy(bool with_patterns) {
    Policy made;
    made.source = {"p", std::string(100, 'x')};
    const std::uint32_t rules = 1 + below(6);
    for (std::uint32_t i = 0; i < rules; ++i) {
      Rule& rule = made.rules.emplace_back();
      rule.name = "r" + std::to_string(i);
      rule.span = {i, i + 1};
      const std::uint32_t tests = 1 + below(3);
      for (std::uint32_t t = 0; t < tests; ++t) rule.tests.push_back(test(with_patterns));
      rule.outcome.template_key = "k" + std::to_string(below(2));
    }
    made.otherwise.template_key = "k" + std::to_string(below(2));
    return made;
  }

  // Every task that such a policy can tell from another.
  static const std::vector<std::string>& tasks() {
    static const std::vector<std::string> all = [] {
      std::vector<std::string> made;
      for (const char* type : {"a", "b", "ab", "c"}) {
        for (const char* tag :
             {"null",    "7",       "\"x\"",    "\"xy\"",  "\"y\"",   "\"z\"",   "\"xz\"",
              "\"xzz\"", "\"xyz\"", "\"zy\"",   "\"zxz\"", "\"zxy\"", "\"xzy\"", "\"zz\"",
              "\"\"",    "\"X\"",   "\"x-\"",   "\"y-\"",  "\"-x\"",  "\"-\"",   "\"--\"",
              "\"xyy\"", "\"-y\"",  "\"z-x-\"", "\"-x-\"", "\"x-y\""}) {
          for (const char* number : {"null", "\"x\"", "-1", "0", "1", "2", "3", "4"}) {
            std::string task = std::string(R"({"id":"i","type":")") + type +
                               R"(","context":{"tags":{"t":)" + tag + R"(},"n":)" + number + "}}";
            task.reserve(task.size() + document_padding);
            made.push_back(std::move(task));
          }
        }
      }
      return made;
    }();
    return all;
  }

 private:
  std::mt19937_64 random_;
};

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

  explicit Truth(const Policy& policy) {
    const auto image = compile(PolicySet{.placement = policy}, {{}, false});
    REQUIRE(image);
    FactReader reader(image->attributes);
    for (const std::string& task : Worlds::tasks()) {
      const RuleId rule = decide(*image, image->placement, *reader.read(task)).rule;
      deciding.insert(rule == no_rule ? policy.rules.size() : std::to_underlying(rule));
    }
  }
};

// The outcome of each task, in the order of the world.
std::vector<std::string> outcomes(const Policy& policy) {
  const auto image = compile(PolicySet{.placement = policy}, {{}, false});
  FactReader reader(image->attributes);
  std::vector<std::string> all;
  for (const std::string& task : Worlds::tasks()) {
    const Answer answer = decide(*image, image->placement, *reader.read(task));
    all.push_back(image->outcomes[std::to_underlying(answer.outcome)].template_key);
  }
  return all;
}

}  // namespace

TEST_CASE("what lint calls unreachable no task reaches, and without patterns it misses none",
          "[lint]") {
  Worlds random(20261127);
  std::size_t unreachable = 0;
  std::size_t by_several = 0;
  std::size_t unused_default = 0;
  for (int w = 0; w < worlds; ++w) {
    const bool with_patterns = w % 2 == 1;
    const Policy policy = random.policy(with_patterns);
    const Diagnostics said = analysis::lint(PolicySet{.placement = policy}, {{}, false});
    const Truth truth(policy);
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
  Worlds random(7);
  std::size_t redundant = 0;
  for (int w = 0; w < worlds / 10; ++w) {
    const Policy policy = random.policy(w % 2 == 1);
    const std::set<std::string> said =
        named(analysis::lint(PolicySet{.placement = policy}, {{}, false}), "L0402");
    const std::vector<std::string> all = outcomes(policy);
    for (std::size_t i = 0; i < policy.rules.size(); ++i) {
      Policy without = policy;
      without.rules.erase(without.rules.begin() + static_cast<std::ptrdiff_t>(i));
      const bool changes = outcomes(without) != all;
      const bool claimed = said.contains("r" + std::to_string(i));
      redundant += claimed ? 1U : 0U;
      if (claimed && changes)
        FAIL("r" << i << "\n" << dump(*compile(PolicySet{.placement = policy}, {{}, false})));
    }
  }
  CHECK(redundant > static_cast<std::size_t>(worlds) / 1000);
}
