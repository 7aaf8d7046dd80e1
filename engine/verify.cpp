#include "engine/image.hpp"
#include "engine/judge.hpp"

#include <algorithm>
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

  std::string run() {
    for (const auto check : {&Verifier::tables, &Verifier::tests, &Verifier::rules,
                             &Verifier::nodes, &Verifier::entries}) {
      if (std::string fault = (this->*check)(); !fault.empty()) return fault;
    }
    return {};
  }

 private:
  std::string tables() {
    if (image_.attributes.size() > attribute_limit)
      return "more attributes than a decision can hold";
    if (image_.attributes.size() != image_.tables.size()) return "not one table an attribute";
    for (std::size_t i = 0; i < image_.tables.size(); ++i) {
      const AtomTable& table = image_.tables[i];
      for (std::uint32_t atom = first_listed_atom; atom < table.atoms(); ++atom) {
        if (table.find(table.text(Atom{atom})) != Atom{atom})
          return at("table", i, "does not find its own text");
      }
    }
    return {};
  }

  std::string tests() {
    for (std::size_t i = 0; i < image_.tests.size(); ++i) {
      const AtomTest& test = image_.tests[i];
      const std::size_t attribute = std::to_underlying(test.attribute);
      if (attribute >= image_.attributes.size()) return at("test", i, "unknown attribute");
      const std::uint32_t atoms = image_.tables[attribute].atoms();
      if (test.values == 1) {
        if (test.first_value < first_listed_atom || test.first_value >= atoms)
          return at("test", i, "unknown atom");
      } else {
        if (!within(test.first_value, test.values, image_.values.size()))
          return at("test", i, "values out of range");
        const auto begin = image_.values.begin() + test.first_value;
        const auto end = begin + test.values;
        if (!std::is_sorted(begin, end)) return at("test", i, "values out of order");
        if (test.values != 0 && (*begin < first_listed_atom || *(end - 1) >= atoms))
          return at("test", i, "unknown atom");
      }
      AtomTest slow = test;
      slow.mask = 0;
      for (std::uint32_t atom = 0; atom < std::min(atoms, 64U); ++atom) {
        if (judge(image_, test, Atom{atom}) != judge(image_, slow, Atom{atom}))
          return at("test", i, "the mask disagrees");
      }
    }
    return {};
  }

  std::string rules() {
    for (std::size_t i = 0; i < image_.rules.size(); ++i) {
      const CompiledRule& rule = image_.rules[i];
      if (!within(rule.first_test, rule.tests, image_.tests.size()))
        return at("rule", i, "tests out of range");
      if (std::to_underlying(rule.outcome) >= image_.outcomes.size())
        return at("rule", i, "unknown outcome");
      if (rule.name >= image_.names.size()) return at("rule", i, "unknown name");
    }
    return {};
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
      case Node::Kind::select:
      case Node::Kind::if_ill_typed: {
        const std::size_t attribute = std::to_underlying(node.attribute);
        if (attribute >= image_.tables.size()) return "unknown attribute";
        const bool all =
            node.kind == Node::Kind::if_ill_typed || node.count == image_.tables[attribute].atoms();
        return all ? children(i, node.first, node.count, node.smallest) : "not one branch an atom";
      }
      case Node::Kind::first:
        return first(i, node);
    }
    return "unknown kind";
  }

  std::string first(std::size_t i, const Node& node) {
    if (!within(node.first, node.count, image_.children.size())) return "children out of range";
    RuleId before{0};
    for (std::uint32_t c = node.first; c < node.first + node.count; ++c) {
      const std::uint32_t child = std::to_underlying(image_.children[c]);
      if (std::string fault = children(i, child, 1, node.smallest); !fault.empty()) return fault;
      if (image_.nodes[child].kind == Node::Kind::first) return "`first` below `first`";
      if (image_.nodes[child].smallest < before) return "children out of order";
      before = image_.nodes[child].smallest;
    }
    return {};
  }

  std::string children(std::size_t parent, std::uint32_t first, std::uint32_t count,
                       RuleId smallest) {
    if (!within(first, count, parent)) return "a child is not before its parent";
    for (std::uint32_t c = first; c < first + count; ++c) {
      if (image_.nodes[c].smallest < smallest) return "a rule below is smaller than it says";
    }
    return {};
  }

  std::string candidates(const Node& node) {
    if (node.count == 0 || !within(node.first, node.count, image_.postings.size()))
      return "postings out of range";
    RuleId before{0};
    for (std::uint32_t p = node.first; p < node.first + node.count; ++p) {
      const Posting& posting = image_.postings[p];
      if (std::to_underlying(posting.rule) >= image_.rules.size()) return "unknown rule";
      if (std::to_underlying(posting.outcome) >= image_.outcomes.size()) return "unknown outcome";
      if (std::to_underlying(posting.attribute) >=
          std::max<std::size_t>(image_.attributes.size(), 1)) {
        return "unknown attribute";
      }
      if (!within(posting.first_test, posting.tests, image_.tests.size()))
        return "tests out of range";
      if (p > node.first && posting.rule <= before) return "postings out of order";
      before = posting.rule;
    }
    return image_.postings[node.first].rule < node.smallest ? "a rule below is smaller than it says"
                                                            : "";
  }

  std::string entry(const Entry& entry) {
    const std::size_t nodes = image_.nodes.size();
    if (std::to_underlying(entry.root) >= nodes ||
        std::to_underlying(entry.ill_typed_root) >= nodes)
      return "unknown root";
    if (std::to_underlying(entry.otherwise) >= image_.outcomes.size()) return "unknown default";
    if (entry.otherwise_name >= image_.names.size()) return "unknown name";
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
