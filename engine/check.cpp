#include "engine/draft.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

namespace copse::engine {
namespace {

Diagnostic finding(Severity severity, std::string code, std::string title, const Policy& policy,
                   Span span) {
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.code = std::move(code);
  diagnostic.title = std::move(title);
  diagnostic.place = locate(policy.source, span);
  return diagnostic;
}

std::string listed(const TemplateNames& templates) {
  std::string text;
  for (const std::string& name : templates.names) text += (text.empty() ? "`" : ", `") + name + "`";
  return text.empty() ? "there are none" : "there are " + text;
}

// Where a policy names a template: the name itself, or at least who names it.
struct Naming {
  const Source& source;
  const std::string& who;
  const Outcome& outcome;
  Span who_span;
  Span span;
};

void check_template(Locator& places, const Naming& naming, const TemplateNames& templates,
                    Diagnostics& found) {
  const auto& [source, name, outcome, who_span, span] = naming;
  if (!templates.known || !outcome.template_key) return;
  const std::string& key = *outcome.template_key;
  if (templates.names.contains(key)) return;
  Diagnostic diagnostic;
  diagnostic.severity = Severity::warning;
  diagnostic.code = "P0301";
  diagnostic.title = name + " names a template that does not exist: `" + key + "`";
  diagnostic.place = places.place(span == Span{} ? who_span : span);
  diagnostic.label = "its tasks get `base`";
  diagnostic.notes.push_back("Druid falls back to `base` in silence");
  const std::vector<std::string_view> names(templates.names.begin(), templates.names.end());
  const std::string_view near = nearest(key, names);
  diagnostic.help = near.empty() ? listed(templates) : "did you mean `" + std::string(near) + "`?";
  const auto written = span == Span{} ? std::nullopt : as_written(source, span);
  if (!near.empty() && written) diagnostic.fix = Fix{*written, "\"" + std::string(near) + "\""};
  found.push_back(std::move(diagnostic));
}

void check_reach(const Policy& policy, Diagnostics& found) {
  const auto always = std::find_if(policy.rules.begin(), policy.rules.end(),
                                   [](const Rule& r) { return r.tests.empty(); });
  if (always == policy.rules.end() || always + 1 == policy.rules.end()) return;
  const auto hidden = policy.rules.end() - (always + 1);
  Diagnostic diagnostic =
      finding(Severity::warning, "P0302",
              std::to_string(hidden) + (hidden == 1 ? " rule can" : " rules can") +
                  " never win: " + always->name + " matches every task",
              policy, always->span);
  diagnostic.label = "nothing after it is asked";
  diagnostic.help = "move it to the end, or give it a condition";
  found.push_back(std::move(diagnostic));
}

}  // namespace

std::vector<const Policy*> parts(const PolicySet& policies) {
  std::vector<const Policy*> list{&policies.placement};
  if (policies.runner) list.push_back(&*policies.runner);
  return list;
}

Diagnostics check(const PolicySet& policies, const TemplateNames& templates) {
  Diagnostics found;
  for (const Policy* policy : parts(policies)) {
    Locator places(policy->source);
    for (const Rule& rule : policy->rules)
      check_template(places,
                     {policy->source, rule.name, rule.outcome, rule.span, rule.template_span},
                     templates, found);
    if (!(policy->otherwise_span == Span{})) {
      check_template(places,
                     {policy->source, policy->otherwise_name, policy->otherwise,
                      policy->otherwise_span, policy->otherwise_template_span},
                     templates, found);
    }
    check_reach(*policy, found);
  }
  return found;
}

std::optional<Diagnostics> too_large(const Policy& policy) {
  if (policy.rules.size() <= rule_limit) return std::nullopt;
  return Diagnostics{finding(Severity::error, "P0303",
                             "a policy of " + std::to_string(policy.rules.size()) +
                                 " rules is too large; at most " + std::to_string(rule_limit) +
                                 " are taken",
                             policy, policy.rules[rule_limit].span)};
}

namespace {

std::optional<Diagnostics> too_deep(const Policy& policy, std::span<const Rule> rules) {
  const auto is_deep = [](const Attribute& each) { return each.path.size() > path_limit; };
  for (const Rule& rule : rules) {
    const auto test =
        std::ranges::find_if(rule.tests, [&](const Test& each) { return is_deep(each.attribute); });
    const bool is_shown = std::ranges::any_of(rule.outcome.overrides, [&](const Override& each) {
      return each.attribute && is_deep(*each.attribute);
    });
    if (test == rule.tests.end() && !is_shown) continue;
    const bool has_place = test != rule.tests.end() && !(test->span == Span{});
    return Diagnostics{finding(
        Severity::error, "P0303",
        rule.name + " asks for a value behind more than " + std::to_string(path_limit) + " names",
        policy, has_place ? test->span : rule.span)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Diagnostics> too_large(const Policy& policy, std::span<const Rule> rules) {
  const auto large = std::find_if(rules.begin(), rules.end(),
                                  [](const Rule& r) { return r.tests.size() > test_limit; });
  if (large == rules.end()) return too_deep(policy, rules);
  return Diagnostics{finding(Severity::error, "P0303",
                             large->name + " has " + std::to_string(large->tests.size()) +
                                 " conditions; at most " + std::to_string(test_limit) +
                                 " are taken",
                             policy, large->span)};
}

Diagnostics too_many_attributes(const PolicySet& policies, std::size_t attributes) {
  Diagnostic diagnostic = finding(Severity::error, "P0303",
                                  "the policy asks for " + std::to_string(attributes) +
                                      " different attributes; at most " +
                                      std::to_string(attribute_limit) + " are taken",
                                  policies.placement, {});
  diagnostic.help =
      "each tag, each context key and each salt is one: tell tasks apart by their values";
  return {std::move(diagnostic)};
}

}  // namespace copse::engine
