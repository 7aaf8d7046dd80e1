#pragma once
// Texts to atoms: the one hash look-up that a decision makes for each attribute.
//
// Perfect hashing: texts fall into buckets of about three, and each bucket has a *pilot* that sends
// its texts to slots where no other text is (after PTHash, Pibiri and Trani 2021). A look-up visits
// one slot whatever the text is, so nobody who picks tag values can make decisions slow. A slot
// holds texts of up to 16 bytes, and where longer ones are: the whole text is compared, so a hash
// collision never gives a wrong answer. Of a longer text a sample is hashed, unless that leaves two
// listed ones alike.
// Look-ups stand in this header because a call would cost as much as the work.

#include "engine/column.hpp"

#include <compare>
#include <cstdint>
#include <cstring>
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

/// Two words that together hold a text of up to 16 bytes whole, and a sample of a longer one: its
/// first and last four bytes and eight about its middle. From 4 bytes on these are four loads at
/// places that follow from the length, and no branch (after wyhash, public domain).
struct Words {
  std::uint64_t a = 0;
  std::uint64_t b = 0;

  auto operator<=>(const Words&) const = default;
};

[[nodiscard]] inline Words words(std::string_view text) {
  const auto load = [](const char* from) {
    std::uint32_t value = 0;
    std::memcpy(&value, from, sizeof value);
    return std::uint64_t{value};
  };
  const auto byte = [&](std::size_t i) {
    return std::uint64_t{static_cast<unsigned char>(text[i])};
  };
  const std::size_t size = text.size();
  if (size < 4) {
    if (size == 0) return {};
    return {byte(0) | byte(size / 2) << 8U | byte(size - 1) << 16U, 0};
  }
  const char* first = text.data();
  const std::size_t step = (size >> 3U) << 2U;
  const char* last = first + size - 4;
  return {load(first) << 32U | load(first + step), load(last) << 32U | load(last - step)};
}

/// The bytes that `words` holds whole.
inline constexpr std::size_t whole_in_words = 16;

/// 64 bits out of two words, mixed well: the halves of their product (after wyhash, public domain).
[[nodiscard]] inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

/// Immutable after build().
class AtomTable {
 public:
  /// `texts` are distinct; text I becomes atom first_listed_atom + I.
  static AtomTable build(std::span<const std::string> texts);

  /// The atom of `text`; Atom::other when it is not listed. Which of the two it is takes no branch:
  /// texts come in no order that a processor could foresee.
  [[nodiscard]] Atom find(std::string_view text) const {
    const Words w = words(text);
    const std::uint64_t h = hash_of(text, w);
    const Slot& slot =
        slots_[part_of(scrambled(h, pilots_[part_of(h, pilots_.size())]), slots_.size())];
    const std::uint64_t unlike =
        (slot.words.a ^ w.a) | (slot.words.b ^ w.b) | (std::uint64_t{slot.size} ^ text.size());
    const Atom found = choose(unlike == 0, slot.atom, Atom::other);
    const bool is_settled = (text.size() <= whole_in_words) | (found == Atom::other);
    return is_settled || same(this->text(found), text) ? found : Atom::other;
  }

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
    visitor.value(table.seed_);
    visitor.value(table.sampled_up_to_);
    visitor.column("table: pilots", table.pilots_);
    visitor.column("table: slots", table.slots_);
    visitor.column("table: ends", table.ends_);
    visitor.column("table: texts", table.texts_);
  }

  bool operator==(const AtomTable&) const = default;

 private:
  struct Slot {
    Words words;
    Atom atom{};
    std::uint32_t size = no_text;
    bool operator==(const Slot&) const = default;
  };

  static constexpr std::uint64_t k0 = 0xA076'1D64'78BD'642FULL;
  static constexpr std::uint64_t k1 = 0xE703'7ED1'A0B4'28DBULL;
  static constexpr std::uint64_t every_size = ~std::uint64_t{0};
  static constexpr std::uint32_t no_text = 0xFFFF'FFFF;  // no text is as long

  static std::uint64_t eight(std::string_view text, std::size_t at) {
    std::uint64_t value = 0;
    std::memcpy(&value, text.data() + at, sizeof value);
    return value;
  }

  // Without a branch.
  static Atom choose(bool condition, Atom yes, Atom no) {
    const std::uint32_t mask = 0U - static_cast<std::uint32_t>(condition);
    return Atom{std::to_underlying(no) ^
                ((std::to_underlying(yes) ^ std::to_underlying(no)) & mask)};
  }

  // Of two texts of the same length, which is more than whole_in_words.
  static bool same(std::string_view a, std::string_view b) {
    std::uint64_t unlike = 0;
    const auto compare = [&](std::size_t at) { unlike |= eight(a, at) ^ eight(b, at); };
    compare(0);
    compare(8);
    compare(a.size() - 16);
    compare(a.size() - 8);
    for (std::size_t at = 16; at + 16 < a.size(); at += 8) compare(at);
    return unlike == 0;
  }

  [[nodiscard]] std::uint64_t hash_of(std::string_view text, const Words& w) const {
    const std::uint64_t seed = text.size() > sampled_up_to_ ? seed_of(text) : seed_;
    const std::uint64_t half = (w.a ^ seed) * k0;
    return ((half ^ half >> 32U ^ w.b) + text.size()) * k1;
  }

  // Where some listed texts have their words and their length in common: of all bytes.
  [[nodiscard, gnu::noinline]] std::uint64_t seed_of(std::string_view text) const {
    std::uint64_t state = seed_;
    for (std::size_t i = 0; i + 8 < text.size(); i += 8) state = mix(eight(text, i) ^ k1, state);
    return mix(eight(text, text.size() - 8) ^ k1, state);
  }

  static std::size_t part_of(std::uint64_t h, std::size_t parts) {
    return (h >> 32U) * parts >> 32U;
  }

  static std::uint64_t scrambled(std::uint64_t h, std::uint64_t pilot) {
    return h * (2 * pilot + 1);
  }

  class Builder;

  std::uint64_t seed_ = 0;
  std::uint64_t sampled_up_to_ = every_size;  // of longer texts all bytes count
  Column<std::uint16_t> pilots_;              // by bucket
  Column<Slot> slots_;
  Column<std::uint32_t> ends_;  // text I is texts_[ends_[I] .. ends_[I + 1])
  Column<char> texts_;
};

}  // namespace copse::engine
