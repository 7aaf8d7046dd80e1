#pragma once
// MurmurHash3, the x64 128-bit variant with seed 0, as Guava's Hashing.murmur3_128() prints it.
// Not a cryptographic hash. Pure; a few nanoseconds for each 16 bytes.

#include <string>
#include <string_view>

namespace copse::adapters {

/// 32 lower-case hex digits: the bytes of h1, then of h2, each least significant byte first.
[[nodiscard]] std::string murmur3_x64_128(std::string_view bytes);

}  // namespace copse::adapters
