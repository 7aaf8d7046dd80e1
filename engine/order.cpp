#include "engine/draft.hpp"
#include "engine/judge.hpp"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

namespace copse::engine {
namespace {

constexpr std::uint32_t unused = 0xFFFF'FFFF;

// Ids of a vocabulary that one policy uses, numbered by first use: an image does not change when an
// unused part of a policy does, and knows nothing of what was compiled before.
class FirstUse {
 public:
  explicit FirstUse(std::size_t ids) : numbers_(ids, unused) {}

  // True for the first.
  bool use(std::uint32_t id) {
    if (numbers_[id] != unused) return false;
    numbers_[id] = static_cast<std::uint32_t>(used_.size());
    used_.push_back(id);
    return true;
  }

  [[nodiscard]] std::uint32_t operator[](std::uint32_t id) const { return numbers_[id]; }

  [[nodiscard]] const std::vector<std::uint32_t>& used() const { return used_; }

  // When all are known: the one that was number order[I] becomes number I.
  void renumber(const std::vector<std::uint32_t>& order) {
    std::vector<std::uint32_t> renumbered;
    renumbered.reserve(used_.size());
    for (const std::uint32_t was : order) {
      numbers_[used_[was]] = static_cast<std::uint32_t>(renumbered.size());
      renumbered.push_back(used_[was]);
    }
    used_ = std::move(renumbered);
  }

  std::vector<std::uint32_t> take() { return std::move(used_); }

  // When all are known, the numbers may be those of another order.
  void sort(auto less) {
    std::sort(used_.begin(), used_.end(), less);
    for (std::size_t i = 0; i < used_.size(); ++i)
      numbers_[used_[i]] = static_cast<std::uint32_t>(i);
  }

 private:
  std::vector<std::uint32_t> numbers_;  // by id
  std::vector<std::uint32_t> used_;     // ids
};

class Order {
 public:
  Order(const Vocabulary& known, std::size_t far, const Before& before, Image& image)
      : known_(known),
        far_(far),
        before_(before),
        image_(image),
        runs_(known.runs()),
        tests_(known.tests().size()),
        outcomes_(known.outcomes()),
        attributes_(known.attributes().size()) {
    values_.reserve(known.attributes().size());
    for (std::uint32_t id = 0; id < known.attributes().size(); ++id)
      values_.emplace_back(known.words(id));
  }

  void use(const KnownPolicy& policy) {
    for (const KnownRule& rule : policy.rules) {
      use_run(rule.written);
      if (rule.asked != rule.written) use_run(rule.asked);
      use_outcome(rule.outcome);
    }
    use_outcome(policy.otherwise);
  }

  [[nodiscard]] std::size_t attributes() const { return attributes_.used().size(); }

  void make_domains() {
    for (const std::uint32_t id : attributes_.used()) {
      const Attribute& attribute = known_.attributes()[id];
      image_.attributes.push_back(attribute);
      image_.domains.push_back(is_numeric(attribute.type) ? numbers(id) : texts(id));
    }
  }

  void make_tests() {
    std::vector<AtomTest> made;
    made.reserve(tests_.used().size());
    for (const std::uint32_t id : tests_.used()) {
      made.push_back(test(known_.tests()[id]));
    }
    image_.tests = std::move(made);
    image_.values = std::move(lists_);
    image_.tests.edit([&](std::vector<AtomTest>& all) {
      for (AtomTest& each : all) each.mask = mask_of(image_, each);
    });
  }

  // What the domains were made of.
  std::vector<Before::Words> words() {
    std::vector<Before::Words> made;
    for (const std::uint32_t id : attributes_.used())
      made.push_back({id, std::move(values_[id].first_used), std::move(values_[id].as_placed),
                      values_[id].patterns.take()});
    return made;
  }

