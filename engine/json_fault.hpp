#pragma once
// Where a text stops being JSON, and why: the slow second look that turns a fast parser's bare "no"
// into a diagnostic with a place. Not a parser: it keeps no values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace copse::engine {

struct JsonFault {
  std::uint64_t begin = 0;  ///< first byte of what is wrong
  std::uint64_t end = 0;    ///< one past its last byte
  std::string title;        ///< e.g. "expected `,` or `}` after this member"
  std::string help;         ///< may be empty
};

/// Nesting that any reader of copse accepts. simdjson's own default is the same number.
inline constexpr std::uint32_t json_depth_limit = 1024;

/// The first fault of `text` as one JSON document (RFC 8259), or nothing when it is one.
/// No recursion: memory grows with nesting, up to json_depth_limit bits.
[[nodiscard]] std::optional<JsonFault> find_json_fault(std::string_view text);

}  // namespace copse::engine
