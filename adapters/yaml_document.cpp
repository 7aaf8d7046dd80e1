#include "adapters/document.hpp"
#include "adapters/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace copse::adapters {
namespace {

using engine::Span;

constexpr std::string_view core_tag = "tag:yaml.org,2002:";

std::string_view digits(std::string_view& text) {
  const std::size_t length = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view taken = text.substr(0, length);
  text.remove_prefix(length);
  return taken;
}

// The kind of a plain scalar by the JSON schema of YAML 1.2.
NodeKind resolve(std::string_view text) {
  if (text.empty() || text == "null") return NodeKind::null;
  if (text == "true" || text == "false") return NodeKind::boolean;
  if (text == ".inf" || text == "-.inf" || text == ".nan") return NodeKind::real;
  if (text.front() == '-') text.remove_prefix(1);
  const std::string_view whole = digits(text);
  if (whole.empty() || (whole.front() == '0' && whole.size() > 1)) return NodeKind::text;
  if (text.empty()) return NodeKind::integer;
  if (text.front() == '.') {
    text.remove_prefix(1);
    digits(text);
  }
  if (!text.empty() && (text.front() == 'e' || text.front() == 'E')) {
    text.remove_prefix(1);
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
    if (digits(text).empty()) return NodeKind::text;
  }
  return text.empty() ? NodeKind::real : NodeKind::text;
}

// A float goes through Java's double; `.nan` and `.inf` get Java's names.
std::string java_text(NodeKind kind, const std::string& text) {
  if (kind == NodeKind::integer) return text == "-0" ? "0" : text;
  if (kind != NodeKind::real) return text;
  if (text == ".nan") return "NaN";
  if (text.ends_with(".inf")) return text.front() == '-' ? "-Infinity" : "Infinity";
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return java_double_text(value);
}

// Where the scalar that begins at `begin` ends on its line.
std::size_t scalar_end(std::string_view text, std::size_t begin, std::string_view value) {
  if (begin >= text.size()) return text.size();
  const std::size_t line_end = std::min(text.find('\n', begin), text.size());
  const char first = text[begin];
  if (first == '|' || first == '>') return begin + 1;
  if (first == '"' || first == '\'') {
    for (std::size_t i = begin + 1; i < line_end; ++i) {
      if (first == '"' && text[i] == '\\') {
        ++i;
      } else if (text[i] == first) {
        return i + 1;
      }
    }
    return line_end;
  }
  return text.substr(begin).starts_with(value) ? begin + value.size() : line_end;
}

// Builds the tree from yaml-cpp's events. After a failure all further events are ignored.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const engine::Source& source, std::size_t skipped)
      : source_(source), skipped_(skipped) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    // WHY: at a stray `,` or `]` yaml-cpp answers with empty documents for ever.
    const std::size_t at = offset(mark);
    if (begun_ && at == document_at_)
      fail("T0101", {at, at + 1}, "this is not YAML: a stray character", "remove it");
    begun_ = true;
    document_at_ = at;
  }

  void OnDocumentEnd() override {
    if (nodes_.empty() || failed()) return;
    if (nodes_.front().kind == NodeKind::null) {
      nodes_.clear();  // Druid skips null documents
    } else if (documents_++ > 0) {
      fail("T0103", {document_at_, document_at_},
           "a template file holds one document, and here begins a second one",
           "move it to a file of its own");
    } else {
      kept_ = std::move(nodes_);
      nodes_.clear();
    }
    anchors_.clear();
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (failed()) return;
    // WHY: yaml-cpp takes `~`, `Null` and `NULL` for null; by the JSON schema they are text.
    const std::string_view rest =
        std::string_view(source_.text).substr(std::min(offset(mark), source_.text.size()));
    for (const std::string_view word : {"~", "Null", "NULL"}) {
      if (rest.starts_with(word))
        return add_scalar(mark, anchor, NodeKind::text, std::string(word));
    }
    add_scalar(mark, anchor, NodeKind::null, rest.starts_with("null") ? "null" : "");
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (failed()) return;
    const Span span{offset(mark), scalar_end(source_.text, offset(mark), "")};
    const auto target = anchors_.find(anchor);
    if (target == anchors_.end() || target->second.end == 0) {
      return fail("T0113", span, "this alias stands for a value that contains it",
                  "write the value out");
    }
    copy(target->second.begin, target->second.end, span);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (failed()) return;
    if (tag == "?") return add_scalar(mark, anchor, resolve(value), value);
    if (tag == "!" || tag.empty() || tag == std::string(core_tag) + "str") {
      return add_scalar(mark, anchor, NodeKind::text, value);
    }
    for (const auto& [name, kind] :
         {std::pair{"int", NodeKind::integer}, std::pair{"float", NodeKind::real},
          std::pair{"bool", NodeKind::boolean}, std::pair{"null", NodeKind::null}}) {
      if (tag == std::string(core_tag) + name) return add_scalar(mark, anchor, kind, value);
    }
    refuse_tag(mark, tag);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    if (failed()) return;
    if (tag != "?" && tag != "!" && !tag.empty() && tag != std::string(core_tag) + "seq")
      return refuse_tag(mark, tag);
    open(mark, anchor, NodeKind::list);
  }

  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    if (failed()) return;
    if (tag != "?" && tag != "!" && !tag.empty() && tag != std::string(core_tag) + "map")
      return refuse_tag(mark, tag);
    open(mark, anchor, NodeKind::map);
  }

  void OnMapEnd() override { close(); }

  void fail(std::string code, Span span, std::string title, std::string help) {
    diagnostics_.push_back(template_problem(source_, span, engine::Severity::error, std::move(code),
                                            std::move(title)));
    diagnostics_.back().help = std::move(help);
  }

  [[nodiscard]] bool failed() const { return !diagnostics_.empty(); }

  DocumentReading result() {
    if (failed()) return {std::nullopt, std::move(diagnostics_)};
    return {Document{std::move(kept_)}, {}};
  }

 private:
  struct Open {
    std::uint32_t node;
    YAML::anchor_t anchor;
    bool has_key = false;  // of a map: a key was read, its value follows
    std::string key;
    Span key_span;
  };

  struct Run {
    std::size_t begin = 0;
    std::size_t end = 0;  // 0: not complete yet
  };

  std::size_t offset(const YAML::Mark& mark) const {
    return skipped_ + static_cast<std::size_t>(std::max(mark.pos, 0));
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    fail("T0115", {offset(mark), offset(mark) + 1}, "the tag `" + tag + "` is unknown",
         "remove it");
  }

  void add_scalar(const YAML::Mark& mark, YAML::anchor_t anchor, NodeKind kind,
                  const std::string& value) {
    const std::size_t begin = offset(mark);
    const Span span{begin, scalar_end(source_.text, begin, value)};
    const std::size_t id = nodes_.size();
    if (!attach(kind, java_text(kind, value), span)) return;
    if (anchor != YAML::NullAnchor) anchors_[anchor] = {id, nodes_.size()};
  }

  // Adds the value to what is open; a scalar may turn out to be a key. True when a node was made.
  bool attach(NodeKind kind, std::string text, Span span) {
    if (nodes_.size() >= document_node_limit) {
      fail("T0113", span,
           "the template holds more than " + std::to_string(document_node_limit) + " values", "");
      return false;
    }
    if (!open_.empty()) {
      Open& parent = open_.back();
      Node& node = nodes_[parent.node];
      const bool is_map = node.kind == NodeKind::map;
      if (is_map && !parent.has_key) {
        take_key(parent, kind, std::move(text), span);
        return false;
      }
      node.members.push_back({is_map ? std::move(parent.key) : std::string(), parent.key_span,
                              NodeId{static_cast<std::uint32_t>(nodes_.size())}});
      parent.has_key = false;
    }
    nodes_.push_back({kind, std::move(text), span, {}});
    return true;
  }

  void take_key(Open& parent, NodeKind kind, std::string text, Span span) {
    if (kind == NodeKind::null || kind == NodeKind::list || kind == NodeKind::map) {
      return fail("T0101", span, "a field's name is text, and this is not", "put it in quotes");
    }
    const auto& members = nodes_[parent.node].members;
    const bool twice =
        std::any_of(members.begin(), members.end(), [&](const Member& m) { return m.key == text; });
    if (twice) {
      return fail("T0105", span, "the field `" + text + "` stands here twice",
                  "remove one of the two");
    }
    if (members.size() >= document_members_limit) {
      return fail("T0113", span,
                  "a map of more than " + std::to_string(document_members_limit) + " fields", "");
    }
    parent.key = std::move(text);
    parent.key_span = span;
    parent.has_key = true;
  }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, NodeKind kind) {
    const Span span{offset(mark), offset(mark) + 1};
    if (open_.size() >= document_depth_limit) {
      return fail("T0113", span,
                  "nested deeper than " + std::to_string(document_depth_limit) + " levels", "");
    }
    const auto id = static_cast<std::uint32_t>(nodes_.size());
    if (!attach(kind, "", span)) return;
    if (anchor != YAML::NullAnchor) anchors_[anchor] = {id, 0};
    open_.push_back({id, anchor, false, "", {}});
  }

  void close() {
    if (failed() || open_.empty()) return;
    const Open done = std::move(open_.back());
    open_.pop_back();
    if (done.anchor != YAML::NullAnchor) anchors_[done.anchor].end = nodes_.size();
  }

  void copy(std::size_t begin, std::size_t end, Span span) {
    const Node first = nodes_[begin];
    const bool collection = first.kind == NodeKind::list || first.kind == NodeKind::map;
    if (collection && ++aliases_ > alias_limit) {
      return fail("T0113", span,
                  "more than " + std::to_string(alias_limit) + " aliases stand for lists or maps",
                  "Druid refuses such a file: write some of them out");
    }
    const auto shift = static_cast<std::uint32_t>(nodes_.size() - begin);
    if (nodes_.size() + (end - begin) > document_node_limit ||
        !attach(first.kind, first.text, span)) {
      if (!failed() && collection)
        fail("T0113", span, "the aliases of this template expand beyond bounds", "");
      return;
    }
    const auto shifted = [&](std::size_t id) {
      auto members = nodes_[id].members;
      for (Member& member : members)
        member.value = NodeId{std::to_underlying(member.value) + shift};
      return members;
    };
    nodes_.back().members = shifted(begin);
    for (std::size_t id = begin + 1; id < end; ++id) {
      nodes_.push_back({nodes_[id].kind, nodes_[id].text, span, shifted(id)});
    }
  }

  const engine::Source& source_;
  std::size_t skipped_;  // bytes before the text that yaml-cpp sees
  std::size_t document_at_ = 0;
  bool begun_ = false;
  std::size_t documents_ = 0;
  std::size_t aliases_ = 0;
  std::vector<Node> nodes_;
  std::vector<Node> kept_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Run> anchors_;
  engine::Diagnostics diagnostics_;
};

}  // namespace

DocumentReading read_yaml_document(const engine::Source& source) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  const std::size_t skipped = source.text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
  TreeBuilder builder(source, skipped);
  try {
    std::istringstream stream(source.text.substr(skipped));
    YAML::Parser parser(stream);
    while (!builder.failed() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& fault) {
    const std::size_t at = skipped + static_cast<std::size_t>(std::max(fault.mark.pos, 0));
    builder.fail("T0101", {at, at + 1}, "this is not YAML: " + fault.msg, "");
  }
  return builder.result();
}

}  // namespace copse::adapters
