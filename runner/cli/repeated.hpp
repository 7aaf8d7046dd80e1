#pragma once
// Members that a task's document has twice, of those that a policy asks for: the first counts,
// and other readers of JSON take the last.

#include "engine/attribute.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::cli {

/// The names of attributes on whose way a member stands twice, each once.
[[nodiscard]] std::vector<std::string> repeated(std::string_view document,
                                                std::span<const engine::Attribute> asked);

}  // namespace copse::runner::cli
