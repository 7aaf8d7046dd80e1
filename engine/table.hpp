#pragma once
// Texts to atoms: the one hash look-up that a decision makes for each attribute.
//
// Perfect hashing: texts fall into buckets of about three, and each bucket has a *pilot* that sends
// its texts to slots where no other text is (after PTHash, Pibiri and Trani 2021). A look-up visits
// one slot whatever the text is, so nobody who picks tag values can make decisions slow. A slot
// holds what is needed to compare the whole text: a hash collision never gives a wrong answer.
// Look-ups stand in this header because a call would cost as much as the work.

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

/// Two words that together hold a text of 4 to 16 bytes whole: four loads that overlap as its
/// length wants it, and no branch (after wyhash, public domain).
struct Words {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};

[[nodiscard]] inline Words words(const char* at, std::size_t size) {
  const auto load = [](const char* from) {
    std::uint32_t value = 0;
    std::memcpy(&value, from, sizeof value);
    return std::uint64_t{value};
  };
  const std::size_t step = (size >> 3U) << 2U;
  const char* last = at + size - 4;
  return {load(at) << 32U | load(at + step), load(last) << 32U | load(last - step)};
}

/// 64 bits of `text`: a few loads and two multiplications up to 16 bytes (after wyhash, public
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
  Words end;
  if (left >= 4) {
    end = words(at, left);
  } else if (left > 0) {
    end.a = load(at, std::uint8_t{}) | load(at + left / 2, std::uint8_t{}) << 8U |
            load(at + left - 1, std::uint8_t{}) << 16U;
  }
  return mix(k1 ^ text.size(), mix(end.a ^ k1, end.b ^ state));
}

/// Immutable after build().
class AtomTable {
 public:
  /// `texts` are distinct; text I becomes atom first_listed_atom + I.
  static AtomTable build(std::span<const std::string> texts);

  /// The atom of `text`; Atom::other when it is not listed.
  [[nodiscard]] Atom find(std::string_view text) const {
    const std::uint64_t h = hash(text, seed_);
    const Slot& slot = slots_[slot_of(h, pilots_[bucket_of(h)])];
    const bool found =
        slot.tag == tag_of(h) && slot.size == text.size() && same(texts_.data() + slot.begin, text);
    return found ? Atom{slot.atom} : Atom::other;
  }

  /// The text of a listed atom.
  [[nodiscard]] std::string_view text(Atom atom) const;

  /// Atoms in all: the three classes and the listed texts.
  [[nodiscard]] std::uint32_t atoms() const;

  [[nodiscard]] std::size_t bytes() const;

  bool operator==(const AtomTable&) const = default;

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t atom = 0;
    std::uint32_t begin = 0;  // in texts_
    std::uint32_t size = no_text;
    bool operator==(const Slot&) const = default;
  };

  static constexpr std::uint32_t no_text = 0xFFFF'FFFF;  // no text is as long

  static std::uint32_t tag_of(std::uint64_t h) { return static_cast<std::uint32_t>(h); }

  [[nodiscard]] std::size_t bucket_of(std::uint64_t h) const {
    return (h >> 32U) * pilots_.size() >> 32U;
  }

  [[nodiscard]] std::size_t slot_of(std::uint64_t h, std::uint64_t pilot) const {
    const std::uint64_t mixed = h * (2 * pilot + 1);
    return (mixed >> 32U) * slots_.size() >> 32U;
  }

  // Equal sizes. Most texts are compared by overlapping loads instead of a call.
  static bool same(const char* a, std::string_view text) {
    const std::size_t n = text.size();
    const char* b = text.data();
    if (n > 16 || n < 4) return std::memcmp(a, b, n) == 0;
    const Words x = words(a, n);
    const Words y = words(b, n);
    return ((x.a ^ y.a) | (x.b ^ y.b)) == 0;
  }

  bool place_all();
  bool place_bucket(std::span<const std::uint32_t> texts, std::span<const std::uint64_t> hashes,
                    std::uint16_t& pilot);

  std::uint64_t seed_ = 0;
  std::vector<std::uint16_t> pilots_;  // by bucket
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> ends_;  // text I is texts_[ends_[I] .. ends_[I + 1])
  std::string texts_;
};

}  // namespace copse::engine
