#pragma once
// What is odd about a policy, each thing with a task that shows it.
//
// Every finding is proven: unreachable is only what no task can reach, whatever its values are.
// Where patterns keep that from being certain the finding says *may*, and is a note.

#include "engine/compile.hpp"
#include "engine/diagnostic.hpp"

namespace copse::engine::analysis {

/// L0401 a rule that can never win, L0402 one without which nothing changes, L0403 one that shares
/// tasks with an earlier rule of another outcome (a note), L0404 a condition that excludes nothing,
/// L0405 one that lets no task through, L0409 a canary salt in two rules, L0410 a default that is
/// never used, L0412 one that decides every task (a note), L0414 an alternative that adds nothing.
/// In the order of the policy's text. Of a policy beyond a limit P0303 alone.
[[nodiscard]] Diagnostics lint(const PolicySet& policies, const TemplateNames& templates);

}  // namespace copse::engine::analysis
