#pragma once
// A YAML or JSON text as a tree with the place of each value: what a pod template is before anyone
// knows fields.
//
// Scalars are resolved as Druid's client does: YAML by the JSON schema of YAML 1.2 (`yes`, `010`,
// `~`, `True` are text), JSON as it is. Nodes live in one vector, parents before children; a tree
// is never deeper than document_depth_limit nor larger than document_node_limit, so walks need no
// further bound. Internal to adapters.

#include "engine/diagnostic.hpp"
#include "engine/source.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::adapters {

/// Bytes of a template file: the limit of Druid's YAML reader, which refuses a longer one.
inline constexpr std::size_t document_bytes_limit = std::size_t{3} * 1024 * 1024;

/// Nesting: the deepest field of the Kubernetes API stands at 14.
inline constexpr std::size_t document_depth_limit = 100;

/// Values in one document after aliases are expanded, about 20 MB: a template has some hundreds.
inline constexpr std::size_t document_node_limit = 200'000;

/// Fields of one map: the largest of the API has 40, and labels are rarely more. Keeps the search
/// for duplicates short.
inline constexpr std::size_t document_members_limit = 2000;

/// Aliases (`*name`) to a list or map, the limit of Druid's YAML reader: above it a small file may
/// mean a huge one.
inline constexpr std::size_t alias_limit = 50;

enum class NodeKind : std::uint8_t { null, boolean, integer, real, text, list, map };

/// Index into one Document.
enum class NodeId : std::uint32_t {};

struct Member {
  std::string key;  ///< empty in a list
  engine::Span key_span;
  NodeId value{};
};

struct Node {
  NodeKind kind = NodeKind::null;
  std::string text;  ///< of a scalar: what Java's getText answers for it
  engine::Span span;
  std::vector<Member> members;  ///< of a list or a map, in the order of the text, each key once
};

struct Document {
  std::vector<Node> nodes;  // INVARIANT: nodes[0] is the root; of YAML a subtree is one run

  [[nodiscard]] const Node& operator[](NodeId id) const { return nodes[std::to_underlying(id)]; }

  [[nodiscard]] Node& operator[](NodeId id) { return nodes[std::to_underlying(id)]; }

  /// The member's value, or null. Linear.
  [[nodiscard]] const Node* find(const Node& map, std::string_view key) const;
};

/// What reading found: without a document at least one diagnostic is an error, and Druid refuses
/// the file too. A document without any node means an empty file or `null`.
struct DocumentReading {
  std::optional<Document> document;
  engine::Diagnostics diagnostics;
};

/// Reads a file's text as Druid's client does: JSON when it begins with `{` or `[`, YAML otherwise.
[[nodiscard]] DocumentReading read_document(const engine::Source& source);

/// The two languages, for read_document. JSON with something behind its end is accepted, with a
/// warning.
[[nodiscard]] DocumentReading read_yaml_document(const engine::Source& source);
[[nodiscard]] DocumentReading read_json_document(const engine::Source& source,
                                                 std::size_t depth_limit = document_depth_limit);

/// A diagnostic at a place of `source`; code `T01xx`.
[[nodiscard]] engine::Diagnostic template_problem(const engine::Source& source, engine::Span span,
                                                  engine::Severity severity, std::string code,
                                                  std::string title);

}  // namespace copse::adapters
