#pragma once
// Kubernetes quantities (`500m`, `2Gi`, `1e3`): which texts are one. Druid's client checks less
// than the API server, so there are two questions. Pure.

#include <optional>
#include <string_view>

namespace copse::adapters {

/// True when the API server accepts it: a decimal number with a suffix of SI, of powers of two, or
/// an exponent.
[[nodiscard]] bool is_quantity(std::string_view text);

/// True when Druid's client (fabric8's Quantity.parse) refuses it: empty, or digits and a last
/// letter after a unit. Everything else it passes on as it is.
[[nodiscard]] bool is_refused_quantity(std::string_view text);

/// Its value, for comparisons: `500m` is 0.5, `2Gi` is 2147483648. Nothing when it is none.
[[nodiscard]] std::optional<double> quantity_value(std::string_view text);

}  // namespace copse::adapters
