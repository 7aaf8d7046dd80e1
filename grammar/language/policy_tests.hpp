#pragma once
// The tests that a policy carries: a task, and what is expected of the decision.

#include "engine/diagnostic.hpp"
#include "engine/facts.hpp"
#include "engine/override.hpp"
#include "grammar/language/syntax.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace copse::grammar::language {

struct Expectation {
  enum class What : std::uint8_t {
    rule,
    template_key,
    runner,
    setting,  ///< an override, whatever says it
    error     ///< the task fails, with `value` somewhere in the text
  };
  What what = What::rule;
  std::string value;
  engine::Override setting;
  engine::Place place;
};

struct PolicyTest {
  std::string name;
  std::string task;  ///< a JSON object; `type` and what the test is about, the rest may be missing
  engine::Place place;
  engine::Place task_place;
  engine::Circumstances circumstances;  ///< no canary takes the task unless the test says so
  std::vector<Expectation> expected;    ///< never empty
};

/// The tests in the order of the text, or what is wrong with them: P0528 to P0530 and P0539 as in
/// rules, P0541 no task, P0542 nothing expected, P0543 a task that is no JSON or has no type, P0547
/// no instant, P0554 no rule of that name.
[[nodiscard]] std::expected<std::vector<PolicyTest>, engine::Diagnostics> policy_tests(
    const engine::Source& source, const File& file);

}  // namespace copse::grammar::language
