#pragma once
// Texts to atoms: the one hash look-up that a decision makes for each attribute.
//
// Open addressing with linear probing over slots of eight bytes; the full text is compared, so a
// hash collision costs time and never a wrong answer. The seed is chosen when the table is built so
// that no look-up, whatever a task contains, probes more than probe_limit slots: an adversary who
// picks tag values cannot make decisions slow.

#include <cstdint>
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

/// Immutable after build().
class AtomTable {
 public:
  /// `texts` are distinct; text I becomes atom first_listed_atom + I.
  static AtomTable build(std::span<const std::string> texts);

  [[nodiscard]] Atom find(std::string_view text) const;

  /// Fetches the slot of a text ahead of `find_hashed`; returns its hash.
  [[nodiscard]] std::uint64_t prefetch(std::string_view text) const;
  [[nodiscard]] Atom find_hashed(std::string_view text, std::uint64_t hash) const;

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
    std::uint32_t tag = 0;   // upper half of the hash
    std::uint32_t atom = 0;  // 0: empty
    bool operator==(const Slot&) const = default;
  };

  bool place_all(std::uint64_t seed, std::size_t slots);

  std::uint64_t seed_ = 0;
  std::uint32_t mask_ = 0;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> ends_;  // text I is texts_[ends_[I] .. ends_[I + 1])
  std::string texts_;
};

}  // namespace copse::engine
