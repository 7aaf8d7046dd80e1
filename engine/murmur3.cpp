#include "engine/murmur3.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace copse::engine {
namespace {

constexpr std::uint64_t c1 = 0x87c37b91114253d5U;
constexpr std::uint64_t c2 = 0x4cf5ad432745937fU;

// Up to eight bytes, the first one least significant, whatever the machine's byte order.
std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    value = (value << 8U) | static_cast<unsigned char>(bytes[i - 1]);
  }
  return value;
}

std::uint64_t mix1(std::uint64_t k) {
  return std::rotl(k * c1, 31) * c2;
}

std::uint64_t mix2(std::uint64_t k) {
  return std::rotl(k * c2, 33) * c1;
}

std::uint64_t finish(std::uint64_t h) {
  h = (h ^ (h >> 33U)) * 0xff51afd7ed558ccdU;
  h = (h ^ (h >> 33U)) * 0xc4ceb9fe1a85ec53U;
  return h ^ (h >> 33U);
}

void append_hex(std::string& out, std::uint64_t value) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (int byte = 0; byte < 8; ++byte, value >>= 8U) {
    out += digits[(value >> 4U) & 0xFU];
    out += digits[value & 0xFU];
  }
}

struct State {
  std::uint64_t h1 = 0;
  std::uint64_t h2 = 0;

  // Sixteen bytes.
  void block(std::string_view bytes) {
    h1 ^= mix1(little_endian(bytes.substr(0, 8)));
    h1 = (std::rotl(h1, 27) + h2) * 5 + 0x52dce729U;
    h2 ^= mix2(little_endian(bytes.substr(8, 8)));
    h2 = (std::rotl(h2, 31) + h1) * 5 + 0x38495ab5U;
  }

  // What is left, fewer than sixteen.
  void end(std::string_view bytes, std::uint64_t length) {
    if (bytes.size() > 8) h2 ^= mix2(little_endian(bytes.substr(8)));
    h1 ^= mix1(little_endian(bytes.substr(0, 8)));
    h1 ^= length;
    h2 ^= length;
    h1 += h2;
    h2 += h1;
    h1 = finish(h1);
    h2 = finish(h2);
    h1 += h2;
    h2 += h1;
  }
};

}  // namespace

std::string murmur3_x64_128(std::string_view bytes) {
  const std::uint64_t length = bytes.size();
  State state;
  for (; bytes.size() >= 16; bytes.remove_prefix(16)) state.block(bytes);
  state.end(bytes, length);
  std::string hex;
  hex.reserve(32);
  append_hex(hex, state.h1);
  append_hex(hex, state.h2);
  return hex;
}

std::uint64_t murmur3_salted(std::string_view salt, std::string_view text) {
  const std::uint64_t length = salt.size() + 1 + text.size();
  std::array<char, 16> block{};
  State state;
  std::size_t filled = 0;
  for (const std::string_view part : {salt, std::string_view("\0", 1), text}) {
    std::string_view rest = part;
    while (!rest.empty()) {
      const std::size_t taken = std::min(rest.size(), block.size() - filled);
      std::memcpy(block.data() + filled, rest.data(), taken);
      rest.remove_prefix(taken);
      filled += taken;
      if (filled < block.size()) continue;
      state.block({block.data(), block.size()});
      filled = 0;
    }
  }
  state.end({block.data(), filled}, length);
  return state.h1;
}

}  // namespace copse::engine
