#include "engine/table.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace copse::engine {
namespace {

constexpr std::size_t texts_a_bucket = 3;

}  // namespace

AtomTable AtomTable::build(std::span<const std::string> texts) {
  AtomTable table;
  table.ends_.reserve(texts.size() + 1);
  table.ends_.push_back(0);
  for (const std::string& text : texts) {
    table.texts_ += text;
    table.ends_.push_back(static_cast<std::uint32_t>(table.texts_.size()));
  }
  // WHY an eighth more slots than texts: the last buckets then find their pilots after a few tries.
  table.slots_.resize(texts.size() + texts.size() / 8 + 1);
  table.pilots_.resize(texts.size() / texts_a_bucket + 1);
  table.reads_all_ = table.samples_collide();
  while (!table.place_all()) ++table.seed_;
  return table;
}

bool AtomTable::samples_collide() const {
  std::vector<std::pair<Words, std::size_t>> seen;
  for (std::uint32_t i = 0; i + 1 < ends_.size(); ++i) {
    const std::string_view listed = text(Atom{first_listed_atom + i});
    if (listed.size() > whole_in_words) seen.emplace_back(words(listed), listed.size());
  }
  std::sort(seen.begin(), seen.end());
  return std::adjacent_find(seen.begin(), seen.end()) != seen.end();
}

// False when two texts cannot be told apart under this seed.
bool AtomTable::place_all() {
  std::vector<std::uint64_t> hashes;
  std::vector<std::vector<std::uint32_t>> buckets(pilots_.size());
  for (std::uint32_t i = 0; i + 1 < ends_.size(); ++i) {
    const std::string_view listed = text(Atom{first_listed_atom + i});
    hashes.push_back(hash(listed, words(listed)));
    buckets[bucket_of(hashes[i])].push_back(i);
  }
  // Full buckets first, while there is room.
  std::vector<std::uint32_t> order(buckets.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return buckets[a].size() > buckets[b].size();
  });
  std::fill(slots_.begin(), slots_.end(), Slot{});
  return std::all_of(order.begin(), order.end(), [&](std::uint32_t bucket) {
    return place_bucket(buckets[bucket], hashes, pilots_[bucket]);
  });
}

bool AtomTable::place_bucket(std::span<const std::uint32_t> texts,
                             std::span<const std::uint64_t> hashes, std::uint16_t& pilot) {
  for (std::uint32_t tried = 0; tried <= std::numeric_limits<std::uint16_t>::max(); ++tried) {
    std::size_t placed = 0;
    while (placed < texts.size()) {
      const std::uint32_t i = texts[placed];
      Slot& slot = slots_[slot_of(hashes[i], tried)];
      if (slot.size != no_text) break;
      const Atom atom{first_listed_atom + i};
      slot = {words(text(atom)), atom, ends_[i + 1] - ends_[i]};
      ++placed;
    }
    pilot = static_cast<std::uint16_t>(tried);
    if (placed == texts.size()) return true;
    while (placed > 0) slots_[slot_of(hashes[texts[--placed]], tried)] = Slot{};
  }
  return false;
}

std::uint32_t AtomTable::atoms() const {
  return first_listed_atom + static_cast<std::uint32_t>(ends_.empty() ? 0 : ends_.size() - 1);
}

std::size_t AtomTable::bytes() const {
  return slots_.size() * sizeof(Slot) + pilots_.size() * sizeof(pilots_[0]) +
         ends_.size() * sizeof(ends_[0]) + texts_.size();
}

}  // namespace copse::engine
