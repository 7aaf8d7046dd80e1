#include "engine/graph.hpp"

#include "engine/json_writer.hpp"
#include "engine/words.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

namespace copse::engine {
namespace {

// Values of one edge that are named; the rest is counted.
constexpr std::size_t shown_values = 3;

// Rules of one list that are drawn each by itself.
constexpr std::uint32_t drawn_rules = 64;

constexpr std::size_t label_limit = 60;

std::string clipped(std::string text) {
  if (text.size() <= label_limit) return text;
  std::size_t end = label_limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return text.substr(0, end) + "…";
}

std::string in_words(const Image& image, const AtomTest& test) {
  const Attribute& attribute = image.attributes[std::to_underlying(test.attribute)];
  std::string values;
  for (const std::string& each : listed_in_words(image, test, shown_values))
    values += (values.empty() ? "" : ", ") + each;
  if (listed_count(test) > shown_values)
    values += " … " + std::to_string(listed_count(test) - shown_values) + " more";
  if (attribute.type == ValueType::any)
    return (test.if_other == Verdict::yes ? "has " : "has no ") + attribute.name;
  const bool takes_absent = test.if_absent == Verdict::yes;
  if (values.empty() && (test.if_other == Verdict::yes) != takes_absent)
    return (takes_absent ? "has no " : "has ") + attribute.name;
  const std::string or_absent = takes_absent ? ", or absent" : "";
  const bool is_excluding = test.if_listed != Verdict::yes;
  const bool is_compared = !is_excluding && (values.starts_with('<') || values.starts_with('>'));
  if (is_compared) return attribute.name + " " + values + or_absent;
  return attribute.name + (is_excluding ? " is not " : " is ") + (values.empty() ? "any" : values) +
         or_absent;
}

std::string outcome_in_words(const CompiledOutcome& outcome) {
  if (!outcome.failure.empty()) return "fails";
  if (outcome.template_key.empty())
    return outcome.runner == Runner::worker ? "runner worker" : "runner k8s";
  std::string text = "template " + outcome.template_key;
  for (const Override& each : outcome.overrides) text += "\n" + clipped(in_words(each));
  return text;
}

class RulesGraph {
 public:
  RulesGraph(const Image& image, const Entry& entry) : image_(image), entry_(entry) {}

  Graph run() {
    std::size_t before = add({"task", Graph::Shape::plain});
    for (std::uint32_t r = entry_.first_rule; r < entry_.first_rule + entry_.rules; ++r) {
      if (made_.nodes.size() + 2 > graph_limit) {
        ++made_.left_out;
        continue;
      }
      const CompiledRule& rule = image_.rules[r];
      const std::size_t question = add({label(RuleId{r}), Graph::Shape::question});
      made_.edges.push_back({before, question, r == entry_.first_rule ? "" : "no"});
      made_.edges.push_back({question, outcome(rule.outcome), "yes"});
      before = question;
    }
    made_.edges.push_back(
        {before, outcome(entry_.otherwise), std::string(image_.text(entry_.otherwise_name))});
    return std::move(made_);
  }

 private:
  std::size_t add(Graph::Node node) {
    made_.nodes.push_back(std::move(node));
    return made_.nodes.size() - 1;
  }

  std::string label(RuleId rule) const {
    std::string text(image_.name(rule));
    for (const AtomTest& test : image_.tests_of(rule))
      text += "\n" + clipped(in_words(image_, test));
    return text;
  }

  std::size_t outcome(OutcomeId id) {
    const auto [at, is_new] = outcomes_.try_emplace(id, made_.nodes.size());
    if (is_new) add({outcome_in_words(image_.outcome(id)), Graph::Shape::answer});
    return at->second;
  }

  const Image& image_;
  const Entry& entry_;
  Graph made_;
  std::map<OutcomeId, std::size_t> outcomes_;
};

class NodesGraph {
 public:
  NodesGraph(const Image& image, const Entry& entry) : image_(image), entry_(entry) {}

  Graph run() {
    const std::size_t root = add({"task", Graph::Shape::plain});
    if (const auto below = draw(std::to_underlying(entry_.root))) link(root, *below, "");
    const std::size_t otherwise =
        add({outcome_in_words(image_.outcome(entry_.otherwise)), Graph::Shape::answer});
    link(root, otherwise, "no rule: " + std::string(image_.text(entry_.otherwise_name)));
    return std::move(made_);
  }

 private:
  std::size_t add(Graph::Node node) {
    made_.nodes.push_back(std::move(node));
    return made_.nodes.size() - 1;
  }

  void link(std::size_t from, std::size_t to, std::string label) {
    made_.edges.push_back({from, to, std::move(label)});
  }

  [[nodiscard]] const std::string& name(AttributeId attribute) const {
    return image_.attributes[std::to_underlying(attribute)].name;
  }

