#pragma once
// The doctor's rows as they come: aligned lines for people, an object a line for programs.

#include "engine/diagnostic.hpp"
#include "runner/cli/arguments.hpp"
#include "runner/doctor/row.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace copse::runner::cli {

class RowScreen {
 public:
  explicit RowScreen(Format format);
  RowScreen(const RowScreen&) = delete;
  RowScreen& operator=(const RowScreen&) = delete;

  ~RowScreen() { hush(); }

  /// What comes now, with what is being done until the first row (empty: nothing).
  void begin(std::string_view title, std::string_view doing);

  /// On a terminal: what is being waited for.
  void say(std::string_view doing);

  void add(doctor::Rows rows);

  /// The last line: how many of each.
  void end();

  [[nodiscard]] const doctor::Rows& rows() const { return rows_; }

 private:
  void print(const doctor::Row& row);
  void hush();

  Format format_;
  engine::Colour colour_;
  std::size_t columns_;  ///< of a terminal; else so many that nothing is broken
  bool shows_waiting_;
  bool is_waiting_ = false;
  std::string title_;  ///< not printed yet
  doctor::Rows rows_;
};

/// `text` broken at blanks into lines of at most `width` code points, those after the first with
/// `indent` blanks in front. A word that is longer stays whole.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace copse::runner::cli
