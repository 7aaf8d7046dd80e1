#include "runner/lsp/text_position.hpp"

#include "engine/utf8.hpp"

#include <algorithm>

namespace copse::runner::lsp {
namespace {

// Bytes of the character at `at`; a byte that is none counts as one.
std::size_t width(std::string_view text, std::size_t at) {
  return std::max<std::size_t>(engine::utf8_length(text, at), 1);
}

// Characters beyond the first plane are two units.
std::uint32_t units(std::size_t bytes) {
  return bytes == 4 ? 2 : 1;
}

}  // namespace

Lines::Lines(std::string_view text) : text_(text), starts_{0} {
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    starts_.push_back(at + 1);
}

Position Lines::position(std::size_t byte) const {
  byte = std::min(byte, text_.size());
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), byte);
  Position found{static_cast<std::uint32_t>(after - starts_.begin()) - 1, 0};
  for (std::size_t at = starts_[found.line]; at < byte;) {
    const std::size_t bytes = width(text_, at);
    found.character += units(bytes);
    at += bytes;
  }
  return found;
}

std::size_t Lines::byte(Position position) const {
  if (position.line >= starts_.size()) return text_.size();
  std::size_t at = starts_[position.line];
  for (std::uint32_t left = position.character;
       left > 0 && at < text_.size() && text_[at] != '\n';) {
    const std::size_t bytes = width(text_, at);
    left -= std::min(left, units(bytes));
    at += bytes;
  }
  return at;
}

std::size_t Lines::byte_of(std::uint32_t line, std::uint32_t column) const {
  if (line == 0) return 0;
  if (line > starts_.size()) return text_.size();
  std::size_t at = starts_[line - 1];
  for (std::uint32_t left = column > 0 ? column - 1 : 0;
       left > 0 && at < text_.size() && text_[at] != '\n'; --left)
    at += width(text_, at);
  return at;
}

}  // namespace copse::runner::lsp
