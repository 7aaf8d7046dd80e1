#include "engine/image.hpp"
#include "engine/judge.hpp"
#include "engine/passing.hpp"

#include <algorithm>
#include <future>
#include <utility>

namespace copse::engine {
namespace {

std::string at(std::string_view what, std::size_t index, std::string_view fault) {
  return std::string(what) + " " + std::to_string(index) + ": " + std::string(fault);
}

// [first, first + count) lies within `size`, without overflow.
bool within(std::uint64_t first, std::uint64_t count, std::size_t size) {
  return first + count <= size;
}

class Verifier {
 public:
  explicit Verifier(const Image& image) : image_(image) {}

  // WHY the tables on a thread of their own, of a large image: to look up each text that they list
  // is a third of the work, and no other check reads what a table holds.
  std::string run() {
    if (std::string fault = domains(); !fault.empty()) return fault;
    const bool is_large = image_.tests.size() >= large_image;
    auto of_tables =
        std::async(is_large ? std::launch::async | std::launch::deferred : std::launch::deferred,
                   [this] { return tables(); });
    std::string of_others = others();
    std::string fault = of_tables.get();
    return fault.empty() ? of_others : fault;
  }

 private:
  // Tests from which on beginning a thread costs less than it saves.
  static constexpr std::size_t large_image = 10'000;

  std::string others() {
    for (const auto check : {&Verifier::tests, &Verifier::rules, &Verifier::passing,
                             &Verifier::outcomes, &Verifier::nodes, &Verifier::entries}) {
      if (std::string fault = (this->*check)(); !fault.empty()) return fault;
    }
    return {};
  }

  std::string tables() const {
    for (std::size_t i = 0; i < image_.domains.size(); ++i) {
      if (std::string fault = image_.domains[i].table.fault(); !fault.empty())
        return at("domain", i, fault);
    }
    return {};
  }

  std::string domains() {
    if (image_.attributes.size() > attribute_limit)
      return "more attributes than a decision can hold";
    if (image_.attributes.size() != image_.domains.size()) return "not one domain an attribute";
    for (std::size_t i = 0; i < image_.domains.size(); ++i) {
      if (std::string fault = domain(image_.attributes[i], image_.domains[i]); !fault.empty())
        return at("domain", i, fault);
    }
    return {};
  }

  static std::string domain(const Attribute& attribute, const Domain& domain) {
    if (is_numeric(attribute.type)) {
      const auto& bounds = domain.bounds;
      if (bounds.empty() || bounds.front() != smallest_number)
        return "does not begin at the least number";
      const bool are_numbers = std::all_of(bounds.begin(), bounds.end(), [](const Number& each) {
        return each.nanos < nanos_a_unit && each.unused == 0;
      });
      if (!are_numbers) return "a bound is no number";
      return std::is_sorted(bounds.begin(), bounds.end(), std::less_equal<>())
                 ? ""
                 : "bounds out of order";
    }
    if (!domain.bounds.empty()) return "texts have no bounds";
    if (std::string fault = domain.patterns.fault(); !fault.empty()) return fault;
    if (domain.patterns.size() == 0) return domain.hits.empty() ? "" : "hits of no pattern";
    const auto& ends = domain.hit_ends;
    if (ends.size() != domain.table.atoms() - first_listed_atom + 1 || ends.front() != 0 ||
        ends.back() != domain.hits.size() || !std::is_sorted(ends.begin(), ends.end()))
      return "hits out of range";
    for (const PatternId hit : domain.hits) {
      if (std::to_underlying(hit) >= domain.patterns.size()) return "unknown pattern";
    }
    return {};
  }

  std::string tests() {
    for (std::size_t i = 0; i < image_.tests.size(); ++i) {
      const AtomTest& test = image_.tests[i];
      const std::size_t attribute = std::to_underlying(test.attribute);
      if (attribute >= image_.attributes.size()) return at("test", i, "unknown attribute");
      if (std::string fault = values(test, image_.domains[attribute]); !fault.empty())
        return at("test", i, fault);
      if (test.kind > AtomTest::Kind::patterns || has_unknown_verdict(test))
        return at("test", i, "unknown kind");
      if (test.mask != mask_of(image_, test)) return at("test", i, "the mask disagrees");
    }
    return {};
  }

  std::string values(const AtomTest& test, const Domain& domain) {
    const bool is_number = !domain.bounds.empty();
    if (is_number != (test.kind == AtomTest::Kind::ranges))
      return "of another kind than its values";
    if (test.kind == AtomTest::Kind::set && test.values == 1)
      return are_atoms(std::span(&test.first_value, 1), domain) ? "" : "unknown atom";
    if (!within(test.first_value, test.values, image_.values.size())) return "values out of range";
    const auto all = image_.values.span().subspan(test.first_value, test.values);
    if (test.kind != AtomTest::Kind::patterns) {
      if (is_number && test.values % 2 != 0) return "half a range";
      return are_atoms(all, domain) ? "" : "atoms out of order, or unknown";
    }
    if (all.empty() || all[0] > all.size() - 1) return "values out of range";
    if (!are_atoms(all.subspan(1, all[0]), domain)) return "atoms out of order, or unknown";
    const auto ids = all.subspan(1 + all[0]);
    if (!std::is_sorted(ids.begin(), ids.end())) return "patterns out of order";
    return ids.empty() || ids.back() < domain.patterns.size() ? "" : "unknown pattern";
  }

