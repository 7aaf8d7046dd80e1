#pragma once
// A policy as a picture: nodes and edges, and two languages that draw them.

#include "engine/image.hpp"
#include "engine/policy.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace copse::engine {

struct Graph {
  enum class Shape : std::uint8_t { question, answer, plain };

  struct Node {
    std::string label;  ///< lines between `\n`
    Shape shape = Shape::plain;
  };

  struct Edge {
    std::size_t from = 0;
    std::size_t to = 0;
    std::string label;
  };

  std::vector<Node> nodes;
  std::vector<Edge> edges;
  std::size_t left_out = 0;  ///< nodes beyond graph_limit
};

/// Nodes of one picture: more can be drawn, and not be looked at.
inline constexpr std::size_t graph_limit = 400;

/// The rules as they are asked, one after another, each with its outcome.
[[nodiscard]] Graph graph_of_rules(const Image& image, const Entry& entry);

/// The tree as built: what is looked up in which order, down to the lists of rules.
[[nodiscard]] Graph graph_of_nodes(const Image& image, const Entry& entry);

/// Graphviz's language.
[[nodiscard]] std::string to_dot(const Graph& graph);

/// For programs: `{"nodes":[{"label","shape"}],"edges":[{"from","to","label"}],"leftOut":N}`, edges
/// by the places of their nodes.
[[nodiscard]] std::string to_json(const Graph& graph);

/// Mermaid's flowchart, which code hosts draw in Markdown.
[[nodiscard]] std::string to_mermaid(const Graph& graph);

}  // namespace copse::engine
