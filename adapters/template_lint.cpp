#include "adapters/template_lint.hpp"

#include "adapters/document.hpp"
#include "engine/number.hpp"

#include <charconv>
#include <optional>
#include <utility>

namespace copse::adapters {
namespace {

// A size as Java takes it behind -Xmx: digits and k, m, g or t.
std::optional<double> java_bytes(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit.empty()) return static_cast<double>(number);
  constexpr std::string_view units = "kmgt";
  const std::size_t at = units.find(static_cast<char>(unit.front() | 0x20));
  if (at == std::string_view::npos || unit.size() != 1) return std::nullopt;
  return static_cast<double>(number << (10 * (at + 1)));
}

// Where Java's options say a size.
struct Found {
  engine::Span span;
  std::string text;  // `-Xmx4g`
  double bytes = 0;
};

class Lint {
 public:
  Lint(const engine::Source& source, const Document& document)
      : source_(source), document_(document), root_(document.nodes.front()) {}

  engine::Diagnostics run() {
    const Node* pod = document_.find(root_, "template");
    if (pod == nullptr) pod = &root_;
    const Node* spec = document_.find(*pod, "spec");
    if (spec == nullptr) return {};
    spreading(*pod, *spec);
    const Node* containers = document_.find(*spec, "containers");
    if (containers != nullptr && !containers->members.empty())
      memory(document_[containers->members.front().value]);
    return std::move(said_);
  }

 private:
  void spreading(const Node& pod, const Node& spec) {
    const Node* affinity = document_.find(spec, "affinity");
    const bool is_apart =
        affinity != nullptr && document_.find(*affinity, "podAntiAffinity") != nullptr;
    if (is_apart || document_.find(spec, "topologySpreadConstraints") != nullptr) return;
    engine::Span at = spec.span;
    for (const Member& member : pod.members) {
      if (member.key == "spec") at = member.key_span;
    }
    engine::Diagnostic note = template_problem(source_, at, engine::Severity::note, "L0501",
                                               "replicas of a streaming task may run on one node");
    note.label = "neither podAntiAffinity nor topologySpreadConstraints";
    note.help =
        "where replicas matter add podAntiAffinity or topologySpreadConstraints over "
        "kubernetes.io/hostname";
    said_.push_back(std::move(note));
  }

  void memory(const Node& container) {
    const Node* limit = &container;
    for (const std::string_view key : {"resources", "limits", "memory"}) {
      limit = document_.find(*limit, key);
      if (limit == nullptr) return;
    }
    const auto limited = engine::parse_quantity(limit->text);
    if (!limited) return;
    const auto bytes = static_cast<double>(limited->whole);
    for (const std::string_view key : {"env", "args", "command"}) {
      if (const Node* within = document_.find(container, key)) look(*within);
    }
    if (!heap_) return;
    const bool heap_alone = heap_->bytes > bytes;
    const double whole = heap_->bytes + (direct_ ? direct_->bytes : 0);
    if (whole <= bytes) return;
    engine::Diagnostic warning = template_problem(
        source_, heap_->span, engine::Severity::warning, "L0502",
        heap_alone ? "the Java heap is above the memory limit"
                   : "Java heap and direct memory together are above the memory limit");
    warning.label = "`" + heap_->text + "`" + (heap_alone ? "" : " and `" + direct_->text + "`") +
                    ", limit `" + limit->text + "`";
    warning.notes.emplace_back(
        "the kernel ends the peon when it uses what it may (OOMKilled), and no log says why");
    warning.help =
        "raise resources.limits.memory above heap, direct memory and some 300 MiB for "
        "Java itself, or lower the heap";
    said_.push_back(std::move(warning));
  }

  // The last option of a kind counts, as for Java.
  void look(const Node& node) {
    for (const Member& member : node.members) look(document_[member.value]);
    if (node.kind != NodeKind::text) return;
    find(node, "-Xmx", heap_);
    find(node, "-XX:MaxDirectMemorySize=", direct_);
  }

  static void find(const Node& node, std::string_view option, std::optional<Found>& found) {
    const std::size_t at = node.text.rfind(option);
    if (at == std::string::npos) return;
    const std::size_t end = node.text.find_first_of(" \t\r\n\"',]", at);
    const std::string word = node.text.substr(at, end == std::string::npos ? end : end - at);
    if (const auto bytes = java_bytes(std::string_view(word).substr(option.size())))
      found = Found{node.span, word, *bytes};
  }

  const engine::Source& source_;
  const Document& document_;
  const Node& root_;
  std::optional<Found> heap_;
  std::optional<Found> direct_;
  engine::Diagnostics said_;
};

}  // namespace

engine::Diagnostics lint_template(const engine::Source& source) {
  const DocumentReading reading = read_document(source);
  if (!reading.document || reading.document->nodes.empty()) return {};
  return Lint(source, *reading.document).run();
}

}  // namespace copse::adapters
