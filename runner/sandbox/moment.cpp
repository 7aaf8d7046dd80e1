#include "runner/sandbox/moment.hpp"

#include <charconv>

#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

using namespace std::chrono;

void append_digits(std::string& out, unsigned value, unsigned width) {
  char digits[8];
  for (unsigned i = width; i-- > 0; value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  out.append(digits, width);
}

void append_seconds(std::string& out, Moment moment) {
  const auto day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss time{floor<seconds>(moment) - day};
  append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, static_cast<unsigned>(time.hours().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(time.minutes().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(time.seconds().count()), 2);
}

std::optional<int> number_at(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size()) return std::nullopt;
  int value = 0;
  const char* end = text.data() + at + width;
  const auto [stop, fault] = std::from_chars(text.data() + at, end, value);
  if (fault != std::errc{} || stop != end || value < 0) return std::nullopt;
  return value;
}

}  // namespace

void append_timestamp(std::string& out, Moment moment) {
  append_seconds(out, moment);
  out += 'Z';
}

std::string timestamp(Moment moment) {
  std::string out;
  append_timestamp(out, moment);
  return out;
}

std::string micro_timestamp(Moment moment) {
  std::string out;
  append_seconds(out, moment);
  out += '.';
  append_digits(out, static_cast<unsigned>((moment - floor<seconds>(moment)).count()), 3);
  out += "000Z";
  return out;
}

std::optional<Moment> parse_timestamp(std::string_view text) {
  const auto y = number_at(text, 0, 4), mo = number_at(text, 5, 2), d = number_at(text, 8, 2);
  const auto h = number_at(text, 11, 2), mi = number_at(text, 14, 2), s = number_at(text, 17, 2);
  if (!y || !mo || !d || !h || !mi || !s || text.back() != 'Z') return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const year_month_day date{year{*y}, month{static_cast<unsigned>(*mo)},
                            day{static_cast<unsigned>(*d)}};
  if (!date.ok() || *h > 23 || *mi > 59 || *s > 60) return std::nullopt;
  Moment moment = sys_days{date} + hours{*h} + minutes{*mi} + seconds{*s};
  if (text[19] == '.') {
    int thousandth = 100;
    for (std::size_t i = 20; i + 1 < text.size() && thousandth > 0; ++i, thousandth /= 10) {
      if (text[i] < '0' || text[i] > '9') return std::nullopt;
      moment += milliseconds{(text[i] - '0') * thousandth};
    }
  }
  return moment;
}

std::string human_duration(milliseconds span) {
  const auto total = span.count() / 1000;
  if (total < -1) return "<invalid>";
  if (total < 0) return "0s";
  if (total < 120) return fmt::format("{}s", total);
  const auto m = total / 60, h = total / 3600, d = h / 24;
  if (m < 10) return total % 60 == 0 ? fmt::format("{}m", m) : fmt::format("{}m{}s", m, total % 60);
  if (m < 180) return fmt::format("{}m", m);
  if (h < 8) return m % 60 == 0 ? fmt::format("{}h", h) : fmt::format("{}h{}m", h, m % 60);
  if (h < 48) return fmt::format("{}h", h);
  if (h < 24 * 8) return h % 24 == 0 ? fmt::format("{}d", d) : fmt::format("{}d{}h", d, h % 24);
  if (d < 365 * 2) return fmt::format("{}d", d);
  if (d < 365 * 8)
    return d % 365 == 0 ? fmt::format("{}y", d / 365) : fmt::format("{}y{}d", d / 365, d % 365);
  return fmt::format("{}y", d / 365);
}

}  // namespace copse::runner::sandbox
