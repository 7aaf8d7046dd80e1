#include "engine/analysis/lint.hpp"

#include "engine/analysis/finder.hpp"
#include "engine/analysis/search.hpp"
#include "engine/analysis/whole.hpp"
#include "engine/evaluate.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <span>
#include <utility>

namespace copse::engine::analysis {
namespace {

// Rules of a policy of which every pair is compared.
constexpr std::size_t all_pairs_limit = 200;

// Rules of one name that stand side by side: one rule with alternatives, as a person wrote it.
struct Group {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

class Lint {
 public:
  Lint(const PolicySet& policies, const TemplateNames& templates)
      : policy_(whole(policies)),
        image_(compile(PolicySet{.placement = policy_}, templates).value()),
        search_(image_),
        finder_(image_),
        places_(policy_.source) {
    Locator lines(policy_.source);
    for (const Rule& each : policy_.rules)
      lines_.push_back(each.span == Span{} ? 0 : lines.place(each.span).line);
    for (std::uint32_t i = 0; i < image_.outcomes.size(); ++i)
      outcomes_.push_back(image_.outcome(OutcomeId{i}));
  }

  Diagnostics run() {
    for (const Group& group : groups()) {
      const bool is_written = !(policy_.rules[group.first].span == Span{});
      if (is_written) look(group);
    }
    salts();
    default_rule();
    std::stable_sort(said_.begin(), said_.end(), [](const Diagnostic& a, const Diagnostic& b) {
      return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
    });
    return std::move(said_);
  }

 private:
  [[nodiscard]] std::vector<Group> groups() const {
    std::vector<Group> all;
    for (std::uint32_t i = 0; i < policy_.rules.size(); ++i) {
      if (!all.empty() && policy_.rules[all.back().first].name == policy_.rules[i].name) {
        ++all.back().count;
      } else {
        all.push_back({i, 1});
      }
    }
    return all;
  }

  [[nodiscard]] const Rule& rule(RuleId id) const { return policy_.rules[std::to_underlying(id)]; }

  [[nodiscard]] const CompiledOutcome& outcome(RuleId id) const {
    const OutcomeId at =
        id == no_rule ? image_.placement.otherwise : image_.rules[std::to_underlying(id)].outcome;
    return outcomes_[std::to_underlying(at)];
  }

  // `"vip" (line 13)`
  std::string named(RuleId id) {
    if (id == no_rule) return "the default";
    const std::string name = "\"" + rule(id).name + "\"";
    const std::uint32_t line = lines_[std::to_underlying(id)];
    return line == 0 ? name : name + " (line " + std::to_string(line) + ")";
  }

  std::string named(const std::set<RuleId>& rules) {
    std::vector<std::string> names;
    for (const RuleId id : rules) {
      std::string name = named(id);
      if (std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(std::move(name));
    }
    constexpr std::size_t shown = 4;
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), shown); ++i)
      text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
    if (names.size() > shown) text += " and " + std::to_string(names.size() - shown) + " more";
    return text;
  }

  Diagnostic& say(Severity severity, std::string code, std::string title, Span span) {
    Diagnostic& made = said_.emplace_back();
    made.severity = severity;
    made.code = std::move(code);
    made.title = std::move(title);
    made.place = span == Span{} ? whole_file(policy_.source.name) : places_.place(span);
    return made;
  }

  void look(const Group& group) {
    std::set<RuleId> in_the_way;
    bool is_reached = false;
    bool is_known = true;
    std::optional<Region> some;
    std::optional<Example> example;
    for (std::uint32_t i = group.first; i < group.first + group.count; ++i) {
      constant_tests(i);
      std::vector<Region> regions = matched(image_, RuleId{i});
      if (regions.empty()) continue;
      if (!some) some = regions.front();
      Found found = search_.run(std::move(regions), [&](std::span<const Fact> facts) {
        return other_than(group, decide(image_, image_.placement, facts).rule);
      });
      if (found.what == Found::What::example && !is_reached) {
        is_reached = true;
        example = std::move(found.example);
      }
      is_known = is_known && found.what != Found::What::unknown;
      in_the_way.merge(found.in_the_way);
    }
    const Rule& first = policy_.rules[group.first];
    if (!some) {
      if (!has_constant_test(group)) {
        say(Severity::warning, "L0405", "the condition of \"" + first.name + "\" never holds",
            first.span)
            .label = "what it asks for excludes each other";
      }
      return;
    }
    if (!is_reached) return unreachable(first, *some, in_the_way, is_known);
    // In a small policy all earlier rules are looked at, in a large one those that were met.
    if (policy_.rules.size() <= all_pairs_limit) {
      for (std::uint32_t r = 0; r < group.first; ++r) in_the_way.insert(RuleId{r});
    }
    overlap(group, in_the_way);
    redundant(group, *example);
  }

