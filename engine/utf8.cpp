#include "engine/utf8.hpp"

namespace copse::engine {

void append_utf8(std::string& out, std::uint32_t code_point) {
  const bool valid = code_point < 0xD800 || (code_point >= 0xE000 && code_point <= 0x10FFFF);
  const std::uint32_t c = valid ? code_point : 0xFFFD;
  const auto tail = [&](std::uint32_t shift) {
    out += static_cast<char>(0x80U | ((c >> shift) & 0x3FU));
  };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0U | (c >> 6U));
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0U | (c >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (c >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace copse::engine
