#include "engine/instant.hpp"

#include "engine/period.hpp"

#include <charconv>
#include <chrono>
#include <exception>

#include <date/tz.h>

namespace copse::engine {
namespace {

using std::chrono::milliseconds;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Years that repeat: calendars of two years that lie a multiple of it apart are the same.
constexpr std::int64_t cycle_years = 400;
constexpr std::int64_t cycle_days = 146'097;

enum class Years : std::uint8_t {
  usual,  // four digits
  all     // those of Druid's Intervals.ETERNITY, too: a sign and up to nine digits
};

class Reader {
 public:
  Reader(std::string_view text, Years years) : text_(text), years_(years) {}

  std::optional<Instant> run() {
    const auto year = this->year();
    if (!year) return std::nullopt;
    const int month = takes('-') ? digits(2).value_or(0) : 1;
    const int day = month_was_said_ && takes('-') ? digits(2).value_or(0) : 1;
    const std::int64_t cycles = (*year < 0 ? *year - (cycle_years - 1) : *year) / cycle_years;
    const auto in_cycle = static_cast<int>(*year - cycles * cycle_years);
    const std::chrono::year_month_day date{std::chrono::year(in_cycle),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return std::nullopt;
    milliseconds at =
        std::chrono::sys_days(date).time_since_epoch() + std::chrono::days(cycles * cycle_days);
    if (takes('T')) {
      const auto time = time_of_day();
      if (!time) return std::nullopt;
      at += *time;
    }
    if (!text_.empty()) return std::nullopt;
    return Instant{at.count()};
  }

 private:
  bool takes(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    month_was_said_ = month_was_said_ || c == '-';
    return true;
  }

  std::optional<std::int64_t> year() {
    if (years_ == Years::usual) return digits(4);
    const bool is_before = text_.starts_with('-');
    if (is_before || text_.starts_with('+')) text_.remove_prefix(1);
    std::size_t count = 0;
    while (count < text_.size() && is_digit(text_[count])) ++count;
    if (count < 4 || count > 9) return std::nullopt;
    const std::int64_t year = *digits(count);
    if (year > most_years) return std::nullopt;
    return is_before ? -year : year;
  }

  std::optional<int> digits(std::size_t count) {
    if (text_.size() < count) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(text_[i])) return std::nullopt;
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(count);
    return value;
  }

  std::optional<milliseconds> time_of_day() {
    const auto hour = digits(2);
    if (!hour) return std::nullopt;
    int minute = 0;
    int second = 0;
    int millis = 0;
    if (takes(':')) {
      minute = digits(2).value_or(99);
      if (takes(':')) {
        second = digits(2).value_or(99);
        if (takes('.')) millis = fraction();
      }
    }
    if (*hour > 24 || minute > 59 || second > 59 || millis < 0) return std::nullopt;
    const auto past = offset();
    if (!past) return std::nullopt;
    return std::chrono::hours(*hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
           milliseconds(millis) - *past;
  }

  // Thousandths; -1 when there is no digit.
  int fraction() {
    int value = 0;
    int read = 0;
    for (; !text_.empty() && is_digit(text_.front()); text_.remove_prefix(1), ++read) {
      if (read < 3) value = value * 10 + (text_.front() - '0');
    }
    for (int i = read; i < 3; ++i) value *= 10;
    return read == 0 ? -1 : value;
  }

  std::optional<milliseconds> offset() {
    if (text_.empty() || takes('Z')) return milliseconds{0};
    const bool west = text_.front() == '-';
    if (!west && text_.front() != '+') return std::nullopt;
    text_.remove_prefix(1);
    const auto hours = digits(2);
    if (!hours) return std::nullopt;
    static_cast<void>(takes(':'));
    const int minutes = text_.empty() ? 0 : digits(2).value_or(99);
    if (*hours > 23 || minutes > 59) return std::nullopt;
    const auto east = std::chrono::hours(*hours) + std::chrono::minutes(minutes);
    return west ? -east : east;
  }

  // Beyond it milliseconds do not fit 64 bits.
  static constexpr std::int64_t most_years = 146'200'000;

  std::string_view text_;
  Years years_;
  bool month_was_said_ = false;
};

// `at` moved by the period; a day that the month does not have becomes its last.
std::optional<Instant> moved(Instant at, const Period& period, int sign) {
  const std::chrono::sys_time<milliseconds> time{milliseconds(static_cast<std::int64_t>(at))};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::sys_days first(std::chrono::year::min() / 1 / 1);
  const std::chrono::sys_days last(std::chrono::year::max() / 12 / 31);
  if (day < first || day > last) return std::nullopt;  // no period leads on from there
  std::chrono::year_month_day date{day};
  date += std::chrono::months(sign * period.months);
  date += std::chrono::years(sign * period.years);
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  Period rest = period;
  rest.months = rest.years = 0;
  const auto millis = standard_millis(rest);
  if (!millis || !date.year().ok()) return std::nullopt;
  const auto moved = std::chrono::sys_days(date) + (time - day) + sign * milliseconds(*millis);
  return Instant{moved.time_since_epoch().count()};
}

const date::time_zone* zone_of(const void* zone) {
  return static_cast<const date::time_zone*>(zone);
}

}  // namespace

std::optional<Instant> parse_instant(std::string_view text) {
  return Reader(text, Years::usual).run();
}

std::string in_words(Instant instant) {
  const std::chrono::sys_time<milliseconds> time{milliseconds(static_cast<std::int64_t>(instant))};
  return date::format("%FT%TZ", std::chrono::floor<std::chrono::seconds>(time));
}

std::optional<std::int64_t> interval_millis(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view left = text.substr(0, slash);
  const std::string_view right = text.substr(slash + 1);
  std::optional<Instant> start = Reader(left, Years::all).run();
  std::optional<Instant> end = Reader(right, Years::all).run();
  if (start && !end) {
    const auto period = parse_period(right);
    if (period) end = moved(*start, *period, 1);
  } else if (end && !start) {
    const auto period = parse_period(left);
    if (period) start = moved(*end, *period, -1);
  }
  if (!start || !end || *end < *start) return std::nullopt;
  std::int64_t millis = 0;
  const bool is_too_long = __builtin_sub_overflow(static_cast<std::int64_t>(*end),
                                                  static_cast<std::int64_t>(*start), &millis);
  return is_too_long ? std::nullopt : std::optional(millis);
}

std::optional<Zone> Zone::named(std::string_view name) {
  try {
    return Zone(date::locate_zone(name));
  } catch (const std::exception&) {
    return std::nullopt;  // not there, or there is no database
  }
}

WallClock Zone::at(Instant instant) const {
  const std::chrono::sys_time<milliseconds> time{milliseconds(static_cast<std::int64_t>(instant))};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto local = seconds + zone_of(zone_)->get_info(seconds).offset;
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const auto minute = std::chrono::duration_cast<std::chrono::minutes>(local - day);
  return {static_cast<std::int32_t>(minute.count()),
          static_cast<std::int32_t>(std::chrono::weekday(day).iso_encoding())};
}

}  // namespace copse::engine
