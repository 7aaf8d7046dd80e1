#pragma once
// Numbers and bytes inside Smile: groups of seven bits, sign folded in, any length. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace copse::runner::overlord {

/// n >= 0 becomes 2n, n < 0 becomes -2n - 1, so that small numbers of both signs are short.
[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
}

[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
}

/// Bytes that `raw` bytes take in groups of seven bits.
[[nodiscard]] constexpr std::uint64_t seven_bit_size(std::uint64_t raw) {
  return raw / 7 * 8 + (raw % 7 == 0 ? 0 : raw % 7 + 1);
}

/// `raw` bytes out of seven_bit_size(raw) bytes of which each carries seven bits, the last those
/// that are left, right-aligned.
[[nodiscard]] std::string from_seven_bits(std::string_view groups, std::size_t raw);
[[nodiscard]] std::string to_seven_bits(std::string_view bytes);

/// Decimal text of a two's complement number, highest byte first; with the point `scale` digits
/// from the right, by an exponent where that is long.
[[nodiscard]] std::string decimal_of(std::string_view twos_complement, std::int64_t scale);

/// The shortest two's complement bytes of a decimal integer, highest byte first.
[[nodiscard]] std::string twos_complement_of(std::string_view decimal);

/// A double or float as JSON: shortest, with a fraction or exponent; a text for NaN and infinities.
[[nodiscard]] std::string json_of(double value);
[[nodiscard]] std::string json_of(float value);

}  // namespace copse::runner::overlord
