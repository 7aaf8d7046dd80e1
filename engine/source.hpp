#pragma once
// A text that a person wrote (a policy, a properties file, a template, a task) and places in it.
//
// Offsets are bytes. Lines and columns start at 1; a column counts code points, so that it agrees
// with what an editor shows. A Source is immutable; a Place is self-contained: it carries its
// line's text and outlives the Source.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::engine {

/// A run of bytes of one Source: [begin, end). Empty means "here", e.g. where something is missing.
struct Span {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  bool operator==(const Span&) const = default;
};

/// A part of a text that was made from another one. Passages are nested, never crossed.
struct Passage {
  static constexpr std::uint32_t outermost = ~0U;

  std::uint32_t begin = 0;  ///< in the text that was made
  std::uint32_t end = 0;
  std::uint32_t written_begin = 0;  ///< in the text that a person wrote
  std::uint32_t written_end = 0;
  std::uint32_t outer = outermost;  ///< index of the passage around it
  bool is_copy = false;             ///< byte for byte what was written
};

/// What a person wrote, when the text that is read was made from it: of a policy in JSON, the JSON.
struct Original {
  std::string text;
  std::vector<Passage> passages;  ///< by where they begin, the outer ones first
};

/// One text and the name under which a person knows it: a path as it was given, or `<stdin>`.
struct Source {
  std::string name;
  std::string text;
  /// WHY shared: a policy keeps its Source, and so do its copies. Usually absent.
  std::shared_ptr<const Original> original = {};
};

/// As it may be shown in a line: blanks for tabs, which would move what stands behind, and for
/// control bytes, which would move the terminal.
[[nodiscard]] std::string printable(std::string_view text);

/// A span made readable: the file, the position, and the line with the part to underline.
struct Place {
  std::string file;
  std::uint32_t line = 0;  ///< 0: the whole file is meant, and there is no excerpt
  std::uint32_t column = 0;
  std::string excerpt;             ///< the line, cut to limits::excerpt code points around the span
  std::uint32_t underline_at = 0;  ///< code points of `excerpt` before the underlined part
  std::uint32_t underline_length = 0;

  bool operator==(const Place&) const = default;
};

/// Code points of a line that a diagnostic shows; a longer line (minified JSON) is cut around the
/// span.
inline constexpr std::uint32_t excerpt_limit = 120;

/// Finds places in one text; of a text that was made, those where it was written. A span of several
/// lines is underlined to the end of its first.
/// Cost: one pass over the text between the last span and this one, whatever the number of spans,
/// as long as they come in the order of the text; else a pass from its start.
class Locator {
 public:
  /// `source` outlives the Locator.
  explicit Locator(const Source& source);

  [[nodiscard]] Place place(Span span);

 private:
  void advance(std::size_t to);
  void retreat(std::size_t to);

  const Source* source_;
  std::string_view text_;
  std::size_t at_ = 0;  // what follows is of this byte
  std::size_t line_begin_ = 0;
  std::size_t line_end_ = 0;  // 0: not looked for
  std::uint32_t line_ = 1;
  std::uint32_t column_ = 1;
};

/// Where a run of a Source's text stands in what a person wrote. Nothing: it stands nowhere as it
/// is, so that no program can change it there.
[[nodiscard]] std::optional<Span> as_written(const Source& source, Span span);

/// The place of one span.
[[nodiscard]] Place locate(const Source& source, Span span);

/// A place that means a file as a whole.
[[nodiscard]] Place whole_file(std::string_view name);

/// Code points in `text`; a malformed byte counts as one.
[[nodiscard]] std::uint32_t code_points(std::string_view text);

}  // namespace copse::engine
