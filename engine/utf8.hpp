#pragma once
// UTF-8, byte by byte.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace copse::engine {

/// Appends `code_point`; a surrogate or a value beyond U+10FFFF becomes U+FFFD.
void append_utf8(std::string& out, std::uint32_t code_point);

/// Bytes of the sequence at `at`, or 0 when it is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text, std::size_t at);

/// Where the first byte stands that is not UTF-8; the size of the text when all is.
[[nodiscard]] std::size_t first_malformed(std::string_view text);

}  // namespace copse::engine
