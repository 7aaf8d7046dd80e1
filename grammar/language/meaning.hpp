#pragma once
// From the tree to policies of the engine: what the statements mean, checked.
//
// A policy becomes two, as Druid has two: one that picks the runner, when any rule sends to a
// worker, and one that picks the template. A rule that sends to a worker is not in the second, so
// a task of it that reaches copse all the same is placed by the first later rule that matches.
// A rule with `or` becomes several rules of the engine with its name.

#include "engine/compile.hpp"
#include "engine/diagnostic.hpp"
#include "grammar/language/syntax.hpp"

#include <expected>

namespace copse::grammar::language {

/// The policies, or everything that is wrong with them. Codes: P0520 unknown attribute, P0521
/// nothing says what an absent value means, P0522 absence said where it means nothing, P0523 types
/// that do not compare, P0524 unknown list, P0525 a name given twice, P0526 no default, or not
/// last, P0527 no template, P0528 an outcome said twice, P0529 unknown outcome or ill-formed,
/// P0530 unknown runner, P0531 too many alternatives, P0532 unknown type, P0533 no share, P0534
/// unknown time zone, P0535 unknown unit, P0536 a pattern that cannot be used, P0537 no time of
/// day, P0538 an override that is not allowed, P0539 a value that Kubernetes refuses, P0544 unknown
/// profile, P0545 nothing that can be allowed, P0546 a template or overrides for a
/// worker.
[[nodiscard]] std::expected<engine::PolicySet, engine::Diagnostics> meaning(
    const engine::Source& source, const File& file);

}  // namespace copse::grammar::language
