#pragma once
// Units as other languages write them: `8GB`, `5min`, `PT30M`.

#include <string>
#include <string_view>

namespace copse::grammar::language {

/// `30m` of `PT30M`, `5m` of `5min`; empty: none can be told.
[[nodiscard]] std::string duration_meant(std::string_view text);

/// `8G` of `8GB`, `8Gi` of `8GiB`; empty: none can be told.
[[nodiscard]] std::string quantity_meant(std::string_view text);

/// `8Gi` of `8` and `Gi`, `5m` of `5` and `minutes`, `5%`; empty: that is no unit.
[[nodiscard]] std::string number_with_unit(std::string_view number, std::string_view unit);

}  // namespace copse::grammar::language
