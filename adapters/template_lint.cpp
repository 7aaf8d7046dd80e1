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

constexpr const char* killed_note =
    "the kernel ends the peon when it uses what it may (OOMKilled), and no log says why";
constexpr const char* memory_help =
    "raise resources.limits.memory above heap, direct memory and some 300 MiB for "
    "Java itself, or lower the heap";

std::optional<Found> option_in(std::string_view text, std::string_view option) {
  const std::size_t at = text.rfind(option);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t end = text.find_first_of(" \t\r\n\"',]", at);
  const std::string word(text.substr(at, end == std::string_view::npos ? end : end - at));
  const auto bytes = java_bytes(std::string_view(word).substr(option.size()));
  if (!bytes) return std::nullopt;
  return Found{{}, word, *bytes};
}

constexpr std::string_view heap_option = "-Xmx";
constexpr std::string_view direct_option = "-XX:MaxDirectMemorySize=";

class Lint {
 public:
  Lint(const engine::Source& source, const Document& document)
      : source_(source), document_(document), root_(document.nodes.front()) {}

  engine::Diagnostics run() {
    const Node* spec = document_.find(pod(), "spec");
    if (spec == nullptr) return {};
    spreading(pod(), *spec);
    if (const Node* main = first_container(*spec)) memory(*main);
    return std::move(said_);
  }

  // Heap, direct memory and limit, with what a rule sets in their place.
  std::optional<std::string> above_limit(std::span<const engine::Override> overrides) {
    const Node* spec = document_.find(pod(), "spec");
    const Node* main = spec == nullptr ? nullptr : first_container(*spec);
    if (main != nullptr) measure(*main);
    for (const engine::Override& each : overrides) {
      if (engine::sets_java_opts(each)) {
        if (auto heap = option_in(each.value, heap_option)) heap_ = std::move(heap);
        if (auto direct = option_in(each.value, direct_option)) direct_ = std::move(direct);
      } else if (each.field == engine::Field::memory) {
        const auto limited = engine::parse_quantity(each.upper);
        if (limited) limit_ = Found{{}, each.upper, static_cast<double>(limited->whole)};
      }
    }
    if (!heap_ || !limit_) return std::nullopt;
    if (heap_->bytes + (direct_ ? direct_->bytes : 0) <= limit_->bytes) return std::nullopt;
    return "`" + heap_->text + "`" + (direct_ ? " and `" + direct_->text + "`" : "") + ", limit `" +
           limit_->text + "`";
  }

 private:
  [[nodiscard]] const Node& pod() const {
    const Node* found = document_.find(root_, "template");
    return found == nullptr ? root_ : *found;
  }

  [[nodiscard]] const Node* first_container(const Node& spec) const {
    const Node* containers = document_.find(spec, "containers");
    if (containers == nullptr || containers->members.empty()) return nullptr;
    return &document_[containers->members.front().value];
  }

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
    measure(container);
    if (!heap_ || !limit_) return;
    const bool heap_alone = heap_->bytes > limit_->bytes;
    const double whole = heap_->bytes + (direct_ ? direct_->bytes : 0);
    if (whole <= limit_->bytes) return;
    engine::Diagnostic warning = template_problem(
        source_, heap_->span, engine::Severity::warning, "L0502",
        heap_alone ? "the Java heap is above the memory limit"
                   : "Java heap and direct memory together are above the memory limit");
    warning.label = "`" + heap_->text + "`" + (heap_alone ? "" : " and `" + direct_->text + "`") +
                    ", limit `" + limit_->text + "`";
    warning.notes.emplace_back(killed_note);
    warning.help = memory_help;
    said_.push_back(std::move(warning));
  }

  void measure(const Node& container) {
    for (const std::string_view key : {"env", "args", "command"}) {
      if (const Node* within = document_.find(container, key)) look(*within);
    }
    const Node* limit = &container;
    for (const std::string_view key : {"resources", "limits", "memory"}) {
      limit = document_.find(*limit, key);
      if (limit == nullptr) return;
    }
    if (const auto limited = engine::parse_quantity(limit->text))
      limit_ = Found{limit->span, limit->text, static_cast<double>(limited->whole)};
  }

  // The last option of a kind counts, as for Java.
  void look(const Node& node) {
    for (const Member& member : node.members) look(document_[member.value]);
    if (node.kind != NodeKind::text) return;
    find(node, heap_option, heap_);
    find(node, direct_option, direct_);
  }

  static void find(const Node& node, std::string_view option, std::optional<Found>& found) {
    if (auto here = option_in(node.text, option)) {
      found = std::move(here);
      found->span = node.span;
    }
  }

  const engine::Source& source_;
  const Document& document_;
  const Node& root_;
  std::optional<Found> heap_;
  std::optional<Found> direct_;
  std::optional<Found> limit_;
  engine::Diagnostics said_;
};

}  // namespace

engine::Diagnostics lint_template(const engine::Source& source) {
  const DocumentReading reading = read_document(source);
  if (!reading.document || reading.document->nodes.empty()) return {};
  return Lint(source, *reading.document).run();
}

std::optional<engine::Diagnostic> lint_memory(const engine::Source& source,
                                              std::span<const engine::Override> overrides) {
  const DocumentReading reading = read_document(source);
  if (!reading.document || reading.document->nodes.empty()) return std::nullopt;
  auto label = Lint(source, *reading.document).above_limit(overrides);
  if (!label) return std::nullopt;
  engine::Diagnostic warning;
  warning.severity = engine::Severity::warning;
  warning.code = "L0503";
  warning.title = "with what the rule sets, the Java heap is above the memory limit";
  warning.label = std::move(*label);
  warning.notes.emplace_back(killed_note);
  warning.help = memory_help;
  return warning;
}

}  // namespace copse::adapters
