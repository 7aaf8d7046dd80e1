#include "adapters/document.hpp"

#include <algorithm>

namespace copse::adapters {
namespace {

// Java's Character.isWhitespace for one byte.
bool is_java_blank(char c) {
  return (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= ' ');
}

}  // namespace

const Node* Document::find(const Node& map, std::string_view key) const {
  const auto at = std::find_if(map.members.begin(), map.members.end(),
                               [&](const Member& m) { return m.key == key; });
  return at == map.members.end() ? nullptr : &(*this)[at->value];
}

engine::Diagnostic template_problem(const engine::Source& source, engine::Span span,
                                    engine::Severity severity, std::string code,
                                    std::string title) {
  engine::Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.code = std::move(code);
  diagnostic.title = std::move(title);
  diagnostic.place = engine::locate(source, span);
  return diagnostic;
}

DocumentReading read_document(const engine::Source& source) {
  if (source.text.size() > document_bytes_limit) {
    engine::Diagnostic diagnostic;
    diagnostic.code = "T0113";
    diagnostic.title = "the template has " + std::to_string(source.text.size()) +
                       " bytes; Druid reads at most " + std::to_string(document_bytes_limit);
    diagnostic.place = engine::whole_file(source.name);
    diagnostic.help = "is this the right file?";
    return {std::nullopt, {std::move(diagnostic)}};
  }
  const auto first = std::find_if_not(source.text.begin(), source.text.end(),
                                      [](char c) { return is_java_blank(c); });
  const bool json = first != source.text.end() && (*first == '{' || *first == '[');
  return json ? read_json_document(source) : read_yaml_document(source);
}

}  // namespace copse::adapters
