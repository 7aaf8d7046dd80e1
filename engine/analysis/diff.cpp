#include "engine/analysis/diff.hpp"

#include "engine/analysis/search.hpp"
#include "engine/analysis/whole.hpp"
#include "engine/evaluate.hpp"
#include "engine/json_writer.hpp"
#include "engine/settings.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

namespace copse::engine::analysis {
namespace {

// Rules in the middle of two policies whose order is compared; of more all count as changed.
constexpr std::size_t order_limit = 3'000;

// Values of one attribute of which is seen what an outcome that shows them comes to.
constexpr std::uint32_t value_limit = 64;

// What a rule asks for and decides, wherever it is written and whatever it is called.
struct Content {
  std::vector<Test> tests;
  Outcome outcome;

  explicit Content(const Rule& rule) : tests(rule.tests), outcome(rule.outcome) {
    for (Test& test : tests) test.span = {};
    for (Override& each : outcome.overrides) {
      each.span = {};
      each.profile.clear();
    }
  }

  bool operator==(const Content&) const = default;
};

// Which rules of two lists are the same, in the same order: the longest such sequence.
class Same {
 public:
  Same(const std::vector<Rule>& old_rules, const std::vector<Rule>& new_rules)
      : before(old_rules.size(), false), after(new_rules.size(), false) {
    const std::vector<Content> a(old_rules.begin(), old_rules.end());
    const std::vector<Content> b(new_rules.begin(), new_rules.end());
    std::size_t first = 0;
    for (; first < a.size() && first < b.size() && a[first] == b[first]; ++first)
      mark(first, first);
    std::size_t a_end = a.size();
    std::size_t b_end = b.size();
    while (a_end > first && b_end > first && a[a_end - 1] == b[b_end - 1]) mark(--a_end, --b_end);
    const std::size_t rows = a_end - first;
    const std::size_t columns = b_end - first;
    if (rows > order_limit || columns > order_limit) return;
    std::vector<std::vector<std::uint16_t>> length(rows + 1,
                                                   std::vector<std::uint16_t>(columns + 1, 0));
    for (std::size_t i = rows; i-- > 0;) {
      for (std::size_t j = columns; j-- > 0;) {
        length[i][j] = a[first + i] == b[first + j]
                           ? static_cast<std::uint16_t>(length[i + 1][j + 1] + 1)
                           : std::max(length[i + 1][j], length[i][j + 1]);
      }
    }
    for (std::size_t i = 0, j = 0; i < rows && j < columns;) {
      if (a[first + i] == b[first + j]) {
        mark(first + i++, first + j++);
      } else if (length[i + 1][j] >= length[i][j + 1]) {
        ++i;
      } else {
        ++j;
      }
    }
  }

  std::vector<bool> before;
  std::vector<bool> after;

 private:
  void mark(std::size_t i, std::size_t j) { before[i] = after[j] = true; }
};

class Diff {
 public:
  Diff(PolicySet both, Image image)
      : before_(std::move(both.placement)),
        after_(std::move(*both.runner)),
        image_(std::move(image)),
        search_(image_) {}

  // Where the two differ a rule decides, in one of them, that is not the same in the other: rules
  // that are the same stand in the same order in both.
  Comparison run() {
    const Same unchanged(before_.rules, after_.rules);
    const std::vector<Side> olds = sides(image_.placement);
    const std::vector<Side> news = sides(image_.runner);
    const bool defaults = !same(olds.back().outcome, news.back().outcome);
    const auto is_changed = [&](const Side& side, const Entry& entry, const std::vector<bool>& is) {
      return side.rule == no_rule ? defaults
                                  : !is[std::to_underlying(side.rule) - entry.first_rule];
    };
    for (const Side& old_one : olds) {
      if (!is_changed(old_one, image_.placement, unchanged.before)) continue;
      made_.changed += old_one.fails ? 0U : 1U;
      for (const Side& new_one : news) pair(old_one, new_one);
    }
    for (const Side& new_one : news) {
      if (!is_changed(new_one, image_.runner, unchanged.after)) continue;
      made_.changed += new_one.fails ? 0U : 1U;
      for (const Side& old_one : olds) pair(old_one, new_one);
    }
    return std::move(made_);
  }

 private:
  // What a rule, or the default, decides: its outcome, or that the task fails.
  struct Side {
    RuleId rule = no_rule;
    bool fails = false;
    CompiledOutcome outcome;
    std::string name;
    std::string words;
  };

  [[nodiscard]] std::vector<Side> sides(const Entry& entry) const {
    std::vector<Side> all;
    const CompiledOutcome failing{.failure = "fails"};
    for (std::uint32_t r = entry.first_rule; r < entry.first_rule + entry.rules; ++r) {
      const CompiledRule& rule = image_.rules[r];
      const std::string name(image_.name(RuleId{r}));
      const CompiledOutcome decides = image_.outcome(rule.outcome);
      all.push_back({RuleId{r}, false, decides, name, in_words(decides)});
      const auto tests = image_.tests_of(RuleId{r});
      const bool may_fail = std::any_of(tests.begin(), tests.end(), [](const AtomTest& test) {
        return test.if_listed == Verdict::fail || test.if_other == Verdict::fail ||
               test.if_absent == Verdict::fail || test.if_ill_typed == Verdict::fail;
      });
      if (may_fail) all.push_back({RuleId{r}, true, failing, name, "fails"});
    }
    const CompiledOutcome otherwise = image_.outcome(entry.otherwise);
    all.push_back({no_rule, false, otherwise, std::string(image_.text(entry.otherwise_name)),
                   in_words(otherwise)});
    return all;
  }

