#pragma once
// Texts to atoms: the one hash look-up that a decision makes for each attribute.
//
// Open addressing with linear probing. A slot holds what is needed to compare the whole text, so a
// hash collision costs time and never a wrong answer, and to go on without waiting for that
// comparison: the processor loads the atom's node while it still compares. The seed is chosen when
// the table is built so that no look-up, whatever a task contains, probes more than probe_limit
// slots: nobody who picks tag values can make decisions slow. Look-ups stand in this header because
// a call would cost as much as the work.

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace copse::engine {

/// The class of a value, or a listed text. Listed texts are numbered from first_listed_atom.
enum class Atom : std::uint32_t {
  absent = 0,
  ill_typed = 1,
  other = 2  ///< a text that no test lists
};

inline constexpr std::uint32_t first_listed_atom = 3;

/// Slots that a look-up may visit.
inline constexpr std::uint32_t probe_limit = 32;

/// 64 bits of `text`: two loads and two multiplications up to 16 bytes (after wyhash, public
/// domain).
[[nodiscard]] inline std::uint64_t hash(std::string_view text, std::uint64_t seed) {
  constexpr std::uint64_t k0 = 0xA0761D6478BD642FULL;
  constexpr std::uint64_t k1 = 0xE7037ED1A0B428DBULL;
  const auto mix = [](std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
  };
  const auto load = []<typename T>(const char* at, T value) {
    std::memcpy(&value, at, sizeof value);
    return static_cast<std::uint64_t>(value);
  };
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t state = seed ^ k0;
  for (; left > 16; left -= 16, at += 16) {
    state = mix(load(at, std::uint64_t{}) ^ k1, load(at + 8, std::uint64_t{}) ^ state);
  }
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  if (left >= 8) {
    a = load(at, std::uint64_t{});
    b = load(at + left - 8, std::uint64_t{});
  } else if (left >= 4) {
    a = load(at, std::uint32_t{});
    b = load(at + left - 4, std::uint32_t{});
  } else if (left > 0) {
    a = load(at, std::uint8_t{}) | load(at + left / 2, std::uint8_t{}) << 8U |
        load(at + left - 1, std::uint8_t{}) << 16U;
  }
  return mix(k1 ^ text.size(), mix(a ^ k1, b ^ state));
}

/// Immutable after build().
class AtomTable {
 public:
  /// `texts` are distinct; text I becomes atom first_listed_atom + I.
  static AtomTable build(std::span<const std::string> texts);

  /// The atom of `text`; Atom::other when it is not listed.
  [[nodiscard]] Atom find(std::string_view text) const {
    const std::uint64_t h = hash(text, seed_);
    const auto tag = static_cast<std::uint32_t>(h >> 32U);
    for (auto at = static_cast<std::uint32_t>(h) & mask_;; at = (at + 1) & mask_) {
      const Slot& slot = slots_[at];
      if (slot.atom == 0) return Atom::other;
      if (slot.tag == tag && slot.size == text.size() && same(texts_.data() + slot.begin, text)) {
        return Atom{slot.atom};
      }
    }
  }

  /// The text of a listed atom.
  [[nodiscard]] std::string_view text(Atom atom) const;

  /// Atoms in all: the three classes and the listed texts.
  [[nodiscard]] std::uint32_t atoms() const;

  /// Longest probe that any look-up can take.
  [[nodiscard]] std::uint32_t longest_probe() const;

  [[nodiscard]] std::size_t bytes() const;

  bool operator==(const AtomTable&) const = default;

 private:
  struct Slot {
    std::uint32_t tag = 0;    // upper half of the hash
    std::uint32_t atom = 0;   // 0: empty
    std::uint32_t begin = 0;  // in texts_
    std::uint32_t size = 0;
    bool operator==(const Slot&) const = default;
  };

  // Equal sizes. Up to 16 bytes are compared by two overlapping loads instead of a call.
  static bool same(const char* a, std::string_view text) {
    const std::size_t n = text.size();
    const char* b = text.data();
    if (n > 16 || n < 8) return std::memcmp(a, b, n) == 0;
    std::uint64_t x[2];
    std::uint64_t y[2];
    std::memcpy(&x[0], a, 8);
    std::memcpy(&x[1], a + n - 8, 8);
    std::memcpy(&y[0], b, 8);
    std::memcpy(&y[1], b + n - 8, 8);
    return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
  }

  bool place_all(std::uint64_t seed, std::size_t slots);

  std::uint64_t seed_ = 0;
  std::uint32_t mask_ = 0;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> ends_;  // text I is texts_[ends_[I] .. ends_[I + 1])
  std::string texts_;
};

}  // namespace copse::engine