  static std::optional<RuleId> other_than(const Group& group, RuleId winner) {
    const std::uint32_t at = std::to_underlying(winner);
    const bool is_own = at >= group.first && at < group.first + group.count;
    return is_own ? std::nullopt : std::optional(winner);
  }

  void unreachable(const Rule& rule, const Region& some, const std::set<RuleId>& in_the_way,
                   bool is_known) {
    if (!is_known && in_the_way.empty()) return;  // nothing is known of it at all
    Diagnostic& made = say(
        is_known ? Severity::warning : Severity::note, "L0401",
        "rule \"" + rule.name + (is_known ? "\" can never win" : "\" may never win"), rule.span);
    made.notes.push_back(is_known ? "every task that it matches is taken by " + named(in_the_way)
                                  : "no task was found that it decides: all that were tried are "
                                    "taken by " +
                                        named(in_the_way));
    if (const auto example = search_.examples().of(some))
      made.notes.push_back("example: " + in_words(*example));
    made.help =
        in_the_way.size() == 1 ? "move it above, or delete it" : "move it above them, or delete it";
  }

  // A test that gives the same answer whatever the value.
  void constant_tests(std::uint32_t at) {
    const Rule& written = policy_.rules[at];
    for (std::uint32_t i = 0; i < written.tests.size(); ++i) {
      const Span span = written.tests[i].span;
      const auto verdict = constant(at, i);
      if (!verdict || span == Span{} || !told_.insert(span.begin).second) continue;
      const bool is_yes = *verdict == Verdict::yes;
      say(Severity::warning, is_yes ? "L0404" : "L0405",
          is_yes ? "this condition always holds" : "this condition never holds", span)
          .help = is_yes ? "leave it out" : "leave out what depends on it";
    }
  }

  [[nodiscard]] std::optional<Verdict> constant(std::uint32_t rule, std::uint32_t at) const {
    const AtomTest& test = image_.tests_of(RuleId{rule})[at];
    const auto is_never = [&](Verdict verdict) {
      return restricted(image_, Region{}, test, verdict).empty();
    };
    if (is_never(Verdict::yes)) return Verdict::no;
    if (is_never(Verdict::no) && is_never(Verdict::fail)) return Verdict::yes;
    return std::nullopt;
  }

  [[nodiscard]] bool has_constant_test(const Group& group) const {
    for (std::uint32_t r = group.first; r < group.first + group.count; ++r) {
      for (std::uint32_t i = 0; i < policy_.rules[r].tests.size(); ++i) {
        const bool is_told = !(policy_.rules[r].tests[i].span == Span{});
        if (is_told && constant(r, i) == Verdict::no) return true;
      }
    }
    return false;
  }

  // An earlier rule of another outcome takes a part of its tasks, and others besides.
  void overlap(const Group& group, const std::set<RuleId>& in_the_way) {
    for (const RuleId earlier : in_the_way) {
      if (same(outcome(earlier), outcome(RuleId{group.first}))) continue;
      const std::vector<Region> parts = matched(image_, earlier);
      const bool is_narrower = std::all_of(parts.begin(), parts.end(), [&](const Region& part) {
        return leaves_nothing(part, group);
      });
      if (is_narrower) continue;  // the special case before the general one
      for (std::uint32_t i = group.first; i < group.first + group.count; ++i) {
        const Found shared =
            search_.run(both(matched(image_, RuleId{i}), earlier),
                        [&](std::span<const Fact> facts) -> std::optional<RuleId> {
                          const RuleId winner = decide(image_, image_.placement, facts).rule;
                          return winner == earlier ? std::nullopt : std::optional(winner);
                        });
        if (!shared.example) continue;
        const Rule& first = policy_.rules[group.first];
        Diagnostic& made = say(Severity::note, "L0403",
                               "\"" + first.name + "\" shares tasks with " + named(earlier) +
                                   ", which decides otherwise",
                               first.span);
        made.notes.push_back("example: " + in_words(*shared.example));
        made.help = "the earlier one takes them: is this the order that is meant?";
        return;
      }
    }
  }