  // The depth of this recursion is the tree's: at most the number of attributes and two.
  std::optional<std::size_t> draw(std::uint32_t id) {
    const Node& node = image_.nodes[id];
    if (node.kind == Node::Kind::none) return std::nullopt;
    if (made_.nodes.size() >= graph_limit) {
      ++made_.left_out;
      return std::nullopt;
    }
    switch (node.kind) {
      case Node::Kind::none:
        break;
      case Node::Kind::leaf:
        return add({rule_name(node.smallest) + "\n" +
                        outcome_in_words(image_.outcome(OutcomeId{node.first})),
                    Graph::Shape::answer});
      case Node::Kind::candidates:
        return add({candidates(node), Graph::Shape::answer});
      case Node::Kind::bits:
        return bits(node);
      case Node::Kind::select:
        return branches(node, "which " + name(node.attribute), node.count,
                        [&](std::uint32_t c) { return value(node.attribute, c); });
      case Node::Kind::ranges:
        return branches(node, "stretches of " + name(node.attribute), 2 * node.count,
                        [&](std::uint32_t c) { return stretch(node, c); });
      case Node::Kind::patterns: {
        const PatternIndex& all = image_.domains[std::to_underlying(node.attribute)].patterns;
        return branches(
            node, "patterns of " + name(node.attribute), node.count, [&](std::uint32_t c) {
              return in_words(Pattern{all.kind(PatternId{c}), std::string(all.text(PatternId{c}))});
            });
      }
      case Node::Kind::if_ill_typed:
        return draw(node.first);
      case Node::Kind::first: {
        const std::size_t made = add({"smallest rule of", Graph::Shape::question});
        for (std::uint32_t c = node.first; c < node.first + node.count; ++c) {
          if (const auto below = draw(c)) link(made, *below, "");
        }
        return made;
      }
    }
    return std::nullopt;
  }

  // Branches that lead to the same list are one edge.
  template <class Label>
  std::size_t branches(const Node& node, std::string question, std::uint32_t count, Label label) {
    const std::size_t made = add({std::move(question), Graph::Shape::question});
    std::map<std::string, std::pair<std::size_t, std::vector<std::string>>> seen;
    for (std::uint32_t c = 0; c < count; ++c) {
      const Node& below = image_.nodes[node.first + c];
      const std::string key =
          below.kind == Node::Kind::leaf ? "leaf " + rule_name(below.smallest)
          : below.kind == Node::Kind::candidates || below.kind == Node::Kind::bits
              ? candidates(below)
              : std::to_string(c);
      if (const auto found = seen.find(key); found != seen.end()) {
        found->second.second.push_back(label(c));
        continue;
      }
      if (const auto drawn = draw(node.first + c)) seen[key] = {*drawn, {label(c)}};
    }
    for (const auto& [key, edge] : seen) {
      std::string text;
      for (std::size_t i = 0; i < std::min(shown_values, edge.second.size()); ++i)
        text += (i == 0 ? "" : ", ") + edge.second[i];
      if (edge.second.size() > shown_values)
        text += " … " + std::to_string(edge.second.size() - shown_values) + " more";
      link(made, edge.first, clipped(text));
    }
    return made;
  }

  [[nodiscard]] std::string rule_name(RuleId rule) const { return std::string(image_.name(rule)); }

  // A rule each, by what it asks; of many the first ones.
  std::size_t bits(const Node& node) {
    const BitList& list = image_.bit_lists[node.first];
    std::string question = "first rule that passes";
    for (const BitColumn& each : image_.bit_columns.span().subspan(list.first_column, list.columns))
      question += "\n" + image_.attributes[each.attribute].name;
    const std::size_t made = add({question, Graph::Shape::question});
    const std::uint32_t drawn = std::min(node.count, drawn_rules);
    for (const Posting& posting : image_.postings_of(node).first(drawn)) {
      std::string asks;
      for (const AtomTest& test : image_.tests_of(posting.rule))
        asks += (asks.empty() ? "" : "\n") + clipped(in_words(image_, test));
      const std::string outcome = outcome_in_words(image_.outcome(posting.outcome));
      link(made, add({rule_name(posting.rule) + "\n" + outcome, Graph::Shape::answer}), asks);
    }
    if (drawn < node.count) {
      const std::string others = "… " + std::to_string(node.count - drawn) + " more rules";
      link(made, add({others, Graph::Shape::answer}), "");
    }
    return made;
  }

  [[nodiscard]] std::string candidates(const Node& node) const {
    std::string text;
    const std::uint32_t shown = std::min<std::uint32_t>(node.count, 8);
    for (const Posting& posting : image_.postings_of(node).first(shown)) {
      text += (text.empty() ? "" : "\n") + rule_name(posting.rule);
      if (node.kind == Node::Kind::bits || !posting.is_certain()) text += " ?";
    }
    if (shown < node.count) text += "\n… " + std::to_string(node.count - shown) + " more";
    return text;
  }

  [[nodiscard]] std::string value(AttributeId attribute, std::uint32_t atom) const {
    switch (Atom{atom}) {
      case Atom::absent:
        return "absent";
      case Atom::ill_typed:
        return "of another type";
      case Atom::other:
        return "another text";
      case Atom::deferred:
        break;
    }
    const Domain& domain = image_.domains[std::to_underlying(attribute)];
    if (domain.bounds.empty()) return std::string(domain.table.text(Atom{atom}));
    return part(attribute, atom - first_listed_atom, atom - first_listed_atom);
  }

