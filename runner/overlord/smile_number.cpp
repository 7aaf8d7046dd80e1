// WHY: at -O3 GCC 12 sees copies beyond the end of a number's own limbs, inside Boost, that are not
// there.
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#pragma GCC diagnostic ignored "-Wstringop-overread"
#include "runner/overlord/smile_number.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

#include <boost/multiprecision/cpp_int.hpp>

namespace copse::runner::overlord {
namespace {

using Integer = boost::multiprecision::cpp_int;

// Zeros that a number is written out with before it gets an exponent.
constexpr std::int64_t zeros_limit = 20;

char byte_of(unsigned value) {
  return static_cast<char>(static_cast<unsigned char>(value));
}

unsigned bits_of(char c) {
  return static_cast<unsigned char>(c);
}

template <typename Real>
std::string json_of_real(Real value) {
  if (std::isnan(value)) return "\"NaN\"";
  if (std::isinf(value)) return value < 0 ? "\"-Infinity\"" : "\"Infinity\"";
  std::array<char, 64> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  std::string text(digits.data(), static_cast<std::size_t>(end - digits.data()));
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

std::string from_seven_bits(std::string_view groups, std::size_t raw) {
  std::string bytes;
  bytes.reserve(raw);
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    // The last group holds only what is left of the bytes.
    const unsigned width =
        i + 1 < groups.size() || raw % 7 == 0 ? 7U : static_cast<unsigned>(raw % 7);
    held = (held << width) | (bits_of(groups[i]) & ((1U << width) - 1));
    bits += width;
    if (bits < 8) continue;
    bits -= 8;
    bytes += byte_of((held >> bits) & 0xFFU);
  }
  return bytes;
}

std::string to_seven_bits(std::string_view bytes) {
  std::string groups;
  groups.reserve(seven_bit_size(bytes.size()));
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : bytes) {
    held = (held << 8U) | bits_of(c);
    for (bits += 8; bits >= 7;) {
      bits -= 7;
      groups += byte_of((held >> bits) & 0x7FU);
    }
  }
  if (bits > 0) groups += byte_of(held & ((1U << bits) - 1));
  return groups;
}

std::string decimal_of(std::string_view twos_complement, std::int64_t scale) {
  // WHY: Boost reads no bits as a number without limbs, and then walks down through all memory.
  if (twos_complement.empty()) return "0";
  Integer value = 0;
  boost::multiprecision::import_bits(value, twos_complement.begin(), twos_complement.end(), 8);
  const bool is_negative = (bits_of(twos_complement[0]) & 0x80U) != 0;
  if (is_negative) value = (Integer(1) << (8 * twos_complement.size())) - value;
  std::string digits = value.str();
  const auto size = static_cast<std::int64_t>(digits.size());
  if (scale > 0 && scale < size + zeros_limit) {
    if (scale >= size) digits.insert(0, static_cast<std::size_t>(scale - size + 1), '0');
    digits.insert(digits.size() - static_cast<std::size_t>(scale), 1, '.');
  } else if (scale != 0) {
    digits += "E" + std::to_string(-scale);
  }
  return is_negative ? "-" + digits : digits;
}

std::string twos_complement_of(std::string_view decimal) {
  Integer value(decimal);
  const bool is_negative = value < 0;
  // -n has the bits of n - 1, each turned over.
  if (is_negative) value = -value - 1;
  std::string bytes;
  boost::multiprecision::export_bits(value, std::back_inserter(bytes), 8);
  if ((bits_of(bytes[0]) & 0x80U) != 0) bytes.insert(0, 1, '\0');
  if (is_negative) {
    for (char& c : bytes) c = byte_of(~bits_of(c) & 0xFFU);
  }
  return bytes;
}

std::string json_of(double value) {
  return json_of_real(value);
}

std::string json_of(float value) {
  return json_of_real(value);
}

}  // namespace copse::runner::overlord
