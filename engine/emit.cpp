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
  // A rule that hangs under a branch: of an atom, a pattern, or a node of a segment tree.
  struct Hanging {
    std::uint32_t branch;
    Posting posting;
  };

  using OutcomeKey = std::tuple<std::string, std::string, Runner, std::string, std::string>;

  static OutcomeKey key_of(const CompiledOutcome& outcome) {
    std::string overrides;
    for (const Override& each : outcome.overrides)
      overrides += in_words(each) + "\n" + each.profile + "\n";
    return {outcome.template_key, outcome.wanted, outcome.runner, outcome.failure,
            std::move(overrides)};
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
    compiled.overrides = written.overrides;
    for (const Override& each : compiled.overrides) {
      if (!each.attribute) continue;
      const auto found =
          std::find(image_.attributes.begin(), image_.attributes.end(), *each.attribute);
      compiled.values.push_back(static_cast<AttributeId>(found - image_.attributes.begin()));
    }
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
    hang(id, compiled, *drafted.home);
  }

  void hang(RuleId id, const CompiledRule& rule, std::uint32_t home_at) {
    const AtomTest& home = draft_.rules[std::to_underlying(id) - first_rule_].tests[home_at];
    const Posting rest = without(id, rule, home_at);
    const Posting failing = posting(id, rule, rule.first_test, home_at + 1);
    const Branches found = branches(image_, home);
    for (const std::uint32_t atom : found.atoms) {
      const bool fails = judge(image_, home, Atom{atom}, {}) == Verdict::fail;
      // What is absent stands in the tree of the stretches, too.
      auto& with = found.stretches.empty() ? by_atom_ : by_stretch_;
      with[home.attribute].push_back({found.stretches.empty() ? atom : 0, fails ? failing : rest});
    }
    for (const PatternId pattern : found.patterns) {
      by_pattern_[home.attribute].push_back(
          {std::to_underlying(pattern), home.if_listed == Verdict::fail ? failing : rest});
    }
    const std::uint32_t leaves = leaves_of(home.attribute);
    // A stretch may be of both verdicts: there the home is asked again.
    const bool may_fail = home.if_listed == Verdict::fail || home.if_other == Verdict::fail;
    const Posting there = may_fail ? posting(id, rule, rule.first_test, rule.tests) : rest;
    for (std::size_t i = 0; i < found.stretches.size(); i += 2) {
      std::uint32_t low = leaves + found.stretches[i] - first_listed_atom;
      std::uint32_t high = leaves + found.stretches[i + 1] - first_listed_atom + 1;
      for (; low < high; low /= 2, high /= 2) {
        if (low % 2 == 1) by_stretch_[home.attribute].push_back({low++, there});
        if (high % 2 == 1) by_stretch_[home.attribute].push_back({--high, there});
      }
    }
  }

  // Of the segment tree over an attribute's parts.
  [[nodiscard]] std::uint32_t leaves_of(AttributeId attribute) const {
    return std::bit_ceil(image_.domains[std::to_underlying(attribute)].atoms() - first_listed_atom);
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
      const std::size_t attribute = std::to_underlying(test.attribute);
      const std::uint32_t atoms = image_.domains[attribute].atoms();
      if (fails_on_normal_values(test)) break;  // what stands behind it must not be asked first
      const bool is_known = test.kind != AtomTest::Kind::patterns &&
                            image_.attributes[attribute].origin != Origin::canary;
      if (atoms >= 63 || !is_known) continue;
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
        image_.domains[std::to_underlying(most->first)].atoms());
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

  // A node over as many branches as there are, side by side.
  NodeId node_over(Node::Kind kind, AttributeId attribute, std::vector<Hanging>& hanging,
                   std::uint32_t branches) {
    std::stable_sort(hanging.begin(), hanging.end(),
                     [](const Hanging& a, const Hanging& b) { return a.branch < b.branch; });
    std::vector<Node> nodes;
    auto at = hanging.begin();
    for (std::uint32_t branch = 0; branch < branches; ++branch) {
      std::vector<Posting> postings;
      for (; at != hanging.end() && at->branch == branch; ++at) postings.push_back(at->posting);
      nodes.push_back(list(postings));
    }
    Node made = select(attribute, nodes);
    made.kind = kind;
    if (kind == Node::Kind::ranges) made.count /= 2;
    return node(made);
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
    const auto& domains = image_.domains;
    for (auto& [attribute, hanging] : by_atom_) {
      children.push_back(node_over(Node::Kind::select, attribute, hanging,
                                   domains[std::to_underlying(attribute)].atoms()));
    }
    for (auto& [attribute, hanging] : by_stretch_) {
      children.push_back(
          node_over(Node::Kind::ranges, attribute, hanging, 2 * leaves_of(attribute)));
    }
    for (auto& [attribute, hanging] : by_pattern_) {
      children.push_back(node_over(Node::Kind::patterns, attribute, hanging,
                                   domains[std::to_underlying(attribute)].patterns.size()));
    }
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
  std::map<AttributeId, std::vector<Hanging>> by_atom_;
  std::map<AttributeId, std::vector<Hanging>> by_stretch_;
  std::map<AttributeId, std::vector<Hanging>> by_pattern_;
  std::vector<Posting> homeless_;
  std::map<OutcomeKey, OutcomeId> known_outcomes_;
};

}  // namespace

Entry emit(const Draft& draft, const TemplateNames& templates, Image& image) {
  return Emitter(draft, templates, image).run();
}

}  // namespace copse::engine
