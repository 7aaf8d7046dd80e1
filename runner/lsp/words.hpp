#pragma once
// The words of the language, by where they may stand, and what an editor says of each.

#include "runner/lsp/place.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace copse::runner::lsp {

struct Word {
  enum class Kind : std::uint8_t { keyword, attribute, value };
  std::string_view spelled;  ///< with a dot at its end where a name follows: `tags.`
  std::string_view says;
};

struct Words {
  Word::Kind kind = Word::Kind::keyword;
  std::span<const Word> words;
};

/// Those that may stand there; none where there are only names that the policy gives itself.
[[nodiscard]] std::vector<Words> words_of(Slot slot);

/// The one that is spelled so there: of `tags.team` it is `tags.`. Null: none.
[[nodiscard]] const Word* find_word(Slot slot, std::string_view spelled);

}  // namespace copse::runner::lsp
