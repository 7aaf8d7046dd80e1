#include "engine/table.hpp"

#include "engine/mix.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <tuple>
#include <utility>

namespace copse::engine {
namespace {

constexpr std::size_t texts_a_bucket = 3;

// No document has such a byte, so its text is never looked for: it is listed, and stands in no
// slot, where it could be taken for another one.
bool is_utf8(std::string_view text) {
  constexpr unsigned char beyond_utf8 = 0xF8;
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) >= beyond_utf8; });
}

// What `work` makes of the text, which stands for it where it can be read beyond its end.
auto padded(std::string_view text, auto work) {
  if (text.size() >= text_padding) return work(text);
  std::array<char, text_padding> room{};
  std::copy(text.begin(), text.end(), room.begin());
  return work(std::string_view(room.data(), text.size()));
}

}  // namespace

template <std::size_t held>
class AtomTable::Builder {
 public:
  explicit Builder(std::span<const std::string_view> texts) : texts_(texts) {
    for (const std::string_view text : texts) filled_.push_back(filled(text));
    if (samples_collide()) table_.sampled_up_to_ = held - 1;
    pilots_.resize(texts.size() / texts_a_bucket + 1);
  }

  // `order`: to be numbered as placed; else as given.
  AtomTable run(std::vector<std::uint32_t>* order = nullptr) {
    std::uint64_t seed = 0;
    do {
      for (std::uint64_t& key : table_.keys_) key = mix(++seed ^ spread, spread);
    } while (!place_all());
    if (order != nullptr) *order = number_as_placed();
    std::vector<std::uint32_t> ends{0};
    std::vector<char> bytes;
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      const std::string_view text = texts_[order == nullptr ? i : (*order)[i]];
      bytes.insert(bytes.end(), text.begin(), text.end());
      ends.push_back(static_cast<std::uint32_t>(bytes.size()));
    }
    table_.pilots_ = std::move(pilots_);
    if constexpr (held == short_text) {
      table_.short_slots_ = std::move(slots_);
    } else {
      table_.long_slots_ = std::move(slots_);
    }
    table_.ends_ = std::move(ends);
    table_.texts_ = std::move(bytes);
    return std::move(table_);
  }

 private:
  [[nodiscard]] Slot<held> filled(std::string_view text) const {
    Slot<held> made;
    made.atom = Atom{first_listed_atom + static_cast<std::uint32_t>(filled_.size())};
    padded(text, [&](std::string_view at) {
      const Sample<held> sample(TextHead::of_padded(at), at);
      std::memcpy(made.text.data(), &sample.first, sizeof sample.first);
      if constexpr (held == long_text)
        std::memcpy(made.text.data() + 16, &sample.second, sizeof sample.second);
    });
    return made;
  }

  // Which text each slot holds, one after the other; those that stand in none come last.
  std::vector<std::uint32_t> number_as_placed() {
    std::vector<std::uint32_t> order;
    order.reserve(texts_.size());
    std::vector<Rank> ranks;
    std::vector<bool> is_placed(texts_.size());
    for (std::size_t at = 0; at < slots_.size(); ++at) {
      if (at % 64 == 0)
        ranks.push_back({taken_[at / 64], static_cast<std::uint32_t>(order.size()), 0});
      Slot<held>& slot = slots_[at];
      if (slot.atom == Atom{}) continue;
      const std::uint32_t text = std::to_underlying(slot.atom) - first_listed_atom;
      slot.atom = Atom{first_listed_atom + static_cast<std::uint32_t>(order.size())};
      is_placed[text] = true;
      order.push_back(text);
    }
    for (std::uint32_t text = 0; text < texts_.size(); ++text) {
      if (!is_placed[text]) order.push_back(text);
    }
    table_.ranks_ = std::move(ranks);
    return order;
  }

  [[nodiscard]] bool samples_collide() const {
    if constexpr (held == short_text) return false;
    std::vector<std::array<unsigned char, held>> seen;
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      if (texts_[i].size() >= held) seen.push_back(filled_[i].text);
    }
    std::sort(seen.begin(), seen.end());
    return std::adjacent_find(seen.begin(), seen.end()) != seen.end();
  }

  // False when two texts cannot be told apart under these keys.
  bool place_all() {
    hashes_.clear();
    for (const std::string_view text : texts_) {
      hashes_.push_back(padded(text, [&](std::string_view at) {
        return table_.hash_of(Sample<held>(TextHead::of_padded(at), at), at);
      }));
    }
    fill_buckets();
    // WHY an eighth more slots than texts: the last buckets then find their pilots after a few
    // tries.
    slots_.assign(texts_.size() + texts_.size() / 8 + 1, Slot<held>{});
    taken_.assign(slots_.size() / 64 + 1, 0);
    return std::all_of(order_.begin(), order_.end(),
                       [&](std::uint32_t bucket) { return place(bucket); });
  }

  // Texts by bucket, and the buckets by size: full ones first, while there is room.
  void fill_buckets() {
    begins_.assign(pilots_.size() + 1, 0);
    const auto bucket_of = [&](std::uint32_t i) { return part_of(hashes_[i], pilots_.size()); };
    for (std::uint32_t i = 0; i < hashes_.size(); ++i) {
      if (is_utf8(texts_[i])) ++begins_[bucket_of(i) + 1];
    }
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
    for (std::uint32_t i = 0; i < hashes_.size(); ++i) {
      if (is_utf8(texts_[i])) members_[next[bucket_of(i)]++] = i;
    }
  }

  // WHY a bit a slot: most tries meet a slot that is taken, and so many bits stay in the nearest
  // cache.
  bool place(std::uint32_t bucket) {
    const std::span<const std::uint32_t> members(members_.data() + begins_[bucket],
                                                 begins_[bucket + 1] - begins_[bucket]);
    own_.clear();
    for (const std::uint32_t text : members) own_.push_back(hashes_[text]);
    const auto slot = [&](std::size_t member, std::uint64_t pilot) {
      return part_of(scrambled(own_[member], pilot), slots_.size());
    };
    for (std::uint32_t pilot = 1; pilot <= std::numeric_limits<std::uint16_t>::max(); pilot += 2) {
      std::size_t placed = 0;
      for (; placed < members.size(); ++placed) {
        const std::size_t at = slot(placed, pilot);
        std::uint64_t& bits = taken_[at / 64];
        const std::uint64_t bit = std::uint64_t{1} << (at % 64);
        if ((bits & bit) != 0) break;
        bits |= bit;
      }
      if (placed == members.size()) {
        pilots_[bucket] = static_cast<std::uint16_t>(pilot);
        for (std::size_t i = 0; i < placed; ++i) slots_[slot(i, pilot)] = filled_[members[i]];
        return true;
      }
      while (placed > 0) {
        const std::size_t at = slot(--placed, pilot);
        taken_[at / 64] &= ~(std::uint64_t{1} << (at % 64));
      }
    }
    return false;
  }

  std::span<const std::string_view> texts_;
  std::vector<Slot<held>> filled_;  // by text
  AtomTable table_;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint16_t> pilots_;
  std::vector<Slot<held>> slots_;
  std::vector<std::uint64_t> taken_;    // a bit a slot
  std::vector<std::uint64_t> own_;      // scratch: the hashes of a bucket
  std::vector<std::uint32_t> begins_;   // bucket B is members_[begins_[B] .. begins_[B + 1])
  std::vector<std::uint32_t> members_;  // texts
  std::vector<std::uint32_t> order_;    // of the buckets
};

