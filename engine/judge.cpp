#include "engine/judge.hpp"

#include "engine/murmur3.hpp"

namespace copse::engine {

std::uint32_t Domain::atoms() const {
  return bounds.empty() ? table.atoms()
                        : first_listed_atom + static_cast<std::uint32_t>(bounds.size());
}

Atom Domain::part(Number number) const {
  const auto after = std::upper_bound(bounds.begin(), bounds.end(), number);
  return Atom{first_listed_atom + static_cast<std::uint32_t>(after - bounds.begin()) - 1};
}

std::span<const PatternId> Domain::hits_of(Atom atom) const {
  const std::uint32_t number = std::to_underlying(atom);
  if (hits.empty() || number < first_listed_atom) return {};
  const std::uint32_t text = number - first_listed_atom;
  return hits.span().subspan(hit_ends[text], hit_ends[text + 1] - hit_ends[text]);
}

Atom atom_of(const Domain& domain, const Fact& fact) {
  switch (fact.state()) {
    case Fact::State::absent:
      return Atom::absent;
    case Fact::State::ill_typed:
      return Atom::ill_typed;
    case Fact::State::text:
      return fact.atom_in(domain.table);
    case Fact::State::number:
      return domain.part(fact.number());
    case Fact::State::counted:
      return Atom::deferred;
  }
  return Atom::ill_typed;
}

Atom canary_atom(const Image& image, AttributeId attribute, const Fact& fact) {
  const std::size_t at = std::to_underlying(attribute);
  const std::uint64_t hash = murmur3_salted(image.attributes[at].argument, fact.text());
  return image.domains[at].part({static_cast<std::int64_t>(hash % share_unit), 0});
}

// Of a text that is compared with patterns nothing is known beforehand.
std::uint64_t mask_of(const Image& image, const AtomTest& test) {
  const std::uint32_t atoms =
      std::min(image.domains[std::to_underlying(test.attribute)].atoms(), 64U);
  std::uint64_t mask = 0;
  const auto set = [&](std::uint32_t atom, Verdict verdict) {
    const std::uint64_t bit = std::uint64_t{1} << atom;
    mask = verdict == Verdict::yes ? mask | bit : mask & ~bit;
  };
  set(std::to_underlying(Atom::absent), test.if_absent);
  set(std::to_underlying(Atom::ill_typed), test.if_ill_typed);
  if (test.kind != AtomTest::Kind::patterns) set(std::to_underlying(Atom::other), test.if_other);
  if (test.kind == AtomTest::Kind::set) {
    // WHY apart: large policies have a hundred thousand of these, and most list none of the first
    // atoms.
    const std::uint64_t known = atoms == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << atoms) - 1;
    const std::uint64_t listed = known >> first_listed_atom << first_listed_atom;
    if (test.if_other == Verdict::yes) mask |= listed;
    const auto own = test.values == 1 ? std::span(&test.first_value, 1)
                                      : image.values.span().subspan(test.first_value, test.values);
    for (const std::uint32_t atom : own) {
      if (atom >= atoms) break;
      set(atom, test.if_listed);
    }
    return mask;
  }
  for (std::uint32_t atom = first_listed_atom; atom < atoms; ++atom)
    set(atom, lists(image, test, Atom{atom}) ? test.if_listed : test.if_other);
  return mask;
}

bool matches_pattern(const Image& image, const AtomTest& test, const Fact& fact) {
  const PatternIndex& patterns = image.domains[std::to_underlying(test.attribute)].patterns;
  const std::span<const std::uint32_t> values = image.values.span();
  const std::uint32_t atoms = values[test.first_value];
  const auto ids = values.subspan(test.first_value + 1 + atoms, test.values - 1 - atoms);
  return std::any_of(ids.begin(), ids.end(), [&](std::uint32_t id) {
    return patterns.matches(PatternId{id}, fact.text());
  });
}

}  // namespace copse::engine
