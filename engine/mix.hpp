#pragma once
// Texts as words, and words mixed: for hashes that stay within one process or one file.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace copse::engine {

/// Two words that together hold a text of up to 16 bytes whole, and a sample of a longer one: its
/// first and last four bytes and eight about its middle. From 4 bytes on these are four loads at
/// places that follow from the length, and no branch (after wyhash, public domain).
struct Words {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};

[[nodiscard]] inline Words words(std::string_view text) {
  const auto load = [](const char* from) {
    std::uint32_t value = 0;
    std::memcpy(&value, from, sizeof value);
    return std::uint64_t{value};
  };
  const auto byte = [&](std::size_t i) {
    return std::uint64_t{static_cast<unsigned char>(text[i])};
  };
  const std::size_t size = text.size();
  if (size < 4) {
    if (size == 0) return {};
    return {byte(0) | byte(size / 2) << 8U | byte(size - 1) << 16U, 0};
  }
  const char* first = text.data();
  const std::size_t step = (size >> 3U) << 2U;
  const char* last = first + size - 4;
  return {load(first) << 32U | load(first + step), load(last) << 32U | load(last - step)};
}

/// The bytes that `words` holds whole.
inline constexpr std::size_t whole_in_words = 16;

/// 64 bits out of two words, mixed well: the halves of their product (after wyhash, public domain).
[[nodiscard]] inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

}  // namespace copse::engine
