#include "engine/draft.hpp"
#include "engine/judge.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace copse::engine {
namespace {

std::uint32_t size32(const auto& vector) {
  return static_cast<std::uint32_t>(vector.size());
}

// Postings that a look through one list is worth: a longer list is divided where that is possible.
constexpr std::size_t list_limit = 8;

// A division may have so many times the postings of the list, since those that the attribute does
// not guard stand in every branch.
constexpr std::size_t growth_limit = 2;

class Emitter {
 public:
  Emitter(const Draft& draft, const TemplateNames& templates, Image& image)
      : draft_(draft), templates_(templates), image_(image), first_rule_(size32(image.rules)) {
    for (std::uint32_t i = 0; i < image.outcomes.size(); ++i) {
      known_outcomes_.emplace(key_of(image.outcomes[i]), OutcomeId{i});
    }
  }

  Entry run() {
    Entry entry;
    entry.first_rule = first_rule_;
    entry.rules = size32(draft_.rules);
    for (std::size_t i = 0; i < draft_.rules.size(); ++i) rule(i);
    entry.otherwise = outcome(draft_.policy->otherwise);
    entry.otherwise_name = name(draft_.policy->otherwise_name);
    entry.root = root();
    entry.ill_typed_root = ill_typed_root(entry.root);
    return entry;
  }

 private:
  // A rule that hangs under a branch.
  struct Hanging {
    std::uint32_t atom;
    Posting posting;
  };

  static std::tuple<std::string, std::string, Runner, std::string> key_of(
      const CompiledOutcome& outcome) {
    return {outcome.template_key, outcome.wanted, outcome.runner, outcome.failure};
  }

  OutcomeId outcome(const Outcome& written) {
    CompiledOutcome compiled;
    if (written.template_key) {
      const bool exists = !templates_.known || templates_.names.contains(*written.template_key);
      compiled.template_key = exists ? *written.template_key : std::string(base_template);
      if (!exists) compiled.wanted = *written.template_key;
    }
    compiled.runner = written.runner.value_or(Runner::k8s);
    compiled.failure = written.failure.value_or("");
    const auto [at, fresh] =
        known_outcomes_.try_emplace(key_of(compiled), OutcomeId{size32(image_.outcomes)});
    if (fresh) image_.outcomes.push_back(std::move(compiled));
    return at->second;
  }

  std::uint32_t name(const std::string& text) {
    image_.names.push_back(text);
    return size32(image_.names) - 1;
  }

  void rule(std::size_t i) {
    const DraftRule& drafted = draft_.rules[i];
    const Rule& written = draft_.policy->rules[i];
    CompiledRule compiled{size32(image_.tests), size32(drafted.tests), outcome(written.outcome),
                          name(written.name)};
    image_.tests.insert(image_.tests.end(), drafted.tests.begin(), drafted.tests.end());
    image_.rules.push_back(compiled);
    const RuleId id{first_rule_ + static_cast<std::uint32_t>(i)};
    if (!drafted.home) {
      homeless_.push_back(posting(id, compiled, compiled.first_test, compiled.tests));
      return;
    }
    const AtomTest& home = drafted.tests[*drafted.home];
    const Posting rest = without(id, compiled, *drafted.home);
    for (const std::uint32_t atom : branches(image_, home).atoms) {
      const bool fails = judge(image_, home, Atom{atom}) == Verdict::fail;
      hanging_[home.attribute].push_back(
          {atom, fails ? posting(id, compiled, compiled.first_test, *drafted.home + 1) : rest});
    }
  }

  // All tests but the home: a part of the rule's own tests where that is one run, else a copy.
  Posting without(RuleId id, const CompiledRule& rule, std::uint32_t home) {
    if (home == 0) return posting(id, rule, rule.first_test + 1, rule.tests - 1);
    if (home + 1 == rule.tests) return posting(id, rule, rule.first_test, rule.tests - 1);
    const std::uint32_t copy = size32(image_.tests);
    for (std::uint32_t i = 0; i < rule.tests; ++i) {
      if (i != home) image_.tests.push_back(AtomTest(image_.tests[rule.first_test + i]));
    }
    return posting(id, rule, copy, rule.tests - 1);
  }