bool AtomTable::are_short(std::span<const std::string_view> texts) {
  return std::all_of(texts.begin(), texts.end(),
                     [](std::string_view text) { return text.size() <= short_text; });
}

AtomTable AtomTable::build(std::span<const std::string_view> texts) {
  return are_short(texts) ? Builder<short_text>(texts).run() : Builder<long_text>(texts).run();
}

AtomTable AtomTable::build_as_placed(std::span<const std::string_view> texts,
                                     std::vector<std::uint32_t>& order) {
  return are_short(texts) ? Builder<short_text>(texts).run(&order)
                          : Builder<long_text>(texts).run(&order);
}

AtomTable AtomTable::build(std::span<const std::string> texts) {
  return build(std::vector<std::string_view>(texts.begin(), texts.end()));
}

Atom AtomTable::find(std::string_view text) const {
  return padded(text, [&](std::string_view at) { return find_padded(at); });
}

std::uint64_t AtomTable::hash_of_all(std::string_view text) const {
  const auto eight = [&](std::size_t at) {
    std::uint64_t value = 0;
    std::memcpy(&value, text.data() + at, sizeof value);
    return value;
  };
  std::uint64_t state = keys_[0] ^ text.size();
  for (std::size_t i = 0; i + 8 < text.size(); i += 8) state = mix(eight(i) ^ spread, state);
  return mix(eight(text.size() - 8) ^ spread, state);
}