  [[nodiscard]] std::string part(AttributeId attribute, std::uint32_t first,
                                 std::uint32_t last) const {
    const auto& bounds = image_.domains[std::to_underlying(attribute)].bounds;
    const auto end = std::min<std::size_t>(std::size_t{last} + 1, bounds.size());
    return in_words(
        image_.attributes[std::to_underlying(attribute)],
        Range{bounds[first], end < bounds.size() ? before(bounds[end]) : largest_number});
  }

  // The stretch that a node of the segment tree spans.
  [[nodiscard]] std::string stretch(const Node& node, std::uint32_t at) const {
    if (at == 0) return "absent";
    std::uint32_t first = at;
    std::uint32_t last = at;
    for (; first < node.count; first *= 2, last = last * 2 + 1) {
    }
    const auto parts = static_cast<std::uint32_t>(
        image_.domains[std::to_underlying(node.attribute)].bounds.size());
    first -= node.count;
    last -= node.count;
    return first < parts ? part(node.attribute, first, std::min(last, parts - 1)) : "";
  }

  const Image& image_;
  const Entry& entry_;
  Graph made_;
};

std::string escaped(std::string_view text, std::string_view line_break, bool in_html) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += line_break;
    } else if (c == '"') {
      out += in_html ? "#quot;" : "\\\"";
    } else if (c == '\\' && !in_html) {
      out += "\\\\";
    } else if (in_html && (c == '<' || c == '>' || c == '`')) {
      out += c == '<' ? "#lt;" : c == '>' ? "#gt;" : "#96;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string rest(const Graph& graph) {
  return "and " + std::to_string(graph.left_out) + " more, left out";
}

}  // namespace

Graph graph_of_rules(const Image& image, const Entry& entry) {
  return RulesGraph(image, entry).run();
}

Graph graph_of_nodes(const Image& image, const Entry& entry) {
  return NodesGraph(image, entry).run();
}

std::string to_dot(const Graph& graph) {
  std::string out =
      "digraph policy {\n  rankdir=TB;\n  node [fontname=\"sans-serif\", fontsize=11];\n"
      "  edge [fontname=\"sans-serif\", fontsize=10];\n";
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Graph::Node& node = graph.nodes[i];
    const std::string_view shape = node.shape == Graph::Shape::question ? "box, style=rounded"
                                   : node.shape == Graph::Shape::answer
                                       ? "box, style=filled, fillcolor=\"#e8f0e0\""
                                       : "plaintext";
    out += "  n" + std::to_string(i) + " [label=\"" + escaped(node.label, "\\n", false) +
           "\", shape=" + std::string(shape) + "];\n";
  }
  for (const Graph::Edge& edge : graph.edges) {
    out += "  n" + std::to_string(edge.from) + " -> n" + std::to_string(edge.to);
    if (!edge.label.empty()) out += " [label=\"" + escaped(edge.label, "\\n", false) + "\"]";
    out += ";\n";
  }
  if (graph.left_out > 0) out += "  rest [label=\"" + rest(graph) + "\", shape=plaintext];\n";
  return out + "}\n";
}

std::string to_json(const Graph& graph) {
  const auto shape = [](Graph::Shape of) {
    return of == Graph::Shape::question ? "question"
           : of == Graph::Shape::answer ? "answer"
                                        : "plain";
  };
  JsonWriter out;
  out.begin_object().key("nodes").begin_array();
  for (const Graph::Node& node : graph.nodes) {
    out.begin_object().member("label", node.label).member("shape", shape(node.shape)).end_object();
  }
  out.end_array().key("edges").begin_array();
  for (const Graph::Edge& edge : graph.edges) {
    out.begin_object().key("from").number(static_cast<std::int64_t>(edge.from)).key("to");
    out.number(static_cast<std::int64_t>(edge.to)).member("label", edge.label).end_object();
  }
  out.end_array().key("leftOut").number(static_cast<std::int64_t>(graph.left_out)).end_object();
  return out.take();
}

std::string to_mermaid(const Graph& graph) {
  std::string out = "flowchart TD\n";
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Graph::Node& node = graph.nodes[i];
    const bool is_question = node.shape == Graph::Shape::question;
    out += "  n" + std::to_string(i) + (is_question ? "([\"" : "[\"") +
           escaped(node.label, "<br/>", true) + (is_question ? "\"])" : "\"]") + "\n";
  }
  for (const Graph::Edge& edge : graph.edges) {
    out += "  n" + std::to_string(edge.from) + " -->";
    if (!edge.label.empty()) out += "|\"" + escaped(edge.label, "<br/>", true) + "\"|";
    out += " n" + std::to_string(edge.to) + "\n";
  }
  if (graph.left_out > 0) out += "  rest[\"" + rest(graph) + "\"]\n";
  return out;
}

}  // namespace copse::engine
