#include "adapters/pod_template.hpp"

#include "adapters/document.hpp"
#include "adapters/template_rules.hpp"
#include "adapters/template_text.hpp"
#include "adapters/template_walk.hpp"

#include <algorithm>
#include <tuple>

namespace copse::adapters {
namespace {

using engine::Severity;

// Puts the root of a bare template below a new root's `template`.
void wrap_bare(Document& document) {
  const Node& root = document.nodes.front();
  const bool bare =
      document.find(root, "template") == nullptr && document.find(root, "spec") != nullptr;
  if (!bare) return;
  Node inner = root;
  std::erase_if(inner.members,
                [](const Member& m) { return m.key == "apiVersion" || m.key == "kind"; });
  const NodeId id{static_cast<std::uint32_t>(document.nodes.size())};
  document.nodes.front().members = {{"template", {}, id}};
  document.nodes.push_back(std::move(inner));
}

// By place, and the tail beyond the limit becomes one line.
void arrange(engine::Diagnostics& diagnostics, const std::string& file) {
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const engine::Diagnostic& a, const engine::Diagnostic& b) {
                     return std::tie(a.place.line, a.place.column) <
                            std::tie(b.place.line, b.place.column);
                   });
  if (diagnostics.size() <= template_diagnostics_limit) return;
  // An error behind the limit must not be lost: that the file is refused is the main thing.
  std::stable_partition(diagnostics.begin(), diagnostics.end(),
                        [](const engine::Diagnostic& d) { return d.severity == Severity::error; });
  engine::Diagnostic rest;
  rest.severity = Severity::note;
  rest.code = "T0119";
  rest.title = std::to_string(diagnostics.size() - template_diagnostics_limit) +
               " more findings in this template";
  rest.place = engine::whole_file(file);
  diagnostics.resize(template_diagnostics_limit);
  diagnostics.push_back(std::move(rest));
}

engine::Diagnostic refused_root(const engine::Source& source, const Document& document) {
  if (document.nodes.empty()) {
    engine::Diagnostic diagnostic;
    diagnostic.code = "T0102";
    diagnostic.title = "the template is empty";
    diagnostic.place = engine::whole_file(source.name);
    diagnostic.help = "write a PodTemplate into it";
    return diagnostic;
  }
  engine::Diagnostic diagnostic =
      template_problem(source, document.nodes.front().span, Severity::error, "T0103",
                       "a template is an object with the field `template`");
  diagnostic.help = "is this the right file?";
  return diagnostic;
}

}  // namespace

TemplateReading read_pod_template(const engine::Source& source, TemplateForm form) {
  DocumentReading reading = read_document(source);
  TemplateReading result{std::nullopt, std::move(reading.diagnostics)};
  if (!reading.document) return result;
  Document& document = *reading.document;
  const bool null = document.nodes.empty() || document.nodes.front().kind == NodeKind::null;
  if (null || document.nodes.front().kind != NodeKind::map) {
    result.diagnostics.push_back(refused_root(source, null ? Document{} : document));
    return result;
  }
  if (form == TemplateForm::bare_allowed) wrap_bare(document);
  const bool accepted =
      apply_fields(source, document, type_named("PodTemplate"), result.diagnostics);
  if (accepted) check_template(source, document, result.diagnostics);
  arrange(result.diagnostics, source.name);
  if (accepted) result.pod_template = assemble(std::move(document));
  return result;
}

}  // namespace copse::adapters
