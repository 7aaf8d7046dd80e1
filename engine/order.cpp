#include "engine/draft.hpp"
#include "engine/judge.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace copse::engine {
namespace {

class Numbers {
 public:
  // Attributes by first use, so that an image does not change when an unused part of a policy does.
  void add(const Test& test) {
    Seen& seen = seen_[add(test.attribute)];
    for (const std::string& value : test.values) seen.texts.add(value);
    for (const Pattern& pattern : test.patterns) seen.patterns.add(pattern);
    for (const Range& range : test.ranges) {
      seen.bounds.push_back(range.first);
      if (range.last != largest_number) seen.bounds.push_back(next(range.last));
    }
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

  [[nodiscard]] AttributeId attribute(const Test& test) const {
    return static_cast<AttributeId>(id(test.attribute));
  }

  // What the test lists, as its kind in the image says it.
  [[nodiscard]] std::vector<std::uint32_t> values(const Test& test, const Domain& domain) const {
    const Seen& seen = seen_[id(test.attribute)];
    std::vector<std::uint32_t> all;
    if (is_numeric(test.attribute.type)) {
      for (const Range& range : test.ranges) {
        all.push_back(std::to_underlying(domain.part(range.first)));
        all.push_back(std::to_underlying(domain.part(range.last)));
      }
      return all;
    }
    for (const std::string& value : test.values)
      all.push_back(first_listed_atom + seen.texts.number(value));
    sort(all, 0);
    if (test.patterns.empty()) return all;
    all.insert(all.begin(), static_cast<std::uint32_t>(all.size()));
    const std::size_t ids = all.size();
    for (const Pattern& pattern : test.patterns) all.push_back(seen.patterns.number(pattern));
    sort(all, ids);
    return all;
  }

 private:
  // Distinct values by first use.
  template <class T, class Map>
  class Distinct {
   public:
    void add(const T& value) {
      if (numbers_.try_emplace(value, static_cast<std::uint32_t>(all.size())).second)
        all.push_back(value);
    }

    [[nodiscard]] std::uint32_t number(const T& value) const { return numbers_.at(value); }

    std::vector<T> all;

   private:
    Map numbers_;
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

  [[nodiscard]] std::size_t id(const Attribute& attribute) const {
    const std::vector<std::size_t>& same_name = ids_.at(attribute.name);
    return *std::find_if(same_name.begin(), same_name.end(),
                         [&](std::size_t each) { return attributes_[each] == attribute; });
  }

  struct Seen {
    Distinct<std::string, std::unordered_map<std::string, std::uint32_t>> texts;
    Distinct<Pattern, std::map<Pattern, std::uint32_t>> patterns;
    std::vector<Number> bounds;
  };

  static void sort(std::vector<std::uint32_t>& all, std::size_t from) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(from);
    std::sort(begin, all.end());
    all.erase(std::unique(begin, all.end()), all.end());
  }

  static Domain numbers(Seen& seen) {
    Domain made;
    seen.bounds.push_back(smallest_number);
    std::sort(seen.bounds.begin(), seen.bounds.end());
    seen.bounds.erase(std::unique(seen.bounds.begin(), seen.bounds.end()), seen.bounds.end());
    made.bounds = seen.bounds;
    return made;
  }

  static Domain texts(const Seen& seen) {
    Domain made;
    made.table = AtomTable::build(seen.texts.all);
    if (seen.patterns.all.empty()) return made;
    made.patterns = PatternIndex::build(seen.patterns.all);
    made.hit_ends.push_back(0);
    for (const std::string& text : seen.texts.all) {
      const std::vector<PatternId> hits = made.patterns.matching(text);
      made.hits.insert(made.hits.end(), hits.begin(), hits.end());
      made.hit_ends.push_back(static_cast<std::uint32_t>(made.hits.size()));
    }
    return made;
  }

  std::vector<Attribute> attributes_;
  std::unordered_map<std::string, std::vector<std::size_t>>
      ids_;  // by name: one may be read in several ways
  std::vector<Seen> seen_;
};

// Equal sets are stored once: rule lists repeat the same few sets of types over and over.
class Sets {
 public:
  explicit Sets(std::vector<std::uint32_t>& values) : values_(values) {}

  std::uint32_t add(const std::vector<std::uint32_t>& atoms) {
    const auto [at, fresh] = known_.try_emplace(atoms, static_cast<std::uint32_t>(values_.size()));
    if (fresh) values_.insert(values_.end(), atoms.begin(), atoms.end());
    return at->second;
  }

 private:
  std::vector<std::uint32_t>& values_;
  std::map<std::vector<std::uint32_t>, std::uint32_t> known_;
};

// Of a text that is compared with patterns nothing is known beforehand.
std::uint64_t mask_of(const Image& image, const AtomTest& test) {
  const Domain& domain = image.domains[std::to_underlying(test.attribute)];
  const std::uint32_t atoms = std::min(domain.atoms(), 64U);
  std::uint64_t mask = 0;
  for (std::uint32_t atom = 0; atom < atoms; ++atom) {
    if (test.kind == AtomTest::Kind::patterns && Atom{atom} == Atom::other) continue;
    if (judge(image, test, Atom{atom}, {}) == Verdict::yes) mask |= std::uint64_t{1} << atom;
  }
  return mask;
}

AtomTest::Kind kind_of(const Test& test) {
  if (is_numeric(test.attribute.type)) return AtomTest::Kind::ranges;
  return test.patterns.empty() ? AtomTest::Kind::set : AtomTest::Kind::patterns;
}

}  // namespace

std::vector<Draft> order(const std::vector<const Policy*>& policies, Image& image) {
  Numbers numbers;
  for (const Policy* policy : policies) {
    for (const Rule& rule : policy->rules) {
      for (const Test& test : rule.tests) numbers.add(test);
      numbers.add(rule.outcome);
    }
    numbers.add(policy->otherwise);
  }
  numbers.make_domains(image);
  Sets sets(image.values);
  std::vector<Draft> drafts;
  for (const Policy* policy : policies) {
    Draft& draft = drafts.emplace_back();
    draft.policy = policy;
    std::set<AttributeId> used;
    for (const Rule& rule : policy->rules) {
      DraftRule& drafted = draft.rules.emplace_back();
      for (const Test& test : rule.tests) {
        const AttributeId attribute = numbers.attribute(test);
        const std::vector<std::uint32_t> values =
            numbers.values(test, image.domains[std::to_underlying(attribute)]);
        const AtomTest::Kind kind = kind_of(test);
        const bool is_one = kind == AtomTest::Kind::set && values.size() == 1;
        drafted.tests.push_back({.first_value = is_one ? values[0] : sets.add(values),
                                 .values = static_cast<std::uint32_t>(values.size()),
                                 .attribute = attribute,
                                 .kind = kind,
                                 .if_listed = test.if_listed,
                                 .if_other = test.if_other,
                                 .if_absent = test.if_absent,
                                 .if_ill_typed = test.if_ill_typed});
        drafted.tests.back().mask = mask_of(image, drafted.tests.back());
        used.insert(attribute);
      }
    }
    draft.attributes.assign(used.begin(), used.end());
  }
  return drafts;
}

}  // namespace copse::engine
