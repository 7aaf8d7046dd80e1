#include "runner/kube/uid.hpp"

#include <optional>

namespace copse::runner::kube {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool is_dash_place(std::size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

constexpr std::size_t uuid_length = 36;

std::optional<Uid> parse_uuid(std::string_view text) {
  if (text.size() != uuid_length) return {};
  Uid uid;
  unsigned digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_place(i)) {
      if (text[i] != '-') return {};
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return {};
    std::uint64_t& half = digits < 16 ? uid.high : uid.low;
    half = (half << 4U) | static_cast<std::uint64_t>(value);
    ++digits;
  }
  return uid;
}

// FNV-1a from a given start, ended by a round of mixing.
std::uint64_t hash(std::string_view text, std::uint64_t seed) {
  for (const char c : text) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  seed ^= seed >> 32U;
  return seed * 0x9E3779B97F4A7C15ULL;
}

}  // namespace

Uid parse_uid(std::string_view text) {
  if (const auto uuid = parse_uuid(text)) return *uuid;
  return {hash(text, 0xCBF29CE484222325ULL), hash(text, 0x84222325CBF29CE4ULL)};
}

std::string text(Uid uid) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  out.reserve(uuid_length);
  for (unsigned digit = 0; digit < 32; ++digit) {
    if (is_dash_place(out.size())) out.push_back('-');
    const std::uint64_t half = digit < 16 ? uid.high : uid.low;
    out.push_back(hex[(half >> (60U - 4U * (digit % 16U))) & 15U]);
  }
  return out;
}

}  // namespace copse::runner::kube
