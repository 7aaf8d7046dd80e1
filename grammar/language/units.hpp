#pragma once
// Units as other languages write them: `8GB`, `5min`, `PT30M`.

#include <string>
#include <string_view>

namespace copse::grammar::language {

/// `30m` of `PT30M`, `5m` of `5min`; empty: none can be told.
[[nodiscard]] std::string duration_meant(std::string_view text);

/// `8G` of `8GB`, `8Gi` of `8GiB`; empty: none can be told.
[[nodiscard]] std::string quantity_meant(std::string_view text);

}  // namespace copse::grammar::language
