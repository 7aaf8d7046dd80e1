#include "runner/lsp/text_position.hpp"

#include "engine/utf8.hpp"

#include <algorithm>

namespace copse::runner::lsp {
namespace {

// Bytes between two marks of a line: what is walked at most.
constexpr std::size_t stride = 128;

// Bytes of the character at `at`; a byte that is none counts as one.
std::size_t width(std::string_view text, std::size_t at) {
  if ((static_cast<unsigned char>(text[at]) & 0x80U) == 0) return 1;
  return std::max<std::size_t>(engine::utf8_length(text, at), 1);
}

// Characters beyond the first plane are two units.
std::uint32_t units(std::size_t bytes) {
  return bytes == 4 ? 2 : 1;
}

}  // namespace

Lines::Lines(std::string_view text) : text_(text) {
  std::size_t begin = 0;
  for (std::size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', begin)) {
    add_line(begin, at);
    begin = at + 1;
  }
  add_line(begin, text.size());
}

void Lines::add_line(std::size_t begin, std::size_t end) {
  starts_.push_back(begin);
  if (end - begin <= stride) return;
  std::size_t due = begin + stride;
  for (Mark at{begin}; at.byte < end; step(at)) {
    if (at.byte < due) continue;
    marks_.push_back(at);
    due = at.byte + stride;
  }
}

void Lines::step(Mark& at) const {
  const std::size_t bytes = width(text_, at.byte);
  at.byte += bytes;
  at.code_points += 1;
  at.units += units(bytes);
}

Position Lines::position(std::size_t byte) const {
  byte = std::min(byte, text_.size());
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), byte);
  const auto line = static_cast<std::uint32_t>(after - starts_.begin()) - 1;
  Mark at{starts_[line]};
  const auto next =
      std::ranges::upper_bound(marks_, byte, {}, &Mark::byte);  // the first mark behind it
  if (next != marks_.begin() && std::prev(next)->byte > at.byte) at = *std::prev(next);
  while (at.byte < byte) step(at);
  return {line, at.units};
}

// Where `wanted` have been counted in the line, or its end.
std::size_t Lines::find(std::size_t line, std::uint32_t Mark::* count, std::uint32_t wanted) const {
  Mark at{starts_[line]};
  const std::size_t end = line + 1 < starts_.size() ? starts_[line + 1] - 1 : text_.size();
  const auto first = std::ranges::lower_bound(marks_, at.byte, {}, &Mark::byte);
  const auto last = std::ranges::lower_bound(first, marks_.end(), end, {}, &Mark::byte);
  const auto next = std::ranges::upper_bound(first, last, wanted, {}, count);
  if (next != first) at = *std::prev(next);
  while (at.*count < wanted && at.byte < end) step(at);
  return at.byte;
}

std::size_t Lines::byte(Position position) const {
  if (position.line >= starts_.size()) return text_.size();
  return find(position.line, &Mark::units, position.character);
}

std::size_t Lines::byte_of(std::uint32_t line, std::uint32_t column) const {
  if (line == 0) return 0;
  if (line > starts_.size()) return text_.size();
  return find(line - 1, &Mark::code_points, column > 0 ? column - 1 : 0);
}

}  // namespace copse::runner::lsp
