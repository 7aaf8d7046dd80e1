#pragma once
// Texts to atoms: the one hash look-up that a decision makes for each attribute.
//
// Perfect hashing: texts fall into buckets of about three, and each bucket has a *pilot* that sends
// its texts to slots where no other text is (after PTHash, Pibiri and Trani 2021). A look-up visits
// one slot whatever the text is, so nobody who picks tag values can make decisions slow. A slot
// holds a text of up to 16 bytes whole, in tables of longer texts of up to 32; of still longer ones
// a sample, and where they stand: the whole text is compared, so a hash collision never gives a
// wrong answer. The sample is what is hashed, unless that leaves two listed texts alike.
// Look-ups stand in this header because a call would cost as much as the work.

#include "engine/column.hpp"
#include "engine/text_head.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::engine {

/// The class of a value, or a listed text or part of the numbers: these are numbered from
/// first_listed_atom.
enum class Atom : std::uint32_t {
  absent = 0,
  ill_typed = 1,
  other = 2,              ///< a text that no test lists
  deferred = 0xFFFF'FFFF  ///< a canary, hashed when a test asks for it
};

inline constexpr std::uint32_t first_listed_atom = 3;

/// Immutable after build().
class AtomTable {
 public:
  /// `texts` are distinct; text I becomes atom first_listed_atom + I. One that is no UTF-8 is
  /// listed and never found: no document has it.
  static AtomTable build(std::span<const std::string_view> texts);
  static AtomTable build(std::span<const std::string> texts);

  /// The same, numbered as the texts come to lie: `order[I]` says which of them became atom
  /// first_listed_atom + I. Then a look-up can be guessed.
  static AtomTable build_as_placed(std::span<const std::string_view> texts,
                                   std::vector<std::uint32_t>& order);

  /// True of one that was built as placed.
  [[nodiscard]] bool can_guess() const { return !ranks_.empty(); }

  /// What find() would say of a listed text, before it is known to be one: reads nothing of the
  /// slots, which in a large table are far away. Of another text any atom, or the one behind the
  /// last.
  [[nodiscard, gnu::always_inline]] Atom guess(const TextHead& head, std::string_view text) const {
    return long_slots_.empty() ? guess_in(short_slots_, head, text)
                               : guess_in(long_slots_, head, text);
  }

  /// The atom of `text`, whose head is given too; `unlisted` when it is not listed. Which of the
  /// two it is takes no branch: texts come in no order that a processor could foresee. It is UTF-8,
  /// and at least text_padding bytes from where it begins can be read.
  [[nodiscard, gnu::always_inline]] Atom find(const TextHead& head, std::string_view text,
                                              Atom unlisted) const {
    return long_slots_.empty() ? find_in(short_slots_, head, text, unlisted)
                               : find_in(long_slots_, head, text, unlisted);
  }

  [[nodiscard]] Atom find_padded(std::string_view text) const {
    return find(TextHead::of_padded(text), text, Atom::other);
  }

  /// The same of a text that may stand anywhere.
  [[nodiscard]] Atom find(std::string_view text) const;

  /// The text of a listed atom.
  [[nodiscard]] std::string_view text(Atom atom) const {
    const std::uint32_t i = std::to_underlying(atom) - first_listed_atom;
    return {texts_.data() + ends_[i], ends_[i + 1] - ends_[i]};
  }

  /// Atoms in all: the three classes and the listed texts.
  [[nodiscard]] std::uint32_t atoms() const;

  [[nodiscard]] std::size_t bytes() const;

  /// Bytes that look-ups read: of texts that stand whole in their slots not the text itself.
  [[nodiscard]] std::size_t hot_bytes() const;

  /// What would send a look-up astray; empty when nothing does and each text is found.
  [[nodiscard]] std::string fault() const;

  /// Shows a visitor all that the table is made of.
  template <class Table, class Visitor>
  static void parts(Table& table, Visitor& visitor) {
    for (auto& key : table.keys_) visitor.value(key);
    visitor.value(table.sampled_up_to_);
    visitor.column("table: pilots", table.pilots_);
    visitor.column("table: slots", table.short_slots_);
    visitor.column("table: slots", table.long_slots_);
    visitor.column("table: ranks", table.ranks_);
    visitor.column("table: ends", table.ends_);
    visitor.column("table: texts", table.texts_);
  }

  bool operator==(const AtomTable&) const = default;

 private:
  // Bytes of a text that a slot holds: all of a text that has no more; of a longer one the first
  // and, in long slots, the last sixteen.
  static constexpr std::size_t short_text = TextHead::size;
  static constexpr std::size_t long_text = 2 * TextHead::size;
  static_assert(long_text <= text_padding);

  // What the second half of a sample is filled up with, from `32 - known` on: nothing where a text
  // of that many bytes has its own.
  static constexpr auto filling = [] {
    std::array<unsigned char, 48> made{};
    std::fill(made.begin() + 16, made.end(), TextHead::filler);
    return made;
  }();

  template <std::size_t held>
  struct Slot {
    std::array<unsigned char, held> text = [] {
      std::array<unsigned char, held> made{};
      made.fill(TextHead::vacant);
      return made;
    }();
    Atom atom{};

    bool operator==(const Slot&) const = default;
  };

  // What a slot would hold of a text, in registers.
  template <std::size_t held>
  struct Sample {
    __m128i first;
    __m128i second = _mm_setzero_si128();  // of long slots only

