#include "engine/source.hpp"

#include <algorithm>
#include <iterator>

namespace copse::engine {
namespace {

bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// The first byte of the code point that is `count` code points before `at`, but not before `floor`.
std::size_t back(std::string_view text, std::size_t at, std::size_t floor, std::uint32_t count) {
  while (at > floor && count > 0) {
    --at;
    if (!continues(text[at])) --count;
  }
  return at;
}

std::size_t forward(std::string_view text, std::size_t at, std::size_t limit, std::uint32_t count) {
  while (at < limit && count > 0) {
    ++at;
    while (at < limit && continues(text[at])) ++at;
    --count;
  }
  return at;
}

// The innermost passage around a span; nothing when there is none.
const Passage* around(const Original& original, Span span) {
  const std::vector<Passage>& all = original.passages;
  auto next =
      std::upper_bound(all.begin(), all.end(), span.begin,
                       [](std::uint64_t begin, const Passage& each) { return begin < each.begin; });
  if (next == all.begin()) return nullptr;
  const Passage* found = &*std::prev(next);
  while (found->end < span.end) {
    if (found->outer == Passage::outermost) return nullptr;
    found = &all[found->outer];
  }
  return found;
}

Span within(const Passage& passage, Span span) {
  return {passage.written_begin + (span.begin - passage.begin),
          passage.written_begin + (span.end - passage.begin)};
}

// Where what stands at a span was written; what comes from nowhere, at the front.
Span origin(const Original& original, Span span) {
  const Passage* passage = around(original, span);
  if (passage == nullptr) return {0, 0};
  if (passage->is_copy) return within(*passage, span);
  return {passage->written_begin, passage->written_end};
}

}  // namespace

std::optional<Span> as_written(const Source& source, Span span) {
  if (!source.original) return span;
  const Passage* passage = around(*source.original, span);
  if (passage == nullptr || !passage->is_copy) return std::nullopt;
  return within(*passage, span);
}

Locator::Locator(const Source& source)
    : source_(&source), text_(source.original ? source.original->text : source.text) {}

std::string printable(std::string_view text) {
  std::string shown(text);
  std::replace_if(
      shown.begin(), shown.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; }, ' ');
  return shown;
}

std::uint32_t code_points(std::string_view text) {
  return static_cast<std::uint32_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

// To the beginning of the line that has the byte, which is before the last place.
void Locator::retreat(std::size_t to) {
  if (to < line_begin_) {
    const std::string_view passed = text_.substr(to, line_begin_ - to);
    line_ -= static_cast<std::uint32_t>(std::count(passed.begin(), passed.end(), '\n'));
    const std::size_t before = to == 0 ? std::string_view::npos : text_.rfind('\n', to - 1);
    line_begin_ = before == std::string_view::npos ? 0 : before + 1;
    line_end_ = 0;
  }
  at_ = line_begin_;
  column_ = 1;
}

// Counts lines and code points from where the last place was.
void Locator::advance(std::size_t to) {
  const std::string_view text = text_;
  if (to < at_) retreat(to);
  const std::string_view passed = text.substr(at_, to - at_);
  const std::size_t last = passed.rfind('\n');
  if (last != std::string_view::npos) {
    line_ += static_cast<std::uint32_t>(std::count(passed.begin(), passed.end(), '\n'));
    at_ += last + 1;
    line_begin_ = at_;
    line_end_ = 0;
    column_ = 1;
  }
  column_ += code_points(text.substr(at_, to - at_));
  at_ = to;
  if (line_end_ == 0) line_end_ = std::min(text.find('\n', to), text.size());
}

Place Locator::place(Span span) {
  const std::string_view text = text_;
  if (source_->original) span = origin(*source_->original, span);
  const std::size_t begin = std::min<std::size_t>(span.begin, text.size());
  advance(begin);
  std::size_t line_end = line_end_;
  if (line_end > line_begin_ && text[line_end - 1] == '\r') --line_end;
  const std::size_t end = std::clamp<std::size_t>(span.end, begin, std::max(line_end, begin));

  const std::size_t shown_begin = back(text, begin, line_begin_, excerpt_limit / 2);
  const std::size_t shown_end =
      forward(text, shown_begin, std::max(line_end, shown_begin), excerpt_limit);

  Place place;
  place.file = source_->name;
  place.line = line_;
  place.column = column_;
  place.excerpt = printable(text.substr(shown_begin, shown_end - shown_begin));
  place.underline_at = code_points(text.substr(shown_begin, begin - shown_begin));
  const std::size_t visible_end = std::min(end, shown_end);
  place.underline_length =
      visible_end > begin ? code_points(text.substr(begin, visible_end - begin)) : 0;
  return place;
}

Place locate(const Source& source, Span span) {
  return Locator(source).place(span);
}

Place whole_file(std::string_view name) {
  Place place;
  place.file = name;
  return place;
}

}  // namespace copse::engine
