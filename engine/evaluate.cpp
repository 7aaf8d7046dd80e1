#include "engine/evaluate.hpp"

#include "engine/judge.hpp"

#include <array>
#include <cassert>
#include <utility>

namespace copse::engine {
namespace {

constexpr std::uint32_t nothing_failed = 0xFFFF'FFFF;

using Atoms = std::array<Atom, attribute_limit>;

struct Best {
  RuleId rule = no_rule;
  std::uint32_t failed_test = nothing_failed;
};

enum class Order : std::uint8_t {
  any,        ///< every value is a text or absent: ask only what the path has not settled
  as_written  ///< some value is ill-typed: ask all tests of a rule in the policy's order
};

class Walk {
 public:
  Walk(const Image& image, const Atoms& atoms) : image_(image), atoms_(atoms) {}

  // The depth of this recursion is that of `first` nodes, which compile nests at most twice.
  template <Order order>
  void visit(NodeId id, Best& best) const {
    for (;;) {
      const Node& node = image_.nodes[std::to_underlying(id)];
      if (node.smallest >= best.rule) return;
      switch (node.kind) {
        case Node::Kind::none:
          return;
        case Node::Kind::leaf:
          best = {node.smallest, nothing_failed};
          return;
        case Node::Kind::candidates:
          candidates<order>(node, best);
          return;
        case Node::Kind::select:
          id = NodeId{node.first + std::to_underlying(atom(node.attribute))};
          continue;
        case Node::Kind::if_ill_typed:
          if (atom(node.attribute) != Atom::ill_typed) return;
          id = NodeId{node.first};
          continue;
        case Node::Kind::first:
          for (std::uint32_t i = 0; i < node.count; ++i)
            visit<order>(image_.children[node.first + i], best);
          return;
      }
    }
  }

 private:
  [[nodiscard]] Atom atom(AttributeId attribute) const {
    return atoms_[std::to_underlying(attribute)];
  }

  template <Order order>
  void candidates(const Node& node, Best& best) const {
    for (std::uint32_t i = node.first; i < node.first + node.count; ++i) {
      const Posting& posting = image_.postings[i];
      if (posting.rule >= best.rule) return;
      std::uint32_t at = posting.first_test;
      std::uint32_t end = at + posting.tests;
      if constexpr (order == Order::as_written) {
        const CompiledRule& rule = image_.rules[std::to_underlying(posting.rule)];
        at = rule.first_test;
        end = at + rule.tests;
      }
      Verdict verdict = Verdict::yes;
      for (; at < end; ++at) {
        verdict = judge(image_, image_.tests[at], atom(image_.tests[at].attribute));
        if (verdict != Verdict::yes) break;
      }
      if (verdict == Verdict::no) continue;
      best = {posting.rule, verdict == Verdict::fail ? at : nothing_failed};
      return;
    }
  }

  const Image& image_;
  const Atoms& atoms_;
};

Answer answer(const Image& image, const Entry& entry, const Atoms& atoms, bool ill_typed) {
  Best best;
  const Walk walk(image, atoms);
  if (ill_typed) {
    walk.visit<Order::as_written>(entry.ill_typed_root, best);
  } else {
    walk.visit<Order::any>(entry.root, best);
  }
  const OutcomeId outcome =
      best.rule == no_rule ? entry.otherwise : image.rules[std::to_underlying(best.rule)].outcome;
  return {best.rule, outcome, best.failed_test};
}

}  // namespace

Decision evaluate(const Image& image, std::span<const Fact> facts) {
  assert(facts.size() == image.attributes.size());
  // WHY not initialised: 1 KiB of stores would cost more than the decision; entry I is written
  // before use.
  Atoms atoms;
  std::array<std::uint64_t, attribute_limit> hashes;
  bool ill_typed = false;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (facts[i].state == Fact::State::text) hashes[i] = image.tables[i].prefetch(facts[i].text);
  }
  for (std::size_t i = 0; i < facts.size(); ++i) {
    switch (facts[i].state) {
      case Fact::State::text:
        atoms[i] = image.tables[i].find_hashed(facts[i].text, hashes[i]);
        break;
      case Fact::State::absent:
        atoms[i] = Atom::absent;
        break;
      case Fact::State::ill_typed:
        atoms[i] = Atom::ill_typed;
        ill_typed = true;
        break;
    }
  }
  Decision decision;
  if (image.decides_runner) {
    decision.runner_answer = answer(image, image.runner, atoms, ill_typed);
    decision.runner = image.outcomes[std::to_underlying(decision.runner_answer.outcome)].runner;
  }
  if (decision.runner == Runner::k8s)
    decision.placement = answer(image, image.placement, atoms, ill_typed);
  return decision;
}

}  // namespace copse::engine
