#include "engine/draft.hpp"
#include "engine/judge.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace copse::engine {
namespace {

// Branches that a test may have which also speaks of texts that it does not list: beyond it the
// rule goes to the list of rules without a home instead of under every branch.
constexpr std::uint32_t wide_branch_limit = 64;

// Atoms of a test over numbers that a rule hangs under one by one.
constexpr std::uint32_t listed_part_limit = 8;

// The parts for which a test over numbers does not say no.
void stretches(const AtomTest& test, std::span<const std::uint32_t> values, std::uint32_t atoms,
               Branches& found) {
  std::vector<std::uint32_t> pairs;
  const auto add = [&](std::uint32_t first, std::uint32_t last) {
    if (first <= last) pairs.insert(pairs.end(), {first, last});
  };
  if (test.if_other == Verdict::no) {
    if (test.if_listed != Verdict::no) pairs.assign(values.begin(), values.end());
  } else {
    std::uint32_t from = first_listed_atom;
    for (std::size_t i = 0; test.if_listed == Verdict::no && i < values.size(); i += 2) {
      add(from, values[i] - 1);
      from = values[i + 1] + 1;
    }
    add(from, atoms - 1);
  }
  std::uint32_t all = 0;
  for (std::size_t i = 0; i < pairs.size(); i += 2) all += pairs[i + 1] - pairs[i] + 1;
  if (all > listed_part_limit) {
    found.stretches = std::move(pairs);
    return;
  }
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    for (std::uint32_t atom = pairs[i]; atom <= pairs[i + 1]; ++atom) found.own.push_back(atom);
  }
}

}  // namespace

bool fails_on_normal_values(const AtomTest& test) {
  return (test.values > 0 && test.if_listed == Verdict::fail) || test.if_other == Verdict::fail ||
         test.if_absent == Verdict::fail;
}

Branches branches(const Image& image, const AtomTest& test) {
  Branches found;
  const std::size_t attribute = std::to_underlying(test.attribute);
  // A canary is the last thing that is asked.
  found.wide = image.attributes[attribute].origin == Origin::canary;
  if (found.wide) return found;
  const std::span<const std::uint32_t> values =
      test.kind == AtomTest::Kind::set && test.values == 1
          ? std::span(&test.first_value, 1)
          : image.values.span().subspan(test.first_value, test.values);
  const bool only_listed = test.if_absent == Verdict::no && test.if_other == Verdict::no;
  if (test.kind == AtomTest::Kind::set && only_listed) {
    if (test.if_listed != Verdict::no) found.atoms = values;  // as most tests are
    return found;
  }
  const std::uint32_t atoms = image.domains[attribute].atoms();
  if (test.if_absent != Verdict::no) found.own.push_back(std::to_underlying(Atom::absent));
  if (test.kind == AtomTest::Kind::ranges) {
    stretches(test, values, atoms, found);
  } else if (test.if_other != Verdict::no) {
    found.own.push_back(std::to_underlying(Atom::other));
    found.wide = atoms > wide_branch_limit || test.kind == AtomTest::Kind::patterns;
    for (std::uint32_t atom = first_listed_atom; atom < atoms && !found.wide; ++atom) {
      if (judge(image, test, Atom{atom}, {}) != Verdict::no) found.own.push_back(atom);
    }
  } else if (test.if_listed != Verdict::no) {
    const bool has_patterns = test.kind == AtomTest::Kind::patterns;
    const auto listed = has_patterns ? values.subspan(1, values[0]) : values;
    found.own.insert(found.own.end(), listed.begin(), listed.end());
    if (has_patterns) {
      for (const std::uint32_t id : values.subspan(1 + values[0]))
        found.patterns.push_back(PatternId{id});
    }
  }
  found.atoms = found.own;
  return found;
}

std::optional<std::uint32_t> only_atom(const Image& image, const AtomTest& test) {
  const bool is_one = test.kind == AtomTest::Kind::set && test.values == 1 &&
                      test.if_listed != Verdict::no && test.if_other == Verdict::no &&
                      test.if_absent == Verdict::no;
  const std::size_t attribute = std::to_underlying(test.attribute);
  if (!is_one || image.attributes[attribute].origin == Origin::canary) return std::nullopt;
  return test.first_value;
}

