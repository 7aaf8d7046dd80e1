#include "grammar/language/meaning.hpp"

#include "engine/distinct.hpp"
#include "grammar/language/conditions.hpp"
#include "grammar/language/outcomes.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::grammar::language {
namespace {

constexpr std::string_view default_word = "default";

class Meaning {
 public:
  Meaning(const engine::Source& source, const File& file)
      : source_(source),
        file_(file),
        complaints_(source, said_),
        outcomes_(source, file, scope_.attributes, complaints_) {}

  std::expected<engine::PolicySet, engine::Diagnostics> run() {
    set_.placement.source = source_;
    set_.runner.emplace();
    set_.placement.rules.reserve(file_.statements.size());
    for (const Statement& each : file_.statements) declare(each);
    for (const Statement& each : file_.statements) prepare(each);
    Conditions conditions(source_, file_, scope_, complaints_);
    for (const Statement& each : file_.statements) {
      if (const auto* rule = std::get_if<statement::Rule>(&each.is)) add(*rule, conditions);
      if (const auto* last = std::get_if<statement::Default>(&each.is)) add(*last, each.span);
    }
    conditions.look_at_unused_lists();
    if (!default_at_ && !saw_default_) {
      complaints_.say("P0526", {source_.text.size(), source_.text.size()},
                      "the policy has no default", "end it with `default { template \"…\" }`");
    }
    complaints_.place_causes();
    std::sort(said_.begin(), said_.end(), [](const auto& left, const auto& right) {
      return std::pair(left.place.line, left.place.column) <
             std::pair(right.place.line, right.place.column);
    });
    complaints_.end();
    if (!said_.empty()) return std::unexpected(std::move(said_));
    if (!sends_to_workers_) set_.runner.reset();
    return std::move(set_);
  }

 private:
  // ---- names ----

  // Each once, and where it was given.
  struct Names {
    engine::Distinct<std::string> texts;
    std::vector<Span> spans;
  };

  void declare(const Statement& each) {
    if (const auto* list = std::get_if<statement::List>(&each.is)) {
      if (is_new("list", list->name)) {
        scope_.lists[std::string(spelled(source_, list->name))] =
            std::span(file_.literals).subspan(list->first, list->count);
      }
    } else if (const auto* attribute = std::get_if<statement::Attribute>(&each.is)) {
      declare(*attribute);
    } else if (const auto* profile = std::get_if<statement::Profile>(&each.is)) {
      if (!is_new("profile", profile->name)) twice_.insert(profile);
    } else if (const auto* named = std::get_if<statement::PolicyName>(&each.is)) {
      if (is_new("policy", "", named->name.span)) set_.name = literal_text(source_, named->name);
    } else if (const auto* rule = std::get_if<statement::Rule>(&each.is)) {
      const std::string name = literal_text(source_, rule->name);
      if (name.empty()) {
        complaints_.say("P0525", rule->name.span, "the rule has no name",
                        "decisions, metrics and tests call it by its name");
        return;
      }
      is_new("rule", name, rule->name.span);
      if (name == set_.placement.otherwise_name) {
        complaints_.say("P0525", rule->name.span, "a rule is called `" + name + "`",
                        "decisions name the default so: give the rule another name");
      }
    } else if (const auto* test = std::get_if<statement::Test>(&each.is)) {
      is_new("test", literal_text(source_, test->name), test->name.span);
    } else if (const auto* folder = std::get_if<statement::Templates>(&each.is)) {
      if (is_new("templates from", "", folder->folder.span))
        set_.templates = literal_text(source_, folder->folder);
    }
  }

  // What needs the names of all attributes.
  void prepare(const Statement& each) {
    if (const auto* allow = std::get_if<statement::Allow>(&each.is)) {
      outcomes_.allow(*allow);
    } else if (const auto* profile = std::get_if<statement::Profile>(&each.is)) {
      if (!twice_.contains(profile))
        outcomes_.declare(std::string(spelled(source_, profile->name)), *profile);
    }
  }

  void declare(const statement::Attribute& attribute) {
    const std::string_view type = spelled(source_, attribute.type);
    const auto found = type_named(type);
    if (!found) {
      complaints_.say("P0532", attribute.type, "there is no type `" + std::string(type) + "`",
                      "text, integer, decimal, boolean, duration, quantity or interval");
      // Of some type: what is asked of it is no mistake of its own.
      scope_.attributes[std::string(spelled(source_, attribute.name))] = {
          Type::any, path_segments(source_, attribute.path)};
      return;
    }
    if (is_built_in(spelled(source_, attribute.name))) {
      complaints_.say("P0525", attribute.name,
                      "`" + std::string(spelled(source_, attribute.name)) + "` is built in",
                      "declare it under another name");
      return;
    }
    if (!is_new("attribute", attribute.name)) return;
    scope_.attributes[std::string(spelled(source_, attribute.name))] = {
        *found, path_segments(source_, attribute.path)};
  }

  bool is_new(std::string_view what, Span span) {
    return is_new(what, std::string(spelled(source_, span)), span);
  }

