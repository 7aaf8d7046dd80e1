#include "engine/explain.hpp"

#include "engine/json_writer.hpp"
#include "engine/judge.hpp"
#include "engine/words.hpp"

#include <algorithm>
#include <utility>

namespace copse::engine {
namespace {

class Reporter {
 public:
  Reporter(const Image& image, std::span<const Fact> facts) : image_(image), facts_(facts) {
    for (std::size_t i = 0; i < facts.size(); ++i) {
      atoms_.push_back(atom_of(image.domains[i], facts[i]));
    }
  }

  [[nodiscard]] Verdict verdict(const AtomTest& test) const {
    const std::size_t attribute = std::to_underlying(test.attribute);
    return judge(image_, test, atoms_[attribute], facts_[attribute]);
  }

  [[nodiscard]] TestReport report(const AtomTest& test) const {
    const std::size_t attribute = std::to_underlying(test.attribute);
    const Attribute& about = image_.attributes[attribute];
    return {about.name, wants(test), in_words(about, facts_[attribute]), verdict(test)};
  }

 private:
  [[nodiscard]] std::string wants(const AtomTest& test) const {
    const Attribute& attribute = image_.attributes[std::to_underlying(test.attribute)];
    const std::size_t all = listed_count(test);
    std::string text;
    for (const std::string& each : listed_in_words(image_, test, listed_text_limit))
      text += (text.empty() ? "" : ", ") + each;
    if (all > listed_text_limit) text += ", … " + std::to_string(all - listed_text_limit) + " more";
    const bool is_number = is_numeric(attribute.type);
    if (attribute.type == ValueType::any)
      return test.if_other == Verdict::yes ? "a value" : "nothing";
    const std::string kind = is_number ? "any number" : "any text";
    if (test.if_other == Verdict::yes) return text.empty() ? kind : kind + " but " + text;
    return all == 0   ? (is_number ? "no number" : "a text out of an empty list")
           : all == 1 ? text
                      : "one of " + text;
  }

  const Image& image_;
  std::span<const Fact> facts_;
  std::vector<Atom> atoms_;
};

}  // namespace

std::optional<RuleId> asks_the_clock(const Image& image, const Entry& entry, const Answer& answer,
                                     std::span<const Fact> facts) {
  const Reporter reporter(image, facts);
  const auto is_clock = [&](const AtomTest& test) {
    const Origin origin = image.attributes[std::to_underlying(test.attribute)].origin;
    return origin == Origin::time_of_day || origin == Origin::weekday;
  };
  const std::uint32_t end =
      answer.rule == no_rule ? entry.first_rule + entry.rules : std::to_underlying(answer.rule) + 1;
  for (std::uint32_t r = entry.first_rule; r < end; ++r) {
    const auto tests = image.tests_of(RuleId{r});
    const bool asks = std::any_of(tests.begin(), tests.end(), is_clock);
    const bool is_open = std::all_of(tests.begin(), tests.end(), [&](const AtomTest& test) {
      return is_clock(test) || reporter.verdict(test) == Verdict::yes;
    });
    if (asks && is_open) return RuleId{r};
  }
  return std::nullopt;
}

EntryReport explain(const Image& image, const Entry& entry, const Answer& answer,
                    std::span<const Fact> facts) {
  const Reporter reporter(image, facts);
  EntryReport report;
  report.winner.rule = answer.rule;
  const bool by_default = answer.rule == no_rule;
  const std::uint32_t end =
      by_default ? entry.first_rule + entry.rules : std::to_underlying(answer.rule);
  report.winner.name = image.name(entry, answer.rule);
  if (!by_default) {
    for (const AtomTest& test : image.tests_of(answer.rule))
      report.winner.tests.push_back(reporter.report(test));
  }
  report.passed_over = end - entry.first_rule;
  for (std::uint32_t r = end;
       r-- > entry.first_rule && report.near_misses.size() < near_miss_limit;) {
    const auto tests = image.tests_of(RuleId{r});
    const auto lacking = std::count_if(tests.begin(), tests.end(), [&](const AtomTest& t) {
      return reporter.verdict(t) != Verdict::yes;
    });
    if (lacking != 1 || tests.size() < 2) continue;
    RuleReport& miss = report.near_misses.emplace_back();
    miss.rule = RuleId{r};
    miss.name = image.name(RuleId{r});
    for (const AtomTest& test : tests) {
      if (reporter.verdict(test) != Verdict::yes) miss.tests.push_back(reporter.report(test));
    }
  }
  return report;
}

}  // namespace copse::engine
