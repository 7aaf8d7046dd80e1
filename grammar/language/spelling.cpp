#include "grammar/language/spelling.hpp"

#include "grammar/language/rules.hpp"

namespace copse::grammar::language {
namespace {

template <class Rule>
bool is_all_of(std::string_view text) {
  rules::peg::memory_input<> in(text.data(), text.size(), "");
  try {
    return rules::peg::parse<rules::peg::seq<Rule, rules::peg::eof>>(in);
  } catch (const rules::peg::parse_error&) {
    return false;
  }
}

}  // namespace

bool is_name(std::string_view text) {
  return is_all_of<rules::name>(text);
}

bool is_path(std::string_view text) {
  return is_all_of<rules::path>(text) && text.find('\0') == std::string_view::npos;
}

bool is_number(std::string_view text) {
  return is_all_of<rules::number>(text);
}

bool is_clock(std::string_view text) {
  return is_all_of<rules::clock>(text);
}

bool is_pattern(std::string_view text) {
  bool escapes = false;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == '\0' || (escapes && c == '"')) return false;
    escapes = c == '\\' && !escapes;
  }
  return !escapes;
}

std::string pattern_body(std::string_view text) {
  std::string body;
  for (const char c : text) {
    if (c == '"') body += '\\';
    body += c;
  }
  return body;
}

}  // namespace copse::grammar::language
