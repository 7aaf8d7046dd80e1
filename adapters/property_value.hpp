#pragma once
// How the text of a property becomes a value: Druid's JsonConfigurator and Jackson, without their
// exceptions.
//
// A text that begins with `{` or `[` and is JSON is a structure; every other text is a string,
// whatever it looks like. Each function answers the value or what would be allowed, ready for a
// help line. Pure.

#include "adapters/pod_template.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::adapters {

template <typename T>
using PropertyValue = std::expected<T, std::string>;

/// `true`, `True`, `TRUE` and the same of false; empty and `null` are false.
[[nodiscard]] PropertyValue<bool> boolean_property(std::string_view text);

/// 32 bits; empty and `null` are 0.
[[nodiscard]] PropertyValue<std::int32_t> int_property(std::string_view text);

/// 64 bits; empty and `null` are no value.
[[nodiscard]] PropertyValue<std::optional<std::int64_t>> optional_long_property(
    std::string_view text);

/// Any text but a JSON structure.
[[nodiscard]] PropertyValue<std::string> text_property(std::string_view text);

/// A JSON array of scalars, each taken as text.
[[nodiscard]] PropertyValue<std::vector<std::string>> text_list_property(std::string_view text);

/// A JSON object of scalars, each taken as text; null stays without a value.
[[nodiscard]] PropertyValue<std::vector<TextEntry>> text_map_property(std::string_view text);

}  // namespace copse::adapters
