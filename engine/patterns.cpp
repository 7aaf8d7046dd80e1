#include "engine/patterns.hpp"

#include "engine/glob.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

#include <re2/re2.h>
#include <re2/set.h>

namespace copse::engine {
namespace {

constexpr std::uint32_t no_anchor = 0xFFFF'FFFF;
constexpr std::size_t gram_size = 3;

// Of RE2::Set's automaton for all regexes of one attribute; beyond it they are tried one by one.
constexpr std::int64_t set_memory = std::int64_t{128} << 20U;

RE2::Options options() {
  RE2::Options made;
  made.set_log_errors(false);
  return made;
}

std::uint32_t gram_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i]));
  };
  return byte(0) | byte(1) << 8U | byte(2) << 16U;
}

std::size_t gram_slot(std::uint32_t gram, std::size_t slots) {
  return (gram * 0x9E37'79B1U >> 8U) & (slots - 1);
}

// The literal beginning that every text of a regex has.
std::string regex_prefix(const std::string& regex) {
  const RE2 anchored("\\A(?:" + regex + ")", options());
  std::string least;
  std::string most;
  constexpr int longest = 32;
  if (!anchored.ok() || !anchored.PossibleMatchRange(&least, &most, longest)) return {};
  // Each match lies between the two, so it begins with what both begin with.
  const auto [end, ignored] = std::mismatch(least.begin(), least.end(), most.begin(), most.end());
  return {least.begin(), end};
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
  std::vector<PatternId> ids;  // by RE2::Set's number
};

// ---- building ----

class PatternIndex::Builder {
 public:
  explicit Builder(std::span<const Pattern> patterns) : patterns_(patterns) {}

  PatternIndex run() {
    for (const Pattern& pattern : patterns_) look(pattern);
    std::map<std::string, std::vector<PatternId>> begins;
    std::map<std::string, std::vector<PatternId>> ends;
    std::map<std::uint32_t, std::vector<PatternId>> contains;
    std::vector<PatternId> anywhere;
    for (std::uint32_t i = 0; i < patterns_.size(); ++i) {
      const Parts& parts = parts_[i];
      const std::uint32_t no_way = 0xFFFF'FFFF;
      const std::uint32_t by_prefix = parts.prefix.empty() ? no_way : by_prefix_[parts.prefix];
      const std::uint32_t by_suffix = parts.suffix.empty() ? no_way : by_suffix_[parts.suffix];
      std::uint32_t by_gram = no_way;
      std::uint32_t gram = 0;
      for (const std::uint32_t each : grams_of(parts.longest)) {
        if (by_gram_[each] >= by_gram) continue;
        by_gram = by_gram_[each];
        gram = each;
      }
      const bool is_whole = by_gram < by_prefix && by_gram < by_suffix;
      entries_[i].is_simple = parts.is_simple && !is_whole ? 1 : 0;
      if (is_whole) {
        contains[gram].push_back(PatternId{i});
      } else if (by_prefix != no_way && by_prefix <= by_suffix) {
        begins[parts.prefix].push_back(PatternId{i});
      } else if (by_suffix != no_way) {
        ends[std::string(parts.suffix.rbegin(), parts.suffix.rend())].push_back(PatternId{i});
      } else {
        anywhere.push_back(PatternId{i});
      }
    }
    PatternIndex made;
    made.prefixes_ = anchors(begins);
    made.suffixes_ = anchors(ends);
    made.grams_ = grams(contains);
    made.anywhere_ = ids(anywhere);
    made.texts_ = std::vector<char>(texts_.begin(), texts_.end());
    made.entries_ = std::move(entries_);
    made.ids_ = std::move(ids_);
    made.prepare();
    return made;
  }

 private:
  struct Parts {
    std::string prefix;
    std::string suffix;
    std::string longest;
    bool is_simple = false;
  };

  static std::vector<std::uint32_t> grams_of(std::string_view text) {
    std::vector<std::uint32_t> all;
    for (std::size_t at = 0; at + gram_size <= text.size(); ++at) all.push_back(gram_at(text, at));
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }

  void look(const Pattern& pattern) {
    Parts& parts = parts_.emplace_back();
    if (pattern.kind == Pattern::Kind::glob) {
      GlobLiterals literals = glob_literals(pattern.text);
      parts = {std::move(literals.prefix), std::move(literals.suffix), std::move(literals.longest),
               literals.is_simple};
    } else {
      parts.prefix = regex_prefix(pattern.text);
    }
    if (!parts.prefix.empty()) ++by_prefix_[parts.prefix];
    if (!parts.suffix.empty()) ++by_suffix_[parts.suffix];
    for (const std::uint32_t gram : grams_of(parts.longest)) ++by_gram_[gram];
    const auto size = [](const std::string& bytes) {
      return static_cast<std::uint32_t>(bytes.size());
    };
    Entry& made = entries_.emplace_back();
    made.offset = text(pattern.text);
    made.size = size(pattern.text);
    made.prefix = text(parts.prefix);
    made.prefix_size = size(parts.prefix);
    made.suffix = text(parts.suffix);
    made.suffix_size = size(parts.suffix);
    made.kind = static_cast<std::uint16_t>(pattern.kind);
  }

  std::uint32_t text(std::string_view bytes) {
    const auto offset = static_cast<std::uint32_t>(texts_.size());
    texts_ += bytes;
    return offset;
  }

  Ids ids(const std::vector<PatternId>& all) {
    const Ids found{static_cast<std::uint32_t>(ids_.size()),
                    static_cast<std::uint32_t>(all.size())};
    ids_.insert(ids_.end(), all.begin(), all.end());
    return found;
  }

  // Sorted, each text that another begins with stands somewhere before it: on the way back from it.
  std::vector<Anchor> anchors(const std::map<std::string, std::vector<PatternId>>& sorted) {
    std::vector<Anchor> to;
    std::vector<std::uint32_t> open;  // those that the next may begin with, shortest first
    for (const auto& [bytes, all] : sorted) {
      const auto begins = [&](std::uint32_t i) {
        return bytes.starts_with(std::string_view(texts_).substr(to[i].offset, to[i].size));
      };
      while (!open.empty() && !begins(open.back())) open.pop_back();
      const std::uint32_t parent = open.empty() ? no_anchor : open.back();
      open.push_back(static_cast<std::uint32_t>(to.size()));
      to.push_back({text(bytes), static_cast<std::uint32_t>(bytes.size()), parent, ids(all)});
    }
    return to;
  }

  std::vector<Gram> grams(const std::map<std::uint32_t, std::vector<PatternId>>& sorted) {
    std::vector<Gram> to;
    if (sorted.empty()) return to;
    to.resize(std::bit_ceil(sorted.size() * 2));
    for (const auto& [gram, all] : sorted) {
      std::size_t at = gram_slot(gram, to.size());
      while (to[at].ids.count != 0) at = (at + 1) & (to.size() - 1);
      to[at] = {gram, ids(all)};
    }
    return to;
  }

  std::span<const Pattern> patterns_;
  std::vector<Parts> parts_;
  std::string texts_;
  std::vector<Entry> entries_;
  std::vector<PatternId> ids_;
  // How many patterns have each literal part.
  std::unordered_map<std::string, std::uint32_t> by_prefix_;
  std::unordered_map<std::string, std::uint32_t> by_suffix_;
  std::unordered_map<std::uint32_t, std::uint32_t> by_gram_;
};

PatternIndex PatternIndex::build(std::span<const Pattern> patterns) {
  return Builder(patterns).run();
}

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
    regexes();
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
        if (table[slot].bytes == gram) candidates(table[slot].ids, false);
      }
    }
  }

  void candidates(Ids ids, bool is_anchored) {
    for (std::uint32_t i = ids.first; i < ids.first + ids.count; ++i) {
      const PatternId id = index_.ids_[i];
      const Entry& entry = index_.entry(id);
      if (!visitor_.wants(id)) continue;
      if (index_.kind(id) == Pattern::Kind::regex) {
        if (regexes_ < single_regex_limit) possible_[regexes_] = id;
        ++regexes_;
      } else if ((is_anchored && entry.is_simple != 0) || glob_matches(index_.text(id), text_)) {
        visitor_.found(id);
      }
    }
  }

  void regexes() {
    if (regexes_ > single_regex_limit) {
      if (by_set()) return;
      for (std::uint32_t i = 0; i < index_.size(); ++i) {
        if (index_.kind(PatternId{i}) == Pattern::Kind::regex) single(PatternId{i});
      }
      return;
    }
    for (std::size_t i = 0; i < regexes_; ++i) single(possible_[i]);
  }

  void single(PatternId id) {
    if (visitor_.wants(id) && index_.matches(id, text_)) visitor_.found(id);
  }

  bool by_set() {
    const RE2::Set* set = index_.regexes_->all(index_);
    if (set == nullptr) return false;
    std::vector<int> hits;
    RE2::Set::ErrorInfo error{};
    if (!set->Match(re2::StringPiece(text_.data(), text_.size()), &hits, &error))
      return error.kind == RE2::Set::kNoError;
    for (const int hit : hits) {
      const PatternId id = index_.regexes_->ids[static_cast<std::size_t>(hit)];
      if (visitor_.wants(id)) visitor_.found(id);
    }
    return true;
  }

  const PatternIndex& index_;
  std::string_view text_;
  PatternVisitor& visitor_;
  std::array<PatternId, single_regex_limit> possible_{};
  std::size_t regexes_ = 0;
};

void PatternIndex::visit(std::string_view text, PatternVisitor& visitor) const {
  Trial(*this, text, visitor).run();
}

bool PatternIndex::matches(PatternId id, std::string_view text) const {
  if (kind(id) == Pattern::Kind::glob) return glob_matches(this->text(id), text);
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
        !in_texts(entry.suffix, entry.suffix_size))
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
