#include "engine/analysis/lint.hpp"

#include "engine/analysis/alternatives.hpp"
#include "engine/analysis/finder.hpp"
#include "engine/analysis/idle.hpp"
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
  Lint(Policy policy, Image image)
      : policy_(std::move(policy)),
        image_(std::move(image)),
        search_(image_),
        finder_(image_),
        places_(policy_.source) {
    Locator lines(policy_.source);
    for (const Rule& each : policy_.rules)
      lines_.push_back(each.span == Span{} ? 0 : lines.place(each.span).line);
    always_ =
        static_cast<std::size_t>(std::find_if(policy_.rules.begin(), policy_.rules.end(),
                                              [](const Rule& rule) { return rule.tests.empty(); }) -
                                 policy_.rules.begin());
    for (std::uint32_t i = 0; i < image_.outcomes.size(); ++i)
      outcomes_.push_back(image_.outcome(OutcomeId{i}));
  }

  Diagnostics run() {
    for (const Group& group : groups()) {
      const bool is_written = !(policy_.rules[group.first].span == Span{});
      if (is_written) {
        look(group);
      } else {
        is_any_reached_ = true;  // it is not looked at
      }
    }
    salts();
    default_rule();
    place_causes();
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

  struct Pending {
    std::size_t finding = 0;
    Span span;
    std::string label;
  };

  void because(const Diagnostic& made, Span span, std::string label) {
    causes_.push_back({static_cast<std::size_t>(&made - said_.data()), span, std::move(label)});
  }

  // In one pass over the text.
  void place_causes() {
    std::ranges::stable_sort(causes_, {}, [](const Pending& each) { return each.span.begin; });
    Locator places(policy_.source);
    for (Pending& each : causes_)
      said_[each.finding].cause = Cause{places.place(each.span), std::move(each.label)};
  }

  void look(const Group& group) {
    std::set<RuleId> in_the_way;
    bool is_reached = false;
    bool is_known = true;
    std::optional<Region> some;
    std::optional<Example> example;
    const std::size_t said = said_.size();
    const bool is_idle = idle(group);
    if (said_.size() == said) covered(group);
    for (std::uint32_t i = group.first; i < group.first + group.count; ++i) {
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
      if (!is_idle) {
        say(Severity::warning, "L0405", "the condition of \"" + first.name + "\" never holds",
            first.span)
            .label = "what it asks for excludes each other";
      }
      return;
    }
    is_any_reached_ = is_any_reached_ || is_reached || !is_known;
    if (!is_reached && group.first > always_) return;  // P0302 says it
    if (!is_reached && is_for_the_others(group, in_the_way)) return;
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

  [[nodiscard]] bool is_for_worker(RuleId id) const { return outcome(id).runner == Runner::worker; }

  // Behind a rule for workers: a task that comes to Kubernetes all the same is placed by the rules
  // that do not name workers.
  bool is_for_the_others(const Group& group, const std::set<RuleId>& in_the_way) {
    if (std::ranges::none_of(in_the_way, [&](RuleId id) { return is_for_worker(id); }))
      return false;
    std::vector<Region> regions;
    for (std::uint32_t i = group.first; i < group.first + group.count; ++i)
      std::ranges::move(matched(image_, RuleId{i}), std::back_inserter(regions));
    const auto earlier = [&](std::span<const Fact> facts) -> std::optional<RuleId> {
      for (std::uint32_t r = 0; r < group.first; ++r) {
        if (is_for_worker(RuleId{r})) continue;
        if (finder_.first_match(facts, r, r + 1)) return RuleId{r};
      }
      return std::nullopt;
    };
    const Found found = search_.run(std::move(regions), earlier);
    if (found.what == Found::What::nothing) return false;
    const Rule& first = policy_.rules[group.first];
    Diagnostic& made =
        say(Severity::note, "L0401",
            "rule \"" + first.name + "\" decides only about tasks that are sent to workers",
            first.span);
    made.notes.push_back("all are taken by " + named(in_the_way) +
                         "; it places those that come to Kubernetes all the same");
    if (found.example) made.notes.push_back("example: " + in_words(*found.example));
    return true;
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
    show(made, in_the_way, is_known ? "takes them all" : "takes all that were tried");
    if (const auto example = search_.examples().of(some))
      made.notes.push_back("example: " + in_words(*example));
    made.help =
        in_the_way.size() == 1 ? "move it above, or delete it" : "move it above them, or delete it";
  }

  // What a rule asks in an `or` and need not.
  void covered(const Group& group) {
    for (const CoveredAlternative& each :
         covered_alternatives(image_, policy_, group.first, group.count)) {
      Diagnostic& made =
          say(Severity::warning, "L0414", "this alternative adds nothing", closed(each.span));
      if (!(each.by == Span{})) because(made, closed(each.by), "takes all its tasks");
      if (const auto example = search_.examples().of(each.some))
        made.notes.push_back("example, which both match: " + in_words(*example));
      made.help = "leave it out";
    }
  }

  // With the parentheses that are open at the end of it, or closed and not opened in it.
  [[nodiscard]] Span closed(Span span) const {
    const std::string_view text = policy_.source.text;
    std::int64_t open = 0;
    std::int64_t least = 0;
    bool is_quoted = false;
    for (std::uint64_t i = span.begin; i < span.end; ++i) {
      if (text[i] == '"' && text[i - 1] != '\\') is_quoted = !is_quoted;
      if (!is_quoted) open += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
      least = std::min(least, open);
    }
    const auto end = text.find_first_not_of(") \t\r\n", span.end);
    for (open -= least; open > 0 && span.end < std::min(end, text.size()); ++span.end)
      open -= text[span.end] == ')' ? 1 : 0;
    while (least < 0 && span.begin > 0 &&
           std::string_view("( \t\r\n").contains(text[span.begin - 1])) {
      --span.begin;
      least += text[span.begin] == '(' ? 1 : 0;
    }
    return span;
  }

  // True when a condition was told that lets no task through.
  bool idle(const Group& group) {
    bool is_told = false;
    for (const IdleCondition& each : idle_conditions(image_, policy_, group.first, group.count)) {
      const bool excludes_nothing = each.verdict == Verdict::yes;
      is_told = is_told || !excludes_nothing;
      Diagnostic& made = say(Severity::warning, excludes_nothing ? "L0404" : "L0405",
                             excludes_nothing ? "this condition excludes nothing"
                                              : "this condition lets no task through",
                             each.span);
      if (each.because.size() == 1) because(made, each.because[0], "because of this");
      for (const Span& other : each.because) {
        if (each.because.size() == 1) break;
        made.notes.push_back("because of `" + written(other) + "`, line " +
                             std::to_string(places_.place(other).line));
      }
      const auto example = each.others ? search_.examples().of(*each.others) : std::nullopt;
      // Another alternative of the rule may take what this one does not.
      const bool is_taken = example && finder_.first_match(search_.examples().facts(), group.first,
                                                           group.first + group.count);
      if (example && is_taken == excludes_nothing) {
        made.notes.push_back((excludes_nothing ? "example: with and without it the rule matches "
                                               : "example: but for it the rule matches ") +
                             in_words(*example));
      }
      made.help =
          !excludes_nothing ? "leave out what depends on it"
          : each.ends_a_choice
              ? "leave out all that it is joined with: the whole holds whatever the rest says"
              : "leave it out";
    }
    return is_told;
  }

  // Of several rules none is shown: the notes name them.
  void show(Diagnostic& made, const std::set<RuleId>& rules, std::string label) {
    if (rules.size() != 1 || *rules.begin() == no_rule) return;
    const Span span = rule(*rules.begin()).span;
    if (!(span == Span{})) because(made, span, std::move(label));
  }

  [[nodiscard]] std::string written(Span span) const {
    return printable(
        std::string_view(policy_.source.text).substr(span.begin, span.end - span.begin));
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
        show(made, {earlier}, "takes them");
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
        show(made, {at->second}, "the same salt");
        show_shared(made, at->second, RuleId{r});
        made.help = "give each canary a salt of its own";
      }
    }
  }

  // A task that is in the shares of both.
  void show_shared(Diagnostic& made, RuleId one, RuleId other) {
    for (const Region& part : both(matched(image_, one), other)) {
      if (const auto example = search_.examples().of(part)) {
        made.notes.push_back("example, which both rules match: " + in_words(*example));
        return;
      }
    }
  }

  void default_rule() {
    if (!is_any_reached_ && !(policy_.otherwise_span == Span{})) {
      Diagnostic& made =
          say(Severity::note, "L0412", "the default decides every task", policy_.otherwise_span);
      made.notes.push_back(policy_.rules.empty() ? "no rule stands before it"
                                                 : "no rule before it ever decides one");
      if (const auto example = search_.examples().of(Region{}))
        made.notes.push_back("example: " + in_words(*example));
      return;
    }
    const Found found =
        search_.run({Region{}}, [&](std::span<const Fact> facts) -> std::optional<RuleId> {
          const RuleId winner = decide(image_, image_.placement, facts).rule;
          return winner == no_rule ? std::nullopt : std::optional(winner);
        });
    // Of a rule that asks nothing P0302 says it where others stand behind it, and in Druid's forms
    // such a rule is the way to another default.
    const bool is_said = always_ + 1 < policy_.rules.size() ||
                         (always_ < policy_.rules.size() && policy_.otherwise_span == Span{});
    if (found.what != Found::What::nothing || is_said) return;
    // It places what comes to Kubernetes although it was sent to workers.
    if (std::ranges::any_of(found.in_the_way, [&](RuleId id) { return is_for_worker(id); })) return;
    Diagnostic& made =
        say(Severity::warning, "L0410", "the default is never used", policy_.otherwise_span);
    made.notes.push_back("every task is taken by " + named(found.in_the_way));
    if (const auto example = search_.examples().of(Region{}))
      made.notes.push_back("example: " + in_words(*example));
    if (found.in_the_way.empty()) return;
    made.help = "rule " + named(*found.in_the_way.rbegin()) +
                " takes all tasks that reach it: give its outcome to the default, and delete it";
  }

  Policy policy_;
  Image image_;
  std::vector<CompiledOutcome> outcomes_;  // each is compared often: decoded once
  Search search_;
  Finder finder_;
  Locator places_;
  std::vector<std::uint32_t> lines_;  // of the rules
  Diagnostics said_;
  std::vector<Pending> causes_;
  std::size_t always_ = 0;       // the first rule that asks nothing
  bool is_any_reached_ = false;  // a rule, or it is not known
};

}  // namespace

Diagnostics lint(const PolicySet& policies, const TemplateNames& templates) {
  Policy all = whole(policies);
  auto image = compile(PolicySet{.placement = all}, templates);
  if (!image) return std::move(image.error());
  return Lint(std::move(all), std::move(*image)).run();
}

}  // namespace copse::engine::analysis
