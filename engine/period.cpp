#include "engine/period.hpp"

#include <charconv>
#include <optional>

namespace copse::engine {
namespace {

constexpr std::size_t digits_limit = 10;  // Joda's default; a longer number leaves its field unread

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// Where the reading stands; a failed one remembers the offset that Joda's message names.
struct Cursor {
  std::string_view text;
  std::size_t at = 0;
  bool failed = false;

  bool sees(char letter) const { return at < text.size() && upper(text[at]) == letter; }

  void fail(std::size_t where) {
    failed = true;
    at = where;
  }
};

// The suffix's place, if only numbers, points and signs stand before it.
std::optional<std::size_t> find_suffix(const Cursor& cursor, char suffix) {
  for (std::size_t i = cursor.at; i < cursor.text.size(); ++i) {
    const char c = cursor.text[i];
    if (upper(c) == suffix) return i;
    if (!is_digit(c) && c != '.' && c != ',' && c != '+' && c != '-') return std::nullopt;
  }
  return std::nullopt;
}

struct Number {
  std::int32_t whole = 0;
  std::int32_t millis = 0;
};

std::optional<std::int32_t> to_int(std::string_view text) {
  if (text.empty()) return 0;
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Thousandths: the first three digits after the point.
std::int32_t fraction(std::string_view digits) {
  std::int32_t value = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    value = value * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  }
  return value;
}

std::optional<Number> to_number(std::string_view text, std::optional<std::size_t> point) {
  if (!point) {
    const auto whole = to_int(text);
    return whole ? std::optional<Number>(Number{*whole, 0}) : std::nullopt;
  }
  const std::string_view before = text.substr(0, *point);
  const bool negative = before.starts_with('-');
  const auto whole = before == "-" ? std::optional<std::int32_t>(0) : to_int(before);
  if (!whole) return std::nullopt;
  const std::int32_t millis = fraction(text.substr(*point + 1));
  return Number{*whole, negative ? -millis : millis};
}

enum class Decimals { refused, allowed };

// One number with its letter. Nothing is read, and nothing fails, when the letter is not ahead or
// belongs to a later field.
std::optional<Number> read_field(Cursor& cursor, char suffix, Decimals decimals) {
  if (cursor.failed || cursor.at >= cursor.text.size()) return std::nullopt;
  const auto suffix_at = find_suffix(cursor, suffix);
  if (!suffix_at) return std::nullopt;

  std::size_t at = cursor.at;
  const bool negative = cursor.text[at] == '-';
  if (negative || cursor.text[at] == '+') {
    if (!is_digit(at + 1 < cursor.text.size() ? cursor.text[at + 1] : ' ')) {
      cursor.fail(at);
      return std::nullopt;
    }
    ++at;
  }
  const std::size_t begin = negative ? at - 1 : at;
  std::size_t digits = 0;
  std::optional<std::size_t> point;
  for (; at < *suffix_at && digits < digits_limit; ++at) {
    const char c = cursor.text[at];
    if (is_digit(c)) {
      ++digits;
    } else if ((c == '.' || c == ',') && decimals == Decimals::allowed && !point) {
      point = at - begin;
    } else {
      break;
    }
  }
  if (digits == 0) {
    cursor.fail(begin);
    return std::nullopt;
  }
  if (at != *suffix_at) return std::nullopt;
  const auto number = to_number(cursor.text.substr(begin, at - begin), point);
  if (!number) {
    cursor.fail(begin);
    return std::nullopt;
  }
  cursor.at = at + 1;
  return number;
}

void read_whole(Cursor& cursor, char suffix, std::int32_t& field) {
  if (const auto number = read_field(cursor, suffix, Decimals::refused)) field = number->whole;
}

void read_time_of_day(Cursor& cursor, Period& period) {
  const bool separated = cursor.sees('T');
  if (separated) ++cursor.at;
  const std::size_t begin = cursor.at;
  read_whole(cursor, 'H', period.hours);
  read_whole(cursor, 'M', period.minutes);
  if (const auto number = read_field(cursor, 'S', Decimals::allowed)) {
    period.seconds = number->whole;
    period.millis = number->millis;
  }
  if (cursor.failed) return;
  const bool read_any = cursor.at > begin;
  if (separated != read_any) cursor.fail(begin);
}

std::string message(std::string_view text, std::size_t at) {
  constexpr std::size_t shown = 32;
  const std::string sample = text.size() <= at + shown + 3
                                 ? std::string(text)
                                 : std::string(text.substr(0, at + shown)) + "...";
  const std::string head = "Invalid format: \"" + sample + "\"";
  if (at == 0) return head;
  if (at >= text.size()) return head + " is too short";
  return head + " is malformed at \"" + sample.substr(at) + "\"";
}

}  // namespace

std::expected<Period, std::string> parse_period(std::string_view text) {
  Cursor cursor{text};
  if (!cursor.sees('P')) return std::unexpected(message(text, 0));
  ++cursor.at;
  Period period;
  read_whole(cursor, 'Y', period.years);
  read_whole(cursor, 'M', period.months);
  read_whole(cursor, 'W', period.weeks);
  read_whole(cursor, 'D', period.days);
  if (!cursor.failed) read_time_of_day(cursor, period);
  if (cursor.failed || cursor.at < text.size()) return std::unexpected(message(text, cursor.at));
  return period;
}

std::expected<std::int64_t, std::string> standard_millis(const Period& period) {
  const auto varies = [](std::string_view what) {
    return std::unexpected("Cannot convert to Duration as this period contains " +
                           std::string(what) + " and " + std::string(what) + " vary in length");
  };
  if (period.months != 0) return varies("months");
  if (period.years != 0) return varies("years");
  // No overflow: 2^31 weeks are 1.3e18 ms, and the smaller units add less than a quarter of that.
  const std::int64_t hours = (std::int64_t{period.weeks} * 7 + period.days) * 24 + period.hours;
  const std::int64_t seconds = (hours * 60 + period.minutes) * 60 + period.seconds;
  return seconds * 1000 + period.millis;
}

std::expected<std::int64_t, std::string> standard_seconds(const Period& period) {
  const auto millis = standard_millis(period);
  if (!millis) return std::unexpected(millis.error());
  return *millis / 1000;
}

}  // namespace copse::engine
