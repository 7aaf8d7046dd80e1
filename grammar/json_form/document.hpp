#pragma once
// The JSON text under the reader: its values by where they begin, in any order, and what is said
// when they are not as they should be. Private to the reader.

#include "engine/diagnostic.hpp"
#include "engine/json_scanner.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::grammar::json_form {

using engine::Span;
using Names = std::vector<std::string_view>;

/// Where a value begins.
using At = std::size_t;

struct Member {
  std::string name;
  Span key;  ///< within its quotes
  At value = 0;
};

using Members = std::vector<Member>;

[[nodiscard]] const Member* find(const Members& members, std::string_view name);

class Document {
 public:
  using Kind = engine::JsonScanner::Kind;

  /// A text that is JSON; it outlives the Document, and so does `to`.
  Document(const engine::Source& source, engine::Diagnostics& to)
      : source_(source), places_(source), json_(source.text), to_(to) {}

  // ---- values ----

  [[nodiscard]] Kind kind(At at);
  /// All of it, from bracket to bracket.
  [[nodiscard]] Span span(At at);
  /// Of a list or an object its bracket only: what a mistake underlines.
  [[nodiscard]] Span front(At at);
  [[nodiscard]] std::string_view bytes(Span span) const;
  [[nodiscard]] std::vector<At> elements(At at);
  /// Of an object; a name that comes twice is refused, and its first value counts.
  [[nodiscard]] Members members(At at);
  [[nodiscard]] std::string text(At at);

  // ---- what they should be; P0549 when they are not ----

  [[nodiscard]] bool is(Kind wanted, At at, std::string_view what, std::string_view help);
  /// A text; nothing: it is none.
  [[nodiscard]] std::optional<std::string> text_of(At at, std::string_view what,
                                                   std::string_view help);

  /// The one member that says what an object is. Nothing: there is none (P0551; P0548 if one is
  /// misspelt), or there are two (P0553).
  [[nodiscard]] const Member* decisive(const Members& members, At object, const Names& names,
                                       std::string_view where, std::string_view help);

  /// Refuses every member that is none of `names`.
  void only(const Members& members, const Names& names, std::string_view where);

  /// A member that has to be there; P0551.
  [[nodiscard]] const Member* needed(const Members& members, std::string_view name, Span where,
                                     std::string_view help);

  // ---- what is wrong ----

  void say(std::string_view code, Span span, std::string title, std::string_view help = {});
  void unknown(const Member& member, const Names& names, std::string_view where);
  /// Errors that were not told, as there were too many.
  void tell_rest();

  [[nodiscard]] bool is_sound() const { return to_.empty(); }

 private:
  engine::Diagnostic* add(std::string_view code, Span span, std::string title,
                          std::string_view help);

  const engine::Source& source_;
  engine::Locator places_;
  engine::JsonScanner json_;
  engine::Diagnostics& to_;
  std::size_t untold_ = 0;
};

}  // namespace copse::grammar::json_form
