#include "runner/cli/diagnosis.hpp"

#include <algorithm>
#include <iterator>

namespace copse::runner::cli {
namespace {

using doctor::Row;
using doctor::Rows;
using doctor::Verdict;

Verdict verdict_of(engine::Severity severity) {
  switch (severity) {
    case engine::Severity::error:
      return Verdict::error;
    case engine::Severity::warning:
      return Verdict::warning;
    case engine::Severity::note:
      return Verdict::note;
  }
  return Verdict::error;
}

Row row_of(const std::string& check, const engine::Diagnostic& said) {
  Row row{check, verdict_of(said.severity), said.title, said.help};
  if (said.place.file.empty() || said.title.find(said.place.file) != std::string::npos) return row;
  row.found += " (" + said.place.file;
  if (said.place.line > 0) row.found += ":" + std::to_string(said.place.line);
  row.found += ")";
  return row;
}

// Templates are looked at by themselves, and a mapping of templates is one of the properties.
enum class About : std::uint8_t { properties, policy, templates };

About about(const engine::Diagnostic& said) {
  if (said.code.starts_with('P')) return About::policy;
  if (said.code.starts_with('T') || said.code.starts_with("C012") || said.code == "C0005")
    return About::templates;
  return About::properties;
}

engine::Diagnostics those_about(About what, const engine::Diagnostics& said) {
  engine::Diagnostics found;
  std::copy_if(said.begin(), said.end(), std::back_inserter(found),
               [&](const engine::Diagnostic& each) { return about(each) == what; });
  return found;
}

// A Job's `spec.template` without what each task adds.
std::optional<std::string> document_of(const adapters::PodTemplate& pod) {
  if (!pod.has_container) return "{}";
  return pod.pieces[0] + "{}" + pod.pieces[1] + "{}" + pod.pieces[2] + pod.pieces[3];
}

doctor::TemplateFacts read_template(const adapters::TemplateOrigin& origin) {
  doctor::TemplateFacts facts{origin.key, origin.path, {}, {}};
  auto loading = adapters::TemplateSet::load({origin});
  facts.diagnostics = std::move(loading.diagnostics);
  if (!loading.set) return facts;
  if (const auto pod = loading.set->get(origin.key)) facts.document = document_of(**pod);
  return facts;
}

}  // namespace

Rows rows_of(const std::string& check, const engine::Diagnostics& said) {
  Rows rows;
  for (const engine::Diagnostic& each : said) rows.push_back(row_of(check, each));
  return rows;
}

Rows judge_settings(const engine::Diagnostics& said, std::size_t count) {
  Rows rows = rows_of("properties", those_about(About::properties, said));
  if (rows.empty())
    rows.push_back({"properties", Verdict::ok, std::to_string(count) + " are set, nothing odd"});
  return rows;
}

Rows judge_policy(const engine::Diagnostics& said, const Basis* basis, const std::string& file) {
  Rows rows = rows_of("policy", those_about(About::policy, said));
  if (!rows.empty()) return rows;
  if (file.empty()) {
    return {{"policy", Verdict::note,
             "none is given: a task gets the template that is called like its type, else `base`",
             "set copse.policy, or give --policy, when tasks are to differ"}};
  }
  if (basis == nullptr)
    return {{"policy", Verdict::skipped, "not judged: what is wrong above comes first"}};
  return {{"policy", Verdict::ok, basis->what + " (" + file + ")"}};
}

TemplateReadings read_templates(const Arguments& arguments, const engine::Properties& properties) {
  TemplateReadings read;
  const bool is_any = !arguments.templates.empty() ||
                      !properties.with_prefix(adapters::template_property_prefix).empty();
  if (!is_any) {
    read.rows = {{"templates", Verdict::error, "none are given",
                  "name them: " + std::string(adapters::template_property_prefix) +
                      std::string(adapters::base_template) + "=FILE, or --templates DIR"}};
    return read;
  }
  const auto origins = arguments.templates.empty()
                           ? adapters::template_origins(properties)
                           : adapters::template_origins_in(arguments.templates);
  if (!origins) {
    read.rows = rows_of("templates", origins.error());
    return read;
  }
  for (const adapters::TemplateOrigin& origin : *origins)
    read.templates.push_back(read_template(origin));
  return read;
}

}  // namespace copse::runner::cli