  [[nodiscard]] Draft draft(const KnownPolicy& policy) const {
    Draft made;
    made.policy = &policy;
    const auto place = [&](std::uint32_t run) {
      const auto first = static_cast<std::uint32_t>(made.tests.size());
      for (const std::uint32_t id : known_.tests_of(run)) made.tests.push_back(tests_[id]);
      return std::pair{first, static_cast<std::uint32_t>(made.tests.size()) - first};
    };
    made.rules.reserve(policy.rules.size());
    for (const KnownRule& rule : policy.rules) {
      DraftRule& drafted = made.rules.emplace_back();
      std::tie(drafted.first_test, drafted.tests) = place(rule.written);
      std::tie(drafted.first_asked, drafted.asked) =
          rule.asked == rule.written ? std::pair{drafted.first_test, drafted.tests}
                                     : place(rule.asked);
    }
    return made;
  }

 private:
  // What tests compare an attribute with.
  struct Values {
    FirstUse texts;
    FirstUse patterns;
    FirstUse bounds;
    std::vector<std::uint32_t> first_used;  // the texts, before they were renumbered …
    std::vector<std::uint32_t> as_placed;   // … in this order; empty: they were not

    explicit Values(const Vocabulary::Words& words)
        : texts(words.texts.size()),
          patterns(words.patterns.values().size()),
          bounds(words.bounds.values().size()) {}
  };

  void use_run(std::uint32_t run) {
    if (!runs_.use(run)) return;
    for (const std::uint32_t test : known_.tests_of(run)) use_test(test);
  }

  void use_test(std::uint32_t id) {
    if (!tests_.use(id)) return;
    const KnownTest& test = known_.tests()[id];
    attributes_.use(test.attribute);
    Values& values = values_[test.attribute];
    const std::span<const std::uint32_t> listed = known_.values_of(test);
    if (test.kind == AtomTest::Kind::ranges) {
      for (const std::uint32_t bound : listed) {
        if (bound != Vocabulary::no_bound) values.bounds.use(bound);
      }
      return;
    }
    for (const std::uint32_t text : listed.first(test.texts)) values.texts.use(text);
    for (const std::uint32_t pattern : listed.subspan(test.texts)) values.patterns.use(pattern);
  }

  void use_outcome(std::uint32_t outcome) {
    if (!outcomes_.use(outcome)) return;
    for (const std::uint32_t attribute : known_.attributes_of(outcome)) attributes_.use(attribute);
  }

  Domain numbers(std::uint32_t id) {
    const std::vector<Number>& bounds = known_.words(id).bounds.values();
    FirstUse& used = values_[id].bounds;
    used.sort([&](std::uint32_t a, std::uint32_t b) { return bounds[a] < bounds[b]; });
    Domain made;
    made.table = AtomTable::build(std::span<const std::string_view>{});  // all are looked into
    std::vector<Number> sorted{smallest_number};
    for (const std::uint32_t bound : used.used()) {
      if (bounds[bound] != smallest_number) sorted.push_back(bounds[bound]);
    }
    made.bounds = std::move(sorted);
    return made;
  }

  // WHY not all anew: tables and patterns take long, and most changes touch few of them.
  Domain texts(std::uint32_t id) {
    const Vocabulary::Words& words = known_.words(id);
    Values& values = values_[id];
    values.first_used = values.texts.used();
    const auto last = std::find_if(before_.words.begin(), before_.words.end(),
                                   [&](const auto& each) { return each.attribute == id; });
    const bool had = last != before_.words.end();
    const bool same_texts = had && last->texts == values.first_used;
    const bool same_patterns = had && last->patterns == values.patterns.used();
    Domain made;
    if (had) made = before_.image.domains[static_cast<std::size_t>(last - before_.words.begin())];
    if (same_texts) values.as_placed = last->as_placed;
    if (!same_texts) made.table = table(words, far_, values);
    if (!values.as_placed.empty()) values.texts.renumber(values.as_placed);
    if (same_texts && same_patterns) return made;
    if (!same_patterns) {
      std::vector<Pattern> patterns;
      for (const std::uint32_t pattern : values.patterns.used())
        patterns.push_back(words.patterns.values()[pattern]);
      made.patterns = patterns.empty() ? PatternIndex() : PatternIndex::build(patterns);
    }
    made.hits = {};
    made.hit_ends = {};
    if (values.patterns.used().empty()) return made;
    made.hit_ends.push_back(0);
    for (const std::uint32_t text : values.texts.used()) {
      made.hits.append(made.patterns.matching(words.texts[text]));
      made.hit_ends.push_back(static_cast<std::uint32_t>(made.hits.size()));
    }
    return made;
  }

