#include "engine/image.hpp"
#include "engine/json_writer.hpp"
#include "engine/words.hpp"

#include <utility>

namespace copse::engine {
namespace {

class Dumper {
 public:
  explicit Dumper(const Image& image) : image_(image) {}

  [[nodiscard]] std::string run(const AtomTest& one) const { return test(one); }

  std::string run(Part part) {
    const bool is_all = part == Part::all;
    if (part == Part::attributes) questions();
    if (is_all || part == Part::atoms) {
      for (std::size_t i = 0; i < image_.attributes.size(); ++i) attribute(i);
    }
    if (part == Part::atoms) {
      for (std::uint32_t i = 0; i < image_.tests.size(); ++i)
        out_ += "test " + std::to_string(i) + ": " + test(image_.tests[i]) + "\n";
    }
    if (is_all || part == Part::rules) rules();
    if (is_all || part == Part::nodes) tree();
    return std::move(out_);
  }

 private:
  void questions() {
    for (const Attribute& each : image_.attributes) {
      std::string path;
      for (const std::string& name : each.path) path += (path.empty() ? "" : ".") + name;
      out_ += each.name + ": " + std::string(in_words(each.type)) +
              (path.empty() ? "" : ", at " + path) +
              (each.argument.empty() ? "" : ", " + quoted(each.argument)) + "\n";
    }
  }

  void rules() {
    for (std::size_t i = 0; i < image_.outcomes.size(); ++i) {
      out_ += "outcome " + std::to_string(i) + ": " +
              outcome(image_.outcome(OutcomeId{static_cast<std::uint32_t>(i)})) + "\n";
    }
    for (std::size_t i = 0; i < image_.rules.size(); ++i) rule(i);
  }

  void tree() {
    for (std::size_t i = 0; i < image_.nodes.size(); ++i) node(i);
    entry("placement", image_.placement);
    if (image_.decides_runner) entry("runner", image_.runner);
  }

  std::string text(AttributeId attribute, std::uint32_t atom) const {
    switch (Atom{atom}) {
      case Atom::absent:
        return "absent";
      case Atom::ill_typed:
        return "ill-typed";
      case Atom::other:
        return "other";
      case Atom::deferred:
        break;
    }
    return value(image_.domains[std::to_underlying(attribute)],
                 image_.attributes[std::to_underlying(attribute)], Atom{atom});
  }

  // A listed text, or where a part of the numbers begins.
  static std::string value(const Domain& domain, const Attribute& attribute, Atom atom) {
    if (domain.bounds.empty()) return "\"" + std::string(domain.table.text(atom)) + "\"";
    const Number from = domain.bounds[std::to_underlying(atom) - first_listed_atom];
    return from == smallest_number ? "least" : "from:" + in_words(attribute, from);
  }

  void attribute(std::size_t i) {
    out_ += "attribute " + std::to_string(i) + " " + image_.attributes[i].name + ":";
    const Domain& domain = image_.domains[i];
    for (std::uint32_t atom = first_listed_atom; atom < domain.atoms(); ++atom) {
      out_ += " " + text(static_cast<AttributeId>(i), atom);
    }
    for (std::uint32_t p = 0; p < domain.patterns.size(); ++p) out_ += " " + pattern(domain, p);
    out_ += "\n";
  }

  static std::string pattern(const Domain& domain, std::uint32_t id) {
    return in_words(Pattern{domain.patterns.kind(PatternId{id}),
                            std::string(domain.patterns.text(PatternId{id}))});
  }

  static std::string outcome(const CompiledOutcome& outcome) {
    if (!outcome.failure.empty()) return "fail: " + outcome.failure;
    if (outcome.template_key.empty())
      return outcome.runner == Runner::k8s ? "runner k8s" : "runner worker";
    std::string text = "template " + outcome.template_key +
                       (outcome.wanted.empty() ? "" : " (for " + outcome.wanted + ")");
    for (const Override& each : outcome.overrides) text += "; " + in_words(each);
    return text;
  }

  std::string test(const AtomTest& test) const {
    std::string line = image_.attributes[std::to_underlying(test.attribute)].name + " in [";
    bool is_first = true;
    for (const std::string& each : listed_in_words(image_, test, test.values)) {
      line += (is_first ? "" : " ") + each;
      is_first = false;
    }
    line += "]";
    const auto exception = [&](std::string_view name, Verdict verdict, Verdict usual) {
      if (verdict == usual) return;
      line += " " + std::string(name) +
              (verdict == Verdict::yes  ? ":yes"
               : verdict == Verdict::no ? ":no"
                                        : ":fail");
    };
    exception("listed", test.if_listed, Verdict::yes);
    exception("other", test.if_other, Verdict::no);
    exception("absent", test.if_absent, Verdict::no);
    exception("ill-typed", test.if_ill_typed, Verdict::no);
    return line;
  }

  std::string tests(std::span<const std::uint32_t> places) const {
    std::string line;
    for (const std::uint32_t place : places)
      line += (line.empty() ? "" : " and ") + test(image_.tests[place]);
    return line;
  }

  std::string tests(const Posting& posting) const {
    return tests(posting.tests == 1
                     ? std::span(&posting.first_test, 1)
                     : image_.sequences.span().subspan(posting.first_test, posting.tests));
  }

