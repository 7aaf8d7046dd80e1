#include "engine/evaluate.hpp"

#include "engine/bit_lines.hpp"
#include "engine/judge.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace copse::engine {
namespace {

// Deciding is one walk over a few nodes; the header image.hpp tells how they hang together.
constexpr std::uint32_t nothing_failed = 0xFFFF'FFFF;

// Rules from which on, and children of a root up to which, the child with the smallest rule is
// next.
constexpr std::uint32_t ranked_from = 2'000;
constexpr std::ptrdiff_t ranked_children = 4;

struct Best {
  RuleId rule = no_rule;
  OutcomeId outcome{};
  std::uint32_t failed_test = nothing_failed;
};

enum class Order : std::uint8_t {
  any,        // every value is a text or absent: ask only what the path has not settled
  as_written  // some value is ill-typed: ask all tests of a rule in the policy's order
};

class Walk {
 public:
  Walk(const Image& image, const Atoms& atoms, std::span<const Fact> facts)
      : image_(image), atoms_(atoms), facts_(facts) {}

  /// What an entry's root finds.
  template <Order order>
  [[gnu::always_inline]] void run(NodeId root, std::uint32_t rules, Best& best) const {
    const Node* at = &node(std::to_underlying(root));
    const Node* end = at + 1;
    if (at->kind == Node::Kind::first) {
      end = &node(at->first) + at->count;
      at = &node(at->first);
    }
    if (rules < ranked_from || end - at > ranked_children) {
      in_turn<order>(at, end, best);
    } else {
      smallest_first<order>(at, end, best);
    }
  }

 private:
  // Children of a root in the order of the smallest rules below them.
  template <Order order>
  [[gnu::always_inline]] void in_turn(const Node* at, const Node* end, Best& best) const {
    for (; at != end && at->smallest < best.rule; ++at) {
      if (at->kind == Node::Kind::select) [[likely]] {
        const Node* const below = &node(at->first + std::to_underlying(atom(at->attribute)));
        if (below->smallest < best.rule) visit<order>(below, best);
      } else {
        best = look<order>(*this, *at, best);
      }
    }
  }

  // WHY not in turn where a policy is larger than the nearest caches: whether a child has a rule
  // small enough cannot be foreseen, and each wrong guess waits for memory. Here all children are
  // read at once, and the one with the smallest rule for this task is next. Where all is near, a
  // processor's guesses cost less.
  template <Order order>
  [[gnu::always_inline]] void smallest_first(const Node* at, const Node* end, Best& best) const {
    constexpr std::uint64_t nothing_left = ~std::uint64_t{0};
    // The smallest rule, and where it stands.
    const auto rank = [&](std::ptrdiff_t i) {
      if (i >= end - at) return nothing_left;
      const Node& of = at[i];
      const std::uint32_t place = of.kind == Node::Kind::select
                                      ? of.first + std::to_underlying(atom(of.attribute))
                                      : static_cast<std::uint32_t>(&of - image_.nodes.data());
      return std::uint64_t{std::to_underlying(node(place).smallest)} << 32U | place;
    };
    static_assert(ranked_children == 4);
    std::uint64_t a = rank(0);
    std::uint64_t b = rank(1);
    std::uint64_t c = rank(2);
    std::uint64_t d = rank(3);
    while (true) {
      const std::uint64_t least = std::min(std::min(a, b), std::min(c, d));
      if (RuleId(least >> 32U) >= best.rule) return;
      a = a == least ? nothing_left : a;
      b = b == least ? nothing_left : b;
      c = c == least ? nothing_left : c;
      d = d == least ? nothing_left : d;
      const Node& child = node(static_cast<std::uint32_t>(least));
      if (child.kind <= Node::Kind::select) {
        visit<order>(&child, best);
      } else {
        best = look<order>(*this, child, best);
      }
    }
  }

  [[nodiscard]] Atom atom(AttributeId attribute) const {
    return atoms_[std::to_underlying(attribute)];
  }

  [[nodiscard]] const Node& node(std::uint32_t id) const { return image_.nodes.data()[id]; }

  // `best`, improved by the rules below a node that only a root may have.
  // WHY by value and not inlined: so that a walk over plain selections stays in registers.
  template <Order order>
  [[gnu::noinline]] static Best look(Walk walk, const Node& at, Best best) {
    if (at.kind == Node::Kind::ranges) {
      walk.stretches<order>(at, best);
    } else if (at.kind == Node::Kind::patterns) {
      walk.patterns<order>(at, best);
    } else if (at.kind != Node::Kind::if_ill_typed) {
      walk.visit<order>(&at, best);
    } else if (walk.atom(at.attribute) == Atom::ill_typed) {
      walk.visit<order>(&walk.node(at.first), best);
    }
    return best;
  }