  static AtomTable table(const Vocabulary::Words& words, std::size_t far, Values& values) {
    std::vector<std::string_view> texts;
    texts.reserve(values.first_used.size());
    for (const std::uint32_t text : values.first_used) texts.push_back(words.texts[text]);
    return texts.size() < far ? AtomTable::build(texts)
                              : AtomTable::build_as_placed(texts, values.as_placed);
  }

  AtomTest test(const KnownTest& known) {
    const Values& values = values_[known.attribute];
    const std::span<const std::uint32_t> listed = known_.values_of(known);
    const auto attribute = static_cast<AttributeId>(attributes_[known.attribute]);
    AtomTest made{.first_value = static_cast<std::uint32_t>(lists_.size()),
                  .attribute = attribute,
                  .kind = known.kind,
                  .if_listed = known.if_listed,
                  .if_other = known.if_other,
                  .if_absent = known.if_absent,
                  .if_ill_typed = known.if_ill_typed};
    if (known.kind == AtomTest::Kind::set && known.texts == 1) {
      made.first_value = first_listed_atom + values.texts[listed[0]];
      made.values = 1;
      return made;
    }
    if (known.kind == AtomTest::Kind::ranges) {
      add_parts(known, image_.domains[std::to_underlying(attribute)]);
    } else {
      if (known.kind == AtomTest::Kind::patterns) lists_.push_back(0);
      const std::size_t texts = lists_.size();
      for (const std::uint32_t text : listed.first(known.texts))
        lists_.push_back(first_listed_atom + values.texts[text]);
      sort_from(texts);
      if (known.kind == AtomTest::Kind::patterns)
        lists_[made.first_value] = static_cast<std::uint32_t>(lists_.size() - texts);
      const std::size_t patterns = lists_.size();
      for (const std::uint32_t pattern : listed.subspan(known.texts))
        lists_.push_back(values.patterns[pattern]);
      sort_from(patterns);
    }
    made.values = static_cast<std::uint32_t>(lists_.size()) - made.first_value;
    if (known.kind == AtomTest::Kind::set && made.values == 1) {  // one text, said twice
      made.first_value = lists_.back();
      lists_.pop_back();
    }
    return made;
  }

  void add_parts(const KnownTest& known, const Domain& domain) {
    const std::vector<Number>& bounds = known_.words(known.attribute).bounds.values();
    const std::span<const std::uint32_t> pairs = known_.values_of(known);
    for (std::size_t i = 0; i < pairs.size(); i += 2) {
      lists_.push_back(std::to_underlying(domain.part(bounds[pairs[i]])));
      lists_.push_back(pairs[i + 1] == Vocabulary::no_bound
                           ? domain.atoms() - 1
                           : std::to_underlying(domain.part(bounds[pairs[i + 1]])) - 1);
    }
  }

  void sort_from(std::size_t from) {
    const auto begin = lists_.begin() + static_cast<std::ptrdiff_t>(from);
    if (std::adjacent_find(begin, lists_.end(), std::greater_equal<>()) == lists_.end()) return;
    std::sort(begin, lists_.end());
    lists_.erase(std::unique(begin, lists_.end()), lists_.end());
  }

  const Vocabulary& known_;
  std::size_t far_;
  const Before& before_;
  Image& image_;
  FirstUse runs_;
  FirstUse tests_;
  FirstUse outcomes_;
  FirstUse attributes_;
  std::vector<Values> values_;  // by attribute's id
  std::vector<std::uint32_t> lists_;
};

}  // namespace

std::expected<std::vector<Draft>, TooManyAttributes> order(const std::vector<KnownPolicy>& policies,
                                                           const Vocabulary& known, std::size_t far,
                                                           Before& before, Image& image) {
  Order order(known, far, before, image);
  for (const KnownPolicy& policy : policies) order.use(policy);
  if (order.attributes() > attribute_limit)
    return std::unexpected(TooManyAttributes{order.attributes()});
  order.make_domains();
  order.make_tests();
  std::vector<Draft> drafts;
  for (const KnownPolicy& policy : policies) drafts.push_back(order.draft(policy));
  before.words = order.words();
  return drafts;
}

}  // namespace copse::engine
