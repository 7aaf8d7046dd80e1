#pragma once
// Reads a Java properties file (`runtime.properties`): comments with # and !, separators `=`, `:`
// and blanks, continued lines, \uXXXX escapes. UTF-8, as Druid reads it.

#include "engine/diagnostic.hpp"
#include "engine/properties.hpp"
#include "engine/source.hpp"

#include <expected>

namespace copse::grammar {

/// Bytes of a properties file: what a ConfigMap can hold.
inline constexpr std::size_t properties_size_limit = std::size_t{1} << 20U;

/// The properties of `source`, later lines over earlier ones. Fails on an escape that Java refuses
/// (C0101), and on a file above the limit (C0102).
[[nodiscard]] std::expected<engine::Properties, engine::Diagnostics> read_properties(
    const engine::Source& source);

/// Adds the properties of `more` to `base`, replacing what both have.
void merge(engine::Properties& base, const engine::Properties& more);

}  // namespace copse::grammar
