#include "engine/analysis/diff.hpp"

#include "engine/analysis/search.hpp"
#include "engine/analysis/whole.hpp"
#include "engine/evaluate.hpp"
#include "engine/json_writer.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

namespace copse::engine::analysis {
namespace {

// Rules in the middle of two policies whose order is compared; of more all count as changed.
constexpr std::size_t order_limit = 3'000;

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
  Diff(const PolicySet& before, const PolicySet& after, const TemplateNames& templates)
      : before_(whole(before)),
        after_(whole(after)),
        image_(compile(PolicySet{.placement = before_, .runner = after_}, templates).value()),
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
    const Found found = search_.run(
        regions(old_one, new_one), [&](std::span<const Fact> facts) -> std::optional<RuleId> {
          const RuleId old_winner = decide(image_, image_.placement, facts).rule;
          if (old_winner != old_one.rule) return old_winner;
          const RuleId new_winner = decide(image_, image_.runner, facts).rule;
          return new_winner == new_one.rule ? std::nullopt : std::optional(new_winner);
        });
    if (found.what == Found::What::unknown) made_.is_certain = false;
    if (!found.example) return;
    told_.insert(told);
    made_.differences.push_back(
        {old_one.name, new_one.name, old_one.words, new_one.words, *found.example});
    if (made_.differences.size() >= difference_limit) made_.is_certain = false;
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
  return Diff(before, after, templates).run();
}

}  // namespace copse::engine::analysis
