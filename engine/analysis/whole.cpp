#include "engine/analysis/whole.hpp"

#include "engine/image.hpp"

#include <algorithm>
#include <ranges>
#include <set>
#include <utility>

namespace copse::engine::analysis {
namespace {

bool is_for_worker(const Outcome& outcome) {
  return outcome.runner == Runner::worker;
}

// The rules of both are the same, but that those for workers stand in the runner's list only.
bool is_one_list(const PolicySet& policies) {
  auto at = policies.placement.rules.begin();
  const auto end = policies.placement.rules.end();
  for (const Rule& rule : policies.runner->rules) {
    if (is_for_worker(rule.outcome)) continue;
    if (at == end || at->name != rule.name || !(at->span == rule.span)) return false;
    ++at;
  }
  return at == end;
}

Policy zipped(const PolicySet& policies) {
  Policy made = *policies.runner;
  auto at = policies.placement.rules.begin();
  for (Rule& rule : made.rules) {
    if (!is_for_worker(rule.outcome)) rule.outcome = (at++)->outcome;
  }
  if (!is_for_worker(made.otherwise)) made.otherwise = policies.placement.otherwise;
  return made;
}

// What a strategy by task type says, as one test.
Rule by_type(const Policy& runner) {
  std::set<std::string> types;
  for (const Rule& rule : runner.rules) {
    for (const Test& test : rule.tests) types.insert(test.values.begin(), test.values.end());
  }
  const auto goes_to_worker = [&](const std::string* type) {
    for (const Rule& rule : runner.rules) {
      const bool all = std::all_of(rule.tests.begin(), rule.tests.end(), [&](const Test& test) {
        const bool listed = type != nullptr && std::find(test.values.begin(), test.values.end(),
                                                         *type) != test.values.end();
        return (listed ? test.if_listed : test.if_other) == Verdict::yes;
      });
      if (all) return is_for_worker(rule.outcome);
    }
    return is_for_worker(runner.otherwise);
  };
  const bool others = goes_to_worker(nullptr);
  Test test;
  test.attribute = type_attribute();
  for (const std::string& type : types) {
    if (goes_to_worker(&type) != others) test.values.push_back(type);
  }
  if (others) {
    test.if_listed = Verdict::no;
    test.if_other = Verdict::yes;
  }
  Rule made;
  made.name = "runner strategy";
  made.tests.push_back(std::move(test));
  made.outcome.runner = Runner::worker;
  return made;
}

}  // namespace

Policy whole(const PolicySet& policies) {
  if (!policies.runner) return policies.placement;
  if (is_one_list(policies)) return zipped(policies);
  Policy made = policies.placement;
  Rule first = by_type(*policies.runner);
  const bool takes_any = first.tests[0].if_other == Verdict::yes || !first.tests[0].values.empty();
  if (takes_any) made.rules.insert(made.rules.begin(), std::move(first));
  return made;
}

namespace {

bool are_alike(const Override& a, const Override& b) {
  return is_alike(a, b) && a.attribute == b.attribute;
}

// `$(NAME)` in a variable is what stood before it.
bool refers_to_others(const Override& each) {
  return each.field == Field::env && each.value.contains("$(");
}

bool has_variables_in_order(const CompiledOutcome& a, const CompiledOutcome& b) {
  if (std::ranges::none_of(a.overrides, refers_to_others)) return true;
  const auto is_variable = [](const Override& each) { return each.field == Field::env; };
  return std::ranges::equal(a.overrides | std::views::filter(is_variable),
                            b.overrides | std::views::filter(is_variable), are_alike);
}

}  // namespace

bool same(const CompiledOutcome& a, const CompiledOutcome& b) {
  if (a.runner != b.runner || a.failure != b.failure) return false;
  if (a.runner == Runner::worker) return true;
  if (a.template_key != b.template_key || a.overrides.size() != b.overrides.size()) return false;
  // In any order: each sets something else.
  const bool all = std::ranges::all_of(a.overrides, [&](const Override& one) {
    return std::ranges::any_of(b.overrides,
                               [&](const Override& other) { return are_alike(one, other); });
  });
  return all && has_variables_in_order(a, b);
}

}  // namespace copse::engine::analysis
