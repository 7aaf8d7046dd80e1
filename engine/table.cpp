#include "engine/table.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace copse::engine {
namespace {

constexpr std::size_t texts_a_bucket = 3;

}  // namespace

class AtomTable::Builder {
 public:
  explicit Builder(std::span<const std::string> texts) : texts_(texts) {
    for (const std::string& text : texts) words_.push_back(words(text));
    if (samples_collide()) table_.sampled_up_to_ = whole_in_words;
    pilots_.resize(texts.size() / texts_a_bucket + 1);
  }

  AtomTable run() {
    while (!place_all()) ++table_.seed_;
    std::vector<std::uint32_t> ends{0};
    std::vector<char> bytes;
    for (const std::string& text : texts_) {
      bytes.insert(bytes.end(), text.begin(), text.end());
      ends.push_back(static_cast<std::uint32_t>(bytes.size()));
    }
    table_.pilots_ = std::move(pilots_);
    table_.slots_ = std::move(slots_);
    table_.ends_ = std::move(ends);
    table_.texts_ = std::move(bytes);
    return std::move(table_);
  }

 private:
  [[nodiscard]] bool samples_collide() const {
    std::vector<std::pair<Words, std::size_t>> seen;
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      if (texts_[i].size() > whole_in_words) seen.emplace_back(words_[i], texts_[i].size());
    }
    std::sort(seen.begin(), seen.end());
    return std::adjacent_find(seen.begin(), seen.end()) != seen.end();
  }

  // False when two texts cannot be told apart under this seed.
  bool place_all() {
    hashes_.clear();
    for (std::size_t i = 0; i < texts_.size(); ++i)
      hashes_.push_back(table_.hash_of(texts_[i], words_[i]));
    fill_buckets();
    // WHY an eighth more slots than texts: the last buckets then find their pilots after a few
    // tries.
    slots_.assign(texts_.size() + texts_.size() / 8 + 1, Slot{});
    return std::all_of(order_.begin(), order_.end(),
                       [&](std::uint32_t bucket) { return place(bucket); });
  }

  // Texts by bucket, and the buckets by size: full ones first, while there is room.
  void fill_buckets() {
    begins_.assign(pilots_.size() + 1, 0);
    for (const std::uint64_t hash : hashes_) ++begins_[part_of(hash, pilots_.size()) + 1];
    const std::uint32_t largest = *std::max_element(begins_.begin(), begins_.end());
    std::vector<std::uint32_t> of_size(largest + 2);
    for (std::size_t b = 0; b < pilots_.size(); ++b) ++of_size[largest - begins_[b + 1] + 1];
    for (std::size_t size = 1; size < of_size.size(); ++size) of_size[size] += of_size[size - 1];
    order_.resize(pilots_.size());
    for (std::uint32_t b = 0; b < pilots_.size(); ++b)
      order_[of_size[largest - begins_[b + 1]]++] = b;
    for (std::size_t b = 0; b < pilots_.size(); ++b) begins_[b + 1] += begins_[b];
    members_.resize(hashes_.size());
    std::vector<std::uint32_t> next(begins_.begin(), begins_.end() - 1);
    for (std::uint32_t i = 0; i < hashes_.size(); ++i)
      members_[next[part_of(hashes_[i], pilots_.size())]++] = i;
  }

  bool place(std::uint32_t bucket) {
    const std::span<const std::uint32_t> members(members_.data() + begins_[bucket],
                                                 begins_[bucket + 1] - begins_[bucket]);
    const auto slot = [&](std::uint32_t text, std::uint64_t pilot) -> Slot& {
      return slots_[part_of(scrambled(hashes_[text], pilot), slots_.size())];
    };
    for (std::uint32_t pilot = 0; pilot <= std::numeric_limits<std::uint16_t>::max(); ++pilot) {
      std::size_t placed = 0;
      for (; placed < members.size(); ++placed) {
        const std::uint32_t i = members[placed];
        Slot& to = slot(i, pilot);
        if (to.size != no_text) break;
        to = {words_[i], Atom{first_listed_atom + i}, static_cast<std::uint32_t>(texts_[i].size())};
      }
      pilots_[bucket] = static_cast<std::uint16_t>(pilot);
      if (placed == members.size()) return true;
      while (placed > 0) slot(members[--placed], pilot) = Slot{};
    }
    return false;
  }

  std::span<const std::string> texts_;
  std::vector<Words> words_;
  AtomTable table_;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint16_t> pilots_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> begins_;   // bucket B is members_[begins_[B] .. begins_[B + 1])
  std::vector<std::uint32_t> members_;  // texts
  std::vector<std::uint32_t> order_;    // of the buckets
};

AtomTable AtomTable::build(std::span<const std::string> texts) {
  return Builder(texts).run();
}

std::uint32_t AtomTable::atoms() const {
  return first_listed_atom + static_cast<std::uint32_t>(ends_.empty() ? 0 : ends_.size() - 1);
}

std::size_t AtomTable::bytes() const {
  return slots_.bytes() + pilots_.bytes() + ends_.bytes() + texts_.bytes();
}

std::size_t AtomTable::hot_bytes() const {
  std::size_t total = slots_.bytes() + pilots_.bytes();
  for (std::uint32_t i = 0; i + 1 < ends_.size(); ++i) {
    const std::size_t size = ends_[i + 1] - ends_[i];
    if (size > whole_in_words) total += size + sizeof(std::uint32_t);
  }
  return total;
}

std::string AtomTable::fault() const {
  if (ends_.empty() || slots_.empty() || pilots_.empty()) return "no table";
  if (ends_.front() != 0 || ends_.back() > texts_.size() ||
      !std::is_sorted(ends_.begin(), ends_.end()))
    return "texts out of range";
  const auto is_known = [&](const Slot& slot) {
    const std::uint32_t atom = std::to_underlying(slot.atom);
    return slot.size == no_text || (atom >= first_listed_atom && atom < atoms());
  };
  if (!std::all_of(slots_.begin(), slots_.end(), is_known)) return "unknown atom";
  for (std::uint32_t atom = first_listed_atom; atom < atoms(); ++atom) {
    if (find(text(Atom{atom})) != Atom{atom}) return "does not find its own text";
  }
  return {};
}

}  // namespace copse::engine
