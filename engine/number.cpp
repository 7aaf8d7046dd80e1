#include "engine/number.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace copse::engine {
namespace {

__extension__ using Wide = __int128;

constexpr Wide wide_limit = Wide{1} << 126U;

constexpr std::array<std::pair<std::string_view, int>, 10> decimal_suffixes{{{"", 0},
                                                                             {"n", -9},
                                                                             {"u", -6},
                                                                             {"m", -3},
                                                                             {"k", 3},
                                                                             {"M", 6},
                                                                             {"G", 9},
                                                                             {"T", 12},
                                                                             {"P", 15},
                                                                             {"E", 18}}};

constexpr std::array<std::pair<std::string_view, unsigned>, 6> binary_suffixes{
    {{"Ki", 10}, {"Mi", 20}, {"Gi", 30}, {"Ti", 40}, {"Pi", 50}, {"Ei", 60}}};

constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> duration_units{
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A decimal as it was read: digits times ten to the `exponent`.
struct Decimal {
  Wide digits = 0;
  std::int64_t exponent = 0;
  bool negative = false;
};

Number of_nanos(Wide nanos) {
  constexpr Wide unit = nanos_a_unit;
  Wide whole = nanos / unit;
  Wide rest = nanos % unit;
  if (rest < 0) {
    rest += unit;
    --whole;
  }
  if (whole < smallest_number.whole) return smallest_number;
  if (whole >= largest_number.whole) return largest_number;
  return {static_cast<std::int64_t>(whole), static_cast<std::uint32_t>(rest)};
}

// Nanounits of digits * 10^exponent * factor. What is cut off makes a negative number smaller.
Number scaled(const Decimal& decimal, Wide factor) {
  Wide value = decimal.digits;
  std::int64_t exponent = decimal.exponent + 9;
  bool is_exact = true;
  if (value == 0) return {};
  const auto saturated = [&] { return decimal.negative ? smallest_number : largest_number; };
  // The factor is at most 2^60: room for it is made first.
  while (value >= wide_limit / factor) {
    is_exact = is_exact && value % 10 == 0;
    value /= 10;
    ++exponent;
  }
  value *= factor;
  for (; exponent < 0 && value != 0; ++exponent) {
    is_exact = is_exact && value % 10 == 0;
    value /= 10;
  }
  for (; exponent > 0; --exponent) {
    if (value >= wide_limit / 10) return saturated();
    value *= 10;
  }
  return of_nanos(decimal.negative ? -value - (is_exact ? 0 : 1) : value);
}

// Sign, digits and point; no exponent. The rest of `text` is what follows.
std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal made;
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) made.negative = text[at++] == '-';
  bool any = false;
  bool behind_point = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !behind_point) {
      behind_point = true;
      continue;
    }
    if (!is_digit(c)) break;
    any = true;
    if (made.digits < wide_limit / 10) {
      made.digits = made.digits * 10 + (c - '0');
      made.exponent -= behind_point ? 1 : 0;
    } else {
      made.exponent += behind_point ? 0 : 1;
    }
  }
  if (!any) return std::nullopt;
  text.remove_prefix(at);
  return made;
}

// `e9`, `E-3`: all of `text`. Larger ones than these give the same number.
std::optional<std::int64_t> exponent_of(std::string_view text) {
  if (text.empty() || (text.front() != 'e' && text.front() != 'E')) return std::nullopt;
  text.remove_prefix(1);
  bool negative = false;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) value = std::min<std::int64_t>(value * 10 + (c - '0'), 1'000'000);
  return negative ? -value : value;
}

std::optional<Number> with_exponent(Decimal decimal, std::string_view rest) {
  const auto exponent = exponent_of(rest);
  if (!exponent) return std::nullopt;
  decimal.exponent += *exponent;
  return scaled(decimal, 1);
}

}  // namespace

Number next(Number number) {
  if (number == largest_number) return number;
  if (number.nanos + 1 < nanos_a_unit) return {number.whole, number.nanos + 1};
  return {number.whole + 1, 0};
}

Number before(Number number) {
  if (number == smallest_number) return number;
  if (number.nanos > 0) return {number.whole, number.nanos - 1};
  return {number.whole - 1, nanos_a_unit - 1};
}

std::optional<Number> parse_number(std::string_view text) {
  const auto decimal = take_decimal(text);
  if (!decimal) return std::nullopt;
  if (text.empty()) return scaled(*decimal, 1);
  return with_exponent(*decimal, text);
}

std::optional<Number> parse_quantity(std::string_view text) {
  auto decimal = take_decimal(text);
  if (!decimal) return std::nullopt;
  for (const auto& [suffix, power] : decimal_suffixes) {
    if (suffix != text) continue;
    decimal->exponent += power;
    return scaled(*decimal, 1);
  }
  for (const auto& [suffix, bits] : binary_suffixes) {
    if (suffix == text) return scaled(*decimal, Wide{1} << bits);
  }
  return with_exponent(*decimal, text);
}

bool is_quantity(std::string_view text) {
  return parse_quantity(text).has_value();
}

std::optional<Number> parse_duration(std::string_view text) {
  const auto decimal = take_decimal(text);
  if (!decimal) return std::nullopt;
  for (const auto& [unit, millis] : duration_units) {
    if (unit == text) return scaled(*decimal, millis);
  }
  return std::nullopt;
}

std::string in_words(Number number) {
  const bool negative = number.whole < 0;
  std::uint32_t nanos = number.nanos;
  std::int64_t whole = number.whole;
  if (negative && nanos != 0) {
    nanos = nanos_a_unit - nanos;
    ++whole;
  }
  std::string text = negative && whole == 0 ? "-0" : std::to_string(whole);
  if (nanos == 0) return text;
  std::string fraction = std::to_string(nanos);
  fraction.insert(0, 9 - fraction.size(), '0');
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return text + "." + fraction;
}

}  // namespace copse::engine
