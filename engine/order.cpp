#include "engine/draft.hpp"

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
    const auto [at, fresh] = ids_.try_emplace(test.attribute.name, attributes_.size());
    if (fresh) {
      attributes_.push_back(test.attribute);
      texts_.emplace_back();
      numbers_.emplace_back();
    }
    for (const std::string& value : test.values) {
      const auto next = static_cast<std::uint32_t>(first_listed_atom + texts_[at->second].size());
      if (numbers_[at->second].try_emplace(value, next).second) texts_[at->second].push_back(value);
    }
  }

  [[nodiscard]] AttributeId attribute(const Test& test) const {
    return static_cast<AttributeId>(ids_.at(test.attribute.name));
  }

  [[nodiscard]] std::vector<std::uint32_t> atoms(const Test& test) const {
    const auto& numbers = numbers_[ids_.at(test.attribute.name)];
    std::set<std::uint32_t> sorted;
    for (const std::string& value : test.values) sorted.insert(numbers.at(value));
    return {sorted.begin(), sorted.end()};
  }

  void move_to(Image& image) {
    image.attributes = std::move(attributes_);
    for (const auto& texts : texts_) image.tables.push_back(AtomTable::build(texts));
  }

 private:
  std::vector<Attribute> attributes_;
  std::map<std::string, std::size_t> ids_;
  std::vector<std::vector<std::string>> texts_;
  std::vector<std::unordered_map<std::string, std::uint32_t>> numbers_;
};

// Equal sets are stored once: rule lists repeat the same few sets of types over and over.
class Sets {
 public:
  explicit Sets(std::vector<std::uint32_t>& values) : values_(values) {}

  std::uint32_t add(const std::vector<std::uint32_t>& atoms) {
    if (atoms.size() == 1) return atoms[0];
    const auto [at, fresh] = known_.try_emplace(atoms, static_cast<std::uint32_t>(values_.size()));
    if (fresh) values_.insert(values_.end(), atoms.begin(), atoms.end());
    return at->second;
  }

 private:
  std::vector<std::uint32_t>& values_;
  std::map<std::vector<std::uint32_t>, std::uint32_t> known_;
};

std::uint64_t mask_of(const Test& test, const std::vector<std::uint32_t>& atoms) {
  std::uint64_t mask = 0;
  const auto set = [&](Atom atom, Verdict verdict) {
    if (verdict == Verdict::yes) mask |= std::uint64_t{1} << std::to_underlying(atom);
  };
  set(Atom::absent, test.if_absent);
  set(Atom::ill_typed, test.if_ill_typed);
  set(Atom::other, test.if_other);
  if (test.if_other == Verdict::yes) mask |= ~std::uint64_t{0} << first_listed_atom;
  for (const std::uint32_t atom : atoms) {
    if (atom >= 64) break;
    const std::uint64_t bit = std::uint64_t{1} << atom;
    mask = test.if_listed == Verdict::yes ? mask | bit : mask & ~bit;
  }
  return mask;
}

}  // namespace

std::vector<Draft> order(const std::vector<const Policy*>& policies, Image& image) {
  Numbers numbers;
  for (const Policy* policy : policies) {
    for (const Rule& rule : policy->rules) {
      for (const Test& test : rule.tests) numbers.add(test);
    }
  }
  Sets sets(image.values);
  std::vector<Draft> drafts;
  for (const Policy* policy : policies) {
    Draft& draft = drafts.emplace_back();
    draft.policy = policy;
    std::set<AttributeId> used;
    for (const Rule& rule : policy->rules) {
      DraftRule& drafted = draft.rules.emplace_back();
      for (const Test& test : rule.tests) {
        const std::vector<std::uint32_t> atoms = numbers.atoms(test);
        drafted.tests.push_back({.mask = mask_of(test, atoms),
                                 .first_value = sets.add(atoms),
                                 .values = static_cast<std::uint32_t>(atoms.size()),
                                 .attribute = numbers.attribute(test),
                                 .if_listed = test.if_listed,
                                 .if_other = test.if_other,
                                 .if_absent = test.if_absent,
                                 .if_ill_typed = test.if_ill_typed});
        used.insert(numbers.attribute(test));
      }
    }
    draft.attributes.assign(used.begin(), used.end());
  }
  numbers.move_to(image);
  return drafts;
}

}  // namespace copse::engine
