#pragma once
// Three bytes of a text as one number, and where a hash table has it. Private to PatternIndex.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace copse::engine {

inline constexpr std::uint32_t no_anchor = 0xFFFF'FFFF;
inline constexpr std::size_t gram_size = 3;

[[nodiscard]] inline std::uint32_t gram_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i]));
  };
  return byte(0) | byte(1) << 8U | byte(2) << 16U;
}

[[nodiscard]] inline std::size_t gram_slot(std::uint32_t gram, std::size_t slots) {
  return (gram * 0x9E37'79B1U >> 8U) & (slots - 1);
}

}  // namespace copse::engine
