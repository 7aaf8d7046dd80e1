#include "grammar/language/foreign.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace copse::grammar::language {
namespace {

constexpr std::string_view quote = "a typographer's quote";

struct Range {
  std::uint32_t first;
  std::uint32_t last;
  std::string_view what;
};

// What people call the characters of a range; the first that holds one counts.
constexpr std::array ranges{Range{0x00A0, 0x00A0, "a blank that does not break"},
                            Range{0x00AB, 0x00AB, quote},
                            Range{0x00BB, 0x00BB, quote},
                            Range{0x00C0, 0x024F, "a letter that is not in a-z"},
                            Range{0x0370, 0x03FF, "a Greek letter"},
                            Range{0x0400, 0x052F, "a Cyrillic letter"},
                            Range{0x0530, 0x058F, "an Armenian letter"},
                            Range{0x2000, 0x200A, "a typographer's blank"},
                            Range{0x200B, 0x200F, "a character that is not seen"},
                            Range{0x2010, 0x2015, "a typographer's dash"},
                            Range{0x2018, 0x201F, quote},
                            Range{0x202A, 0x202E, "a character that turns the direction of text"},
                            Range{0x202F, 0x202F, "a typographer's blank"},
                            Range{0x2060, 0x206F, "a character that is not seen"},
                            Range{0x2212, 0x2212, "a minus sign of mathematics"},
                            Range{0x2264, 0x2265, "a sign of mathematics"},
                            Range{0x3000, 0x3000, "a wide blank"},
                            Range{0xFEFF, 0xFEFF, "a character that is not seen"},
                            Range{0xFF01, 0xFF5E, "a wide character"}};

struct Likeness {
  std::uint32_t from;
  std::string_view to;
};

constexpr std::array likenesses{
    Likeness{0x00A0, " "},  Likeness{0x00AB, "\""}, Likeness{0x00BB, "\""}, Likeness{0x0391, "A"},
    Likeness{0x0392, "B"},  Likeness{0x0395, "E"},  Likeness{0x0396, "Z"},  Likeness{0x0397, "H"},
    Likeness{0x0399, "I"},  Likeness{0x039A, "K"},  Likeness{0x039C, "M"},  Likeness{0x039D, "N"},
    Likeness{0x039F, "O"},  Likeness{0x03A1, "P"},  Likeness{0x03A4, "T"},  Likeness{0x03A5, "Y"},
    Likeness{0x03A7, "X"},  Likeness{0x03B1, "a"},  Likeness{0x03B9, "i"},  Likeness{0x03BD, "v"},
    Likeness{0x03BF, "o"},  Likeness{0x03C1, "p"},  Likeness{0x0405, "S"},  Likeness{0x0406, "I"},
    Likeness{0x0408, "J"},  Likeness{0x0410, "A"},  Likeness{0x0412, "B"},  Likeness{0x0415, "E"},
    Likeness{0x041A, "K"},  Likeness{0x041C, "M"},  Likeness{0x041D, "H"},  Likeness{0x041E, "O"},
    Likeness{0x0420, "P"},  Likeness{0x0421, "C"},  Likeness{0x0422, "T"},  Likeness{0x0425, "X"},
    Likeness{0x0430, "a"},  Likeness{0x0435, "e"},  Likeness{0x043E, "o"},  Likeness{0x0440, "p"},
    Likeness{0x0441, "c"},  Likeness{0x0443, "y"},  Likeness{0x0445, "x"},  Likeness{0x0455, "s"},
    Likeness{0x0456, "i"},  Likeness{0x0458, "j"},  Likeness{0x2010, "-"},  Likeness{0x2011, "-"},
    Likeness{0x2012, "-"},  Likeness{0x2013, "-"},  Likeness{0x2014, "-"},  Likeness{0x2018, "\""},
    Likeness{0x2019, "\""}, Likeness{0x201C, "\""}, Likeness{0x201D, "\""}, Likeness{0x201E, "\""},
    Likeness{0x202F, " "},  Likeness{0x2212, "-"},  Likeness{0x2264, "<="}, Likeness{0x2265, ">="},
    Likeness{0x3000, " "}};

std::uint32_t code_point(std::string_view text, std::size_t size) {
  std::uint32_t value = static_cast<unsigned char>(text[0]) & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i)
    value = value << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
  return value;
}

std::string likeness_of(std::uint32_t point) {
  if (point >= 0xFF01 && point <= 0xFF5E) return {static_cast<char>(point - 0xFF01 + '!')};
  const auto* const at = std::find_if(likenesses.begin(), likenesses.end(),
                                      [&](const Likeness& each) { return each.from == point; });
  return at == likenesses.end() ? "" : std::string(at->to);
}

}  // namespace

std::optional<Foreign> foreign_character(std::string_view text) {
  if (text.empty() || (static_cast<unsigned char>(text[0]) & 0x80U) == 0) return std::nullopt;
  const auto first = static_cast<unsigned char>(text[0]);
  Foreign found;
  found.size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (text.size() < found.size) return std::nullopt;
  const std::uint32_t point = code_point(text, found.size);
  const auto* const range = std::find_if(ranges.begin(), ranges.end(), [&](const Range& each) {
    return point >= each.first && point <= each.last;
  });
  std::array<char, 12> number{};
  std::snprintf(number.data(), number.size(), "U+%04X", point);
  found.help = std::string(range == ranges.end() ? "a character of another script" : range->what) +
               " (" + number.data() + ")";
  found.meant = likeness_of(point);
  if (found.meant == " ") {
    found.help += ": write a plain blank";
  } else if (!found.meant.empty()) {
    found.help += ", which looks like `" + found.meant + "`: write that";
  } else {
    found.help +=
        ": names are written with a-z, 0-9, `_` and `-`; other characters stand in quotes";
  }
  return found;
}

bool is_foreign_quote(std::string_view text) {
  const auto first = foreign_character(text);
  return first && first->help.starts_with(quote);
}

std::optional<ForeignText> foreign_text(std::string_view text) {
  if (!is_foreign_quote(text)) return std::nullopt;
  const std::size_t open = foreign_character(text)->size;
  text = text.substr(0, text.find_first_of("\r\n"));
  for (std::size_t at = open; at < text.size(); ++at) {
    const bool is_foreign = is_foreign_quote(text.substr(at));
    if (!is_foreign && text[at] != '"') continue;
    const std::size_t end = at + (is_foreign ? foreign_character(text.substr(at))->size : 1);
    // Within a word it is an apostrophe.
    const bool is_close = end == text.size() || std::string_view(" \t,;:)]}{=").contains(text[end]);
    const std::string_view within = text.substr(open, at - open);
    if (!is_close) {
      if (!is_foreign) return std::nullopt;
      continue;
    }
    if (within.contains('\\')) return std::nullopt;
    return ForeignText{end, "\"" + std::string(within) + "\""};
  }
  return std::nullopt;
}

}  // namespace copse::grammar::language
