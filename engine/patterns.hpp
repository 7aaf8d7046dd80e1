#pragma once
// The patterns that tests compare one attribute with, and which of them a text matches.
//
// However many there are, only those are tried whose literal part the text has: each pattern hangs
// under the rarest of its beginning, its end, or three bytes within; of a regex RE2 tells which
// literals a match cannot do without. A regex of literals and `.*` is asked as the glob that it is.
// What begins is found in one
// binary search, since of all beginnings that a text has, each shorter one is the parent of the
// next. Regexes are tried one by one while few are possible, else all at once by one RE2::Set.
//
// Everything that is found out at compile time is flat data; RE2's programs are made when they are
// first asked, once, under a lock of their own. Safe from any number of threads. Globs never
// allocate; RE2 may.

#include "engine/column.hpp"
#include "engine/policy.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace copse::engine {

enum class PatternId : std::uint32_t {};

/// What is asked on the way through the patterns of a text.
class PatternVisitor {
 public:
  PatternVisitor() = default;
  PatternVisitor(const PatternVisitor&) = delete;
  PatternVisitor& operator=(const PatternVisitor&) = delete;
  virtual ~PatternVisitor() = default;

  /// False: it need not be tried.
  [[nodiscard]] virtual bool wants(PatternId id) = 0;
  /// The text matches it. May be said twice.
  virtual void found(PatternId id) = 0;
};

/// Instructions of RE2's program for one regex.
inline constexpr int regex_program_limit = 10'000;

/// Regexes that are possible for a text and are tried one by one; with more RE2::Set is asked.
inline constexpr std::size_t single_regex_limit = 16;

/// What is wrong with a pattern, in words, or nothing: a class that does not end, a regex that RE2
/// refuses or whose program is too large.
[[nodiscard]] std::optional<std::string> pattern_fault(const Pattern& pattern);

/// True when a test lists `text`, by itself or by a pattern: one question, asked from scratch.
[[nodiscard]] bool lists(const Test& test, std::string_view text);

class PatternIndex {
 public:
  /// `patterns` are distinct and without a fault; pattern I gets the id I.
  static PatternIndex build(std::span<const Pattern> patterns);

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }

  [[nodiscard]] Pattern::Kind kind(PatternId id) const { return Pattern::Kind(entry(id).kind); }

  [[nodiscard]] std::string_view text(PatternId id) const {
    return bytes(entry(id).offset, entry(id).size);
  }

  /// What every text that matches begins with, and ends with; may be empty.
  [[nodiscard]] std::string_view prefix(PatternId id) const {
    return bytes(entry(id).prefix, entry(id).prefix_size);
  }

  [[nodiscard]] std::string_view suffix(PatternId id) const {
    return bytes(entry(id).suffix, entry(id).suffix_size);
  }

  /// True when the whole of `text` matches that pattern.
  [[nodiscard]] bool matches(PatternId id, std::string_view text) const;

  /// Tells the visitor every pattern that it wants and that `text` matches, in no order.
  void visit(std::string_view text, PatternVisitor& visitor) const;

  /// Those ids, ascending.
  [[nodiscard]] std::vector<PatternId> matching(std::string_view text) const;

  [[nodiscard]] std::size_t bytes() const;

  /// What would send a search astray; empty when nothing does.
  [[nodiscard]] std::string fault() const;

  /// Shows a visitor all that the index is made of.
  template <class Index, class Visitor>
  static void parts(Index& index, Visitor& visitor) {
    visitor.value(index.anywhere_);
    visitor.column("patterns: texts", index.texts_);
    visitor.column("patterns: entries", index.entries_);
    visitor.column("patterns: prefixes", index.prefixes_);
    visitor.column("patterns: suffixes", index.suffixes_);
    visitor.column("patterns: grams", index.grams_);
    visitor.column("patterns: ids", index.ids_);
  }

  /// Makes room for RE2's programs of an index whose parts were just filled.
  void prepare();

  bool operator==(const PatternIndex& other) const;

 private:
  struct Entry {
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
    std::uint32_t prefix = 0;
    std::uint32_t prefix_size = 0;
    std::uint32_t suffix = 0;
    std::uint32_t suffix_size = 0;
    std::uint32_t glob = 0;  // of a regex: texts of one line match it alike
    std::uint32_t glob_size = 0;
    std::uint32_t literal = 0;  // under three bytes: what the text has about them
    std::uint16_t literal_size = 0;
    std::uint16_t gram_at = 0;    // where in the literal these are
    std::uint16_t kind = 0;       // a Pattern::Kind
    std::uint16_t is_simple = 0;  // 1: what it hangs under says all
    bool operator==(const Entry&) const = default;
  };

  // Ids [first, first + count) of `ids_`.
  struct Ids {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    bool operator==(const Ids&) const = default;
  };

  struct Anchor {
    std::uint32_t offset = 0;  // in `texts_`; an end is stored backwards
    std::uint32_t size = 0;
    std::uint32_t parent = 0;  // the next shorter one that it begins with
    Ids ids;
    bool operator==(const Anchor&) const = default;
  };

  struct Gram {
    std::uint32_t bytes = 0;
    Ids ids;
    bool operator==(const Gram&) const = default;
  };

  struct Regexes;
  class Builder;
  class Trial;

  [[nodiscard]] std::string_view bytes(std::uint32_t offset, std::uint32_t size) const {
    return {texts_.data() + offset, size};
  }

  [[nodiscard]] const Entry& entry(PatternId id) const {
    return entries_[static_cast<std::size_t>(id)];
  }

  // The glob that a text of one line is compared with; nothing: RE2 has to say.
  [[nodiscard]] std::optional<std::string_view> glob(PatternId id, bool is_one_line) const {
    const Entry& of = entry(id);
    if (Pattern::Kind(of.kind) == Pattern::Kind::glob) return text(id);
    if (of.glob_size == 0 || !is_one_line) return std::nullopt;
    return bytes(of.glob, of.glob_size);
  }

  [[nodiscard]] std::uint32_t longest(std::span<const Anchor> anchors, std::string_view text,
                                      bool backwards) const;

  Column<char> texts_;
  Column<Entry> entries_;
  Column<Anchor> prefixes_;  // sorted
  Column<Anchor> suffixes_;  // sorted, backwards
  Column<Gram> grams_;       // a hash table: empty, or a power of two with room
  Ids anywhere_;             // without a literal part
  Column<PatternId> ids_;
  std::shared_ptr<Regexes> regexes_;  // made when first asked
};

}  // namespace copse::engine
