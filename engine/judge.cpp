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
      return domain.table.find(fact.text());
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