    Sample(const TextHead& head, std::string_view text) : first(head.word()) {
      if constexpr (held == long_text) {
        const char* const from = text.data() + std::max(text.size(), held) - 16;
        second = _mm_or_si128(TextHead::load(from),
                              TextHead::load(filling.data() + 32 - std::min(text.size(), held)));
      }
    }

    // The slot's atom if it is the sample's, else `atom`.
    // WHY assembly: GCC takes a branch, and half of them are guessed wrong.
    [[nodiscard]] Atom atom_in(const Slot<held>& slot, Atom atom) const {
      __m128i unlike = _mm_xor_si128(first, TextHead::load(slot.text.data()));
      if constexpr (held == long_text) {
        unlike = _mm_or_si128(unlike, _mm_xor_si128(second, TextHead::load(slot.text.data() + 16)));
      }
      __asm__("ptest %1, %1\n\tcmovz %2, %0" : "+r"(atom) : "x"(unlike), "m"(slot.atom) : "cc");
      return atom;
    }

    // The sum of products of 32-bit halves, each with a key of its own added: two texts share it
    // under few keys only, whoever chose them (NH, from UMAC: RFC 4418).
    [[nodiscard]] std::uint64_t hash(const std::array<std::uint64_t, 4>& keys) const {
      const auto product = [](__m128i part, const std::uint64_t* key) {
        const __m128i sum = _mm_add_epi32(part, TextHead::load(key));
        return _mm_mul_epu32(sum, _mm_shuffle_epi32(sum, 0xF5));  // of the odd quarters
      };
      __m128i all = product(first, keys.data());
      if constexpr (held == long_text) all = _mm_add_epi64(all, product(second, keys.data() + 2));
      return static_cast<std::uint64_t>(
          _mm_cvtsi128_si64(_mm_add_epi64(all, _mm_shuffle_epi32(all, 0xEE))));
    }
  };

  static constexpr std::uint64_t spread = 0xE703'7ED1'A0B4'28DBULL;
  static constexpr std::uint64_t every_size = ~std::uint64_t{0};

  template <std::size_t held>
  [[nodiscard]] std::uint64_t hash_of(const Sample<held>& sample, std::string_view text) const {
    std::uint64_t sum = sample.hash(keys_);
    if constexpr (held == long_text) {
      if (text.size() > sampled_up_to_) [[unlikely]]
        sum ^= hash_of_all(text);
    }
    return sum * spread;
  }

  // Where some listed texts have their samples and their length in common: of all bytes.
  [[nodiscard]] std::uint64_t hash_of_all(std::string_view text) const;

  template <std::size_t held>
  [[nodiscard, gnu::always_inline]] Atom find_in(const Column<Slot<held>>& slots,
                                                 const TextHead& head, std::string_view text,
                                                 Atom unlisted) const {
    const Sample<held> sample(head, text);
    const std::uint64_t h = hash_of(sample, text);
    const std::uint64_t pilot = pilots_.data()[part_of(h, pilots_.size())];
    const Slot<held>& slot = slots.data()[part_of(scrambled(h, pilot), slots.size())];
    const Atom found = sample.atom_in(slot, unlisted);
    if constexpr (held == long_text) {
      if (text.size() >= held) [[unlikely]]
        return found != unlisted && this->text(found) == text ? found : unlisted;
    }
    return found;
  }

  // WHY not one function for the slot: GCC would take seven instructions more for each look-up.
  template <std::size_t held>
  [[nodiscard, gnu::always_inline]] Atom guess_in(const Column<Slot<held>>& slots,
                                                  const TextHead& head,
                                                  std::string_view text) const {
    const std::uint64_t h = hash_of(Sample<held>(head, text), text);
    const std::uint64_t pilot = pilots_.data()[part_of(h, pilots_.size())];
    const std::size_t slot = part_of(scrambled(h, pilot), slots.size());
    const Rank& rank = ranks_.data()[slot / 64];
    const std::uint64_t before = rank.taken & ((std::uint64_t{1} << (slot % 64)) - 1);
    return Atom{first_listed_atom + rank.before +
                static_cast<std::uint32_t>(std::popcount(before))};
  }

  static std::size_t part_of(std::uint64_t h, std::size_t parts) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::size_t>(static_cast<Wide>(h) * parts >> 64U);
  }

  static std::uint64_t scrambled(std::uint64_t h, std::uint64_t pilot) { return h * pilot; }

  static bool are_short(std::span<const std::string_view> texts);

  template <std::size_t held>
  class Builder;

  // Of 64 slots which hold a text, and how many texts stand before them.
  struct Rank {
    std::uint64_t taken = 0;
    std::uint32_t before = 0;
    std::uint32_t unused = 0;

    bool operator==(const Rank&) const = default;
  };

  template <std::size_t held>
  [[nodiscard]] bool ranks_fit(const Column<Slot<held>>& slots) const;

  std::array<std::uint64_t, 4> keys_{};
  std::uint64_t sampled_up_to_ = every_size;  // of longer texts all bytes count
  Column<std::uint16_t> pilots_;              // by bucket: odd numbers
  // One of them is empty: the short ones unless a listed text is longer than they hold.
  Column<Slot<short_text>> short_slots_;
  Column<Slot<long_text>> long_slots_;
  Column<Rank> ranks_;          // empty unless built as placed
  Column<std::uint32_t> ends_;  // text I is texts_[ends_[I] .. ends_[I + 1])
  Column<char> texts_;
};

}  // namespace copse::engine
