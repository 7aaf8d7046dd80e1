#pragma once
// What may be wrong with a pod template that Druid and Kubernetes take without a word: findings of
// `copse lint`. Pure.

#include "engine/diagnostic.hpp"
#include "engine/override.hpp"
#include "engine/source.hpp"

#include <optional>
#include <span>

namespace copse::adapters {

/// Findings in a template's text, in the order of their codes; none when it cannot be read, which
/// `read_pod_template` tells. Of the first container, which runs the peon:
///
///  * L0501, a note: nothing keeps the replicas of a streaming task on different nodes. An Overlord
///    hands each replica over as a task of its own, and copse announces each task's own id as its
///    availability group, so only the pods' own affinity can do it.
///  * L0502: the Java heap (-Xmx), alone or with -XX:MaxDirectMemorySize, is above the memory
///    limit: the kernel ends such a peon, and no log says why.
[[nodiscard]] engine::Diagnostics lint_template(const engine::Source& source);

/// L0503: the same for what a rule makes of the template: its javaOpts and memory in their place.
/// Without a place, which is the rule's.
[[nodiscard]] std::optional<engine::Diagnostic> lint_memory(
    const engine::Source& source, std::span<const engine::Override> overrides);

}  // namespace copse::adapters
