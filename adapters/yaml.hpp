#pragma once
// JSON as YAML for people: block style, the order of the JSON, texts of several lines as blocks,
// lists as kubectl prints them. Every reader of YAML 1.1 or 1.2 gets the same values back. Pure;
// linear.

#include <expected>
#include <string>
#include <string_view>

namespace copse::adapters {

/// Nesting that is rendered: a template's own limit and the Job around it.
inline constexpr std::size_t yaml_depth_limit = 128;

/// The document as YAML, ending in a newline; or what is wrong with `json`.
[[nodiscard]] std::expected<std::string, std::string> json_to_yaml(std::string_view json);

}  // namespace copse::adapters