  // Where the other rule matches, too.
  [[nodiscard]] std::vector<Region> both(const std::vector<Region>& regions, RuleId other) const {
    std::vector<Region> all;
    for (const Region& part : regions)
      std::ranges::move(common(image_, part, other), std::back_inserter(all));
    return all;
  }

  // True when every task of the part is matched by a rule of the group.
  [[nodiscard]] bool leaves_nothing(const Region& part, const Group& group) const {
    std::vector<Region> left{part};
    for (std::uint32_t i = group.first; i < group.first + group.count && !left.empty(); ++i) {
      std::vector<Region> next;
      for (const Region& each : left)
        std::ranges::move(passed_over(image_, each, RuleId{i}), std::back_inserter(next));
      left = std::move(next);
    }
    return left.empty();
  }

  // Without the group every task that it decides would get the same from a later rule. First the
  // task that showed the rule alive is asked: mostly it shows as well what would change.
  void redundant(const Group& group, const Example& alive) {
    const std::uint32_t behind = group.first + group.count;
    const auto rules = static_cast<std::uint32_t>(policy_.rules.size());
    const CompiledOutcome& own = outcome(RuleId{group.first});
    const auto facts = search_.examples().read(alive);
    const RuleId instead = finder_.first_match(facts, behind, rules).value_or(no_rule);
    if (!same(outcome(instead), own)) return;
    for (std::uint32_t i = group.first; i < behind; ++i) {
      const std::vector<Region> regions = matched(image_, RuleId{i});
      for (std::uint32_t r = behind; r <= rules; ++r) {
        const RuleId next = r == rules ? no_rule : RuleId{r};
        if (same(outcome(next), own)) continue;
        const Found found =
            search_.run(next == no_rule ? regions : both(regions, next),
                        [&](std::span<const Fact> seen) -> std::optional<RuleId> {
                          if (const auto earlier =
                                  other_than(group, decide(image_, image_.placement, seen).rule))
                            return earlier;
                          return finder_.first_match(seen, behind, r);
                        });
        if (found.what != Found::What::nothing) return;
      }
    }
    const Rule& first = policy_.rules[group.first];
    Diagnostic& made =
        say(Severity::warning, "L0402", "rule \"" + first.name + "\" changes nothing", first.span);
    made.notes.push_back("without it all its tasks get the same from later rules");
    made.notes.push_back("example: " + in_words(alive) + ", from " + named(instead));
    made.help = "delete it";
  }

  void salts() {
    std::map<Attribute, RuleId> seen;
    for (std::uint32_t r = 0; r < policy_.rules.size(); ++r) {
      const Rule& rule = policy_.rules[r];
      for (const Test& test : rule.tests) {
        if (test.attribute->origin != Origin::canary) continue;
        const auto [at, is_first] = seen.try_emplace(test.attribute, RuleId{r});
        if (is_first || this->rule(at->second).name == rule.name) continue;
        Diagnostic& made = say(Severity::warning, "L0409",
                               "the salt of this canary is that of rule " + named(at->second),
                               test.span == Span{} ? rule.span : test.span);
        made.notes.push_back("the same tasks are taken first: the larger share has the smaller");
        made.help = "give each canary a salt of its own";
      }
    }
  }

  void default_rule() {
    const Found found =
        search_.run({Region{}}, [&](std::span<const Fact> facts) -> std::optional<RuleId> {
          const RuleId winner = decide(image_, image_.placement, facts).rule;
          return winner == no_rule ? std::nullopt : std::optional(winner);
        });
    const bool is_tautology = std::any_of(policy_.rules.begin(), policy_.rules.end(),
                                          [](const Rule& rule) { return rule.tests.empty(); });
    if (found.what != Found::What::nothing || is_tautology) return;  // P0302 says it
    Diagnostic& made = say(Severity::warning, "L0410", "the default is never used", {});
    made.notes.push_back("every task is taken by " + named(found.in_the_way));
    made.help = "leave out the conditions of the last rule, or the rule";
  }

  Policy policy_;
  Image image_;
  std::vector<CompiledOutcome> outcomes_;  // each is compared often: decoded once
  Search search_;
  Finder finder_;
  Locator places_;
  std::vector<std::uint32_t> lines_;  // of the rules
  Diagnostics said_;
  std::set<std::uint64_t> told_;
};

}  // namespace

Diagnostics lint(const PolicySet& policies, const TemplateNames& templates) {
  return Lint(policies, templates).run();
}

}  // namespace copse::engine::analysis
