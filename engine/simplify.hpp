#pragma once
// What a rule still has to ask of a task whose values all have the type that is asked for.
//
// A test that says yes to everything is left out, and tests of one attribute become one: `type in
// [a, b] and type != b` is `type in [a]`, two stretches of a number are what both have. Policies
// that machines write, and conditions of the language that are split into several rules, are full
// of these. A rule that no task can match keeps one test that says so.
//
// What a person wrote stays beside it: explain and lint speak of that, and tasks with values of
// another type are asked that, in its order. Where a test may fail (Druid's Java throws) nothing is
// changed: which test is asked first decides there.

#include "engine/policy.hpp"

#include <optional>
#include <vector>

namespace copse::engine {

/// Nothing: the rule's own tests are as simple as they can be.
[[nodiscard]] std::optional<std::vector<Test>> simplify(const Rule& rule);

}  // namespace copse::engine
