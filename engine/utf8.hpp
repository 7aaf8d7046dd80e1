#pragma once
// A code point as UTF-8.

#include <cstdint>
#include <string>

namespace copse::engine {

/// Appends `code_point`; a surrogate or a value beyond U+10FFFF becomes U+FFFD.
void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace copse::engine
