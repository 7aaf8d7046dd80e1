#include "adapters/template_text.hpp"

#include "adapters/json_text.hpp"
#include "adapters/template_walk.hpp"

#include <charconv>
#include <optional>

namespace copse::adapters {
namespace {

// Values where the text is cut: two are left out, of the third the closing bracket begins the next
// piece.
struct Holes {
  NodeId annotations;
  NodeId labels;
  NodeId env;
};

void append_scalar(std::string& out, const Node& node) {
  switch (node.kind) {
    case NodeKind::null:
      out += "null";
      return;
    case NodeKind::boolean:
    case NodeKind::integer:
      out += node.text;
      return;
    case NodeKind::real: {
      double value = 0;
      const auto [end, error] =
          std::from_chars(node.text.data(), node.text.data() + node.text.size(), value);
      const bool finite = error == std::errc{} && end == node.text.data() + node.text.size();
      // Jackson quotes what is not a JSON number.
      out += finite ? java_double_text(value) : json_string(node.text);
      return;
    }
    case NodeKind::text:
    case NodeKind::list:
    case NodeKind::map:
      append_json_string(out, node.text);
      return;
  }
}

// Writes a subtree as JSON with an explicit stack, starting a new piece at each hole.
class Writer {
 public:
  Writer(const Document& document, const Holes& holes) : document_(document), holes_(holes) {}

  std::array<std::string, 4> run(NodeId root) {
    begin(root);
    while (!stack_.empty()) step();
    return std::move(pieces_);
  }

 private:
  struct Frame {
    NodeId node;
    std::size_t next = 0;
  };

  void begin(NodeId id) {
    const Node& node = document_[id];
    if (id == holes_.annotations || id == holes_.labels) {
      ++piece_;
    } else if (node.kind == NodeKind::list || node.kind == NodeKind::map) {
      out() += node.kind == NodeKind::list ? '[' : '{';
      stack_.push_back({id});
    } else {
      append_scalar(out(), node);
    }
  }

  void step() {
    Frame& frame = stack_.back();
    const Node& node = document_[frame.node];
    const bool list = node.kind == NodeKind::list;
    if (frame.next == node.members.size()) {
      if (frame.node == holes_.env) ++piece_;
      out() += list ? ']' : '}';
      stack_.pop_back();
      return;
    }
    if (frame.next > 0) out() += ',';
    const Member& member = node.members[frame.next++];
    if (!list) {
      append_json_string(out(), member.key);
      out() += ':';
    }
    begin(member.value);
  }

  std::string& out() { return pieces_.at(piece_); }

  const Document& document_;
  Holes holes_;
  std::vector<Frame> stack_;
  std::array<std::string, 4> pieces_;
  std::size_t piece_ = 0;
};

std::optional<NodeId> member_of(const Document& document, NodeId object, std::string_view key) {
  for (const Member& member : document[object].members) {
    if (member.key == key) return member.value;
  }
  return std::nullopt;
}

// The member, added as an empty value when the object has none, with the object's members in order
// again.
NodeId ensure(Document& document, NodeId object, std::string_view key, NodeKind kind, TypeId type) {
  if (const auto found = member_of(document, object, key)) return *found;
  const NodeId id{static_cast<std::uint32_t>(document.nodes.size())};
  document.nodes.push_back({kind, "", {}, {}});
  document[object].members.push_back({std::string(key), {}, id});
  sort_members(document[object], type);
  return id;
}

std::vector<TextEntry> entries(const Document& document, NodeId map) {
  std::vector<TextEntry> all;
  for (const Member& member : document[map].members) {
    const Node& value = document[member.value];
    all.push_back(
        {member.key, value.kind == NodeKind::null ? std::nullopt : std::optional(value.text)});
  }
  return all;
}

std::optional<NodeId> first_container(const Document& document, NodeId pod_template) {
  const auto spec = member_of(document, pod_template, "spec");
  const auto containers = spec ? member_of(document, *spec, "containers") : std::nullopt;
  if (!containers || document[*containers].members.empty()) return std::nullopt;
  const NodeId first = document[*containers].members.front().value;
  return document[first].kind == NodeKind::map ? std::optional(first) : std::nullopt;
}

}  // namespace

PodTemplate assemble(Document document) {
  PodTemplate result;
  const auto root = member_of(document, NodeId{0}, "template");
  const auto container = root ? first_container(document, *root) : std::nullopt;
  if (!container) return result;

  const TypeId metadata_type = type_named("ObjectMeta");
  const NodeId metadata =
      ensure(document, *root, "metadata", NodeKind::map, type_named("PodTemplateSpec"));
  const Holes holes{ensure(document, metadata, "annotations", NodeKind::map, metadata_type),
                    ensure(document, metadata, "labels", NodeKind::map, metadata_type),
                    ensure(document, *container, "env", NodeKind::list, type_named("Container"))};
  result.has_container = true;
  if (const auto name = member_of(document, *container, "name"))
    result.first_container = document[*name].text;
  result.annotations = entries(document, holes.annotations);
  result.labels = entries(document, holes.labels);
  result.env_is_empty = document[holes.env].members.empty();
  result.pieces = Writer(document, holes).run(*root);
  return result;
}

}  // namespace copse::adapters
