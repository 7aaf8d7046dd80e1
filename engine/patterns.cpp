#include "engine/patterns.hpp"

#include "engine/glob.hpp"
#include "engine/pattern_grams.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstring>
#include <mutex>
#include <utility>

#include <re2/re2.h>
#include <re2/set.h>

namespace copse::engine {
namespace {

// Of RE2::Set's automaton for all regexes of one attribute; beyond it they are tried one by one.
constexpr std::int64_t set_memory = std::int64_t{128} << 20U;

// Texts for which the set may run out of memory before it is asked no more: each costs more than
// all regexes one by one.
constexpr std::uint32_t set_patience = 3;

RE2::Options options() {
  RE2::Options made;
  made.set_log_errors(false);
  return made;
}

// <0, 0, >0 as `anchor` is before `text` or after it; 0 also when the text begins with it. An end
// is compared from behind.
int compare(std::string_view anchor, std::string_view text, bool backwards) {
  const std::size_t common = std::min(anchor.size(), text.size());
  if (!backwards) {
    const int order = std::memcmp(anchor.data(), text.data(), common);
    if (order != 0) return order;
  } else {
    for (std::size_t i = 0; i < common; ++i) {
      const auto left = static_cast<unsigned char>(anchor[i]);
      const auto right = static_cast<unsigned char>(text[text.size() - 1 - i]);
      if (left != right) return left < right ? -1 : 1;
    }
  }
  return anchor.size() <= text.size() ? 0 : 1;
}

// `.` of a regex stands for any character but this.
bool is_one_line(std::string_view text) {
  return text.find('\n') == std::string_view::npos;
}

}  // namespace

std::optional<std::string> pattern_fault(const Pattern& pattern) {
  if (pattern.kind == Pattern::Kind::glob) return glob_fault(pattern.text);
  const RE2 regex(pattern.text, options());
  if (!regex.ok()) return "RE2 refuses it: " + regex.error();
  if (regex.ProgramSize() > regex_program_limit)
    return "it comes to " + std::to_string(regex.ProgramSize()) + " instructions; at most " +
           std::to_string(regex_program_limit) + " are taken";
  return std::nullopt;
}

bool lists(const Test& test, std::string_view text) {
  return std::find(test.values.begin(), test.values.end(), text) != test.values.end() ||
         std::any_of(test.patterns.begin(), test.patterns.end(), [&](const Pattern& pattern) {
           if (pattern.kind == Pattern::Kind::glob) return glob_matches(pattern.text, text);
           return RE2::FullMatch(re2::StringPiece(text.data(), text.size()),
                                 RE2(pattern.text, options()));
         });
}

// RE2's programs. Each is made once, by whoever asks first.
struct PatternIndex::Regexes {
  struct One {
    std::once_flag made;
    std::unique_ptr<RE2> program;
  };

  explicit Regexes(std::size_t count) : singles(std::make_unique<One[]>(count)) {}

  const RE2& single(const PatternIndex& index, PatternId id) {
    One& one = singles[static_cast<std::size_t>(id)];
    std::call_once(one.made, [&] {
      one.program = std::make_unique<RE2>(std::string(index.text(id)), options());
    });
    return *one.program;
  }

  // All regexes at once; null when they are too many for it.
  const RE2::Set* all(const PatternIndex& index) {
    std::call_once(set_made, [&] {
      RE2::Options large = options();
      large.set_max_mem(set_memory);
      auto made = std::make_unique<RE2::Set>(large, RE2::ANCHOR_BOTH);
      for (std::uint32_t i = 0; i < index.size(); ++i) {
        if (index.kind(PatternId{i}) != Pattern::Kind::regex) continue;
        if (made->Add(std::string(index.text(PatternId{i})), nullptr) < 0) return;
        ids.push_back(PatternId{i});
      }
      if (made->Compile()) set = std::move(made);
    });
    return set.get();
  }

  std::unique_ptr<One[]> singles;
  std::once_flag set_made;
  std::unique_ptr<RE2::Set> set;
  std::vector<PatternId> ids;               // by RE2::Set's number
  std::atomic<std::uint32_t> failures = 0;  // of the set, for want of memory
};

// ---- asking ----

// One text on its way through the patterns.
class PatternIndex::Trial {
 public:
  Trial(const PatternIndex& index, std::string_view text, PatternVisitor& visitor)
      : index_(index), text_(text), visitor_(visitor) {}

