#include "runner/cli/screen.hpp"

#include "engine/json_writer.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

#include <sys/ioctl.h>
#include <unistd.h>

namespace copse::runner::cli {

bool is_terminal(int descriptor) {
  return ::isatty(descriptor) == 1 && std::getenv("NO_COLOR") == nullptr;
}

std::uint32_t terminal_columns(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 100;
  return size.ws_col;
}

std::string paint(Hue hue, std::string_view text, engine::Colour colour) {
  if (colour == engine::Colour::off || hue == Hue::plain) return std::string(text);
  const auto code = [&]() -> std::string_view {
    switch (hue) {
      case Hue::plain:
        return "0";
      case Hue::bold:
        return "1";
      case Hue::dim:
        return "2";
      case Hue::good:
        return "32";
      case Hue::bad:
        return "31";
      case Hue::warn:
        return "33";
      case Hue::blue:
        return "34";
    }
    return "0";
  };
  return "\x1b[" + std::string(code()) + "m" + std::string(text) + "\x1b[0m";
}

std::string Table::text(engine::Colour colour) const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t c = 0; c < row.size(); ++c)
      widths[c] = std::max<std::size_t>(widths[c], engine::code_points(row[c]));
  }
  std::string out;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    std::string line;
    for (std::size_t c = 0; c < rows_[r].size(); ++c) {
      const std::string& cell = rows_[r][c];
      const std::string pad(widths[c] - engine::code_points(cell), ' ');
      const bool is_right = std::find(right_.begin(), right_.end(), c) != right_.end();
      const bool is_last = c + 1 == rows_[r].size();
      line += is_right ? pad + cell : is_last ? cell : cell + pad;
      if (!is_last) line += "  ";
    }
    out += (r == 0 ? paint(Hue::dim, line, colour) : line) + "\n";
  }
  return out;
}

std::string to_json(const engine::Diagnostic& diagnostic) {
  engine::JsonWriter out;
  out.begin_object()
      .member("severity", engine::name(diagnostic.severity))
      .member("code", diagnostic.code);
  out.member("title", diagnostic.title).member("file", diagnostic.place.file);
  out.key("line").number(diagnostic.place.line).key("column").number(diagnostic.place.column);
  out.member("label", diagnostic.label).key("notes").begin_array();
  for (const std::string& note : diagnostic.notes) out.text(note);
  out.end_array().member("help", diagnostic.help);
  if (diagnostic.cause) {
    const engine::Place& place = diagnostic.cause->place;
    out.key("cause").begin_object().member("file", place.file).key("line").number(place.line);
    out.key("column").number(place.column).member("label", diagnostic.cause->label).end_object();
  }
  if (diagnostic.fix) {
    // Bytes of the file.
    out.key("fix").begin_object().key("begin");
    out.number(static_cast<std::int64_t>(diagnostic.fix->span.begin)).key("end");
    out.number(static_cast<std::int64_t>(diagnostic.fix->span.end));
    out.member("text", diagnostic.fix->text).end_object();
  }
  out.end_object();
  return out.take();
}

void show(const engine::Diagnostics& diagnostics, bool as_json) {
  const engine::Colour colour =
      is_terminal(STDERR_FILENO) ? engine::Colour::on : engine::Colour::off;
  std::map<std::string_view, std::size_t> seen;  // by code
  for (const engine::Diagnostic& diagnostic : diagnostics) {
    if (++seen[diagnostic.code] > shown_limit && !as_json) continue;
    const std::string text =
        as_json ? to_json(diagnostic) + "\n" : engine::render(diagnostic, colour) + "\n";
    std::fputs(text.c_str(), stderr);
  }
  if (as_json) return;
  for (const auto& [code, count] : seen) {
    if (count <= shown_limit) continue;
    const std::string text = "and " + grouped(count - shown_limit) + " more of " +
                             std::string(code) + ": `--format json` shows them all\n";
    std::fputs(text.c_str(), stderr);
  }
}

std::string bar(std::size_t done, std::size_t all, std::size_t width) {
  const std::size_t full = all == 0 ? width : std::min(done, all) * width / all;
  std::string out;
  for (std::size_t i = 0; i < width; ++i) out += i < full ? "\u2588" : "\u2591";
  return out;
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string clipped(std::string_view of, std::size_t width) {
  const std::string text = engine::printable(of);
  if (!is_terminal(STDOUT_FILENO) || engine::code_points(text) <= width) return text;
  std::string out;
  std::size_t points = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U && points++ + 1 >= width) break;
    out += c;
  }
  return out + "\u2026";
}

void print_document(const engine::Diagnostics& diagnostics, bool ok) {
  engine::JsonWriter out;
  out.begin_object().key("ok").boolean(ok).key("diagnostics").begin_array();
  for (const engine::Diagnostic& diagnostic : diagnostics) out.raw(to_json(diagnostic));
  out.end_array().end_object();
  std::puts(out.take().c_str());
}

std::string counted(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

}  // namespace copse::runner::cli