std::uint32_t AtomTable::atoms() const {
  return first_listed_atom + static_cast<std::uint32_t>(ends_.empty() ? 0 : ends_.size() - 1);
}

std::size_t AtomTable::bytes() const {
  return short_slots_.bytes() + long_slots_.bytes() + pilots_.bytes() + ranks_.bytes() +
         ends_.bytes() + texts_.bytes();
}

std::size_t AtomTable::hot_bytes() const {
  std::size_t total = short_slots_.bytes() + long_slots_.bytes() + pilots_.bytes() + ranks_.bytes();
  for (std::uint32_t i = 0; i + 1 < ends_.size(); ++i) {
    const std::size_t size = ends_[i + 1] - ends_[i];
    if (size > long_text) total += size + sizeof(std::uint32_t);
  }
  return total;
}

template <std::size_t held>
bool AtomTable::ranks_fit(const Column<Slot<held>>& slots) const {
  if (ranks_.size() != (slots.size() + 63) / 64) return false;
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < ranks_.size(); ++i) {
    Rank rank{0, before, 0};
    for (std::size_t at = i * 64; at < std::min((i + 1) * 64, slots.size()); ++at) {
      if (slots[at].atom == Atom{}) continue;
      rank.taken |= std::uint64_t{1} << (at % 64);
      if (std::to_underlying(slots[at].atom) != first_listed_atom + before++) return false;
    }
    if (!(rank == ranks_[i])) return false;
  }
  return true;
}

std::string AtomTable::fault() const {
  if (ends_.empty() || pilots_.empty() || short_slots_.empty() == long_slots_.empty())
    return "no table";
  if (ends_.front() != 0 || ends_.back() > texts_.size() ||
      !std::is_sorted(ends_.begin(), ends_.end()))
    return "texts out of range";
  const auto is_known = [&](const auto& slot) {
    const std::uint32_t atom = std::to_underlying(slot.atom);
    const bool is_vacant = std::all_of(slot.text.begin(), slot.text.begin() + TextHead::size,
                                       [](unsigned char each) { return each == TextHead::vacant; });
    return is_vacant ? slot.atom == Atom::absent : atom >= first_listed_atom && atom < atoms();
  };
  if (!std::all_of(short_slots_.begin(), short_slots_.end(), is_known) ||
      !std::all_of(long_slots_.begin(), long_slots_.end(), is_known))
    return "unknown atom";
  if (!ranks_.empty() && !(long_slots_.empty() ? ranks_fit(short_slots_) : ranks_fit(long_slots_)))
    return "ranks of other slots";
  for (std::uint32_t i = 0; i + 1 < ends_.size(); ++i) {
    const Atom atom{first_listed_atom + i};
    if (!is_utf8(text(atom))) continue;
    const bool has_room = texts_.size() - ends_[i] >= text_padding;  // behind it stand others
    if ((has_room ? find_padded(text(atom)) : find(text(atom))) != atom)
      return "does not find its own text";
  }
  return {};
}

}  // namespace copse::engine
