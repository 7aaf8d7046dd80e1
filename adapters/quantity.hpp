#pragma once
// What Druid's client thinks of Kubernetes quantities: it checks less than the API server does
// (engine/number.hpp). Pure.

#include <string_view>

namespace copse::adapters {

/// True when Druid's client (fabric8's Quantity.parse) refuses it: empty, or digits and a last
/// letter after a unit. Everything else it passes on as it is.
[[nodiscard]] bool is_refused_quantity(std::string_view text);

}  // namespace copse::adapters
