#pragma once
// gzip for large answers.

#include <string>
#include <string_view>

namespace copse::runner::sandbox {

/// The API server compresses answers above this size, at level 1, when the client accepts gzip.
inline constexpr std::size_t gzip_threshold = 128 * 1024;

/// `text` as a gzip stream; empty when zlib fails.
[[nodiscard]] std::string gzip(std::string_view text);

}  // namespace copse::runner::sandbox
