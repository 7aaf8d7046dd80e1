#include "engine/draft.hpp"
#include "engine/judge.hpp"
#include "engine/shared_columns.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

namespace copse::engine {
namespace {

std::uint32_t size32(const auto& vector) {
  return static_cast<std::uint32_t>(vector.size());
}

// Postings that a look through one list is worth: a longer one is written as bits.
constexpr std::size_t list_limit = 8;

// The same of the list that every task goes through.
constexpr std::size_t homeless_limit = 2;

// Postings of a list that is written as bits rather than divided into lists that are still long.
constexpr std::size_t bits_limit = 1024;

// A division may have so many times the postings of the list, since those that the attribute does
// not guard stand in every branch.
constexpr std::size_t growth_limit = 2;

class Emitter {
 public:
  Emitter(const Draft& draft, SharedColumns& shared, Image& image)
      : draft_(draft), shared_(shared), image_(image), first_rule_(size32(image.rules)) {}

  Entry run() {
    Entry entry;
    entry.first_rule = first_rule_;
    entry.rules = size32(draft_.rules);
    const Policy& written = *draft_.policy->policy;
    std::vector<CompiledRule> rules;
    rules.reserve(draft_.rules.size());
    for (std::size_t i = 0; i < draft_.rules.size(); ++i) {
      soon(written.rules, i);
      rules.push_back(rule(i));
    }
    image_.rules.append(rules);
    entry.otherwise = shared_.outcome(draft_.policy->otherwise, written.otherwise);
    entry.otherwise_name = shared_.text(written.otherwise_name);
    std::vector<Node> children = homes();
    entry.root = first_of(children);
    const std::size_t homes = children.size();
    add_ill_typed(children);
    entry.ill_typed_root = children.size() == homes ? entry.root : first_of(children);
    return entry;
  }

 private:
  // Rules that hang under branches of one attribute: of an atom, a pattern, or a node of a segment
  // tree.
  struct Hanging {
    std::uint32_t branch;
    std::uint32_t posting;  // a place in postings_
  };

  using ByAttribute = std::map<AttributeId, std::vector<Hanging>>;

  // WHY: names are all that is read of the rules, each somewhere else in memory.
  static void soon(const std::vector<Rule>& rules, std::size_t i) {
    constexpr std::size_t ahead = 16;
    if (i + ahead < rules.size()) __builtin_prefetch(&rules[i + ahead].name);
    if (i + ahead / 2 < rules.size()) __builtin_prefetch(rules[i + ahead / 2].name.data());
  }

  CompiledRule rule(std::size_t i) {
    const DraftRule& drafted = draft_.rules[i];
    const KnownRule& known = draft_.policy->rules[i];
    const Rule& written = draft_.policy->policy->rules[i];
    const std::span<const std::uint32_t> tests = draft_.tests_of(drafted);
    const CompiledRule compiled{shared_.sequence(known.written, tests), drafted.tests,
                                shared_.outcome(known.outcome, written.outcome),
                                shared_.name(written.name)};
    const RuleId id{first_rule_ + static_cast<std::uint32_t>(i)};
    const std::span<const std::uint32_t> asked = draft_.asked_of(drafted);
    const auto whole = [&] { return shared_.sequence(known.asked, asked); };
    if (!drafted.home) {
      homeless_.push_back(posting(id, compiled.outcome, asked, whole));
      return compiled;
    }
    const std::uint32_t home_at = *drafted.home;
    const AtomTest& home = image_.tests[asked[home_at]];
    const auto home_place = asked.begin() + home_at;
    others_.assign(asked.begin(), home_place);
    others_.insert(others_.end(), home_place + 1, asked.end());
    const Posting rest = posting(id, compiled.outcome, others_, [&] {
      return shared_.sequence_without(known.asked, home_at, others_);
    });
    Under under{
        .rest = add(rest), .failing = size32(postings_) - 1, .mixed = size32(postings_) - 1};
    if (fails_on_normal_values(home)) {
      const auto up_to = asked.first(home_at + 1);
      under.failing = add(posting(id, compiled.outcome, up_to, [&] {
        return shared_.sequence_up_to(known.asked, home_at, up_to);
      }));
      under.mixed = add(posting(id, compiled.outcome, asked, whole));
    }
    hang(home, under);
    return compiled;
  }

