#include "runner/lsp/tokens.hpp"

#include <algorithm>

namespace copse::runner::lsp {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name_rest(char c) {
  return is_letter(c) || is_digit(c) || c == '-';
}

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

char Tokens::peek(std::size_t ahead) const {
  return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
}

Token Tokens::next() {
  Token token;
  skip_blanks(token);
  if (at_ >= text_.size()) {
    token.span.end = at_;
    return token;
  }
  const char first = text_[at_];
  if (first == '#') {
    token.kind = Token::Kind::comment;
    at_ = std::min(text_.find('\n', at_), text_.size());
  } else if (first == '"') {
    token.kind = Token::Kind::text;
    read_quoted(token);
  } else if (is_letter(first)) {
    token.kind = Token::Kind::word;
    read_word(token);
  } else if (is_digit(first) || (first == '-' && is_digit(peek(1)))) {
    token.kind = Token::Kind::number;
    read_number();
  } else {
    token.kind = Token::Kind::sign;
    const bool is_double =
        (first == '.' && peek(1) == '.') ||
        (std::string_view("=!<>").find(first) != std::string_view::npos && peek(1) == '=');
    at_ += is_double ? 2 : 1;
  }
  token.span.end = at_;
  return token;
}

void Tokens::skip_blanks(Token& token) {
  if (at_ == 0 && text_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
  const std::size_t begin = at_;
  bool is_new = is_line_new_;
  std::size_t line = begin;
  for (;
       at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos;
       ++at_) {
    if (text_[at_] != '\n') continue;
    is_new = true;
    line = at_ + 1;
  }
  is_line_new_ = false;
  token.span.begin = at_;
  token.is_on_new_line = is_new;
  token.begins_line = is_new && line == at_;
}

// A dot that begins `..` belongs to a range; one that stands last is being typed.
void Tokens::read_word(Token& token) {
  const std::size_t begin = at_;
  while (is_name_rest(peek())) ++at_;
  const std::string_view word = text_.substr(begin, at_ - begin);
  if (peek() == '"' && (word == "glob" || word == "re")) {
    token.kind = Token::Kind::pattern;
    return read_quoted(token);
  }
  while (peek() == '.' && peek(1) != '.') {
    ++at_;
    if (peek() == '"') read_quoted(token);
    while (is_name_rest(peek())) ++at_;
  }
}

// A text ends in its line, closed or not.
void Tokens::read_quoted(Token& token) {
  for (++at_; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
    if (text_[at_] == '"') {
      ++at_;
      return;
    }
    if (text_[at_] == '\\' && peek(1) != '\n') ++at_;
  }
  at_ = std::min(at_, text_.size());
  token.is_closed = false;
}

void Tokens::read_number() {
  ++at_;
  while (is_name_rest(peek()) || peek() == '%' ||
         ((peek() == '.' || peek() == ':') && is_digit(peek(1))))
    ++at_;
}

}  // namespace copse::runner::lsp
