#pragma once
// The overrides of one decision: what the rule sets, with the task's own values in place.

#include "engine/facts.hpp"
#include "engine/image.hpp"

#include <expected>
#include <span>
#include <string>
#include <vector>

namespace copse::engine {

/// The overrides of an outcome for the task whose facts these are; none has an attribute any more.
/// Or why the task cannot be placed: a value of the task that Kubernetes refuses.
[[nodiscard]] std::expected<std::vector<Override>, std::string> settings_of(
    const Image& image, OutcomeId outcome, std::span<const Fact> facts);

}  // namespace copse::engine
