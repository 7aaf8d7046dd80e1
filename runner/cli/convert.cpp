// copse convert: a policy in the other form.
#include "grammar/language/convert.hpp"

#include "engine/json_writer.hpp"
#include "grammar/dynamic_configuration.hpp"
#include "grammar/json_form/writer.hpp"
#include "grammar/language/format.hpp"
#include "grammar/language/parse.hpp"
#include "grammar/policy_document.hpp"
#include "runner/cli/basis.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/verbs.hpp"

#include <cstdio>
#include <string>

namespace copse::runner::cli {
namespace {

engine::TemplateNames names_of(const Basis& basis) {
  engine::TemplateNames names;
  names.known = basis.templates != nullptr;
  if (!names.known) return names;
  for (const std::string_view key : basis.templates->keys()) names.names.insert(std::string(key));
  return names;
}

// The policy as a text of the language; what Druid's forms say otherwise stands in front.
engine::Source in_language(const Basis& basis) {
  if (basis.is_in_language) return basis.policies.placement.source;
  auto made = grammar::language::to_language(basis.policies, names_of(basis));
  if (basis.capacity) {
    made.notes.push_back("capacity " + std::to_string(*basis.capacity) +
                         " is no matter of a policy: set druid.indexer.runner.capacity");
  }
  if (basis.is_by_type && !basis.templates)
    made.notes.emplace_back(
        "Druid takes the template that is called like the task's type, where there is one: none "
        "were given (--templates DIR)");
  std::string head;
  for (const std::string& note : made.notes) head += "# " + note + "\n";
  return {"converted", head + (head.empty() ? "" : "\n") + made.text};
}

}  // namespace

int convert(const Arguments& arguments) {
  const bool as_json = arguments.format == Format::json;
  const auto basis = load_basis(arguments, Purpose::decide);
  show(basis ? basis->findings : basis.error().said, as_json);
  if (!basis) return basis.error().exit_code;
  if (arguments.target == "druid") {
    if (basis->is_by_type) {
      const grammar::DynamicConfiguration same{grammar::ByTaskType{}, basis->capacity};
      std::printf("%s\n", grammar::to_json(same, basis->release).c_str());
      return exit_fine;
    }
    if (basis->what == grammar::name(grammar::DocumentKind::runner_strategy)) {
      engine::Diagnostic said;
      said.code = "P0560";
      said.title = "a runner strategy is no dynamic configuration";
      said.place = engine::whole_file(arguments.policy == "-" ? "<stdin>" : arguments.policy);
      said.help =
          "Druid reads it from its properties: druid.indexer.runner.k8sAndWorker."
          "runnerStrategy.…";
      show({said}, as_json);
      return exit_findings;
    }
    engine::PolicySet policies = basis->policies;
    // Druid's own strategy of runners stands in the properties, and stays there.
    if (!basis->is_in_language && policies.runner.has_value()) {
      engine::Diagnostic note;
      note.severity = engine::Severity::note;
      note.code = "P0562";
      note.title = "Druid's dynamic configuration has no place for the runner strategy";
      note.place = engine::whole_file(arguments.policy == "-" ? "<stdin>" : arguments.policy);
      note.help = "it stays in the properties";
      show({note}, as_json);
      policies.runner.reset();
    }
    const auto made = grammar::language::to_druid(policies, basis->release, basis->capacity);
    if (made) {
      if (basis->is_in_language) {
        const engine::Source& source = basis->policies.placement.source;
        show(grammar::language::lost_in_druid(source, grammar::language::parse(source).file),
             as_json);
      }
      std::printf("%s\n", made->c_str());
      return exit_fine;
    }
    show(made.error(), as_json);
    return exit_findings;
  }
  const engine::Source source = in_language(*basis);
  const grammar::language::Parsing parsed = grammar::language::parse(source);
  if (arguments.target == "copse") {
    const std::string text = grammar::language::format(source, parsed.file);
    if (as_json) {
      engine::JsonWriter out;
      out.begin_object().member("text", text).end_object();
      std::puts(out.take().c_str());
      return exit_fine;
    }
    std::fputs(text.c_str(), stdout);
    return exit_fine;
  }
  const auto made = grammar::json_form::write(source, parsed.file);
  show(made.notes, as_json);
  std::fputs(made.text.c_str(), stdout);
  return exit_fine;
}

}  // namespace copse::runner::cli
