#pragma once
// The target of a request taken apart. Pure; nothing is decoded twice.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::http {

struct TargetParts {
  std::string_view path;   ///< before the first `?`
  std::string_view query;  ///< behind it; empty: none
};

/// Splits `path?query`. Of an absolute target (`http://host/path`) the part up to the host is left
/// out. A fragment is never sent, so `#` is a character like any other.
[[nodiscard]] TargetParts split_target(std::string_view target);

/// The segments of a path, not decoded: `/a/b` has `a` and `b`; `/a/` has `a` and an empty one.
/// Decode each by itself, so that `%2F` does not separate.
[[nodiscard]] std::vector<std::string_view> segments_of(std::string_view path);

/// Decodes `%XX` once. Nothing when an escape is cut off or no hexadecimal number, or stands for a
/// zero byte. A `+` stays a `+`.
[[nodiscard]] std::optional<std::string> decode_segment(std::string_view segment);

/// First value of a query parameter, decoded, `+` being a space. A bare parameter is empty. Nothing
/// when the parameter is absent or its value cannot be decoded.
[[nodiscard]] std::optional<std::string> query_parameter(std::string_view query,
                                                         std::string_view name);

}  // namespace copse::runner::http
