#pragma once
// What Druid's strategies mean, as policies of the engine: parity mode.
//
// The semantics are Druid's to the letter, failures included: where the Java throws while it
// selects, the policy's test says `fail`, and the task fails with a reason instead of a stack
// trace.

#include "engine/compile.hpp"
#include "engine/policy.hpp"
#include "engine/release.hpp"
#include "grammar/dynamic_configuration.hpp"
#include "grammar/runner_strategy.hpp"

namespace copse::grammar {

/// `druid.indexer.runner.allowTaskPodTemplateSelection` (Druid 38, PR #19419).
enum class TaskChoice : std::uint8_t {
  ignored,  ///< the context key podTemplateSelectionKey is only checked for being a text
  allowed   ///< it names the template, before any strategy
};

/// The policy that picks templates as `configuration` does. `source` is what it was read from.
[[nodiscard]] engine::Policy placement_policy(DynamicConfiguration configuration,
                                              engine::Source source,
                                              const engine::TemplateNames& templates,
                                              engine::Release release, TaskChoice choice);

/// The policy that picks the runner as `strategy` does.
[[nodiscard]] engine::Policy runner_policy(const RunnerStrategy& strategy, engine::Source source);

}  // namespace copse::grammar