  template <Order order>
  void stretches(const Node& tree, Best& best) const {
    const Atom part = atom(tree.attribute);
    if (part == Atom::ill_typed) return;  // the other root has these rules
    if (part == Atom::absent) return visit<order>(&node(tree.first), best);
    std::uint32_t at = tree.count + std::to_underlying(part) - first_listed_atom;
    for (; at != 0; at /= 2) visit<order>(&node(tree.first + at), best);
  }

  template <Order order>
  void patterns(const Node& of, Best& best) const {
    class Visitor : public PatternVisitor {
     public:
      Visitor(const Walk& walk, std::uint32_t first, Best& best)
          : walk_(walk), first_(first), best_(best) {}

      bool wants(PatternId id) override { return at(id).smallest < best_.rule; }

      void found(PatternId id) override { walk_.visit<order>(&at(id), best_); }

     private:
      [[nodiscard]] const Node& at(PatternId id) const {
        return walk_.node(first_ + std::to_underlying(id));
      }

      const Walk& walk_;
      std::uint32_t first_;
      Best& best_;
    };

    const std::size_t attribute = std::to_underlying(of.attribute);
    const Domain& domain = image_.domains[attribute];
    const Atom text = atoms_[attribute];
    Visitor visitor(*this, of.first, best);
    if (text == Atom::other) return domain.patterns.visit(facts_[attribute].text(), visitor);
    for (const PatternId id : domain.hits_of(text)) visitor.found(id);
  }

  // Improves `best` by the rules below a node that a list may be under.
  template <Order order>
  [[gnu::always_inline]] void visit(const Node* at, Best& best) const {
    while (at->kind == Node::Kind::select)
      at = &node(at->first + std::to_underlying(atom(at->attribute)));
    if (at->smallest >= best.rule) return;  // `none` ends here too: it holds no rule
    if (at->kind == Node::Kind::leaf) {
      best = {at->smallest, OutcomeId{at->first}, nothing_failed};
    } else if (at->kind == Node::Kind::bits) {
      bits<order>(*at, best);
    } else {
      candidates<order>(*at, best);
    }
  }

  // What is left of a list, until nothing smaller than the best can be.
  template <Order order>
  void bits(const Node& node, Best& best) const {
    const BitList& list = image_.bit_lists.data()[node.first];
    each_left(image_, list, atoms_, [&](const Posting& posting) {
      return posting.rule >= best.rule || ask<order>(posting, best);
    });
  }

  template <Order order>
  void candidates(const Node& node, Best& best) const {
    const Posting* const end = image_.postings.data() + node.first + node.count;
    for (const Posting* posting = end - node.count; posting != end && posting->rule < best.rule;
         ++posting) {
      if constexpr (order == Order::any) {
        const std::uint32_t bit = std::min(std::to_underlying(atom(posting->attribute)), 63U);
        if (((posting->guard >> bit) & 1U) == 0) continue;
      }
      if (ask<order>(*posting, best)) return;
    }
  }

  // What is left to be asked of a posting. False: no; else it is the best.
  template <Order order>
  [[gnu::always_inline]] bool ask(const Posting& posting, Best& best) const {
    std::uint32_t failing = nothing_failed;
    for (const std::uint32_t at : asked<order>(posting)) {
      const AtomTest& test = image_.tests[at];
      const Verdict verdict =
          judge(image_, test, atom(test.attribute), facts_[std::to_underlying(test.attribute)]);
      if (verdict == Verdict::yes) continue;
      if (verdict == Verdict::no) return false;
      failing = at;
      break;
    }
    best = {posting.rule, posting.outcome, failing};
    return true;
  }

  // The tests that the path and the guard have not settled, or all.
  template <Order order>
  [[nodiscard]] std::span<const std::uint32_t> asked(const Posting& posting) const {
    if constexpr (order == Order::as_written) {
      const CompiledRule& rule = image_.rules[std::to_underlying(posting.rule)];
      return {image_.sequences.data() + rule.first_test, rule.tests};
    }
    if (posting.tests == 1) return {&posting.first_test, 1};
    return {image_.sequences.data() + posting.first_test, posting.tests};
  }

