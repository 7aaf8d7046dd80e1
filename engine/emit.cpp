#include "engine/distinct.hpp"
#include "engine/draft.hpp"
#include "engine/judge.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <unordered_map>
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

}  // namespace

// What several entries of one image share.
class Emission::Shared {
 public:
  explicit Shared(const TemplateNames& templates, Image& image)
      : templates_(templates), image_(image), runs_(image.sequences) {}

  OutcomeId outcome(const Outcome& written) {
    OutcomeRecord made;
    if (written.template_key) {
      const bool exists = !templates_.known || templates_.names.contains(*written.template_key);
      made.template_key = text(exists ? *written.template_key : base_template);
      if (!exists) made.wanted = text(*written.template_key);
    }
    made.runner = std::to_underlying(written.runner.value_or(Runner::k8s));
    made.failure = text(written.failure.value_or(""));
    std::string key(reinterpret_cast<const char*>(&made), sizeof made);
    std::vector<OverrideRecord> overrides;
    for (const Override& each : written.overrides) {
      const OverrideRecord record = record_of(each);
      key.append(reinterpret_cast<const char*>(&record) + sizeof record.span,
                 sizeof record - sizeof record.span);
      overrides.push_back(record);
    }
    const auto [at, is_new] = outcomes_.try_emplace(key, OutcomeId{size32(image_.outcomes)});
    if (is_new) {
      made.first_override = size32(image_.overrides);
      made.overrides = size32(overrides);
      image_.overrides.append(overrides);
      image_.outcomes.push_back(made);
    }
    return at->second;
  }

  TextRef text(std::string_view bytes) {
    const auto [at, is_new] =
        texts_.try_emplace(std::string(bytes),
                           TextRef{size32(image_.texts), static_cast<std::uint32_t>(bytes.size())});
    if (is_new) image_.texts.append(bytes);
    return at->second;
  }

  // WHY only the last: a rule of the language may become several, which follow each other.
  TextRef name(std::string_view bytes) {
    if (image_.text(last_name_) != bytes) {
      last_name_ = {size32(image_.texts), static_cast<std::uint32_t>(bytes.size())};
      image_.texts.append(bytes);
    }
    return last_name_;
  }

  // Where a run of tests stands in Image::sequences.
  std::uint32_t sequence(std::span<const std::uint32_t> tests) { return runs_.add(tests); }

 private:
  OverrideRecord record_of(const Override& each) {
    OverrideRecord made{.span = each.span,
                        .key = text(each.key),
                        .value = text(each.value),
                        .upper = text(each.upper),
                        .profile = text(each.profile),
                        .field = std::to_underlying(each.field)};
    if (each.attribute) {
      const auto at =
          std::find(image_.attributes.begin(), image_.attributes.end(), *each.attribute);
      made.attribute = static_cast<std::uint32_t>(at - image_.attributes.begin());
    }
    return made;
  }

  const TemplateNames& templates_;
  Image& image_;
  std::unordered_map<std::string, TextRef> texts_;
  TextRef last_name_;
  std::unordered_map<std::string, OutcomeId> outcomes_;
  Runs runs_;
};

namespace {

class Emitter {
 public:
  Emitter(const Draft& draft, Emission::Shared& shared, Image& image)
      : draft_(draft), shared_(shared), image_(image), first_rule_(size32(image.rules)) {}

  Entry run() {
    Entry entry;
    entry.first_rule = first_rule_;
    entry.rules = size32(draft_.rules);
    for (std::size_t i = 0; i < draft_.rules.size(); ++i) rule(i);
    entry.otherwise = shared_.outcome(draft_.policy->otherwise);
    entry.otherwise_name = shared_.text(draft_.policy->otherwise_name);
    std::vector<Node> children = homes();
    entry.root = first_of(children);
    const std::size_t homes = children.size();
    add_ill_typed(children);
    entry.ill_typed_root = children.size() == homes ? entry.root : first_of(children);
    return entry;
  }

 private:
  // A rule that hangs under a branch: of an atom, a pattern, or a node of a segment tree.
  struct Hanging {
    std::uint32_t branch;
    Posting posting;
  };