  // A rule under its home: what is left to be asked where the home says yes, where it fails, and
  // where it may do either and is asked again. Places in postings_.
  struct Under {
    std::uint32_t rest = 0;
    std::uint32_t failing = 0;
    std::uint32_t mixed = 0;
  };

  std::uint32_t add(const Posting& posting) {
    postings_.push_back(posting);
    return size32(postings_) - 1;
  }

  void hang(const AtomTest& home, const Under& under) {
    if (const auto atom = only_atom(image_, home); atom && under.failing == under.rest) {
      by_atom_[home.attribute].push_back({*atom, under.rest});
      return;
    }
    const Branches found = branches(image_, home);
    if (!found.atoms.empty()) {
      // What is absent stands in the tree of the stretches, too.
      const bool is_apart = found.stretches.empty();
      std::vector<Hanging>& with = (is_apart ? by_atom_ : by_stretch_)[home.attribute];
      for (const std::uint32_t atom : found.atoms) {
        const bool fails =
            under.failing != under.rest && judge(image_, home, Atom{atom}, {}) == Verdict::fail;
        with.push_back({is_apart ? atom : 0, fails ? under.failing : under.rest});
      }
    }
    for (const PatternId pattern : found.patterns) {
      by_pattern_[home.attribute].push_back(
          {std::to_underlying(pattern),
           home.if_listed == Verdict::fail ? under.failing : under.rest});
    }
    if (found.stretches.empty()) return;
    const std::uint32_t leaves = leaves_of(home.attribute);
    std::vector<Hanging>& with = by_stretch_[home.attribute];
    for (std::size_t i = 0; i < found.stretches.size(); i += 2) {
      std::uint32_t low = leaves + found.stretches[i] - first_listed_atom;
      std::uint32_t high = leaves + found.stretches[i + 1] - first_listed_atom + 1;
      for (; low < high; low /= 2, high /= 2) {
        if (low % 2 == 1) with.push_back({low++, under.mixed});
        if (high % 2 == 1) with.push_back({--high, under.mixed});
      }
    }
  }

  // Of the segment tree over an attribute's parts.
  [[nodiscard]] std::uint32_t leaves_of(AttributeId attribute) const {
    return std::bit_ceil(image_.domains[std::to_underlying(attribute)].atoms() - first_listed_atom);
  }

  // Puts the most selective test whose atoms all fit into a mask in front. `sequence` says where
  // several tests stand.
  [[nodiscard]] Posting posting(RuleId id, OutcomeId outcome, std::span<const std::uint32_t> tests,
                                auto sequence) {
    Posting made{.rule = id, .outcome = outcome, .tests = static_cast<std::uint16_t>(tests.size())};
    int fewest = Note::no_guard;
    for (const std::uint32_t at : tests) {
      const Note& note = shared_.note(at);
      if (note.may_fail) break;  // what stands behind it must not be asked first
      if (note.atoms >= fewest) continue;
      fewest = note.atoms;
      made.guard = note.guard;
      made.attribute = note.attribute;
    }
    if (fewest < Note::no_guard && tests.size() == 1) made.tests = 0;
    if (made.tests > 0) made.first_test = tests.size() == 1 ? tests[0] : sequence();
    return made;
  }

  NodeId node(Node made) {
    image_.nodes.push_back(made);
    return NodeId{size32(image_.nodes) - 1};
  }

