#include "runner/cli/row_screen.hpp"

#include "runner/cli/screen.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <utility>

#include <unistd.h>

namespace copse::runner::cli {
namespace {

using doctor::Row;
using doctor::Verdict;

constexpr std::size_t verdict_width = 7;  // `skipped`
constexpr std::size_t check_width = 18;
constexpr std::size_t found_at = 2 + verdict_width + 2 + check_width + 2;
constexpr std::string_view remedy_mark = "-> ";

Hue hue_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return Hue::good;
    case Verdict::note:
      return Hue::blue;
    case Verdict::warning:
      return Hue::warn;
    case Verdict::error:
      return Hue::bad;
    case Verdict::skipped:
      return Hue::dim;
  }
  return Hue::plain;
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t points = engine::code_points(text);
  return std::string(text) + std::string(points < width ? width - points : 0, ' ');
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string out;
  std::size_t in_line = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    const std::size_t points = engine::code_points(word);
    if (in_line > 0 && in_line + 1 + points > width) {
      out += "\n" + std::string(indent, ' ');
      in_line = 0;
    } else if (in_line > 0) {
      out += ' ';
      ++in_line;
    }
    out += word;
    in_line += points;
    at = end + 1;
  }
  return out;
}

RowScreen::RowScreen(Format format)
    : format_(format),
      colour_(is_terminal(STDOUT_FILENO) ? engine::Colour::on : engine::Colour::off),
      columns_(::isatty(STDOUT_FILENO) == 1 ? terminal_columns(STDOUT_FILENO)
                                            : std::numeric_limits<std::uint32_t>::max()),
      shows_waiting_(format == Format::text && ::isatty(STDERR_FILENO) == 1) {}

void RowScreen::begin(std::string_view title, std::string_view doing) {
  title_ = title;
  say(doing);
}

void RowScreen::say(std::string_view doing) {
  if (!shows_waiting_ || doing.empty()) return;
  std::fprintf(stderr, "\r\x1b[K  %s \u2026", std::string(doing).c_str());
  std::fflush(stderr);
  is_waiting_ = true;
}

void RowScreen::hush() {
  if (!std::exchange(is_waiting_, false)) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

void RowScreen::add(doctor::Rows rows) {
  if (rows.empty()) return;
  hush();
  for (const Row& row : rows) print(row);
  std::fflush(stdout);
  std::move(rows.begin(), rows.end(), std::back_inserter(rows_));
}

void RowScreen::print(const Row& row) {
  if (format_ == Format::json) {
    std::puts(doctor::to_json(row).c_str());
    return;
  }
  if (!title_.empty())
    std::printf("%s%s\n", rows_.empty() ? "" : "\n",
                paint(Hue::bold, std::exchange(title_, {}), colour_).c_str());
  // Beside the texts; on a narrow terminal below them.
  const std::size_t width = std::max<std::size_t>(columns_, found_at + 30) - found_at;
  const std::string verdict =
      paint(hue_of(row.verdict), padded(doctor::name(row.verdict), verdict_width), colour_);
  std::printf("  %s  %s  %s\n", verdict.c_str(), padded(row.check, check_width).c_str(),
              wrapped(row.found, width, found_at).c_str());
  if (row.remedy.empty()) return;
  const std::string remedy =
      wrapped(row.remedy, width - remedy_mark.size(), found_at + remedy_mark.size());
  const Hue hue =
      row.verdict == Verdict::error || row.verdict == Verdict::warning ? Hue::bold : Hue::dim;
  std::printf("%s%s%s\n", std::string(found_at, ' ').c_str(), std::string(remedy_mark).c_str(),
              paint(hue, remedy, colour_).c_str());
}

void RowScreen::end() {
  hush();
  if (format_ == Format::json) return;
  constexpr std::array order{Verdict::ok, Verdict::note, Verdict::warning, Verdict::error,
                             Verdict::skipped};
  std::string line;
  for (const Verdict verdict : order) {
    const auto count = std::count_if(rows_.begin(), rows_.end(),
                                     [&](const Row& row) { return row.verdict == verdict; });
    if (count == 0) continue;
    const bool has_plural = verdict != Verdict::ok && verdict != Verdict::skipped;
    const std::string words = std::to_string(count) + " " + std::string(doctor::name(verdict)) +
                              (has_plural && count > 1 ? "s" : "");
    line += (line.empty() ? "" : ", ") + paint(hue_of(verdict), words, colour_);
  }
  const int code = doctor::exit_code(rows_);
  std::printf("\n%s: %s\n", line.c_str(),
              code == 0 ? "nothing stands in the way of `copse serve`"
                        : "see the remedies at ->, then ask again");
}

}  // namespace copse::runner::cli