namespace {

// How many rules hang where, if each hung everywhere it may.
struct Popularity {
  std::vector<std::uint32_t> atoms;
  std::vector<std::uint32_t> patterns;
  std::vector<std::int32_t> steps;   // stretches: where they begin and, behind, end
  std::uint32_t most_stretches = 0;  // over one atom
};

// The most rules that share a branch with one of these.
std::uint32_t crowd(const Branches& found, const Popularity& of) {
  std::uint32_t most = found.stretches.empty() ? 0 : of.most_stretches;
  for (const std::uint32_t atom : found.atoms) most = std::max(most, of.atoms[atom]);
  for (const PatternId id : found.patterns)
    most = std::max(most, of.patterns[std::to_underlying(id)]);
  return most;
}

// Counts a test that so many rules ask.
void count(const Branches& found, std::uint32_t rules, Popularity& of) {
  for (const std::uint32_t atom : found.atoms) of.atoms[atom] += rules;
  for (const PatternId id : found.patterns) of.patterns[std::to_underlying(id)] += rules;
  for (std::size_t i = 0; i < found.stretches.size(); i += 2) {
    of.steps[found.stretches[i]] += static_cast<std::int32_t>(rules);
    of.steps[found.stretches[i + 1] + 1] -= static_cast<std::int32_t>(rules);
  }
}

std::vector<Popularity> popularity_of(const Image& image, const Draft& draft) {
  std::vector<Popularity> all;
  for (const Domain& domain : image.domains) {
    all.push_back({std::vector<std::uint32_t>(domain.atoms()),
                   std::vector<std::uint32_t>(domain.patterns.size()),
                   std::vector<std::int32_t>(domain.atoms() + 1), 0});
  }
  std::vector<std::uint32_t> rules(image.tests.size());  // by test: that ask it
  for (const DraftRule& rule : draft.rules) {
    for (const std::uint32_t test : draft.asked_of(rule)) ++rules[test];
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const AtomTest& test = image.tests[i];
    Popularity& of = all[std::to_underlying(test.attribute)];
    if (const auto atom = only_atom(image, test)) {
      of.atoms[*atom] += rules[i];
    } else if (rules[i] > 0) {
      count(branches(image, test), rules[i], of);
    }
  }
  for (Popularity& of : all) {
    std::int32_t over = 0;
    for (const std::int32_t step : of.steps) {
      over += step;
      of.most_stretches = std::max(of.most_stretches, static_cast<std::uint32_t>(over));
    }
  }
  return all;
}

}  // namespace

namespace {

constexpr std::uint32_t no_home = std::numeric_limits<std::uint32_t>::max();

// Attributes whose tests are no homes, since the list of all rules without one has bits of them.
std::vector<bool> without_homes(const Image& image, bool in_small) {
  std::vector<bool> found(image.attributes.size());
  for (std::uint16_t i = 0; i < found.size(); ++i)
    found[i] = image.domains[i].patterns.size() == 0 && has_bits(image, AttributeId{i}, in_small);
  const auto with_bits = static_cast<std::size_t>(std::count(found.begin(), found.end(), true));
  if (with_bits > bit_column_limit || (!in_small && with_bits < found.size()))
    found.assign(found.size(), false);
  return found;
}

// By test: how many rules it would share a list with.
std::vector<std::uint32_t> crowds(const Image& image, const Draft& draft) {
  const std::vector<Popularity> popularity = popularity_of(image, draft);
  std::vector<std::uint32_t> with;
  with.reserve(image.tests.size());
  for (const AtomTest& test : image.tests) {
    const Popularity& of = popularity[std::to_underlying(test.attribute)];
    if (const auto atom = only_atom(image, test)) {
      with.push_back(of.atoms[*atom]);
    } else {
      const Branches found = branches(image, test);
      with.push_back(found.wide ? no_home : crowd(found, of));
    }
  }
  return with;
}

}  // namespace

// The home is the test whose most common value is least common among all rules: that bounds the
// list in which the rule has to be found. A test that may fail for a normal value must not be
// skipped over: the home is at or before the first such test, so that the rule is found whenever it
// would fail.
//
// In a policy of few rules, or of few values, attributes that lists have bits of are no homes: its
// rules stand together, and one look tells 512 of them.
void index(const Image& image, Draft& draft) {
  const std::vector<std::uint32_t> with = crowds(image, draft);
  const std::vector<bool> is_none = without_homes(image, draft.is_small);
  for (DraftRule& rule : draft.rules) {
    std::uint32_t best = no_home;
    const std::span<const std::uint32_t> tests = draft.asked_of(rule);
    for (std::uint32_t i = 0; i < tests.size(); ++i) {
      const AtomTest& test = image.tests[tests[i]];
      if (with[tests[i]] < best && !is_none[std::to_underlying(test.attribute)]) {
        best = with[tests[i]];
        rule.home = i;
      }
      if (fails_on_normal_values(test)) break;
    }
  }
}

}  // namespace copse::engine