  // Puts the most selective test whose atoms all fit into a mask in front.
  [[nodiscard]] Posting posting(RuleId id, const CompiledRule& rule, std::uint32_t first,
                                std::uint32_t count) const {
    Posting made{.rule = id,
                 .outcome = rule.outcome,
                 .first_test = first,
                 .tests = static_cast<std::uint16_t>(count)};
    int fewest = 64;
    for (std::uint32_t i = first; i < first + count; ++i) {
      const AtomTest& test = image_.tests[i];
      const std::uint32_t atoms = image_.tables[std::to_underlying(test.attribute)].atoms();
      if (fails_on_normal_values(test)) break;  // what stands behind it must not be asked first
      if (atoms >= 63) continue;
      const std::uint64_t mask = test.mask & ((std::uint64_t{1} << atoms) - 1);
      if (std::popcount(mask) >= fewest) continue;
      fewest = std::popcount(mask);
      made.guard = mask;
      made.attribute = test.attribute;
    }
    if (fewest < 64 && count == 1) made.tests = 0;
    return made;
  }

  NodeId node(Node made) {
    image_.nodes.push_back(made);
    return NodeId{size32(image_.nodes) - 1};
  }

  // Postings after one that is certain are never asked. The depth of this recursion is at most the
  // number of attributes: below a division nothing is guarded by its attribute.
  Node list(const std::vector<Posting>& postings) {
    if (postings.empty()) return {};
    if (postings.size() > list_limit) {
      if (const auto divided = divide(postings)) return *divided;
    }
    if (postings[0].is_certain()) {
      return {.kind = Node::Kind::leaf,
              .first = std::to_underlying(postings[0].outcome),
              .smallest = postings[0].rule};
    }
    Node made{.kind = Node::Kind::candidates,
              .first = size32(image_.postings),
              .smallest = postings[0].rule};
    for (const Posting& posting : postings) {
      image_.postings.push_back(posting);
      if (posting.is_certain()) break;
    }
    made.count = size32(image_.postings) - made.first;
    return made;
  }

  // A long list becomes a selection by the attribute that guards most of it: each branch holds only
  // what may match there, and ends at the first that is certain.
  std::optional<Node> divide(const std::vector<Posting>& postings) {
    std::map<AttributeId, std::size_t> guarded;
    for (const Posting& posting : postings) {
      if (posting.guard != Posting::no_guard) ++guarded[posting.attribute];
    }
    const auto most =
        std::max_element(guarded.begin(), guarded.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most == guarded.end() || most->second * 2 < postings.size()) return std::nullopt;
    std::size_t all = 0;
    std::vector<std::vector<Posting>> branches(
        image_.tables[std::to_underlying(most->first)].atoms());
    for (std::size_t atom = 0; atom < branches.size(); ++atom) {
      branches[atom] = under(postings, most->first, atom);
      all += branches[atom].size();
    }
    if (all > growth_limit * postings.size()) return std::nullopt;
    std::vector<Node> nodes;
    for (const auto& branch : branches) nodes.push_back(list(branch));
    return select(most->first, nodes);
  }

  // The postings that may match when `attribute` has this atom.
  static std::vector<Posting> under(const std::vector<Posting>& postings, AttributeId attribute,
                                    std::size_t atom) {
    std::vector<Posting> found;
    for (Posting posting : postings) {
      if (posting.guard != Posting::no_guard && posting.attribute == attribute) {
        if (((posting.guard >> atom) & 1U) == 0) continue;
        posting.guard = Posting::no_guard;
      }
      found.push_back(posting);
      if (posting.is_certain()) break;
    }
    return found;
  }

