#include "runner/kube/base64.hpp"

#include <cstdint>

namespace copse::runner::kube {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

char byte_of(std::uint32_t bits) {
  return static_cast<char>(static_cast<unsigned char>(bits & 0xFFU));
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  unsigned letters = 0;  // of the group of four
  unsigned padding = 0;
  bool complete = false;  // padding ended the text
  for (const char c : text) {
    if (is_blank(c)) continue;
    if (complete) return {};
    const std::size_t value = alphabet.find(c);
    if (c == '=') {
      if (letters < 2 || ++padding > 2) return {};
      bits <<= 6U;
    } else if (value == std::string_view::npos || padding > 0) {
      return {};
    } else {
      bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    }
    if (++letters < 4) continue;
    bytes.push_back(byte_of(bits >> 16U));
    if (padding < 2) bytes.push_back(byte_of(bits >> 8U));
    if (padding < 1) bytes.push_back(byte_of(bits));
    bits = 0;
    letters = 0;
    complete = padding > 0;
  }
  if (letters != 0) return {};
  return bytes;
}

std::string encode_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = (bits << 8U) | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    const std::size_t have = bytes.size() - i;
    text.push_back(alphabet[(bits >> 18U) & 63U]);
    text.push_back(alphabet[(bits >> 12U) & 63U]);
    text.push_back(have > 1 ? alphabet[(bits >> 6U) & 63U] : '=');
    text.push_back(have > 2 ? alphabet[bits & 63U] : '=');
  }
  return text;
}

}  // namespace copse::runner::kube