  // Postings after one that is certain are never asked. The depth of this recursion is at most the
  // number of attributes: below a division nothing is guarded by its attribute.
  Node list(std::span<const Posting> postings, std::size_t limit = list_limit) {
    if (postings.empty()) return {};
    if (postings.size() > list_limit) {
      if (const auto divided = divide(postings)) return *divided;
    }
    if (postings.size() > limit && !postings[0].is_certain()) {
      if (const auto bits = bit_list(postings, draft_.is_small, shared_, image_)) return *bits;
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
  std::optional<Node> divide(std::span<const Posting> postings) {
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
    const bool is_long = all > list_limit * branches.size();
    if (all > growth_limit * postings.size() || (is_long && postings.size() <= bits_limit))
      return std::nullopt;
    std::vector<Node> nodes;
    for (const auto& branch : branches) nodes.push_back(list(branch));
    return select(most->first, nodes);
  }

  // The postings that may match when `attribute` has this atom.
  static std::vector<Posting> under(std::span<const Posting> postings, AttributeId attribute,
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
    image_.nodes.append(branches);
    return made;
  }

  // A node over as many branches as there are, side by side.
  Node node_over(Node::Kind kind, AttributeId attribute, const std::vector<Hanging>& hanging,
                 std::uint32_t branches) {
    std::vector<std::uint32_t> ends(branches);  // at first where the branch's postings begin
    for (const Hanging& each : hanging) {
      if (each.branch + 1 < branches) ++ends[each.branch + 1];
    }
    std::partial_sum(ends.begin(), ends.end(), ends.begin());
    std::vector<Posting> sorted(hanging.size());
    for (const Hanging& each : hanging) sorted[ends[each.branch]++] = postings_[each.posting];
    std::vector<Node> nodes;
    nodes.reserve(branches);
    std::uint32_t from = 0;
    for (const std::uint32_t end : ends) {
      nodes.push_back(list(std::span(sorted).subspan(from, end - from)));
      from = end;
    }
    Node made = select(attribute, nodes);
    made.kind = kind;
    if (kind == Node::Kind::ranges) made.count /= 2;
    return made;
  }

  // The children stand side by side: a decision goes through them in the order of their rules.
  NodeId first_of(std::vector<Node> children) {
    std::erase_if(children, [](const Node& child) { return child.kind == Node::Kind::none; });
    if (children.empty()) return node({});
    if (children.size() == 1) return node(children[0]);
    std::stable_sort(children.begin(), children.end(),
                     [](const Node& a, const Node& b) { return a.smallest < b.smallest; });
    const Node made{.kind = Node::Kind::first,
                    .first = size32(image_.nodes),
                    .count = size32(children),
                    .smallest = children[0].smallest};
    image_.nodes.append(children);
    return node(made);
  }

  // One node an attribute that is a home, and the list of the rules that have none.
  std::vector<Node> homes() {
    std::vector<Node> children;
    const auto& domains = image_.domains;
    for (const auto& [attribute, hanging] : by_atom_) {
      children.push_back(node_over(Node::Kind::select, attribute, hanging,
                                   domains[std::to_underlying(attribute)].atoms()));
    }
    for (const auto& [attribute, hanging] : by_stretch_) {
      children.push_back(
          node_over(Node::Kind::ranges, attribute, hanging, 2 * leaves_of(attribute)));
    }
    for (const auto& [attribute, hanging] : by_pattern_) {
      children.push_back(node_over(Node::Kind::patterns, attribute, hanging,
                                   domains[std::to_underlying(attribute)].patterns.size()));
    }
    children.push_back(list(homeless_, homeless_limit));
    return children;
  }

  // Adds every rule that may fail on an attribute which is ill-typed.
  void add_ill_typed(std::vector<Node>& children) {
    std::map<AttributeId, std::vector<Posting>> by_attribute;
    for (std::uint32_t i = 0; i < draft_.rules.size(); ++i) {
      const std::span<const std::uint32_t> tests = draft_.tests_of(draft_.rules[i]);
      const RuleId id{first_rule_ + i};
      for (const std::uint32_t at : tests) {
        const Note& note = shared_.note(at);
        if (!note.asks_ill_typed) continue;
        std::vector<Posting>& postings = by_attribute[note.attribute];
        if (!postings.empty() && postings.back().rule == id) continue;
        const CompiledRule& rule = image_.rules[std::to_underlying(id)];
        postings.push_back({.rule = id,
                            .outcome = rule.outcome,
                            .first_test = tests.size() == 1 ? tests[0] : rule.first_test,
                            .tests = static_cast<std::uint16_t>(tests.size())});
      }
    }
    for (const auto& [attribute, postings] : by_attribute) {
      // WHY no bits: a test that would say no may stand behind one that fails.
      const Node below = list(postings, postings.size());
      const NodeId child = node(below);
      children.push_back({.kind = Node::Kind::if_ill_typed,
                          .attribute = attribute,
                          .first = std::to_underlying(child),
                          .count = 1,
                          .smallest = below.smallest});
    }
  }

  const Draft& draft_;
  SharedColumns& shared_;
  Image& image_;
  std::uint32_t first_rule_;
  std::vector<Posting> postings_;  // of rules that have a home
  ByAttribute by_atom_;
  ByAttribute by_stretch_;
  ByAttribute by_pattern_;
  std::vector<Posting> homeless_;
  std::vector<std::uint32_t> others_;  // scratch: the tests of a rule but its home
};

}  // namespace

Entry emit(const Draft& draft, SharedColumns& shared, Image& image) {
  return Emitter(draft, shared, image).run();
}

}  // namespace copse::engine
