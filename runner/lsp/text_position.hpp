#pragma once
// Places of a text as editors count them: lines, and units of UTF-16 within a line (LSP 3.17,
// Position). Line breaks are \n, \r\n.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace copse::runner::lsp {

struct Position {
  std::uint32_t line = 0;       ///< from 0
  std::uint32_t character = 0;  ///< units of UTF-16 before it

  bool operator==(const Position&) const = default;
};

/// Turns bytes into positions and back, for one text that outlives it.
/// Cost: one pass over the text, then the logarithm of its size each, however long its lines.
class Lines {
 public:
  explicit Lines(std::string_view text);

  [[nodiscard]] Position position(std::size_t byte) const;

  /// The byte at a position; at the end of its line, or of the text, when it lies beyond.
  [[nodiscard]] std::size_t byte(Position position) const;

  /// The byte of a place of engine::Place: line and column from 1, in code points.
  [[nodiscard]] std::size_t byte_of(std::uint32_t line, std::uint32_t column) const;

  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(starts_.size()); }

 private:
  // How far a line has come.
  struct Mark {
    std::size_t byte = 0;
    std::uint32_t code_points = 0;  // before it in its line
    std::uint32_t units = 0;        // of UTF-16
  };

  void add_line(std::size_t begin, std::size_t end);
  void step(Mark& at) const;
  [[nodiscard]] std::size_t find(std::size_t line, std::uint32_t Mark::* count,
                                 std::uint32_t wanted) const;

  std::string_view text_;
  std::vector<std::size_t> starts_;
  std::vector<Mark> marks_;  // within long lines
};

}  // namespace copse::runner::lsp
