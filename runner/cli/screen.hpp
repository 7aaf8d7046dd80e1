#pragma once
// How things look on a terminal: colour with restraint, tables that align.

#include "engine/diagnostic.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::cli {

/// True when the file descriptor is a terminal and NO_COLOR is not set.
[[nodiscard]] bool is_terminal(int descriptor);

/// Columns of the terminal; 100 when it is none.
[[nodiscard]] std::uint32_t terminal_columns(int descriptor);

enum class Hue : std::uint8_t { plain, bold, dim, good, bad, warn, blue };

/// `text` in a colour, when `colour` is on.
[[nodiscard]] std::string paint(Hue hue, std::string_view text, engine::Colour colour);

/// Rows of cells, columns as wide as they need; the last column is not padded. Widths are in code
/// points.
class Table {
 public:
  explicit Table(std::vector<std::string> heads) : rows_{std::move(heads)} {}

  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  /// Right-aligns a column: numbers.
  void right(std::size_t column) { right_.push_back(column); }

  [[nodiscard]] std::string text(engine::Colour colour) const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> right_;
};

/// Diagnostics of one code that people are shown; programs get all.
inline constexpr std::size_t shown_limit = 50;

/// Diagnostics to standard error, for people or (one JSON object a line) for programs.
void show(const engine::Diagnostics& diagnostics, bool as_json);

/// The diagnostics as JSON objects, for documents.
[[nodiscard]] std::string to_json(const engine::Diagnostic& diagnostic);

/// All of one run as one document on standard output.
void print_document(const engine::Diagnostics& diagnostics, bool ok);

/// `1 rule`, `2 rules`
[[nodiscard]] std::string counted(std::size_t count, std::string_view what);

/// A bar of `width` cells of which `done` of `all` are full.
[[nodiscard]] std::string bar(std::size_t done, std::size_t all, std::size_t width);

/// A number with thin groups: `1,234,567`.
[[nodiscard]] std::string grouped(std::uint64_t number);

/// Fit for a line; on a terminal cut to `width` code points, with an ellipsis where something is
/// missing. A pipe gets all: programs look for it.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t width);

}  // namespace copse::runner::cli
