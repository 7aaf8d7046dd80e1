#pragma once
// MurmurHash3, the x64 128-bit variant with seed 0, as Guava's Hashing.murmur3_128() prints it.
// Not a cryptographic hash. Pure; a few nanoseconds for each 16 bytes.

#include <cstdint>
#include <string>
#include <string_view>

namespace copse::engine {

/// 32 lower-case hex digits: the bytes of h1, then of h2, each least significant byte first.
[[nodiscard]] std::string murmur3_x64_128(std::string_view bytes);

/// h1 alone, of `salt`, a zero byte and `text`, without putting them together: what decides whether
/// a task is a canary.
[[nodiscard]] std::uint64_t murmur3_salted(std::string_view salt, std::string_view text);

}  // namespace copse::engine
