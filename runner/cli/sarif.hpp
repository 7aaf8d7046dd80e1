#pragma once
// Diagnostics as SARIF 2.1.0, which code hosts and editors show in their place (OASIS: Static
// Analysis Results Interchange Format).

#include "engine/diagnostic.hpp"

#include <string>

namespace copse::runner::cli {

[[nodiscard]] std::string to_sarif(const engine::Diagnostics& diagnostics);

}  // namespace copse::runner::cli