  // One branch an atom, side by side.
  Node select(AttributeId attribute, const std::vector<Node>& branches) {
    Node made{.kind = Node::Kind::select,
              .attribute = attribute,
              .first = size32(image_.nodes),
              .count = size32(branches)};
    for (const Node& branch : branches) made.smallest = std::min(made.smallest, branch.smallest);
    image_.nodes.insert(image_.nodes.end(), branches.begin(), branches.end());
    return made;
  }

  NodeId select(AttributeId attribute, std::vector<Hanging>& hanging) {
    std::stable_sort(hanging.begin(), hanging.end(),
                     [](const Hanging& a, const Hanging& b) { return a.atom < b.atom; });
    std::vector<Node> branches;
    auto at = hanging.begin();
    const std::uint32_t atoms = image_.tables[std::to_underlying(attribute)].atoms();
    for (std::uint32_t atom = 0; atom < atoms; ++atom) {
      std::vector<Posting> postings;
      for (; at != hanging.end() && at->atom == atom; ++at) postings.push_back(at->posting);
      branches.push_back(list(postings));
    }
    return node(select(attribute, branches));
  }

  NodeId first_of(std::vector<NodeId> children) {
    std::erase_if(children, [&](NodeId id) { return at(id).kind == Node::Kind::none; });
    if (children.empty()) return node({});
    if (children.size() == 1) return children[0];
    std::stable_sort(children.begin(), children.end(),
                     [&](NodeId a, NodeId b) { return at(a).smallest < at(b).smallest; });
    Node made{.kind = Node::Kind::first,
              .first = size32(image_.children),
              .count = size32(children),
              .smallest = at(children[0]).smallest};
    image_.children.insert(image_.children.end(), children.begin(), children.end());
    return node(made);
  }

  [[nodiscard]] const Node& at(NodeId id) const { return image_.nodes[std::to_underlying(id)]; }

  NodeId root() {
    std::vector<NodeId> children;
    for (auto& [attribute, hanging] : hanging_) children.push_back(select(attribute, hanging));
    children.push_back(node(list(homeless_)));
    return first_of(std::move(children));
  }

  // What the normal root reaches, and every rule that may fail on an attribute which is ill-typed.
  NodeId ill_typed_root(NodeId normal) {
    std::vector<NodeId> children{normal};
    if (at(normal).kind == Node::Kind::first) {
      const auto begin = image_.children.begin() + at(normal).first;
      children.assign(begin, begin + at(normal).count);
    }
    for (const AttributeId attribute : draft_.attributes) {
      std::vector<Posting> postings;
      for (std::uint32_t i = 0; i < draft_.rules.size(); ++i) {
        const auto& tests = draft_.rules[i].tests;
        const bool asks = std::any_of(tests.begin(), tests.end(), [&](const AtomTest& test) {
          return test.attribute == attribute && test.if_ill_typed != Verdict::no;
        });
        const CompiledRule& rule = image_.rules[first_rule_ + i];
        if (asks) {
          postings.push_back({.rule = RuleId{first_rule_ + i},
                              .outcome = rule.outcome,
                              .first_test = rule.first_test,
                              .tests = static_cast<std::uint16_t>(rule.tests)});
        }
      }
      if (postings.empty()) continue;
      const Node below = list(postings);
      const NodeId child = node(below);
      children.push_back(node({.kind = Node::Kind::if_ill_typed,
                               .attribute = attribute,
                               .first = std::to_underlying(child),
                               .count = 1,
                               .smallest = below.smallest}));
    }
    return first_of(std::move(children));
  }

  const Draft& draft_;
  const TemplateNames& templates_;
  Image& image_;
  std::uint32_t first_rule_;
  std::map<AttributeId, std::vector<Hanging>> hanging_;
  std::vector<Posting> homeless_;
  std::map<std::tuple<std::string, std::string, Runner, std::string>, OutcomeId> known_outcomes_;
};

}  // namespace

Entry emit(const Draft& draft, const TemplateNames& templates, Image& image) {
  return Emitter(draft, templates, image).run();
}

}  // namespace copse::engine