  void run() {
    along(index_.prefixes_.span(), false);
    along(index_.suffixes_.span(), true);
    grams();
    candidates(index_.anywhere_, false);
    if (!is_last_resort_) regexes();
  }

 private:
  void along(std::span<const Anchor> anchors, bool backwards) {
    for (std::uint32_t at = index_.longest(anchors, text_, backwards); at != no_anchor;
         at = anchors[at].parent)
      candidates(anchors[at].ids, true);
  }

  void grams() {
    const std::span<const Gram> table = index_.grams_.span();
    if (table.empty()) return;
    for (std::size_t at = 0; at + gram_size <= text_.size(); ++at) {
      const std::uint32_t gram = gram_at(text_, at);
      std::size_t slot = gram_slot(gram, table.size());
      for (; table[slot].ids.count != 0; slot = (slot + 1) & (table.size() - 1)) {
        if (table[slot].bytes == gram) hanging(table[slot].ids, at);
      }
    }
  }

  // Under three bytes of the text: most of them lack what stands about these.
  void hanging(Ids ids, std::size_t at) {
    for (std::uint32_t i = ids.first; i < ids.first + ids.count; ++i) {
      const Entry& entry = index_.entry(index_.ids_[i]);
      if (entry.gram_at > at) continue;
      const std::string_view about = text_.substr(at - entry.gram_at, entry.literal_size);
      if (about == index_.bytes(entry.literal, entry.literal_size)) candidates({i, 1}, false);
    }
  }

  void candidates(Ids ids, bool is_anchored) {
    for (std::uint32_t i = ids.first; i < ids.first + ids.count; ++i) {
      const PatternId id = index_.ids_[i];
      const Entry& entry = index_.entry(id);
      if (!visitor_.wants(id)) continue;
      const auto glob = index_.glob(id, is_one_line_);
      if (!glob) {
        possible(id);
      } else if ((is_anchored && entry.is_simple != 0) || glob_matches(*glob, text_)) {
        visitor_.found(id);
      }
    }
  }

  void possible(PatternId id) {
    if (is_last_resort_) return single(id);
    const auto end = possible_.begin() + std::min(regexes_, single_regex_limit);
    if (std::find(possible_.begin(), end, id) != end) return;
    if (regexes_ < single_regex_limit) possible_[regexes_] = id;
    ++regexes_;
  }

  void regexes() {
    if (regexes_ > single_regex_limit) {
      if (by_set()) return;
      is_last_resort_ = true;
      return run();
    }
    // Ids are given by first use: after a match those of later rules are wanted no more.
    std::sort(possible_.begin(), possible_.begin() + regexes_);
    for (std::size_t i = 0; i < regexes_; ++i) single(possible_[i]);
  }

  void single(PatternId id) {
    if (visitor_.wants(id) && index_.matches(id, text_)) visitor_.found(id);
  }

  bool by_set() {
    Regexes& all = *index_.regexes_;
    const RE2::Set* set = all.all(index_);
    if (set == nullptr || all.failures.load(std::memory_order_relaxed) > set_patience) return false;
    std::vector<int> hits;
    RE2::Set::ErrorInfo error{};
    if (!set->Match(re2::StringPiece(text_.data(), text_.size()), &hits, &error)) {
      if (error.kind == RE2::Set::kNoError) return true;
      all.failures.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    for (const int hit : hits) {
      const PatternId id = index_.regexes_->ids[static_cast<std::size_t>(hit)];
      if (visitor_.wants(id)) visitor_.found(id);
    }
    return true;
  }

  const PatternIndex& index_;
  std::string_view text_;
  PatternVisitor& visitor_;
  bool is_one_line_ = is_one_line(text_);
  std::array<PatternId, single_regex_limit> possible_{};
  std::size_t regexes_ = 0;
  bool is_last_resort_ = false;  // the set could not say: each that is possible is asked
};

void PatternIndex::visit(std::string_view text, PatternVisitor& visitor) const {
  Trial(*this, text, visitor).run();
}

bool PatternIndex::matches(PatternId id, std::string_view text) const {
  if (const auto own = glob(id, is_one_line(text))) return glob_matches(*own, text);
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), regexes_->single(*this, id));
}