  static bool are_atoms(std::span<const std::uint32_t> all, const Domain& domain) {
    return std::is_sorted(all.begin(), all.end()) &&
           (all.empty() || (all.front() >= first_listed_atom && all.back() < domain.atoms()));
  }

  std::string rules() {
    for (std::size_t i = 0; i < image_.rules.size(); ++i) {
      const CompiledRule& rule = image_.rules[i];
      if (!within(rule.first_test, rule.tests, image_.sequences.size()))
        return at("rule", i, "tests out of range");
      if (std::to_underlying(rule.outcome) >= image_.outcomes.size())
        return at("rule", i, "unknown outcome");
      if (!is_text(rule.name)) return at("rule", i, "unknown name");
    }
    for (const std::uint32_t test : image_.sequences) {
      if (test >= image_.tests.size()) return "unknown test";
    }
    return {};
  }

  std::string passing() {
    const std::string fault = passing_fault(image_);
    return fault.empty() ? fault : "passing: " + fault;
  }

  std::string outcomes() {
    for (std::size_t i = 0; i < image_.outcomes.size(); ++i) {
      const OutcomeRecord& outcome = image_.outcomes[i];
      if (!within(outcome.first_override, outcome.overrides, image_.overrides.size()))
        return at("outcome", i, "overrides out of range");
      if (!is_text(outcome.template_key) || !is_text(outcome.wanted) || !is_text(outcome.failure))
        return at("outcome", i, "unknown text");
      if (outcome.runner > std::to_underlying(Runner::worker))
        return at("outcome", i, "unknown runner");
    }
    for (std::size_t i = 0; i < image_.overrides.size(); ++i) {
      const OverrideRecord& each = image_.overrides[i];
      if (!is_text(each.key) || !is_text(each.value) || !is_text(each.upper) ||
          !is_text(each.profile))
        return at("override", i, "unknown text");
      if (each.field >= field_count) return at("override", i, "unknown field");
      if (each.attribute != OverrideRecord::no_attribute &&
          each.attribute >= image_.attributes.size())
        return at("override", i, "unknown attribute");
    }
    return {};
  }

  [[nodiscard]] bool is_text(TextRef ref) const {
    return within(ref.offset, ref.size, image_.texts.size());
  }

  static bool has_unknown_verdict(const AtomTest& test) {
    return std::max({test.if_listed, test.if_other, test.if_absent, test.if_ill_typed}) >
           Verdict::fail;
  }

  std::string nodes() {
    for (std::size_t i = 0; i < image_.nodes.size(); ++i) {
      if (std::string fault = node(i); !fault.empty()) return at("node", i, fault);
    }
    return {};
  }

  std::string node(std::size_t i) {
    const Node& node = image_.nodes[i];
    switch (node.kind) {
      case Node::Kind::none:
        return node.smallest == no_rule ? "" : "holds a rule";
      case Node::Kind::leaf:
        if (std::to_underlying(node.smallest) >= image_.rules.size()) return "unknown rule";
        return node.first < image_.outcomes.size() ? "" : "unknown outcome";
      case Node::Kind::candidates:
        return candidates(node);
      case Node::Kind::bits:
        return bits(node);
      case Node::Kind::select:
      case Node::Kind::ranges:
      case Node::Kind::patterns:
      case Node::Kind::if_ill_typed:
        return branches(i, node);
      case Node::Kind::first:
        return first(i, node);
    }
    return "unknown kind";
  }

  // `ranges` and `patterns` stand below a root only: a decision looks for them nowhere else.
  std::string branches(std::size_t i, const Node& node) {
    const std::size_t attribute = std::to_underlying(node.attribute);
    if (attribute >= image_.domains.size()) return "unknown attribute";
    const Domain& domain = image_.domains[attribute];
    std::uint64_t branches = node.count;
    bool all = true;
    if (node.kind == Node::Kind::select) all = node.count == domain.atoms();
    if (node.kind == Node::Kind::patterns) all = node.count == domain.patterns.size();
    if (node.kind == Node::Kind::ranges) {
      branches = std::uint64_t{2} * node.count;
      all = !domain.bounds.empty() && node.count >= domain.bounds.size();
    }
    if (!all) return "not one branch a value";
    if (std::string fault = children(i, node.first, branches, node.smallest); !fault.empty())
      return fault;
    for (std::uint64_t c = node.first; c < node.first + branches; ++c) {
      const Node::Kind kind = image_.nodes[c].kind;
      if (kind > Node::Kind::select) return "a child that only a root may have";
    }
    return {};
  }

