#pragma once
// Runner and template as one list of rules, as a person reads a policy.

#include "engine/compile.hpp"

namespace copse::engine::analysis {

/// The rules of both policies in one, each with its whole outcome. In copse's language these are
/// the rules as they are written. Of Druid's forms the runner strategy, which asks for the task
/// type only, becomes one rule before all selectors.
[[nodiscard]] Policy whole(const PolicySet& policies);

/// True when tasks of the two outcomes run alike.
[[nodiscard]] bool same(const CompiledOutcome& a, const CompiledOutcome& b);

}  // namespace copse::engine::analysis
