#include "engine/distinct.hpp"
#include "engine/draft.hpp"
#include "engine/judge.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>
#include <utility>

namespace copse::engine {
namespace {

struct PatternHash {
  std::size_t operator()(const Pattern& pattern) const {
    return std::hash<std::string>()(pattern.text) + static_cast<std::size_t>(pattern.kind);
  }
};

struct TestHash {
  std::size_t operator()(const AtomTest& test) const {
    std::array<std::uint64_t, sizeof(AtomTest) / 8> words{};
    std::memcpy(words.data(), &test, sizeof test);
    return mix(words[0] ^ words[1], words[2] ^ 0xE703'7ED1'A0B4'28DBULL);
  }
};

// A test whose texts and patterns have their numbers; ranges get theirs when all bounds are known.
struct Numbered {
  AttributeId attribute{};
  std::vector<std::uint32_t> values;
};

// Attributes, texts and patterns by first use, so that an image does not change when an unused part
// of a policy does.
class Numbers {
 public:
  Numbered add(const Test& test) {
    const std::size_t id = add(test.attribute);
    Seen& seen = seen_[id];
    Numbered made{static_cast<AttributeId>(id), {}};
    for (const Range& range : test.ranges) {
      seen.bounds.push_back(range.first);
      if (range.last != largest_number) seen.bounds.push_back(next(range.last));
    }
    if (is_numeric(test.attribute.type)) return made;
    for (const std::string& value : test.values)
      made.values.push_back(first_listed_atom + seen.texts.add(value).first);
    sort(made.values, 0);
    if (test.patterns.empty()) return made;
    made.values.insert(made.values.begin(), static_cast<std::uint32_t>(made.values.size()));
    const std::size_t ids = made.values.size();
    for (const Pattern& pattern : test.patterns)
      made.values.push_back(seen.patterns.add(pattern).first);
    sort(made.values, ids);
    return made;
  }

  // Those that overrides are set to.
  void add(const Outcome& outcome) {
    for (const Override& each : outcome.overrides) {
      if (each.attribute) add(*each.attribute);
    }
  }

  void make_domains(Image& image) {
    image.attributes = attributes_;
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      image.domains.push_back(is_numeric(attributes_[i].type) ? numbers(seen_[i])
                                                              : texts(seen_[i]));
    }
  }

 private:
  struct Seen {
    Distinct<std::string> texts;
    Distinct<Pattern, PatternHash> patterns;
    std::vector<Number> bounds;
  };

  std::size_t add(const Attribute& attribute) {
    std::vector<std::size_t>& same_name = ids_[attribute.name];
    for (const std::size_t id : same_name) {
      if (attributes_[id] == attribute) return id;
    }
    same_name.push_back(attributes_.size());
    attributes_.push_back(attribute);
    seen_.emplace_back();
    return same_name.back();
  }

  static void sort(std::vector<std::uint32_t>& all, std::size_t from) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(from);
    std::sort(begin, all.end());
    all.erase(std::unique(begin, all.end()), all.end());
  }

  static Domain numbers(Seen& seen) {
    Domain made;
    made.table = AtomTable::build({});  // `resolve` looks into every table
    seen.bounds.push_back(smallest_number);
    std::sort(seen.bounds.begin(), seen.bounds.end());
    seen.bounds.erase(std::unique(seen.bounds.begin(), seen.bounds.end()), seen.bounds.end());
    made.bounds = std::move(seen.bounds);
    return made;
  }

  static Domain texts(const Seen& seen) {
    Domain made;
    made.table = AtomTable::build(seen.texts.values());
    if (seen.patterns.values().empty()) return made;
    made.patterns = PatternIndex::build(seen.patterns.values());
    made.hit_ends.push_back(0);
    for (const std::string& text : seen.texts.values()) {
      made.hits.append(made.patterns.matching(text));
      made.hit_ends.push_back(static_cast<std::uint32_t>(made.hits.size()));
    }
    return made;
  }

  std::vector<Attribute> attributes_;
  std::unordered_map<std::string, std::vector<std::size_t>>
      ids_;  // by name: one may be read in several ways
  std::vector<Seen> seen_;
};

AtomTest::Kind kind_of(const Test& test) {
  if (is_numeric(test.attribute.type)) return AtomTest::Kind::ranges;
  return test.patterns.empty() ? AtomTest::Kind::set : AtomTest::Kind::patterns;
}

// Gives equal tests one place, and equal lists of values, too: rules repeat the same few over and
// over.
class Tests {
 public:
  explicit Tests(Image& image) : image_(image) {}

  std::uint32_t place(const Test& test, Numbered& numbered) {
    const AtomTest::Kind kind = kind_of(test);
    if (kind == AtomTest::Kind::ranges) {
      const Domain& domain = image_.domains[std::to_underlying(numbered.attribute)];
      for (const Range& range : test.ranges) {
        numbered.values.push_back(std::to_underlying(domain.part(range.first)));
        numbered.values.push_back(std::to_underlying(domain.part(range.last)));
      }
    }
    const std::vector<std::uint32_t>& values = numbered.values;
    const bool is_one = kind == AtomTest::Kind::set && values.size() == 1;
    AtomTest made{.first_value = is_one ? values[0] : first_value(values),
                  .values = static_cast<std::uint32_t>(values.size()),
                  .attribute = numbered.attribute,
                  .kind = kind,
                  .if_listed = test.if_listed,
                  .if_other = test.if_other,
                  .if_absent = test.if_absent,
                  .if_ill_typed = test.if_ill_typed};
    const auto [at, is_new] = known_.add(made);
    if (is_new) {
      made.mask = mask_of(image_, made);
      image_.tests.push_back(made);
    }
    return at;
  }

 private:
  std::uint32_t first_value(const std::vector<std::uint32_t>& values) {
    return lists_.add(values, image_.values.size(),
                      [&](const auto& fresh) { image_.values.append(fresh); });
  }

  Image& image_;
  Distinct<AtomTest, TestHash> known_;  // without their masks
  Runs lists_;
};

}  // namespace

std::vector<Draft> order(const std::vector<const Policy*>& policies, Image& image) {
  Numbers numbers;
  std::vector<Numbered> numbered;
  for (const Policy* policy : policies) {
    for (const Rule& rule : policy->rules) {
      for (const Test& test : rule.tests) numbered.push_back(numbers.add(test));
      numbers.add(rule.outcome);
    }
    numbers.add(policy->otherwise);
  }
  numbers.make_domains(image);
  Tests tests(image);
  std::vector<Draft> drafts;
  auto next = numbered.begin();
  for (const Policy* policy : policies) {
    Draft& draft = drafts.emplace_back();
    draft.policy = policy;
    std::set<AttributeId> used;
    for (const Rule& rule : policy->rules) {
      DraftRule& drafted = draft.rules.emplace_back();
      for (const Test& test : rule.tests) {
        used.insert(next->attribute);
        drafted.tests.push_back(tests.place(test, *next++));
      }
    }
    draft.attributes.assign(used.begin(), used.end());
  }
  return drafts;
}

}  // namespace copse::engine