  void rule(std::size_t i) {
    const DraftRule& drafted = draft_.rules[i];
    const Rule& written = draft_.policy->rules[i];
    const std::span<const std::uint32_t> tests = draft_.tests_of(drafted);
    const CompiledRule compiled{shared_.sequence(tests), drafted.tests,
                                shared_.outcome(written.outcome), shared_.name(written.name)};
    image_.rules.push_back(compiled);
    const RuleId id{first_rule_ + static_cast<std::uint32_t>(i)};
    const std::span<const std::uint32_t> asked = draft_.asked_of(drafted);
    if (!drafted.home) {
      homeless_.push_back(posting(id, compiled.outcome, asked));
      return;
    }
    hang(id, compiled.outcome, asked, *drafted.home);
  }

  void hang(RuleId id, OutcomeId outcome, std::span<const std::uint32_t> tests,
            std::uint32_t home_at) {
    const AtomTest home = image_.tests[tests[home_at]];
    const auto home_place = tests.begin() + home_at;
    others_.assign(tests.begin(), home_place);
    others_.insert(others_.end(), home_place + 1, tests.end());
    const Posting rest = posting(id, outcome, others_);
    const bool may_fail = fails_on_normal_values(home);
    const Posting failing = may_fail ? posting(id, outcome, tests.first(home_at + 1)) : rest;
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
    const bool mixes = home.if_listed == Verdict::fail || home.if_other == Verdict::fail;
    const Posting there = mixes ? posting(id, outcome, tests) : rest;
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

  // Puts the most selective test whose atoms all fit into a mask in front.
  [[nodiscard]] Posting posting(RuleId id, OutcomeId outcome,
                                std::span<const std::uint32_t> tests) {
    Posting made{.rule = id, .outcome = outcome, .tests = static_cast<std::uint16_t>(tests.size())};
    int fewest = 64;
    for (const std::uint32_t at : tests) {
      const AtomTest& test = image_.tests[at];
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
    if (fewest < 64 && tests.size() == 1) made.tests = 0;
    if (made.tests > 0) made.first_test = tests.size() == 1 ? tests[0] : shared_.sequence(tests);
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
    image_.nodes.append(branches);
    return made;
  }

  // A node over as many branches as there are, side by side.
  Node node_over(Node::Kind kind, AttributeId attribute, std::vector<Hanging>& hanging,
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
    children.push_back(list(homeless_));
    return children;
  }

  // Adds every rule that may fail on an attribute which is ill-typed.
  void add_ill_typed(std::vector<Node>& children) {
    for (const AttributeId attribute : draft_.attributes) {
      std::vector<Posting> postings;
      for (std::uint32_t i = 0; i < draft_.rules.size(); ++i) {
        const std::span<const std::uint32_t> tests = draft_.tests_of(draft_.rules[i]);
        const bool asks = std::any_of(tests.begin(), tests.end(), [&](std::uint32_t at) {
          const AtomTest& test = image_.tests[at];
          return test.attribute == attribute && test.if_ill_typed != Verdict::no;
        });
        const CompiledRule& rule = image_.rules[first_rule_ + i];
        if (asks) {
          postings.push_back({.rule = RuleId{first_rule_ + i},
                              .outcome = rule.outcome,
                              .first_test = tests.size() == 1 ? tests[0] : rule.first_test,
                              .tests = static_cast<std::uint16_t>(tests.size())});
        }
      }
      if (postings.empty()) continue;
      const Node below = list(postings);
      const NodeId child = node(below);
      children.push_back({.kind = Node::Kind::if_ill_typed,
                          .attribute = attribute,
                          .first = std::to_underlying(child),
                          .count = 1,
                          .smallest = below.smallest});
    }
  }

  const Draft& draft_;
  Emission::Shared& shared_;
  Image& image_;
  std::uint32_t first_rule_;
  std::map<AttributeId, std::vector<Hanging>> by_atom_;
  std::map<AttributeId, std::vector<Hanging>> by_stretch_;
  std::map<AttributeId, std::vector<Hanging>> by_pattern_;
  std::vector<Posting> homeless_;
  std::vector<std::uint32_t> others_;  // scratch: the tests of a rule but its home
};

}  // namespace

Emission::Emission(const TemplateNames& templates, Image& image)
    : image_(image), shared_(std::make_unique<Shared>(templates, image)) {}

Emission::~Emission() = default;

Entry Emission::entry(const Draft& draft) {
  return Emitter(draft, *shared_, image_).run();
}

}  // namespace copse::engine
