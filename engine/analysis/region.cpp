#include "engine/analysis/region.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

namespace copse::engine::analysis {
namespace {

const Domain& domain_of(const Image& image, AttributeId attribute) {
  return image.domains[std::to_underlying(attribute)];
}

std::vector<PatternId> patterns_of(const Image& image, const AtomTest& test) {
  std::vector<PatternId> all;
  if (test.kind != AtomTest::Kind::patterns) return all;
  const std::uint32_t atoms = image.values[test.first_value];
  for (std::uint32_t i = 1 + atoms; i < test.values; ++i)
    all.push_back(PatternId{image.values[test.first_value + i]});
  return all;
}

// The atoms that a test lists, but for texts that only patterns know.
AtomSet listed_atoms(const Image& image, const AtomTest& test) {
  AtomSet made;
  const std::span<const std::uint32_t> values = image.values.span();
  switch (test.kind) {
    case AtomTest::Kind::set:
      if (test.values == 1) return AtomSet::stretch(test.first_value, test.first_value);
      for (const std::uint32_t atom : values.subspan(test.first_value, test.values))
        made.append(atom, atom);
      return made;
    case AtomTest::Kind::ranges:
      for (std::uint32_t i = 0; i < test.values; i += 2)
        made.append(values[test.first_value + i], values[test.first_value + i + 1]);
      return made;
    case AtomTest::Kind::patterns:
      break;
  }
  const Domain& domain = domain_of(image, test.attribute);
  const std::vector<PatternId> patterns = patterns_of(image, test);
  std::vector<std::uint32_t> atoms;
  const auto own = values.subspan(test.first_value + 1, values[test.first_value]);
  atoms.assign(own.begin(), own.end());
  if (!domain.hits.empty()) {
    for (std::uint32_t atom = first_listed_atom; atom < domain.atoms(); ++atom) {
      const auto hits = domain.hits_of(Atom{atom});
      const bool is_hit = std::any_of(hits.begin(), hits.end(), [&](PatternId hit) {
        return std::binary_search(patterns.begin(), patterns.end(), hit);
      });
      if (is_hit) atoms.push_back(atom);
    }
    std::sort(atoms.begin(), atoms.end());
  }
  for (const std::uint32_t atom : atoms) made.append(atom, atom);
  return made;
}

// The atoms for which a test gives the verdict. Of a text that it has to compare with patterns,
// nothing is said: such a test does not have `other` in any set.
AtomSet atoms_with(const Image& image, const AtomTest& test, Verdict verdict) {
  const std::uint32_t atoms = domain_of(image, test.attribute).atoms();
  const AtomSet listed = listed_atoms(image, test);
  AtomSet values;
  if (test.if_listed == verdict && test.if_other == verdict) {
    values = AtomSet::stretch(first_listed_atom, atoms - 1);
  } else if (test.if_listed == verdict) {
    values = listed;
  } else if (test.if_other == verdict) {
    values = listed.complement(atoms) & AtomSet::stretch(first_listed_atom, atoms - 1);
  }
  AtomSet made;
  const auto add = [&](Atom atom, Verdict said) {
    if (said == verdict) made.append(std::to_underlying(atom), std::to_underlying(atom));
  };
  add(Atom::absent, test.if_absent);
  add(Atom::ill_typed, test.if_ill_typed);
  // A number is never "another value".
  const bool is_number = test.kind == AtomTest::Kind::ranges;
  if (!is_number && test.kind != AtomTest::Kind::patterns) add(Atom::other, test.if_other);
  for (const auto& [first, last] : values.stretches()) made.append(first, last);
  return made;
}

// The numbers that an attribute can have; of most of them any.
Range numbers_of(const Attribute& attribute) {
  switch (attribute.origin) {
    case Origin::size:
    case Origin::attempt:
      return {{1, 0}, largest_number};
    case Origin::canary:
      return {{0, 0}, {share_unit - 1, 0}};
    case Origin::time_of_day:
      return {{0, 0}, {24 * 60 - 1, 0}};
    case Origin::weekday:
      return {{1, 0}, {7, 0}};
    case Origin::member:
      break;
  }
  switch (attribute.type) {
    case ValueType::boolean:
      return {{0, 0}, {1, 0}};
    case ValueType::interval_count:
    case ValueType::interval_length:
      return {{0, 0}, largest_number};
    default:
      return {};
  }
}

bool is_whole(ValueType type) {
  return type == ValueType::integer || type == ValueType::boolean ||
         type == ValueType::interval_count || type == ValueType::interval_length;
}

// True when a number of the attribute lies in the part.
bool is_inhabited(const Attribute& attribute, const Domain& domain, std::size_t part) {
  const Range all = numbers_of(attribute);
  Number low = std::max(domain.bounds[part], all.first);
  const Number high = std::min(
      part + 1 < domain.bounds.size() ? before(domain.bounds[part + 1]) : largest_number, all.last);
  if (is_whole(attribute.type) && !low.is_integer()) low = {low.whole + 1, 0};
  return low <= high;
}

// What a task that was read can have: a type and an id it has, and what is filled in is never
// absent.
AtomSet possible(const Image& image, AttributeId id) {
  static const std::array always{type_attribute(), id_attribute(), priority_attribute()};
  static const std::array filled{group_id_attribute(), required_capacity_attribute()};
  const Attribute& attribute = image.attributes[std::to_underlying(id)];
  const Domain& domain = domain_of(image, id);
  const bool is_known = std::find(always.begin(), always.end(), attribute) != always.end() ||
                        attribute.origin == Origin::size || attribute.origin == Origin::attempt ||
                        attribute.origin == Origin::time_of_day ||
                        attribute.origin == Origin::weekday;
  const bool is_id = attribute.path == always[1].path;
  const bool is_filled =
      is_known || is_id || attribute == filled[1] || attribute.path == filled[0].path;
  AtomSet all;
  const auto add = [&](std::uint32_t atom) { all.append(atom, atom); };
  if (!is_filled) add(std::to_underlying(Atom::absent));
  // Whatever is there is something: `any` is of no wrong type.
  if (!is_known && !is_id && attribute.type != ValueType::any)
    add(std::to_underlying(Atom::ill_typed));
  if (domain.bounds.empty()) {
    all.append(std::to_underlying(Atom::other), domain.atoms() - 1);
    return all;
  }
  for (std::size_t part = 0; part < domain.bounds.size(); ++part) {
    if (is_inhabited(attribute, domain, part))
      add(first_listed_atom + static_cast<std::uint32_t>(part));
  }
  return all;
}

bool has(const std::vector<PatternId>& all, PatternId id) {
  return std::find(all.begin(), all.end(), id) != all.end();
}

Constraint& constraint_of(Region& region, AttributeId attribute, const Image& image) {
  const auto at =
      std::lower_bound(region.constraints.begin(), region.constraints.end(), attribute,
                       [](const Constraint& each, AttributeId id) { return each.attribute < id; });
  if (at != region.constraints.end() && at->attribute == attribute) return *at;
  return *region.constraints.insert(at, {attribute, possible(image, attribute), {}, {}});
}

}  // namespace

const Constraint* Region::of(AttributeId attribute) const {
  const auto at =
      std::lower_bound(constraints.begin(), constraints.end(), attribute,
                       [](const Constraint& each, AttributeId id) { return each.attribute < id; });
  return at != constraints.end() && at->attribute == attribute ? &*at : nullptr;
}

namespace {

bool is_everything(const PatternIndex& patterns, PatternId id) {
  const std::string_view text = patterns.text(id);
  return patterns.kind(id) == Pattern::Kind::glob && !text.empty() &&
         text.find_first_not_of('*') == std::string_view::npos;
}

}  // namespace

// A glob covers another when it matches its text, in which `*` and `?` are characters that only a
// `*`, or for `?` a `?`, can take.
bool covers(const PatternIndex& patterns, PatternId wide, PatternId narrow) {
  if (wide == narrow || is_everything(patterns, wide)) return true;
  if (patterns.kind(wide) != Pattern::Kind::glob || patterns.kind(narrow) != Pattern::Kind::glob)
    return false;
  const std::string_view w = patterns.text(wide);
  const std::string_view n = patterns.text(narrow);
  constexpr std::string_view special = "[]\\";
  if (w.find_first_of(special) != std::string_view::npos ||
      n.find_first_of(special) != std::string_view::npos)
    return false;
  std::vector<bool> reached(w.size() + 1, false);
  const auto close = [&] {
    for (std::size_t i = 0; i < w.size(); ++i) {
      if (reached[i] && w[i] == '*') reached[i + 1] = true;
    }
  };
  reached[0] = true;
  close();
  for (const char c : n) {
    std::vector<bool> next(w.size() + 1, false);
    for (std::size_t i = 0; i < w.size(); ++i) {
      if (!reached[i]) continue;
      if (w[i] == '*') next[i] = true;
      const bool takes = c == '*' ? false : w[i] == c || w[i] == '?';
      if (w[i] != '*' && takes) next[i + 1] = true;
    }
    reached = std::move(next);
    close();
  }
  return reached[w.size()];
}

bool exclude(const PatternIndex& patterns, PatternId a, PatternId b) {
  const auto apart = [](std::string_view one, std::string_view other, auto begins) {
    return one.size() <= other.size() ? !begins(other, one) : !begins(one, other);
  };
  return apart(
             patterns.prefix(a), patterns.prefix(b),
             [](std::string_view text, std::string_view part) { return text.starts_with(part); }) ||
         apart(patterns.suffix(a), patterns.suffix(b),
               [](std::string_view text, std::string_view part) { return text.ends_with(part); });
}

std::vector<Region> restricted(const Image& image, const Region& region, const AtomTest& test,
                               Verdict verdict) {
  std::vector<Region> parts;
  const Constraint* const known = region.of(test.attribute);
  const AtomSet before = known != nullptr ? known->atoms : possible(image, test.attribute);
  AtomSet after = before & atoms_with(image, test, verdict);
  const bool is_open = test.kind == AtomTest::Kind::patterns && before.contains(Atom::other);
  if (!after.empty()) {
    Constraint& constraint = constraint_of(parts.emplace_back(region), test.attribute, image);
    constraint.atoms = std::move(after);
    if (is_open) {
      constraint.matching.clear();
      constraint.not_matching.clear();
    }
  }
  if (!is_open) return parts;

  // A text that no test lists: what its patterns say.
  const PatternIndex& patterns = domain_of(image, test.attribute).patterns;
  const std::vector<PatternId> asked = patterns_of(image, test);
  Region open = region;
  Constraint& text = constraint_of(open, test.attribute, image);
  text.atoms = AtomSet::stretch(std::to_underlying(Atom::other), std::to_underlying(Atom::other));
  const std::vector<PatternId> matching = text.matching;
  const std::vector<PatternId> not_matching = text.not_matching;
  if (test.if_listed == verdict) {
    for (const PatternId id : asked) {
      const auto rules_out = [&](PatternId no) { return covers(patterns, no, id); };
      const auto excludes = [&](PatternId yes) { return exclude(patterns, yes, id); };
      const bool is_excluded = std::any_of(not_matching.begin(), not_matching.end(), rules_out) ||
                               std::any_of(matching.begin(), matching.end(), excludes);
      if (is_excluded) continue;
      text.matching = matching;
      if (!has(matching, id)) text.matching.push_back(id);
      parts.push_back(open);
    }
    text.matching = matching;
  }
  if (test.if_other == verdict) {
    const bool is_certain = std::any_of(asked.begin(), asked.end(), [&](PatternId id) {
      return is_everything(patterns, id) ||
             std::any_of(matching.begin(), matching.end(),
                         [&](PatternId yes) { return covers(patterns, id, yes); });
    });
    if (!is_certain) {
      for (const PatternId id : asked) {
        if (!has(text.not_matching, id)) text.not_matching.push_back(id);
      }
      parts.push_back(open);
    }
  }
  return parts;
}

namespace {

// True when the test lists some texts, and the region has none of them: most pairs of rules are
// told apart so, before anything is copied.
bool is_apart(const Image& image, const Region& region, const AtomTest& test) {
  constexpr std::uint32_t few = 8;
  const Constraint* const known = region.of(test.attribute);
  const bool others = test.if_other == Verdict::yes || test.if_absent == Verdict::yes ||
                      test.if_ill_typed == Verdict::yes;
  if (test.kind != AtomTest::Kind::set || others || known == nullptr || test.values > few)
    return false;
  const auto listed = test.values == 1 ? std::span(&test.first_value, 1)
                                       : image.values.span().subspan(test.first_value, test.values);
  return std::none_of(listed.begin(), listed.end(),
                      [&](std::uint32_t atom) { return known->atoms.contains(Atom{atom}); });
}

}  // namespace

std::vector<Region> common(const Image& image, const Region& region, RuleId rule) {
  const auto tests = image.tests_of(rule);
  if (std::any_of(tests.begin(), tests.end(),
                  [&](const AtomTest& test) { return is_apart(image, region, test); }))
    return {};
  std::vector<Region> parts{region};
  for (const AtomTest& test : image.tests_of(rule)) {
    std::vector<Region> next;
    for (const Region& part : parts) {
      std::ranges::move(restricted(image, part, test, Verdict::yes), std::back_inserter(next));
    }
    parts = std::move(next);
    if (parts.empty()) break;
  }
  return parts;
}

std::vector<Region> failed(const Image& image, const Region& region, RuleId rule) {
  std::vector<Region> failing;
  std::vector<Region> inside{region};
  for (const AtomTest& test : image.tests_of(rule)) {
    std::vector<Region> next;
    for (const Region& part : inside) {
      std::ranges::move(restricted(image, part, test, Verdict::fail), std::back_inserter(failing));
      std::ranges::move(restricted(image, part, test, Verdict::yes), std::back_inserter(next));
    }
    inside = std::move(next);
    if (inside.empty()) break;
  }
  return failing;
}

std::vector<Region> matched(const Image& image, RuleId rule) {
  return common(image, Region{}, rule);
}

std::vector<Region> passed_over(const Image& image, const Region& region, RuleId rule) {
  std::vector<Region> outside;
  std::vector<Region> inside{region};
  for (const AtomTest& test : image.tests_of(rule)) {
    std::vector<Region> next;
    for (const Region& part : inside) {
      std::ranges::move(restricted(image, part, test, Verdict::no), std::back_inserter(outside));
      std::ranges::move(restricted(image, part, test, Verdict::yes), std::back_inserter(next));
    }
    inside = std::move(next);
    if (inside.empty()) break;
  }
  return outside;
}

}  // namespace copse::engine::analysis