  std::string first(std::size_t i, const Node& node) {
    if (std::string fault = children(i, node.first, node.count, node.smallest); !fault.empty())
      return fault;
    RuleId before{0};
    for (std::uint32_t c = node.first; c < node.first + node.count; ++c) {
      if (image_.nodes[c].kind == Node::Kind::first) return "`first` below `first`";
      if (image_.nodes[c].smallest < before) return "children out of order";
      before = image_.nodes[c].smallest;
    }
    return {};
  }

  std::string children(std::size_t parent, std::uint64_t first, std::uint64_t count,
                       RuleId smallest) {
    if (!within(first, count, parent)) return "a child is not before its parent";
    for (std::uint64_t c = first; c < first + count; ++c) {
      if (image_.nodes[c].smallest < smallest) return "a rule below is smaller than it says";
    }
    return {};
  }

  std::string bits(const Node& node) {
    if (node.first >= image_.bit_lists.size()) return "unknown list";
    const BitList& list = image_.bit_lists[node.first];
    if (list.postings != node.count ||
        !within(list.first_column, list.columns, image_.bit_columns.size()))
      return "another list";
    for (const BitColumn& each :
         image_.bit_columns.span().subspan(list.first_column, list.columns)) {
      if (each.attribute >= image_.domains.size()) return "unknown attribute";
      const std::uint64_t words =
          std::uint64_t{image_.domains[each.attribute].atoms()} * list.words();
      if (image_.attributes[each.attribute].origin == Origin::canary) return "bits of a canary";
      if (!within(each.first, words, image_.bits.size())) return "bits out of range";
      if (list.words() > 1 && each.first % BitList::line != 0) return "bits between two lines";
    }
    if (std::string fault = postings(list.first_posting, list.postings, node.smallest);
        !fault.empty())
      return fault;
    return keeps_bits(list) ? "" : "a bit of no posting";
  }

  // Words have bits of the list's postings only, in one column at least.
  [[nodiscard]] bool keeps_bits(const BitList& list) const {
    const auto columns = image_.bit_columns.span().subspan(list.first_column, list.columns);
    return std::any_of(columns.begin(), columns.end(), [&](const BitColumn& each) {
      const std::uint32_t atoms = image_.domains[each.attribute].atoms();
      for (std::uint64_t i = 0; i < std::uint64_t{atoms} * list.words(); ++i) {
        if ((image_.bits[each.first + i] & ~list.own(i % list.words())) != 0) return false;
      }
      return true;
    });
  }

  std::string candidates(const Node& node) {
    return postings(node.first, node.count, node.smallest);
  }

  std::string postings(std::uint32_t first, std::uint32_t count, RuleId smallest) {
    if (count == 0 || !within(first, count, image_.postings.size())) return "postings out of range";
    RuleId before{0};
    for (std::uint32_t p = first; p < first + count; ++p) {
      const Posting& posting = image_.postings[p];
      if (std::to_underlying(posting.rule) >= image_.rules.size()) return "unknown rule";
      if (std::to_underlying(posting.outcome) >= image_.outcomes.size()) return "unknown outcome";
      if (std::to_underlying(posting.attribute) >=
          std::max<std::size_t>(image_.attributes.size(), 1)) {
        return "unknown attribute";
      }
      const bool is_known =
          posting.tests == 1 ? posting.first_test < image_.tests.size()
                             : within(posting.first_test, posting.tests, image_.sequences.size());
      if (!is_known) return "tests out of range";
      if (p > first && posting.rule <= before) return "postings out of order";
      before = posting.rule;
    }
    return image_.postings[first].rule < smallest ? "a rule below is smaller than it says" : "";
  }

  std::string entry(const Entry& entry) {
    const std::size_t nodes = image_.nodes.size();
    if (std::to_underlying(entry.root) >= nodes ||
        std::to_underlying(entry.ill_typed_root) >= nodes)
      return "unknown root";
    if (std::to_underlying(entry.otherwise) >= image_.outcomes.size()) return "unknown default";
    if (!is_text(entry.otherwise_name)) return "unknown name";
    return within(entry.first_rule, entry.rules, image_.rules.size()) ? "" : "rules out of range";
  }

  std::string entries() {
    if (std::string fault = entry(image_.placement); !fault.empty()) return "placement: " + fault;
    if (!image_.decides_runner) return {};
    if (std::string fault = entry(image_.runner); !fault.empty()) return "runner: " + fault;
    return {};
  }

  const Image& image_;
};

}  // namespace

std::string verify(const Image& image) {
  return Verifier(image).run();
}

}  // namespace copse::engine