  bool is_new(std::string_view what, const std::string& name, Span span) {
    Names& given = names_[what];
    const auto [number, is_first] = given.texts.add(name, engine::hash_of(name));
    if (is_first) given.spans.push_back(span);
    if (is_first) return true;
    complaints_.because(
        complaints_.say("P0525", span,
                        what == "templates from" ? "the policy has two folders of templates"
                        : name.empty()
                            ? "the policy has two names"
                            : "a second " + std::string(what) + " is called `" + name + "`",
                        name.empty() ? "leave one of them out" : "give it another name"),
        given.spans[number], "the first");
    return false;
  }

  // ---- rules ----

  void add(const statement::Rule& rule, Conditions& conditions) {
    const std::string name = literal_text(source_, rule.name);
    auto placed = outcomes_.read(rule.block);
    std::optional<Alternatives> alternatives(Alternatives{{}});
    if (rule.when) alternatives = conditions.of(*rule.when);
    if (default_at_) {
      complaints_.because(
          complaints_.say("P0526", rule.name.span, "a rule stands behind the default",
                          "move it above the default, which ends the policy"),
          *default_at_, "the default");
    }
    if (!placed || !alternatives) return;
    const bool is_for_worker = placed->runner == engine::Runner::worker;
    if (is_for_worker) begin_runner_policy();
    if (is_for_worker && !placed->overrides.empty()) {
      complaints_.say("P0546", placed->overrides.front().span,
                      "rule `" + name + "` sends to a worker, where there is no Job to change",
                      "leave the overrides out, or `runner worker`");
    }
    if (is_for_worker && placed->template_key) {
      complaints_.say("P0546", placed->template_span,
                      "rule `" + name + "` sends to a worker, which takes no template",
                      "leave it out, or `runner worker`");
    }
    if (!is_for_worker && !placed->template_key) {
      complaints_.say("P0527", rule.name.span,
                      "rule `" + name + "` runs on k8s and has no template",
                      "add `template \"…\"`, or `runner worker`");
    }
    // A rule that never matches is a rule all the same: it is counted and explained.
    if (alternatives->empty()) alternatives->push_back({never()});
    for (Alternative& each : *alternatives) {
      cheap_first(each);
      if (sends_to_workers_)
        set_.runner->rules.push_back({name, each, of_runner(*placed), rule.name.span});
      if (is_for_worker) continue;
      engine::Rule& made = set_.placement.rules.emplace_back();
      made.name = name;
      made.tests = std::move(each);
      made.outcome = of_template(*placed);
      made.span = rule.name.span;
      made.template_span = placed->template_span;
    }
  }

  void add(const statement::Default& last, Span span) {
    if (std::exchange(saw_default_, true)) {
      complaints_.because(complaints_.say("P0525", {span.begin, span.begin + default_word.size()},
                                          "the policy has two defaults", "leave one of them out"),
                          default_at_.value_or(Span{}), "the first");
      return;
    }
    default_at_ = Span{span.begin, span.begin + default_word.size()};
    const auto placed = outcomes_.read(last.block);
    if (!placed) return;
    if (!placed->template_key) {
      complaints_.say("P0527", {span.begin, span.begin + default_word.size()},
                      "the default has no template",
                      placed->runner != engine::Runner::worker
                          ? "add `template \"…\"`"
                          : "add `template \"…\"` for tasks that reach copse all the same");
    }
    if (placed->runner == engine::Runner::worker) begin_runner_policy();
    set_.runner->otherwise = of_runner(*placed);
    set_.placement.otherwise = of_template(*placed);
    set_.placement.otherwise_span = {span.begin, span.begin + default_word.size()};
    set_.placement.otherwise_template_span = placed->template_span;
  }

  // What costs more is asked when the rest said yes: patterns, and last of all canaries.
  static void cheap_first(Alternative& tests) {
    const auto cost = [](const engine::Test& test) {
      return test.attribute->origin == engine::Origin::canary ? 2 : test.patterns.empty() ? 0 : 1;
    };
    std::stable_sort(tests.begin(), tests.end(),
                     [&](const auto& a, const auto& b) { return cost(a) < cost(b); });
  }

  // Most policies have none. What stands before the first rule that sends to a worker runs on k8s.
  void begin_runner_policy() {
    if (std::exchange(sends_to_workers_, true)) return;
    set_.runner->source = source_;
    for (const engine::Rule& rule : set_.placement.rules)
      set_.runner->rules.push_back({rule.name, rule.tests, of_runner({}), rule.span});
  }

  static engine::Test never() {
    engine::Test test;
    test.attribute = engine::type_attribute();
    return test;
  }

  static engine::Outcome of_runner(const Placed& placed) {
    engine::Outcome made;
    made.runner = placed.runner.value_or(engine::Runner::k8s);
    return made;
  }

  static engine::Outcome of_template(const Placed& placed) {
    engine::Outcome made;
    made.template_key = placed.template_key;
    made.overrides = placed.overrides;
    return made;
  }

  const engine::Source& source_;
  const File& file_;
  engine::Diagnostics said_;
  Complaints complaints_;
  Scope scope_;
  Outcomes outcomes_;
  engine::PolicySet set_;
  std::map<std::string_view, Names> names_;  // by what they name
  std::set<const statement::Profile*> twice_;
  std::optional<Span> default_at_;
  bool saw_default_ = false;
  bool sends_to_workers_ = false;
};

}  // namespace

std::expected<engine::PolicySet, engine::Diagnostics> meaning(const engine::Source& source,
                                                              const File& file) {
  return Meaning(source, file).run();
}

}  // namespace copse::grammar::language