  void rule(std::size_t i) {
    const CompiledRule& rule = image_.rules[i];
    out_ += "rule " + std::to_string(i) + " " + std::string(image_.text(rule.name)) + ": ";
    out_ += rule.tests == 0 ? "always"
                            : tests(image_.sequences.span().subspan(rule.first_test, rule.tests));
    out_ += " -> outcome " + std::to_string(std::to_underlying(rule.outcome)) + "\n";
  }

  [[nodiscard]] std::string bits(const BitList& list) const {
    std::string line = "bits by ";
    for (std::uint32_t i = 0; i < list.columns; ++i) {
      const BitColumn& column = image_.bit_columns[list.first_column + i];
      line += (i == 0 ? "" : ", ") + image_.attributes[column.attribute].name;
    }
    return line + ":";
  }

  void node(std::size_t i) {
    const Node& node = image_.nodes[i];
    const auto rule_name = [](RuleId rule) {
      return "rule " + std::to_string(std::to_underlying(rule));
    };
    out_ += "node " + std::to_string(i) + ": ";
    switch (node.kind) {
      case Node::Kind::none:
        out_ += "none";
        break;
      case Node::Kind::leaf:
        out_ += "leaf " + rule_name(node.smallest);
        break;
      case Node::Kind::candidates:
      case Node::Kind::bits:
        out_ += node.kind == Node::Kind::bits ? bits(image_.bit_lists[node.first]) : "candidates";
        for (const Posting& posting : image_.postings_of(node)) {
          out_ += (posting.rule == node.smallest ? " " : "; ") + rule_name(posting.rule);
          if (posting.guard != Posting::no_guard)
            out_ += " guarded by " + image_.attributes[std::to_underlying(posting.attribute)].name;
          if (posting.tests != 0) out_ += " if " + tests(posting);
        }
        break;
      case Node::Kind::select:
        out_ += "select " + image_.attributes[std::to_underlying(node.attribute)].name + ":";
        for (std::uint32_t c = 0; c < node.count; ++c) {
          if (image_.nodes[node.first + c].kind == Node::Kind::none) continue;
          out_ += " " + text(node.attribute, c) + "->" + std::to_string(node.first + c);
        }
        break;
      case Node::Kind::ranges:
        out_ += "ranges of " + image_.attributes[std::to_underlying(node.attribute)].name + ":";
        for (std::uint32_t c = 0; c < 2 * node.count; ++c) {
          if (image_.nodes[node.first + c].kind == Node::Kind::none) continue;
          out_ += " " + std::to_string(c) + "->" + std::to_string(node.first + c);
        }
        break;
      case Node::Kind::patterns:
        out_ += "patterns of " + image_.attributes[std::to_underlying(node.attribute)].name + ":";
        for (std::uint32_t c = 0; c < node.count; ++c) {
          if (image_.nodes[node.first + c].kind == Node::Kind::none) continue;
          out_ += " " + pattern(image_.domains[std::to_underlying(node.attribute)], c) + "->" +
                  std::to_string(node.first + c);
        }
        break;
      case Node::Kind::if_ill_typed:
        out_ += "if ill-typed " + image_.attributes[std::to_underlying(node.attribute)].name +
                "->" + std::to_string(node.first);
        break;
      case Node::Kind::first:
        out_ += "first of";
        for (std::uint32_t c = 0; c < node.count; ++c) {
          out_ += " " + std::to_string(node.first + c);
        }
        break;
    }
    out_ += "\n";
  }

  void entry(std::string_view name, const Entry& entry) {
    out_ += std::string(name) + ": root " + std::to_string(std::to_underlying(entry.root)) +
            ", ill-typed root " + std::to_string(std::to_underlying(entry.ill_typed_root)) +
            ", otherwise " + std::string(image_.text(entry.otherwise_name)) + " -> outcome " +
            std::to_string(std::to_underlying(entry.otherwise)) + "\n";
  }

  const Image& image_;
  std::string out_;
};

}  // namespace

CompiledOutcome Image::outcome(OutcomeId id) const {
  const OutcomeRecord& from = outcomes[std::to_underlying(id)];
  CompiledOutcome made;
  made.template_key = text(from.template_key);
  made.wanted = text(from.wanted);
  made.failure = text(from.failure);
  made.runner = Runner(from.runner);
  for (const OverrideRecord& each : overrides.span().subspan(from.first_override, from.overrides)) {
    Override& to = made.overrides.emplace_back();
    to = {.field = Field(each.field),
          .key = std::string(text(each.key)),
          .value = std::string(text(each.value)),
          .upper = std::string(text(each.upper)),
          .attribute = {},
          .profile = std::string(text(each.profile)),
          .span = each.span};
    if (each.attribute == OverrideRecord::no_attribute) continue;
    to.attribute = attributes[each.attribute];
    made.values.push_back(static_cast<AttributeId>(each.attribute));
  }
  return made;
}

std::string dump(const Image& image, const AtomTest& test) {
  return Dumper(image).run(test);
}

std::string dump(const Image& image, Part part) {
  return Dumper(image).run(part);
}

}  // namespace copse::engine