  // Tasks that one side of the old decided and one of the new decides.
  void pair(const Side& old_one, const Side& new_one) {
    if (same(old_one.outcome, new_one.outcome)) return;
    if (made_.differences.size() >= difference_limit) return;
    const auto told = std::tuple(old_one.name, new_one.name, old_one.words, new_one.words);
    if (told_.contains(told)) return;
    const Found found = looked_for(old_one, new_one);
    if (found.what == Found::What::unknown) made_.is_certain = false;
    if (!found.example) return;
    told_.insert(told);
    made_.differences.push_back(
        {old_one.name, new_one.name, old_one.words, new_one.words, *found.example});
    if (made_.differences.size() >= difference_limit) made_.is_certain = false;
  }

  [[nodiscard]] Found looked_for(const Side& old_one, const Side& new_one) {
    const auto in_the_way = [&](std::span<const Fact> facts) -> std::optional<RuleId> {
      const RuleId old_winner = decide(image_, image_.placement, facts).rule;
      if (old_winner != old_one.rule) return old_winner;
      const RuleId new_winner = decide(image_, image_.runner, facts).rule;
      return new_winner == new_one.rule ? std::nullopt : std::optional(new_winner);
    };
    std::vector<Region> where = regions(old_one, new_one);
    const std::set<AttributeId> shown = values_of(old_one, new_one);
    if (shown.empty()) return search_.run(std::move(where), in_the_way);
    // What is set is what the task has: value by value, until both set something else.
    Found found;
    for (const Region& part : where) {
      for (const AttributeId attribute : shown) {
        for (Region& each : by_value(part, attribute)) {
          Found one = search_.run({std::move(each)}, in_the_way);
          if (one.what == Found::What::unknown) found.what = one.what;
          if (one.example && sets_otherwise(old_one, new_one)) return one;
        }
      }
    }
    return found;
  }

  // Attributes whose values one of the two sets, and the other perhaps not.
  [[nodiscard]] std::set<AttributeId> values_of(const Side& old_one, const Side& new_one) const {
    std::set<AttributeId> all;
    if (!is_placed(old_one) || !is_placed(new_one) ||
        old_one.outcome.template_key != new_one.outcome.template_key)
      return all;
    all.insert(old_one.outcome.values.begin(), old_one.outcome.values.end());
    all.insert(new_one.outcome.values.begin(), new_one.outcome.values.end());
    return all;
  }

  static bool is_placed(const Side& side) {
    return side.outcome.failure.empty() && side.outcome.runner == Runner::k8s;
  }

  // The part by what the attribute is; of very many listed texts the first.
  [[nodiscard]] std::vector<Region> by_value(const Region& part, AttributeId attribute) const {
    const std::uint32_t atoms = image_.domains[std::to_underlying(attribute)].atoms();
    const Constraint* const said = part.of(attribute);
    std::vector<Region> all;
    for (std::uint32_t atom = 0; atom < std::min(atoms, value_limit); ++atom) {
      if (said != nullptr && !said->atoms.contains(Atom{atom})) continue;
      Region each = part;
      auto at = std::ranges::lower_bound(each.constraints, attribute, {}, &Constraint::attribute);
      if (said == nullptr) at = each.constraints.insert(at, Constraint{attribute, {}, {}, {}});
      at->atoms = AtomSet::stretch(atom, atom);
      all.push_back(std::move(each));
    }
    return all;
  }

  // About the task that was found.
  [[nodiscard]] bool sets_otherwise(const Side& old_one, const Side& new_one) {
    const auto settings = [&](const Side& side, const Entry& entry) {
      const OutcomeId outcome = side.rule == no_rule
                                    ? entry.otherwise
                                    : image_.rules[std::to_underlying(side.rule)].outcome;
      return settings_of(image_, outcome, search_.examples().facts());
    };
    const auto before = settings(old_one, image_.placement);
    const auto after = settings(new_one, image_.runner);
    if (!before || !after) return before.has_value() != after.has_value();
    CompiledOutcome a = old_one.outcome;
    CompiledOutcome b = new_one.outcome;
    a.overrides = *before;
    b.overrides = *after;
    return !same(a, b);
  }

  [[nodiscard]] std::vector<Region> regions(const Side& old_one, const Side& new_one) const {
    std::vector<Region> parts{Region{}};
    for (const Side* side : {&old_one, &new_one}) {
      if (side->rule == no_rule) continue;
      std::vector<Region> next;
      for (const Region& part : parts) {
        std::ranges::move(
            side->fails ? failed(image_, part, side->rule) : common(image_, part, side->rule),
            std::back_inserter(next));
      }
      parts = std::move(next);
    }
    return parts;
  }

  Policy before_;
  Policy after_;
  Image image_;
  Search search_;
  Comparison made_;
  std::set<std::tuple<std::string, std::string, std::string, std::string>> told_;
};

}  // namespace

std::string in_words(const CompiledOutcome& outcome) {
  if (!outcome.failure.empty()) return "fails";
  if (outcome.runner == Runner::worker) return "runner worker";
  std::string text = "template " + quoted(outcome.template_key);
  for (const Override& each : outcome.overrides) text += "; " + engine::in_words(each);
  return text;
}

Comparison compare(const PolicySet& before, const PolicySet& after,
                   const TemplateNames& templates) {
  PolicySet both{.placement = whole(before), .runner = whole(after)};
  auto image = compile(both, templates);
  // Each may ask for as many attributes as an image holds, and both together for more.
  if (!image) {
    Comparison unknown;
    unknown.is_certain = false;
    return unknown;
  }
  return Diff(std::move(both), std::move(*image)).run();
}

}  // namespace copse::engine::analysis
