#include "grammar/druid_policy.hpp"

#include <string>
#include <unordered_map>
#include <utility>

namespace copse::grammar {
namespace {

using engine::Policy;
using engine::Rule;
using engine::SharedAttribute;
using engine::Test;
using engine::Verdict;

Test listed(SharedAttribute attribute, Texts texts) {
  Test test;
  test.attribute = std::move(attribute);
  test.values.reserve(texts.size());
  for (auto& text : texts) {
    if (text) test.values.push_back(std::move(*text));
  }
  return test;
}

// What selectors ask about: each attribute once, however many ask.
struct Asked {
  SharedAttribute type = engine::type_attribute();
  SharedAttribute data_source = engine::data_source_attribute();
  std::unordered_map<std::string, SharedAttribute> tags = {};  // by name

  const SharedAttribute& tag(const std::string& name) {
    const auto known = tags.find(name);
    if (known != tags.end()) return known->second;
    return tags.emplace(name, engine::tag_attribute(name)).first->second;
  }
};

// The Java casts each tag to a text, and calls the set even when it is null.
Test tag_test(TagCondition condition, Asked& asked) {
  const bool is_null = !condition.values;
  Test test = listed(asked.tag(condition.tag), std::move(condition.values).value_or(Texts{}));
  test.if_ill_typed = Verdict::fail;
  if (is_null) test.if_other = Verdict::fail;
  return test;
}

Rule selector_rule(Selector selector, std::size_t i, Asked& asked) {
  Rule rule;
  rule.name = "selectors[" + std::to_string(i) + "]";
  rule.span = selector.span;
  if (selector.is_null) {
    rule.outcome.failure = rule.name + " is null";
    return rule;
  }
  std::vector<TagCondition> tags = std::move(selector.tags).value_or(std::vector<TagCondition>{});
  rule.tests.reserve(tags.size() + 2);
  for (TagCondition& condition : tags) rule.tests.push_back(tag_test(std::move(condition), asked));
  if (selector.types && !selector.types->empty())
    rule.tests.push_back(listed(asked.type, std::move(*selector.types)));
  if (selector.data_sources && !selector.data_sources->empty()) {
    rule.tests.push_back(listed(asked.data_source, std::move(*selector.data_sources)));
  }
  rule.outcome.template_key =
      std::move(selector.selection_key).value_or(std::string(engine::base_template));
  return rule;
}

Rule template_rule(SharedAttribute attribute, const std::string& key, std::string name) {
  Rule rule;
  rule.name = std::move(name);
  rule.tests.push_back(listed(std::move(attribute), {key}));
  rule.outcome.template_key = key;
  return rule;
}

// The context key is looked at before the strategy; even when it is not allowed it must be a text.
void add_choice(Policy& policy, const engine::TemplateNames& templates, TaskChoice choice) {
  const std::string name = "podTemplateSelectionKey";
  if (choice == TaskChoice::allowed) {
    for (const std::string& key : templates.names) {
      policy.rules.push_back(template_rule(engine::context_attribute(name), key, name));
      policy.rules.back().tests[0].if_ill_typed = Verdict::fail;
    }
  }
  Rule rest;
  rest.name = name;
  rest.tests.push_back(listed(engine::context_attribute(name), {}));
  rest.tests[0].if_ill_typed = Verdict::fail;
  if (choice == TaskChoice::allowed) rest.tests[0].if_other = Verdict::yes;
  rest.outcome.failure =
      "Task [{id}] requested pod template [{value}] via context key, but no such template is "
      "configured.";
  policy.rules.push_back(std::move(rest));
}

}  // namespace

Policy placement_policy(DynamicConfiguration configuration, engine::Source source,
                        const engine::TemplateNames& templates, engine::Release release,
                        TaskChoice choice) {
  Policy policy;
  policy.source = std::move(source);
  policy.otherwise.template_key = engine::base_template;
  if (engine::has(release, engine::Behaviour::task_may_choose_template))
    add_choice(policy, templates, choice);
  auto* by_selector =
      configuration.strategy ? std::get_if<SelectorBased>(&*configuration.strategy) : nullptr;
  if (by_selector != nullptr) {
    Asked asked;
    policy.rules.reserve(policy.rules.size() + by_selector->selectors.size());
    for (std::size_t i = 0; i < by_selector->selectors.size(); ++i) {
      policy.rules.push_back(selector_rule(std::move(by_selector->selectors[i]), i, asked));
    }
    return policy;
  }
  for (const std::string& key : templates.names) {
    if (key != engine::base_template)
      policy.rules.push_back(template_rule(engine::type_attribute(), key, policy.otherwise_name));
  }
  return policy;
}

Policy runner_policy(const RunnerStrategy& strategy, engine::Source source) {
  Policy policy;
  policy.source = std::move(source);
  policy.otherwise.runner = strategy.otherwise();
  policy.otherwise_name = strategy.type == "taskType" ? "default" : strategy.type;
  for (const RunnerOverride& entry : strategy.overrides.value_or(std::vector<RunnerOverride>{})) {
    Rule rule;
    rule.name = "overrides[" + entry.task_type + "]";
    rule.span = entry.span;
    rule.tests.push_back(listed(engine::type_attribute(), {entry.task_type}));
    rule.outcome.runner = entry.runner;
    policy.rules.push_back(std::move(rule));
  }
  return policy;
}

}  // namespace copse::grammar