// The greatest anchor that is not after the text is, of those that the text begins with, the
// longest, or has it among its parents: whatever lies between a beginning and the text begins so.
std::uint32_t PatternIndex::longest(std::span<const Anchor> anchors, std::string_view text,
                                    bool backwards) const {
  const auto bytes = [&](const Anchor& anchor) { return this->bytes(anchor.offset, anchor.size); };
  const auto after = std::partition_point(
      anchors.begin(), anchors.end(),
      [&](const Anchor& anchor) { return compare(bytes(anchor), text, backwards) <= 0; });
  if (after == anchors.begin()) return no_anchor;
  auto at = static_cast<std::uint32_t>(after - anchors.begin()) - 1;
  while (at != no_anchor && compare(bytes(anchors[at]), text, backwards) != 0)
    at = anchors[at].parent;
  return at;
}

std::vector<PatternId> PatternIndex::matching(std::string_view text) const {
  class Collector : public PatternVisitor {
   public:
    bool wants(PatternId) override { return true; }

    void found(PatternId id) override { ids.push_back(id); }

    std::vector<PatternId> ids;
  };

  Collector collector;
  visit(text, collector);
  std::sort(collector.ids.begin(), collector.ids.end());
  collector.ids.erase(std::unique(collector.ids.begin(), collector.ids.end()), collector.ids.end());
  return std::move(collector.ids);
}

std::size_t PatternIndex::bytes() const {
  return texts_.bytes() + entries_.bytes() + prefixes_.bytes() + suffixes_.bytes() +
         grams_.bytes() + ids_.bytes();
}

void PatternIndex::prepare() {
  if (!entries_.empty()) regexes_ = std::make_shared<Regexes>(entries_.size());
}

std::string PatternIndex::fault() const {
  const auto in_texts = [&](std::uint32_t offset, std::uint32_t size) {
    return std::uint64_t{offset} + size <= texts_.size();
  };
  const auto in_ids = [&](const Ids& ids) {
    return std::uint64_t{ids.first} + ids.count <= ids_.size();
  };
  for (const Entry& entry : entries_) {
    if (!in_texts(entry.offset, entry.size) || !in_texts(entry.prefix, entry.prefix_size) ||
        !in_texts(entry.suffix, entry.suffix_size) || !in_texts(entry.glob, entry.glob_size) ||
        !in_texts(entry.literal, entry.literal_size))
      return "a pattern out of range";
    if (entry.kind > static_cast<std::uint16_t>(Pattern::Kind::regex)) return "an unknown kind";
  }
  for (const auto* anchors : {&prefixes_, &suffixes_}) {
    for (std::uint32_t i = 0; i < anchors->size(); ++i) {
      const Anchor& anchor = (*anchors)[i];
      if (!in_texts(anchor.offset, anchor.size) || !in_ids(anchor.ids)) return "out of range";
      if (anchor.parent != no_anchor && anchor.parent >= i) return "anchors in a circle";
    }
  }
  const auto is_free = [](const Gram& gram) { return gram.ids.count == 0; };
  if (!grams_.empty() &&
      (!std::has_single_bit(grams_.size()) || std::none_of(grams_.begin(), grams_.end(), is_free)))
    return "a hash table without room";
  if (!std::all_of(grams_.begin(), grams_.end(), [&](const Gram& g) { return in_ids(g.ids); }) ||
      !in_ids(anywhere_))
    return "out of range";
  const bool known = std::all_of(ids_.begin(), ids_.end(), [&](PatternId id) {
    return static_cast<std::size_t>(id) < size();
  });
  return known ? "" : "an unknown pattern";
}

bool PatternIndex::operator==(const PatternIndex& other) const {
  return texts_ == other.texts_ && entries_ == other.entries_ && prefixes_ == other.prefixes_ &&
         suffixes_ == other.suffixes_ && grams_ == other.grams_ && anywhere_ == other.anywhere_ &&
         ids_ == other.ids_;
}

}  // namespace copse::engine
