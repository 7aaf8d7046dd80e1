#include "engine/evaluate.hpp"

#include "engine/judge.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace copse::engine {
namespace {

// Deciding is one walk over a few nodes; the header image.hpp tells how they hang together.
constexpr std::uint32_t nothing_failed = 0xFFFF'FFFF;

using Atoms = std::array<Atom, attribute_limit>;

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

  template <Order order>
  [[gnu::always_inline]] void run(NodeId root, Best& best) const {
    const Node* at = &node(std::to_underlying(root));
    const Node* end = at + 1;
    if (at->kind == Node::Kind::first) {
      end = &node(at->first) + at->count;
      at = &node(at->first);
    }
    for (; at != end && at->smallest < best.rule; ++at) {
      if (at->kind == Node::Kind::select) [[likely]] {
        const Node* const below = &node(at->first + std::to_underlying(atom(at->attribute)));
        if (below->smallest < best.rule) visit<order>(below, best);
      } else {
        best = look<order>(*this, *at, best);
      }
    }
  }

 private:
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
    } else {
      candidates<order>(*at, best);
    }
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
      const std::span<const std::uint32_t> tests = asked<order>(*posting);
      Verdict verdict = Verdict::yes;
      std::uint32_t failing = nothing_failed;
      for (const std::uint32_t at : tests) {
        const AtomTest& test = image_.tests[at];
        verdict =
            judge(image_, test, atom(test.attribute), facts_[std::to_underlying(test.attribute)]);
        if (verdict == Verdict::yes) continue;
        failing = at;
        break;
      }
      if (verdict == Verdict::no) continue;
      best = {posting->rule, posting->outcome, failing};
      return;
    }
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
  walk.run<Order::as_written>(entry.ill_typed_root, best);
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
    walk.run<Order::any>(entry.root, best);
  }
  return {best.rule, best.outcome, best.failed_test};
}

// Attributes up to which one that is absent is looked up like any other: of few nobody can foresee
// which are there, of many most are not.
constexpr std::size_t looked_up_anyway = 16;

// True when each fact is a text or absent, and looking all of them up costs less than asking which.
bool are_plain_and_few(std::span<const Fact> facts) {
  if (facts.size() > looked_up_anyway) return false;
  for (const Fact& fact : facts) {
    if (fact.state() > Fact::State::text) return false;
  }
  return true;
}

// Fills `atoms`; true when a fact is ill-typed.
[[gnu::noinline]] bool resolve_any(const Image& image, std::span<const Fact> facts, Atoms& atoms) {
  bool ill_typed = false;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    atoms[i] = atom_of(image.domains[i], facts[i]);
    ill_typed |= facts[i].state() == Fact::State::ill_typed;
  }
  return ill_typed;
}

[[gnu::always_inline]] inline bool resolve(const Image& image, std::span<const Fact> facts,
                                           Atoms& atoms) {
  assert(facts.size() == image.attributes.size());
  if (!are_plain_and_few(facts)) return resolve_any(image, facts, atoms);
  const Domain* domain = image.domains.data();
  Atom* atom = atoms.data();
  for (const Fact& fact : facts) {
    const Atom found = (domain++)->table.find_padded(fact.text_or_any());
    *atom++ = fact.if_text(found);
  }
  return false;
}

}  // namespace

Decision evaluate(const Image& image, std::span<const Fact> facts) {
  // WHY not initialised: 1 KiB of stores would cost more than the decision; entry I is written
  // before use.
  Atoms atoms;
  const bool ill_typed = resolve(image, facts, atoms);
  Decision decision;
  if (image.decides_runner) {
    decision.runner_answer = answer(image, image.runner, atoms, facts, ill_typed);
    decision.runner =
        Runner(image.outcomes[std::to_underlying(decision.runner_answer.outcome)].runner);
  }
  if (decision.runner == Runner::k8s)
    decision.placement = answer(image, image.placement, atoms, facts, ill_typed);
  return decision;
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
