#include "engine/explain.hpp"

#include "engine/json_writer.hpp"
#include "engine/judge.hpp"

#include <algorithm>
#include <utility>

namespace copse::engine {
namespace {

class Reporter {
 public:
  Reporter(const Image& image, std::span<const Fact> facts) : image_(image), facts_(facts) {
    for (std::size_t i = 0; i < facts.size(); ++i) {
      atoms_.push_back(facts[i].state == Fact::State::text
                           ? image.tables[i].find(facts[i].text)
                           : Atom{std::to_underlying(facts[i].state)});
    }
  }

  [[nodiscard]] Verdict verdict(const AtomTest& test) const {
    return judge(image_, test, atoms_[std::to_underlying(test.attribute)]);
  }

  [[nodiscard]] TestReport report(const AtomTest& test) const {
    const std::size_t attribute = std::to_underlying(test.attribute);
    return {image_.attributes[attribute].name, wants(test), in_words(facts_[attribute]),
            verdict(test)};
  }

  [[nodiscard]] std::span<const AtomTest> tests(RuleId rule) const {
    const CompiledRule& compiled = image_.rules[std::to_underlying(rule)];
    return std::span(image_.tests).subspan(compiled.first_test, compiled.tests);
  }

 private:
  [[nodiscard]] std::string wants(const AtomTest& test) const {
    std::string text;
    const std::size_t shown = std::min<std::size_t>(test.values, listed_text_limit);
    for (std::uint32_t i = 0; i < shown; ++i) {
      const std::uint32_t atom =
          test.values == 1 ? test.first_value : image_.values[test.first_value + i];
      text += (i == 0 ? "" : ", ") +
              quoted(image_.tables[std::to_underlying(test.attribute)].text(Atom{atom}));
    }
    if (shown < test.values) text += ", … " + std::to_string(test.values - shown) + " more";
    if (test.if_other == Verdict::yes) return text.empty() ? "any text" : "any text but " + text;
    return test.values == 0   ? "a text out of an empty list"
           : test.values == 1 ? text
                              : "one of " + text;
  }

  const Image& image_;
  std::span<const Fact> facts_;
  std::vector<Atom> atoms_;
};

}  // namespace

std::string in_words(const Fact& fact) {
  switch (fact.state) {
    case Fact::State::text:
      return quoted(fact.text);
    case Fact::State::absent:
      return "nothing";
    case Fact::State::ill_typed:
      return "something that is no text";
  }
  return "";
}

EntryReport explain(const Image& image, const Entry& entry, const Answer& answer,
                    std::span<const Fact> facts) {
  const Reporter reporter(image, facts);
  EntryReport report;
  report.winner.rule = answer.rule;
  const bool by_default = answer.rule == no_rule;
  const std::uint32_t end =
      by_default ? entry.first_rule + entry.rules : std::to_underlying(answer.rule);
  report.winner.name = image.names[by_default ? entry.otherwise_name : image.rules[end].name];
  if (!by_default) {
    for (const AtomTest& test : reporter.tests(answer.rule))
      report.winner.tests.push_back(reporter.report(test));
  }
  report.passed_over = end - entry.first_rule;
  for (std::uint32_t r = end;
       r-- > entry.first_rule && report.near_misses.size() < near_miss_limit;) {
    const auto tests = reporter.tests(RuleId{r});
    const auto lacking = std::count_if(tests.begin(), tests.end(), [&](const AtomTest& t) {
      return reporter.verdict(t) != Verdict::yes;
    });
    if (lacking != 1 || tests.size() < 2) continue;
    RuleReport& miss = report.near_misses.emplace_back();
    miss.rule = RuleId{r};
    miss.name = image.names[image.rules[r].name];
    for (const AtomTest& test : tests) {
      if (reporter.verdict(test) != Verdict::yes) miss.tests.push_back(reporter.report(test));
    }
  }
  return report;
}

}  // namespace copse::engine
