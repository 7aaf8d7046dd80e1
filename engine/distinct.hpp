#pragma once
// Numbers for values by first use, the same for equal ones.
//
// WHY not std::unordered_map: a large policy has some hundred thousand of each, and half of its
// compilation was spent on the map's nodes.

#include "engine/column.hpp"
#include "engine/mix.hpp"

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::engine {

/// 64 bits of all bytes.
[[nodiscard]] inline std::uint64_t hash_of(std::string_view bytes) {
  constexpr std::uint64_t k0 = 0xA076'1D64'78BD'642FULL;
  constexpr std::uint64_t k1 = 0xE703'7ED1'A0B4'28DBULL;
  std::uint64_t state = k0 ^ bytes.size();
  for (; bytes.size() > whole_in_words; bytes.remove_prefix(whole_in_words)) {
    const Words each = words(bytes.substr(0, whole_in_words));
    state = mix(each.a ^ k1, each.b ^ state);
  }
  const Words last = words(bytes);
  return mix(last.a ^ k1, last.b ^ state);
}

/// Finds numbers by what they stand for; what that is, the caller knows.
class Numbering {
 public:
  /// The number for which `same` holds among those with this hash, or else `fresh`, which is kept;
  /// and whether it was fresh.
  template <class Same>
  std::pair<std::uint32_t, bool> add(std::uint64_t hash, std::uint32_t fresh, Same same) {
    if (count_ * 2 >= slots_.size()) grow();
    const auto tag = static_cast<std::uint32_t>(hash >> 32U);
    std::size_t at = hash & (slots_.size() - 1);
    for (; slots_[at].number != none; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].tag == tag && same(slots_[at].number)) return {slots_[at].number, false};
    }
    slots_[at] = {static_cast<std::uint32_t>(hash), tag, fresh};
    ++count_;
    return {fresh, true};
  }

 private:
  static constexpr std::uint32_t none = 0xFFFF'FFFF;

  struct Slot {
    std::uint32_t place = 0;  // the lower half of the hash
    std::uint32_t tag = 0;    // the upper one
    std::uint32_t number = none;
  };

  void grow() {
    const std::vector<Slot> old =
        std::exchange(slots_, std::vector<Slot>(std::max<std::size_t>(16, slots_.size() * 2)));
    for (const Slot& slot : old) {
      if (slot.number == none) continue;
      std::size_t at = slot.place & (slots_.size() - 1);
      while (slots_[at].number != none) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two, at most half full
  std::size_t count_ = 0;
};

template <class T>
class Distinct {
 public:
  /// The value's number, and whether it is new. Equal values have equal hashes.
  std::pair<std::uint32_t, bool> add(const T& value, std::uint64_t hash) {
    const auto found = numbers_.add(hash, static_cast<std::uint32_t>(values_.size()),
                                    [&](std::uint32_t number) { return values_[number] == value; });
    if (found.second) values_.push_back(value);
    return found;
  }

  [[nodiscard]] const std::vector<T>& values() const { return values_; }

 private:
  std::vector<T> values_;
  Numbering numbers_;
};

/// A column that holds each run of numbers once.
class Runs {
 public:
  /// The column outlives it.
  explicit Runs(Column<std::uint32_t>& column) : column_(column) {}

  /// Where `run` stands in the column.
  std::uint32_t add(std::span<const std::uint32_t> run) {
    const auto hash = hash_of({reinterpret_cast<const char*>(run.data()), run.size_bytes()});
    const auto [at, is_new] =
        numbers_.add(hash, static_cast<std::uint32_t>(column_.size()), [&](std::uint32_t place) {
          return run.size() <= column_.size() - place &&
                 std::equal(run.begin(), run.end(), column_.begin() + place);
        });
    if (is_new) column_.append(run);
    return at;
  }

 private:
  Column<std::uint32_t>& column_;
  Numbering numbers_;
};

}  // namespace copse::engine
