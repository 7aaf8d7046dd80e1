#include "engine/pattern_grams.hpp"
#include "engine/pattern_literals.hpp"
#include "engine/patterns.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <unordered_map>
#include <utility>

namespace copse::engine {
namespace {

// Bytes of a literal that are compared before the pattern itself is asked.
constexpr std::size_t literal_limit = 64;

}  // namespace

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
      const PatternLiterals& parts = parts_[i];
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
        place(i, parts.longest, gram);
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
  static std::vector<std::uint32_t> grams_of(std::string_view text) {
    std::vector<std::uint32_t> all;
    for (std::size_t at = 0; at + gram_size <= text.size(); ++at) all.push_back(gram_at(text, at));
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }

  void look(const Pattern& pattern) {
    const PatternLiterals& parts = parts_.emplace_back(pattern_literals(pattern));
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
    made.glob = text(parts.glob);
    made.glob_size = size(parts.glob);
    made.kind = static_cast<std::uint16_t>(pattern.kind);
  }

  // What the text has to have about the three bytes under which the pattern hangs.
  void place(std::uint32_t pattern, std::string_view literal, std::uint32_t gram) {
    std::size_t at = 0;
    while (gram_at(literal, at) != gram) ++at;
    const std::size_t from = at < literal_limit - gram_size ? 0 : at;
    literal = literal.substr(from, literal_limit);
    Entry& made = entries_[pattern];
    made.literal = text(literal);
    made.literal_size = static_cast<std::uint16_t>(literal.size());
    made.gram_at = static_cast<std::uint16_t>(at - from);
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
  std::vector<PatternLiterals> parts_;
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

}  // namespace copse::engine
