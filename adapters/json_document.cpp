#include "adapters/document.hpp"
#include "adapters/json_text.hpp"
#include "engine/json_fault.hpp"

#include <algorithm>

namespace copse::adapters {
namespace {

using engine::Severity;
using engine::Span;

// Reads a text that is known to be JSON, so that only limits can fail.
class TreeReader {
 public:
  TreeReader(const engine::Source& source, std::size_t size, std::size_t depth_limit)
      : source_(source),
        text_(std::string_view(source.text).substr(0, size)),
        depth_limit_(depth_limit) {}

  DocumentReading run() {
    while (!failed_ && at_ < text_.size()) step();
    if (failed_) return {std::nullopt, std::move(diagnostics_)};
    return {Document{std::move(nodes_)}, std::move(diagnostics_)};
  }

 private:
  void step() {
    const char c = text_[at_];
    switch (c) {
      case '{':
        return open(NodeKind::map);
      case '[':
        return open(NodeKind::list);
      case '}':
      case ']':
        open_.pop_back();
        ++at_;
        return;
      case '"':
        return string();
      case ' ':
      case '\t':
      case '\r':
      case '\n':
      case ',':
      case ':':
        ++at_;
        return;
      default:
        return word();
    }
  }

  void open(NodeKind kind) {
    if (open_.size() >= depth_limit_) {
      return fail({at_, at_ + 1}, "nested deeper than " + std::to_string(depth_limit_) + " levels");
    }
    const auto id = static_cast<std::uint32_t>(nodes_.size());
    attach(kind, "", {at_, at_ + 1});
    open_.push_back(id);
    ++at_;
  }

  void string() {
    const std::size_t begin = at_++;
    while (text_[at_] != '"') at_ += text_[at_] == '\\' ? 2U : 1U;
    ++at_;
    const Span span{begin, at_};
    std::string text = read_json_string(text_.substr(begin, at_ - begin)).value_or("");
    const bool in_map = !open_.empty() && nodes_[open_.back()].kind == NodeKind::map;
    if (in_map && !has_key_) {
      key_ = std::move(text);
      key_span_ = span;
      has_key_ = true;
    } else {
      attach(NodeKind::text, std::move(text), span);
    }
  }

  void word() {
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_of(" \t\r\n,:]}", at_), text_.size());
    const std::string_view word = text_.substr(begin, at_ - begin);
    NodeKind kind = NodeKind::integer;
    if (word == "null") {
      kind = NodeKind::null;
    } else if (word == "true" || word == "false") {
      kind = NodeKind::boolean;
    } else if (word.find_first_of(".eE") != std::string_view::npos) {
      kind = NodeKind::real;
    }
    attach(kind, std::string(word), {begin, at_});
  }

  void attach(NodeKind kind, std::string text, Span span) {
    if (nodes_.size() >= document_node_limit) {
      return fail(
          span, "the template holds more than " + std::to_string(document_node_limit) + " values");
    }
    const NodeId id{static_cast<std::uint32_t>(nodes_.size())};
    nodes_.push_back({kind, std::move(text), span, {}});
    if (open_.empty()) return;
    Node& parent = nodes_[open_.back()];
    if (parent.kind == NodeKind::list) {
      parent.members.push_back({"", {}, id});
      return;
    }
    has_key_ = false;
    const auto twice = std::find_if(parent.members.begin(), parent.members.end(),
                                    [&](const Member& m) { return m.key == key_; });
    if (twice == parent.members.end()) {
      if (parent.members.size() >= document_members_limit) {
        return fail(key_span_,
                    "a map of more than " + std::to_string(document_members_limit) + " fields");
      }
      parent.members.push_back({std::move(key_), key_span_, id});
      return;
    }
    twice->value = id;
    diagnostics_.push_back(template_problem(source_, key_span_, Severity::warning, "T0105",
                                            "the field `" + twice->key + "` stands here twice"));
    diagnostics_.back().help = "Druid takes the last one: remove the other";
  }

  void fail(Span span, std::string title) {
    failed_ = true;
    diagnostics_.push_back(
        template_problem(source_, span, Severity::error, "T0113", std::move(title)));
  }

  const engine::Source& source_;
  std::string_view text_;
  std::size_t depth_limit_;
  std::size_t at_ = 0;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> open_;
  std::string key_;
  Span key_span_;
  bool has_key_ = false;
  bool failed_ = false;
  engine::Diagnostics diagnostics_;
};

}  // namespace

DocumentReading read_json_document(const engine::Source& source, std::size_t depth_limit) {
  const std::string_view text = source.text;
  const auto fault = engine::find_json_fault(text);
  if (!fault) return TreeReader(source, text.size(), depth_limit).run();
  const Span span{fault->begin, fault->end};
  // Jackson stops after the first value, so what follows it does not matter to Druid.
  if (engine::find_json_fault(text.substr(0, fault->begin))) {
    engine::Diagnostic diagnostic = template_problem(source, span, Severity::error, "T0101",
                                                     "this is not JSON: " + fault->title);
    diagnostic.help = fault->help;
    return {std::nullopt, {std::move(diagnostic)}};
  }
  DocumentReading reading = TreeReader(source, fault->begin, depth_limit).run();
  reading.diagnostics.push_back(template_problem(source, span, Severity::warning, "T0114",
                                                 "something follows the end of the template"));
  reading.diagnostics.back().help = "Druid ignores it: remove it";
  return reading;
}

}  // namespace copse::adapters
