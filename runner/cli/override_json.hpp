#pragma once
// Overrides as JSON: what dry-run shows, and what the journal keeps of a decision.
//
// `{"cpu":{"request":"2","limit":"4"},"label":{"team":"fraud"},"javaOpts":"-Xmx8g",
// "tolerate":[{"key":"spot","value":"true","effect":"NoSchedule"}]}`, members in the order of the
// policy language's fields.

#include "engine/override.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::cli {

[[nodiscard]] std::string to_json(std::span<const engine::Override> overrides);

/// What to_json wrote; nothing when it is something else. Which profile said it is not kept.
[[nodiscard]] std::optional<std::vector<engine::Override>> overrides_from_json(
    std::string_view json);

}  // namespace copse::runner::cli
