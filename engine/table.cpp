#include "engine/table.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

namespace copse::engine {

AtomTable AtomTable::build(std::span<const std::string> texts) {
  AtomTable table;
  table.ends_.reserve(texts.size() + 1);
  table.ends_.push_back(0);
  for (const std::string& text : texts) {
    table.texts_ += text;
    table.ends_.push_back(static_cast<std::uint32_t>(table.texts_.size()));
  }
  std::size_t slots = std::bit_ceil(std::max<std::size_t>(texts.size() * 2, 4));
  // WHY: a table that is half full almost never needs a second seed; growing ends the search for
  // certain.
  for (std::uint64_t seed = 0; !table.place_all(seed, slots); ++seed) {
    if (seed % 8 == 7) slots *= 2;
  }
  return table;
}

bool AtomTable::place_all(std::uint64_t seed, std::size_t slots) {
  seed_ = seed;
  mask_ = static_cast<std::uint32_t>(slots - 1);
  slots_.assign(slots, Slot{});
  for (std::uint32_t i = 0; i + 1 < ends_.size(); ++i) {
    const std::string_view key = std::string_view(texts_).substr(ends_[i], ends_[i + 1] - ends_[i]);
    const std::uint64_t h = hash(key, seed_);
    auto at = static_cast<std::uint32_t>(h) & mask_;
    while (slots_[at].atom != 0) at = (at + 1) & mask_;
    slots_[at] = {static_cast<std::uint32_t>(h >> 32U), first_listed_atom + i, ends_[i],
                  static_cast<std::uint32_t>(key.size())};
  }
  return longest_probe() <= probe_limit;
}

std::uint32_t AtomTable::longest_probe() const {
  // A look-up stops at an empty slot: the longest run of full ones bounds it, wrapped around the
  // end.
  std::uint32_t longest = 0;
  std::uint32_t run = 0;
  for (std::size_t i = 0; i < 2 * slots_.size(); ++i) {
    run = slots_[i & mask_].atom == 0 ? 0 : run + 1;
    longest = std::max(longest, run);
    if (run > slots_.size()) break;
  }
  return longest + 1;
}

std::string_view AtomTable::text(Atom atom) const {
  const std::uint32_t i = std::to_underlying(atom) - first_listed_atom;
  assert(i + 1 < ends_.size());
  return std::string_view(texts_).substr(ends_[i], ends_[i + 1] - ends_[i]);
}

std::uint32_t AtomTable::atoms() const {
  return first_listed_atom + static_cast<std::uint32_t>(ends_.empty() ? 0 : ends_.size() - 1);
}

std::size_t AtomTable::bytes() const {
  return slots_.size() * sizeof(Slot) + ends_.size() * sizeof(ends_[0]) + texts_.size();
}

}  // namespace copse::engine