  const Image& image_;
  const Atoms& atoms_;
  std::span<const Fact> facts_;
};

[[gnu::noinline]] Best ill_typed_answer(Walk walk, const Entry& entry) {
  Best best{no_rule, entry.otherwise, nothing_failed};
  walk.run<Order::as_written>(entry.ill_typed_root, entry.rules, best);
  return best;
}

[[gnu::always_inline]] inline Answer answer(const Image& image, const Entry& entry,
                                            const Atoms& atoms, std::span<const Fact> facts,
                                            bool ill_typed) {
  const Walk walk(image, atoms, facts);
  Best best{no_rule, entry.otherwise, nothing_failed};
  if (ill_typed) {
    best = ill_typed_answer(walk, entry);
  } else {
    walk.run<Order::any>(entry.root, entry.rules, best);
  }
  return {best.rule, best.outcome, best.failed_test};
}

[[gnu::always_inline]] inline Decision decision(const Image& image, const Atoms& atoms,
                                                std::span<const Fact> facts, bool ill_typed) {
  Decision made;
  if (image.decides_runner) {
    made.runner_answer = answer(image, image.runner, atoms, facts, ill_typed);
    made.runner = Runner(image.outcomes[std::to_underlying(made.runner_answer.outcome)].runner);
  }
  if (made.runner == Runner::k8s)
    made.placement = answer(image, image.placement, atoms, facts, ill_typed);
  return made;
}

// The first posting of the only list that the columns let pass; false when it is to be asked more.
[[gnu::always_inline]] inline bool is_first_left(const Image& image, const BitList& list,
                                                 const Atoms& atoms, Answer& answer) {
  answer.outcome = image.placement.otherwise;
  if (list.postings > BitList::short_list) {
    bool is_certain = true;
    each_left(image, list, atoms, [&](const Posting& posting) {
      answer.rule = posting.rule;
      answer.outcome = posting.outcome;
      is_certain = posting.tests == 0;
      return true;
    });
    return is_certain;
  }
  const FirstLeft first = first_left(image, list, atoms);
  const Posting& posting = image.postings.data()[list.first_posting + first.at];
  const std::uint32_t otherwise = std::to_underlying(answer.outcome);
  answer.rule = RuleId{std::to_underlying(posting.rule) | ~first.found};
  answer.outcome =
      OutcomeId{otherwise ^ ((std::to_underlying(posting.outcome) ^ otherwise) & first.found)};
  return (posting.tests & first.found) == 0;
}

// WHY: from the slot of a text to its node is one look at memory after the other. Where the node
// would be can be guessed before the slot is read, so that both are fetched at once.
[[gnu::always_inline]] inline void fetch_far(const Image& image, std::span<const Fact> facts) {
  const std::size_t attribute = std::to_underlying(image.far_attribute);
  const Atom atom = facts[attribute].guess_in(image.domains[attribute].table);
  __builtin_prefetch(image.nodes.data() + image.far_nodes + std::to_underlying(atom));
}

// Fills `atoms`; true when a fact is ill-typed.
[[gnu::noinline]] bool resolve_any(const Image& image, std::span<const Fact> facts, Atoms& atoms) {
  bool ill_typed = false;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    // WHY not left to atom_of: of many attributes most are absent, and a call costs more than that.
    const bool is_absent = facts[i].state() == Fact::State::absent;
    atoms[i] = is_absent ? Atom::absent : atom_of(image.domains[i], facts[i]);
    ill_typed |= facts[i].state() == Fact::State::ill_typed;
  }
  return ill_typed;
}

// Where no value is a number, looking all of them up costs less than asking which are texts.
[[gnu::always_inline]] inline bool resolve(const Image& image, std::span<const Fact> facts,
                                           Atoms& atoms) {
  assert(facts.size() == image.attributes.size());
  if (!image.has_texts_only) return resolve_any(image, facts, atoms);
  const Domain* domain = image.domains.data();
  Atom* atom = atoms.data();
  std::uint32_t states = 0;
  for (const Fact& fact : facts) {
    *atom++ = fact.atom_in((domain++)->table);
    states |= std::to_underlying(fact.state());
  }
  // Absent and texts have not that bit.
  return (states & std::to_underlying(Fact::State::ill_typed)) != 0;
}

[[gnu::always_inline]] inline Decision decided(const Image& image, std::span<const Fact> facts) {
  // WHY not initialised: 1 KiB of stores would cost more than the decision; entry I is written
  // before use.
  Atoms atoms;
  const bool ill_typed = resolve(image, facts, atoms);
  if (image.only_list != Image::no_list && !ill_typed) {
    Decision made;
    if (is_first_left(image, image.bit_lists.data()[image.only_list], atoms, made.placement))
      return made;
  }
  return decision(image, atoms, facts, ill_typed);
}

// WHY apart: so that small policies do not pay for it.
[[gnu::noinline]] Decision decided_far(const Image& image, std::span<const Fact> facts) {
  fetch_far(image, facts);
  return decided(image, facts);
}

}  // namespace

Decision evaluate(const Image& image, std::span<const Fact> facts) {
  if (image.far_nodes != Image::no_node) return decided_far(image, facts);
  return decided(image, facts);
}

Answer place(const Image& image, std::span<const Fact> facts) {
  return decide(image, image.placement, facts);
}

Answer decide(const Image& image, const Entry& entry, std::span<const Fact> facts) {
  Atoms atoms;
  const bool ill_typed = resolve(image, facts, atoms);
  return answer(image, entry, atoms, facts, ill_typed);
}

}  // namespace copse::engine
