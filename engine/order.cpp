#include "engine/distinct.hpp"
#include "engine/draft.hpp"
#include "engine/judge.hpp"
#include "engine/simplify.hpp"

#include <algorithm>
#include <bit>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace copse::engine {
namespace {

// A test whose texts and patterns have their numbers; ranges get theirs when all bounds are known.
struct Numbered {
  AttributeId attribute{};
  std::uint32_t first = 0;  // its values: [first, first + count) of all
  std::uint32_t count = 0;
};

// Attributes, texts and patterns by first use, so that an image does not change when an unused part
// of a policy does.
class Numbers {
 public:
  // Appends the test's numbers to `values`.
  Numbered add(const Test& test, std::vector<std::uint32_t>& values) {
    const std::size_t id = add(test.attribute);
    Seen& seen = seen_[id];
    Numbered made{static_cast<AttributeId>(id), static_cast<std::uint32_t>(values.size())};
    for (const Range& range : test.ranges) {
      seen.bounds.push_back(range.first);
      if (range.last != largest_number) seen.bounds.push_back(next(range.last));
    }
    if (is_numeric(test.attribute.type)) return made;
    if (!test.patterns.empty()) values.push_back(0);
    const std::size_t texts = values.size();
    for (const std::string& value : test.values)
      values.push_back(first_listed_atom + seen.texts.add(value, hash_of(value)).first);
    sort(values, texts);
    const std::size_t ids = values.size();
    if (!test.patterns.empty()) values[made.first] = static_cast<std::uint32_t>(ids - texts);
    for (const Pattern& pattern : test.patterns)
      values.push_back(seen.patterns.add(pattern, hash_of(pattern.text)).first);
    sort(values, ids);
    made.count = static_cast<std::uint32_t>(values.size()) - made.first;
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
    Distinct<Pattern> patterns;
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
  explicit Tests(Image& image) : image_(image), lists_(image.values) {}

  std::uint32_t place(const Test& test, AttributeId attribute,
                      std::span<const std::uint32_t> numbers) {
    const AtomTest::Kind kind = kind_of(test);
    std::vector<std::uint32_t> parts;
    if (kind == AtomTest::Kind::ranges) {
      const Domain& domain = image_.domains[std::to_underlying(attribute)];
      for (const Range& range : test.ranges) {
        parts.push_back(std::to_underlying(domain.part(range.first)));
        parts.push_back(std::to_underlying(domain.part(range.last)));
      }
      numbers = parts;
    }
    const bool is_one = kind == AtomTest::Kind::set && numbers.size() == 1;
    AtomTest made{.first_value = is_one ? numbers[0] : lists_.add(numbers),
                  .values = static_cast<std::uint32_t>(numbers.size()),
                  .attribute = attribute,
                  .kind = kind,
                  .if_listed = test.if_listed,
                  .if_other = test.if_other,
                  .if_absent = test.if_absent,
                  .if_ill_typed = test.if_ill_typed};
    const auto [at, is_new] =
        known_.add(made, hash_of({reinterpret_cast<const char*>(&made), sizeof made}));
    if (is_new) {
      made.mask = mask_of(image_, made);
      image_.tests.push_back(made);
    }
    return at;
  }

 private:
  Image& image_;
  Distinct<AtomTest> known_;  // without their masks
  Runs lists_;
};

}  // namespace

std::vector<Draft> order(const std::vector<const Policy*>& policies, Image& image) {
  Numbers numbers;
  std::vector<Numbered> numbered;
  std::vector<std::uint32_t> values;
  std::vector<std::optional<std::vector<Test>>> simplified;  // by rule
  const auto add = [&](const std::vector<Test>& tests) {
    for (const Test& test : tests) numbered.push_back(numbers.add(test, values));
  };
  for (const Policy* policy : policies) {
    for (const Rule& rule : policy->rules) {
      add(rule.tests);
      if (const auto& asked = simplified.emplace_back(simplify(rule))) add(*asked);
      numbers.add(rule.outcome);
    }
    numbers.add(policy->otherwise);
  }
  numbers.make_domains(image);
  Tests tests(image);
  std::vector<Draft> drafts;
  auto next = numbered.begin();
  auto asked = simplified.begin();
  for (const Policy* policy : policies) {
    Draft& draft = drafts.emplace_back();
    draft.policy = policy;
    std::set<AttributeId> used;
    // What it appended.
    const auto place = [&](const std::vector<Test>& all) {
      const auto first = static_cast<std::uint32_t>(draft.tests.size());
      for (const Test& test : all) {
        used.insert(next->attribute);
        draft.tests.push_back(tests.place(test, next->attribute,
                                          std::span(values).subspan(next->first, next->count)));
        ++next;
      }
      return std::pair{first, static_cast<std::uint32_t>(all.size())};
    };
    for (const Rule& rule : policy->rules) {
      DraftRule& drafted = draft.rules.emplace_back();
      std::tie(drafted.first_test, drafted.tests) = place(rule.tests);
      std::tie(drafted.first_asked, drafted.asked) =
          *asked ? place(**asked) : std::pair{drafted.first_test, drafted.tests};
      ++asked;
    }
    draft.attributes.assign(used.begin(), used.end());
  }
  return drafts;
}

}  // namespace copse::engine
