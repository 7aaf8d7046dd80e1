#pragma once
// Where a fault of the grammar is, and what can be said of it there. Private to the mistakes.

#include "engine/diagnostic.hpp"
#include "grammar/language/builder.hpp"
#include "grammar/language/messages.hpp"
#include "grammar/language/mistakes.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::grammar::language {

inline constexpr std::string_view blanks = " \t\r\n";
inline constexpr std::string_view digits = "0123456789";

inline std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return made;
}

inline std::string in_code(std::string_view text) {
  return "`" + std::string(text) + "`";
}

inline std::string meant(std::string_view text) {
  return "did you mean " + in_code(text) + "?";
}

class FaultPlace {
 public:
  /// `statement`: where the damaged statement begins; `at`: where the fault is.
  FaultPlace(std::string_view text, std::size_t statement, const Fault& fault, std::size_t at)
      : text_(text), statement_(statement), fault_(fault), at_(at) {
    // A word that goes on where one of the language ends: `expects`.
    while (at_ > statement_ && at_ < text_.size() && is_name_character(text_[at_]) &&
           is_name_character(text_[at_ - 1]))
      --at_;
    rest_ = text_.substr(std::min(at_, text_.size()));
    word_ = first_word(rest_);
  }

 protected:
  using Span = engine::Span;

  [[nodiscard]] bool is(const Message& message) const { return fault_.title == message.title; }

  [[nodiscard]] Mistake said(std::string title, std::string help, std::size_t size) const {
    return {std::move(title), std::move(help), {at_, at_ + size}, std::nullopt, {}};
  }

  [[nodiscard]] Mistake with(std::string title, std::string help, std::size_t size, Span fix_at,
                             std::string fix) const {
    return {std::move(title), std::move(help), {at_, at_ + size}, fix_at, std::move(fix)};
  }

  // The word, or sign, that stands here is another one.
  [[nodiscard]] Mistake instead(std::size_t size, std::string_view fix,
                                std::string title = {}) const {
    return with(std::move(title), meant(fix), size, {at_, at_ + size}, std::string(fix));
  }

  [[nodiscard]] Mistake left_out(std::size_t size, std::string title) const {
    return with(std::move(title), "leave it out", size, {at_, at_ + size}, "");
  }

  [[nodiscard]] std::optional<Mistake> near(std::vector<std::string_view> words) const {
    const std::string small = lower(word_);
    const std::string_view found = word_.empty() ? "" : engine::nearest(small, words);
    if (found.empty() || found == word_) return std::nullopt;
    return instead(word_.size(), found);
  }

  // Of a word that goes on with other characters only a person knows where it ends.
  [[nodiscard]] Mistake in_quotes() const {
    const std::size_t end = at_ + word_.size();
    const bool is_whole =
        end == text_.size() || std::string_view(" \t\r\n,;)]}").contains(text_[end]);
    if (!is_whole || word_ == "when") return said("", "a text stands in quotes", word_.size());
    return instead(word_.size(), "\"" + std::string(word_) + "\"");
  }

  // `'a'` as it is written here; empty: no such text stands here.
  [[nodiscard]] std::string_view in_single_quotes() const {
    const std::size_t end = rest_.starts_with('\'') ? rest_.find_first_of("'\n", 1) : 0;
    return end == 0 || end == std::string_view::npos || rest_[end] == '\n'
               ? ""
               : rest_.substr(0, end + 1);
  }

  [[nodiscard]] Mistake single_quotes(std::string_view text) const {
    if (text.find_first_of("\"\\") != std::string_view::npos)
      return said("texts stand in double quotes", "write `\"…\"`", text.size());
    return instead(text.size(), "\"" + std::string(text.substr(1, text.size() - 2)) + "\"",
                   "texts stand in double quotes");
  }

  // The text in quotes that stands here; empty: none that ends in this line.
  [[nodiscard]] std::string_view quoted() const {
    for (std::size_t i = 1; rest_.starts_with('"') && i < rest_.size() && rest_[i] != '\n'; ++i) {
      if (rest_[i] == '"') return rest_.substr(0, i + 1);
      if (rest_[i] == '\\') ++i;
    }
    return {};
  }

  // Behind what stands before the fault, blanks left out.
  [[nodiscard]] std::size_t end_of_before() const {
    const std::size_t last = text_.substr(0, at_).find_last_not_of(blanks);
    return last == std::string_view::npos || last < statement_ ? at_ : last + 1;
  }

  // `made` as it is, but without a fix where that would stand in a comment.
  [[nodiscard]] Mistake unless_in_comment(Mistake made) const {
    const std::size_t line = text_.rfind('\n', made.fix_at->begin - 1);
    const std::size_t from = line == std::string_view::npos ? 0 : line + 1;
    if (text_.substr(from, made.fix_at->begin - from).contains('#')) made.fix_at.reset();
    return made;
  }

  // The word before the fault, blanks between them left out.
  [[nodiscard]] std::string_view word_before(std::size_t at) const {
    std::size_t end = at;
    while (end > statement_ && blanks.find(text_[end - 1]) != std::string_view::npos) --end;
    std::size_t begin = end;
    while (begin > statement_ && is_name_character(text_[begin - 1])) --begin;
    return text_.substr(begin, end - begin);
  }

  [[nodiscard]] std::size_t begin_of(std::string_view part) const {
    return static_cast<std::size_t>(part.data() - text_.data());
  }

  std::string_view text_;
  std::size_t statement_;
  const Fault& fault_;
  std::size_t at_;
  std::string_view rest_;  ///< from the fault on
  std::string_view word_;  ///< that stands there; may be empty
};

/// Mistakes within conditions, and where they should begin or end.
[[nodiscard]] std::optional<Mistake> condition_mistake(const FaultPlace& place);

}  // namespace copse::grammar::language
