#pragma once
// What a policy's rule sets in a Job, merged as Kubernetes merges: maps by key, environment and
// tolerations by name, so that each thing stands there once.

#include "engine/override.hpp"

#include <span>
#include <string>
#include <string_view>

namespace copse::adapters {

/// The Job with these set. `job_json` is a Job that build_job made: the first container is the
/// peon's. The namespace is no part of the object. Overrides are sound (engine::fault_of) and none
/// has an attribute any more.
[[nodiscard]] std::string with_overrides(std::string_view job_json,
                                         std::span<const engine::Override> overrides);

}  // namespace copse::adapters
