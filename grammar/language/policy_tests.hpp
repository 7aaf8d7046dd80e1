#pragma once
// The tests that a policy carries: a task, and what is expected of the decision.

#include "engine/diagnostic.hpp"
#include "grammar/language/syntax.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace copse::grammar::language {

struct Expectation {
  enum class What : std::uint8_t { rule, template_key, runner };
  What what = What::rule;
  std::string value;
  engine::Place place;
};

struct PolicyTest {
  std::string name;
  std::string task;  ///< a JSON object; `type` and what the test is about, the rest may be missing
  engine::Place place;
  engine::Place task_place;
  std::vector<Expectation> expected;  ///< never empty
};

/// The tests in the order of the text, or what is wrong with them: P0529 an expectation that is
/// none, P0541 no task, P0542 nothing expected, P0543 a task that is no JSON, P0590 not decided by
/// yet.
[[nodiscard]] std::expected<std::vector<PolicyTest>, engine::Diagnostics> policy_tests(
    const engine::Source& source, const File& file);

}  // namespace copse::grammar::language
