#include "engine/explain.hpp"

#include "engine/json_writer.hpp"
#include "engine/judge.hpp"
#include "engine/passing.hpp"
#include "engine/words.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace copse::engine {
namespace {

// A task as tests see it.
class Judge {
 public:
  Judge(const Image& image, std::span<const Fact> facts) : image_(image), facts_(facts) {
    for (std::size_t i = 0; i < facts.size(); ++i) atoms_[i] = atom_of(image.domains[i], facts[i]);
  }

  [[nodiscard]] const std::array<Atom, attribute_limit>& atoms() const { return atoms_; }

  [[nodiscard]] Verdict verdict(const AtomTest& test) const {
    const std::size_t attribute = std::to_underlying(test.attribute);
    return judge(image_, test, atoms_[attribute], facts_[attribute]);
  }

  // The only test of a rule that does not say yes, by its place; nothing when it is not the only
  // one.
  [[nodiscard]] std::optional<std::uint32_t> lacking(const CompiledRule& rule) const {
    const auto tests = image_.sequences.span().subspan(rule.first_test, rule.tests);
    std::optional<std::uint32_t> found;
    for (const std::uint32_t at : tests) {
      if (says_yes(image_.tests.data()[at])) continue;
      if (found) return std::nullopt;
      found = at;
    }
    return found;
  }

 private:
  // For the tests of most rules the mask says it, or one comparison.
  [[nodiscard]] bool says_yes(const AtomTest& test) const {
    const std::uint32_t atom = std::to_underlying(atoms_[std::to_underlying(test.attribute)]);
    if (test.kind == AtomTest::Kind::set) {
      if (atom < 64) return ((test.mask >> atom) & 1U) != 0;
      if (test.values == 1)
        return (atom == test.first_value ? test.if_listed : test.if_other) == Verdict::yes;
    }
    return verdict(test) == Verdict::yes;
  }

  const Image& image_;
  std::span<const Fact> facts_;
  std::array<Atom, attribute_limit> atoms_;  // as many as there are facts
};

constexpr TextRef no_name{0xFFFF'FFFF, 0};

// Of a block the rules [from, to) that lie in it.
std::uint64_t bits_between(std::uint32_t from, std::uint32_t to) {
  const std::uint64_t all = ~std::uint64_t{0};
  return all << (from % rules_a_block) & all >> (rules_a_block - 1 - (to - 1) % rules_a_block);
}

class Reporter {
 public:
  Reporter(const Image& image, std::span<const Fact> facts)
      : image_(image), facts_(facts), judge_(image, facts) {}

  [[nodiscard]] TestReport report(const AtomTest& test) const {
    const std::size_t attribute = std::to_underlying(test.attribute);
    const Attribute& about = image_.attributes[attribute];
    return {about.name, wants(test), in_words(about, facts_[attribute]), judge_.verdict(test)};
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
    // What is absent counts as a value: `else` says as which.
    const std::string or_nothing = test.if_absent == Verdict::yes ? " or nothing" : "";
    if (all == 0 && test.if_other != Verdict::yes && !or_nothing.empty()) return "nothing";
    const std::string kind = is_number ? "any number" : "any text";
    if (test.if_other == Verdict::yes)
      return (text.empty() ? kind : kind + " but " + text) + or_nothing;
    return all == 0   ? (is_number ? "no number" : "a text out of an empty list")
           : all == 1 ? text + or_nothing
                      : "one of " + text + or_nothing;
  }

  const Image& image_;
  std::span<const Fact> facts_;
  Judge judge_;
};

}  // namespace

std::optional<RuleId> asks_the_clock(const Image& image, const Entry& entry, const Answer& answer,
                                     std::span<const Fact> facts) {
  const Judge judge(image, facts);
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
      return is_clock(test) || judge.verdict(test) == Verdict::yes;
    });
    if (asks && is_open) return RuleId{r};
  }
  return std::nullopt;
}

Trace trace(const Image& image, const Entry& entry, const Answer& answer,
            std::span<const Fact> facts) {
  const Judge judge(image, facts);
  const Passing passing(image, judge.atoms());
  Trace made;
  const std::uint32_t begin = entry.first_rule;
  const std::uint32_t end =
      answer.rule == no_rule ? begin + entry.rules : std::to_underlying(answer.rule);
  made.passed_over = end - begin;
  // Alternatives of one rule have one name: it is told once, and never before itself.
  const TextRef own = answer.rule == no_rule ? no_name : image.rules[end].name;
  const auto is_told = [&](TextRef name) {
    return name == own || std::ranges::any_of(made.misses(), [&](const NearMiss& each) {
             return image.rules[std::to_underlying(each.rule)].name == name;
           });
  };
  // The nearest first.
  const auto look = [&](auto left_of) {
    for (std::uint32_t to = end; to > begin && made.count < near_miss_limit;) {
      const std::uint32_t block = (to - 1) / rules_a_block;
      const std::uint32_t from = std::max(begin, block * rules_a_block);
      std::uint64_t left = left_of(passing.left(block)) & bits_between(from, to);
      to = from;
      while (left != 0 && made.count < near_miss_limit) {
        const auto at = static_cast<std::uint32_t>(std::bit_width(left)) - 1;
        left ^= std::uint64_t{1} << at;
        const std::uint32_t rule = block * rules_a_block + at;
        if (is_told(image.rules[rule].name)) continue;
        if (const auto test = judge.lacking(image.rules[rule]))
          made.near_misses[made.count++] = {RuleId{rule}, *test};
      }
    }
  };
  look([](const Passing::Left& left) { return left.of_several; });
  std::reverse(made.near_misses.begin(), made.near_misses.begin() + made.count);
  if (made.count == near_miss_limit) return made;
  // Rules of one condition lack one thing whatever the task is: they come last.
  look([](const Passing::Left& left) { return left.of_one_test; });
  std::ranges::sort(made.near_misses.begin(), made.near_misses.begin() + made.count, {},
                    &NearMiss::rule);
  return made;
}

namespace {

// Rules before the winner as they are written: alternatives of one are one.
std::uint64_t written_before(const Image& image, const Entry& entry, const Answer& answer) {
  const bool is_default = answer.rule == no_rule;
  const std::uint32_t end =
      is_default ? entry.first_rule + entry.rules : std::to_underlying(answer.rule);
  TextRef last = is_default ? no_name : image.rules[end].name;
  std::uint64_t count = 0;
  for (std::uint32_t r = end; r-- > entry.first_rule;) {
    const TextRef name = image.rules[r].name;
    count += name == last ? 0U : 1U;
    last = name;
  }
  return count;
}

}  // namespace

EntryReport explain(const Image& image, const Entry& entry, const Answer& answer,
                    std::span<const Fact> facts) {
  const Reporter reporter(image, facts);
  const Trace found = trace(image, entry, answer, facts);
  EntryReport report;
  report.winner = {answer.rule, std::string(image.name(entry, answer.rule)), {}};
  if (answer.rule != no_rule) {
    for (const AtomTest& test : image.tests_of(answer.rule))
      report.winner.tests.push_back(reporter.report(test));
  }
  report.passed_over = written_before(image, entry, answer);
  for (const NearMiss& miss : found.misses()) {
    report.near_misses.push_back(
        {miss.rule, std::string(image.name(miss.rule)), {reporter.report(image.tests[miss.test])}});
  }
  return report;
}

}  // namespace copse::engine
