#include "engine/json_scanner.hpp"

#include "engine/utf8.hpp"

#include <algorithm>
#include <charconv>

namespace copse::engine {
namespace {

std::uint32_t hex4(std::string_view digits) {
  std::uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

}  // namespace

std::string_view word(JsonScanner::Kind kind) {
  switch (kind) {
    case JsonScanner::Kind::object:
      return "an object";
    case JsonScanner::Kind::array:
      return "a list";
    case JsonScanner::Kind::text:
      return "a text";
    case JsonScanner::Kind::number:
      return "a number";
    case JsonScanner::Kind::boolean:
      return "a boolean";
    case JsonScanner::Kind::null:
      return "null";
  }
  return "";
}

void JsonScanner::blanks() {
  while (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r') ++at_;
}

JsonScanner::Kind JsonScanner::kind() {
  blanks();
  switch (text_[at_]) {
    case '{':
      return Kind::object;
    case '[':
      return Kind::array;
    case '"':
      return Kind::text;
    case 't':
    case 'f':
      return Kind::boolean;
    case 'n':
      return Kind::null;
    default:
      return Kind::number;
  }
}

// One past the closing quote of the text at the reading position.
std::size_t JsonScanner::text_end() const {
  for (std::size_t end = at_ + 1;; ++end) {
    end = text_.find('"', end);
    std::size_t backslashes = 0;
    while (text_[end - 1 - backslashes] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return end + 1;
  }
}

Span JsonScanner::span() {
  switch (kind()) {
    case Kind::object:
    case Kind::array:
      return {at_, at_ + 1};
    case Kind::text:
      return {at_, text_end()};
    default:
      break;
  }
  const std::size_t begin = at_;
  const std::string_view value = scalar();
  at_ = begin;
  return {begin, begin + value.size()};
}

void JsonScanner::enter() {
  blanks();
  ++at_;
}

bool JsonScanner::next_member(std::string& key, Span& key_span) {
  if (!next_element()) return false;
  key_span = span();
  key = text();
  blanks();
  ++at_;  // the colon
  return true;
}

bool JsonScanner::next_element() {
  blanks();
  if (text_[at_] == ',') ++at_;
  blanks();
  if (text_[at_] != '}' && text_[at_] != ']') return true;
  ++at_;
  return false;
}

std::string_view JsonScanner::scalar() {
  blanks();
  const std::size_t end = std::min(text_.find_first_of(" \t\r\n,]}", at_), text_.size());
  const std::string_view value = text_.substr(at_, end - at_);
  at_ = end;
  return value;
}

std::string JsonScanner::text() {
  blanks();
  const std::size_t end = text_end();
  const std::string_view raw = text_.substr(at_ + 1, end - at_ - 2);
  std::string out;
  if (raw.find('\\') == std::string_view::npos) {
    out = raw;
  } else {
    ++at_;
    while (text_[at_] != '"') unescape(out);
  }
  at_ = end;
  return out;
}

// One character or escape.
void JsonScanner::unescape(std::string& out) {
  if (text_[at_] != '\\') {
    out += text_[at_++];
    return;
  }
  const char c = text_[at_ + 1];
  if (c != 'u') {
    constexpr std::string_view from = "bfnrt";
    constexpr std::string_view to = "\b\f\n\r\t";
    const std::size_t which = from.find(c);
    out += which == std::string_view::npos ? c : to[which];
    at_ += 2;
    return;
  }
  std::uint32_t value = hex4(text_.substr(at_ + 2, 4));
  at_ += 6;
  const bool high = value >= 0xD800 && value < 0xDC00;
  if (high && text_.substr(at_).starts_with("\\u")) {
    const std::uint32_t low = hex4(text_.substr(at_ + 2, 4));
    if (low >= 0xDC00 && low < 0xE000) {
      value = 0x10000 + ((value - 0xD800) << 10U) + (low - 0xDC00);
      at_ += 6;
    }
  }
  append_utf8(out, value);
}

void JsonScanner::skip() {
  std::size_t depth = 0;
  do {
    switch (kind()) {
      case Kind::object:
      case Kind::array:
        ++at_;
        ++depth;
        break;
      case Kind::text:
        at_ = text_end();
        break;
      default:
        (void)scalar();
        break;
    }
    // Between values: commas, colons and closing brackets.
    while (depth > 0) {
      blanks();
      if (text_[at_] == ',' || text_[at_] == ':') {
        ++at_;
      } else if (text_[at_] == '}' || text_[at_] == ']') {
        ++at_;
        --depth;
      } else {
        break;
      }
    }
  } while (depth > 0);
}

}  // namespace copse::engine
