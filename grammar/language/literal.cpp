#include "engine/utf8.hpp"
#include "grammar/language/syntax.hpp"

#include <charconv>

namespace copse::grammar::language {
namespace {

std::uint32_t hex(std::string_view digits) {
  std::uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

bool is_high_surrogate(std::uint32_t code) {
  return code >= 0xD800 && code < 0xDC00;
}

// JSON's escapes; the grammar has seen to it that each is one.
std::string unescaped(std::string_view body) {
  if (body.find('\\') == std::string_view::npos) return std::string(body);
  std::string text;
  text.reserve(body.size());
  for (std::size_t at = 0; at < body.size(); ++at) {
    if (body[at] != '\\') {
      text += body[at];
      continue;
    }
    const char kind = body[++at];
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    if (const std::size_t found = letters.find(kind); found != std::string_view::npos) {
      text += meanings[found];
      continue;
    }
    std::uint32_t code = hex(body.substr(at + 1, 4));
    at += 4;
    if (is_high_surrogate(code) && body.substr(at + 1, 2) == "\\u") {
      const std::uint32_t low = hex(body.substr(at + 3, 4));
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        at += 6;
      }
    }
    engine::append_utf8(text, code);
  }
  return text;
}

// A pattern's own backslashes stay; only a quote needs one.
std::string raw(std::string_view body) {
  if (body.find('\\') == std::string_view::npos) return std::string(body);
  std::string text;
  text.reserve(body.size());
  for (std::size_t at = 0; at < body.size(); ++at) {
    const bool escapes = body[at] == '\\' && at + 1 < body.size();
    if (escapes && body[at + 1] != '"') text += body[at];
    if (escapes) ++at;
    text += body[at];
  }
  return text;
}

}  // namespace

std::string literal_text(const engine::Source& source, const Literal& literal) {
  const std::string_view whole = spelled(source, literal.span);
  const bool is_quoted = literal.kind == LiteralKind::text || literal.kind == LiteralKind::glob ||
                         literal.kind == LiteralKind::regex;
  if (!is_quoted) return std::string(whole);
  const std::size_t open = whole.find('"');
  const std::string_view body = whole.substr(open + 1, whole.size() - open - 2);
  return literal.kind == LiteralKind::text ? unescaped(body) : raw(body);
}

}  // namespace copse::grammar::language
