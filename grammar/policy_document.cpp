#include "grammar/policy_document.hpp"

#include "engine/json_fault.hpp"
#include "engine/json_scanner.hpp"
#include "grammar/json_form/reader.hpp"
#include "grammar/language/parse.hpp"
#include "grammar/language/understanding.hpp"
#include "grammar/properties_file.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace copse::grammar {
namespace {

// The members of the outermost object, and its `type`.
struct Outline {
  std::set<std::string> members;
  std::string type;
};

Outline outline(const engine::Source& source) {
  Outline found;
  engine::JsonScanner json(source.text);
  if (json.kind() != engine::JsonScanner::Kind::object) return found;
  std::string name;
  engine::Span span;
  json.enter();
  while (json.next_member(name, span)) {
    if (name == "type" && json.kind() == engine::JsonScanner::Kind::text) {
      found.type = json.text();
    } else {
      json.skip();
    }
    found.members.insert(name);
  }
  return found;
}

// Of a text that is no JSON: whether it was meant as the JSON form.
bool begins_as_json_form(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t brace = text.find_first_not_of(blanks);
  if (brace == std::string_view::npos || text[brace] != '{') return false;
  const std::size_t name = text.find_first_not_of(blanks, brace + 1);
  return name != std::string_view::npos && text.substr(name).starts_with("\"copse\"");
}

bool looks_like_json(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::size_t at = text.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && (text[at] == '{' || text[at] == '[' || text[at] == '"');
}

template <typename T>
std::expected<Reading<PolicyDocument>, engine::Diagnostics> into(
    std::expected<Reading<T>, engine::Diagnostics> read,
    std::optional<T> PolicyDocument::* member) {
  if (!read) return std::unexpected(std::move(read.error()));
  PolicyDocument document;
  (document.*member).emplace(std::move(read->value));
  return Reading<PolicyDocument>{std::move(document), std::move(read->warnings)};
}

std::expected<Reading<PolicyDocument>, engine::Diagnostics> in_language(
    const engine::Source& source, DocumentKind kind) {
  const language::Parsing parsed = language::parse(source);
  language::Understanding understood = language::understand(source, parsed);
  if (!understood.said.empty()) return std::unexpected(std::move(understood.said));
  Reading<PolicyDocument> made;
  made.value.policies = std::move(understood.policies);
  made.value.expected_templates =
      language::template_uses(source, parsed.file, language::Uses::tests);
  made.value.kind = kind;
  return made;
}

// What a text that is JSON is.
DocumentKind kind_of_json(const engine::Source& source) {
  const Outline found = outline(source);
  const auto has = [&](const char* member) { return found.members.contains(member); };
  if (has("copse")) return DocumentKind::json_form;
  if (has("podTemplateSelectStrategy") || has("capacity"))
    return DocumentKind::dynamic_configuration;
  if (found.type == "selectorBased" || has("selectors")) return DocumentKind::strategy;
  if (found.type == "k8s" || found.type == "worker" || has("overrides") || has("default")) {
    return DocumentKind::runner_strategy;
  }
  if (has("statements") && !has("type")) return DocumentKind::json_form;  // it lacks its version
  return has("type") ? DocumentKind::strategy : DocumentKind::dynamic_configuration;
}

// Refused with its cause: no property begins so.
bool is_utf16(std::string_view text) {
  return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
}

// What begins with a mistake, or says nothing yet, is told by its name.
constexpr std::string_view language_suffix = ".copse";

struct Seen {
  DocumentKind kind{};
  Json json = Json::unknown;
};

Seen look_at(const engine::Source& source) {
  if (!looks_like_json(source.text)) {
    const bool is_language = source.name.ends_with(language_suffix) || is_utf16(source.text) ||
                             language::looks_like_language(source.text);
    return {is_language ? DocumentKind::language : DocumentKind::properties};
  }
  if (engine::find_json_fault(source.text)) {
    return {begins_as_json_form(source.text) ? DocumentKind::json_form
                                             : DocumentKind::dynamic_configuration};
  }
  return {kind_of_json(source), Json::valid};
}

// Whether any property is Druid's or copse's.
bool says_something(const engine::Properties& properties) {
  return std::any_of(properties.all().begin(), properties.all().end(), [](const auto& each) {
    return each.key.starts_with("druid.") || each.key.starts_with("copse.");
  });
}

engine::Diagnostic nothing_known(const engine::Source& source) {
  engine::Diagnostic made;
  made.code = "C0014";
  made.title = "this is no policy: no JSON, nothing in copse's language, and no property of Druid";
  made.place = engine::whole_file(source.name);
  made.help = "is this the right file? A policy in copse's language ends with `default { … }`";
  return made;
}

}  // namespace

DocumentKind kind_of(const engine::Source& source) {
  return look_at(source).kind;
}

std::expected<engine::Source, engine::Diagnostics> language_text(engine::Source source) {
  const DocumentKind kind = kind_of(source);
  if (kind == DocumentKind::language) return source;
  if (kind == DocumentKind::json_form) return json_form::read(source);
  engine::Diagnostic other;
  other.code = "C0013";
  other.title = "this is no policy in copse's language";
  other.place = engine::whole_file(source.name);
  return std::unexpected(engine::Diagnostics{std::move(other)});
}

TemplateUses template_uses(const engine::Source& source) {
  const auto text = language_text(source);
  if (!text) return {};
  const language::File file = language::parse(*text).file;
  return {language::template_uses(*text, file, language::Uses::all),
          language::templates_folder(*text, file)};
}

std::string_view name(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::dynamic_configuration:
      return "dynamic configuration";
    case DocumentKind::strategy:
      return "pod template select strategy";
    case DocumentKind::runner_strategy:
      return "runner strategy";
    case DocumentKind::properties:
      return "properties";
    case DocumentKind::language:
      return "policy in copse's language";
    case DocumentKind::json_form:
      return "policy in copse's language, as JSON";
  }
  return "";
}

std::expected<Reading<PolicyDocument>, engine::Diagnostics> read_policy_document(
    const engine::Source& source, engine::Release release) {
  const auto [kind, json] = look_at(source);
  switch (kind) {
    case DocumentKind::dynamic_configuration:
      return into(read_dynamic_configuration(source, release, json),
                  &PolicyDocument::configuration);
    case DocumentKind::strategy:
      return into(read_strategy(source, release, json), &PolicyDocument::configuration);
    case DocumentKind::runner_strategy:
      return into(read_runner_strategy(source), &PolicyDocument::runner);
    case DocumentKind::language:
      return in_language(source, kind);
    case DocumentKind::json_form: {
      const auto text = json_form::read(source);
      if (!text) return std::unexpected(text.error());
      return in_language(*text, kind);
    }
    case DocumentKind::properties:
      break;
  }
  auto read = read_properties(source);
  if (!read) return std::unexpected(std::move(read.error()));
  if (!says_something(*read)) return std::unexpected(engine::Diagnostics{nothing_known(source)});
  Reading<PolicyDocument> made;
  made.value.properties = std::move(*read);
  return made;
}

}  // namespace copse::grammar
