#include "runner/cli/basis.hpp"

#include "grammar/druid_policy.hpp"
#include "grammar/language/understanding.hpp"
#include "grammar/policy_document.hpp"
#include "grammar/properties_file.hpp"
#include "runner/cli/compiled_policy.hpp"
#include "runner/cli/task_input.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <tuple>
#include <utility>
#include <variant>

namespace copse::runner::cli {
namespace {

using engine::Diagnostic;
using engine::Diagnostics;
using engine::Severity;

void append(Diagnostics& to, Diagnostics more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Diagnostic said(Severity severity, std::string code, std::string title, std::string help = {}) {
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.code = std::move(code);
  diagnostic.title = std::move(title);
  diagnostic.help = std::move(help);
  return diagnostic;
}

class Loader {
 public:
  Loader(const Arguments& arguments, Purpose purpose, Needs needs, Workshop* workshop)
      : arguments_(arguments), purpose_(purpose), needs_(needs), workshop_(workshop) {}

  std::expected<Basis, Refusal> run() {
    basis_.now = engine::parse_instant(arguments_.now);
    if (needs_ == Needs::files && !are_files()) return std::unexpected(std::move(refusal_));
    if (purpose_ == Purpose::survey) {
      if (!survey()) return std::unexpected(std::move(refusal_));
      return std::move(basis_);
    }
    if (!properties() || !release() || !policy() || !settings() || !namespaces() ||
        !templates(document_.policies ? document_.policies->templates
                                      : basis_.policies.templates) ||
        !compile()) {
      return std::unexpected(std::move(refusal_));
    }
    if (arguments_.strict) engine::make_strict(basis_.findings);
    if (engine::has_errors(basis_.findings)) {
      refusal_.said = std::move(basis_.findings);
      refusal_.exit_code = exit_findings;
      return std::unexpected(std::move(refusal_));
    }
    return std::move(basis_);
  }

 private:
  bool refuse(Diagnostics why) {
    refusal_.said = std::move(basis_.findings);
    append(refusal_.said, std::move(why));
    return false;
  }

  // Before anything is read: from a pipe it would be gone.
  bool are_files() {
    std::vector<std::string> paths = arguments_.properties;
    if (!arguments_.policy.empty()) paths.push_back(arguments_.policy);
    for (const std::string& path : paths) {
      std::error_code missing;
      const auto found = std::filesystem::status(path, missing);
      const bool is_other = std::filesystem::exists(found) &&
                            !std::filesystem::is_regular_file(found) &&
                            !std::filesystem::is_directory(found);
      if (path != "-" && !is_other) continue;
      engine::Diagnostic why =
          said(Severity::error, "C0015",
               path == "-" ? "standard input is no file that can be followed"
                           : "`" + path + "` is no regular file, and cannot be followed",
               "write it to a file and give that one's name: it is read again whenever it changes");
      why.place = engine::whole_file(path == "-" ? "<stdin>" : path);
      return refuse({std::move(why)});
    }
    return true;
  }

  [[nodiscard]] std::expected<engine::Source, Diagnostics> read(const std::string& path) const {
    return read_source(path, needs_ == Needs::files ? Accepts::regular_files : Accepts::anything);
  }

  // A policy that cannot be read leaves the properties as they are.
  bool survey() {
    return properties() && release() && (policy() || set_options()) && settings() && namespaces();
  }

  // Later files win, and --set over all.
  bool properties() {
    for (const std::string& path : arguments_.properties) {
      const auto source = read(path);
      if (!source) return refuse(source.error());
      auto read = grammar::read_properties(*source);
      if (!read) return refuse(std::move(read.error()));
      grammar::merge(basis_.properties, *read);
    }
    grammar::merge(basis_.properties, arguments_.environment);
    return true;
  }

  bool set_options() {
    for (const std::string& setting : arguments_.settings) {
      const std::size_t at = setting.find('=');
      if (at == std::string::npos || at == 0) {
        refuse({said(Severity::error, "C0002", "`--set " + setting + "` is not KEY=VALUE")});
        refusal_.exit_code = exit_usage;
        return false;
      }
      basis_.properties.set(
          {setting.substr(0, at), setting.substr(at + 1), engine::whole_file("--set")});
    }
    return true;
  }

  bool release() {
    const std::string text =
        arguments_.druid.empty()
            ? std::string(basis_.properties.value("copse.druid.version").value_or(""))
            : arguments_.druid;
    if (text.empty()) return true;
    const auto parsed = engine::parse_release(text);
    if (!parsed) {
      refuse({said(Severity::error, "C0003", "`" + text + "` is no Druid release",
                   "give 33, 37 or 39")});
      refusal_.exit_code = exit_usage;
      return false;
    }
    basis_.release = *parsed;
    if (!engine::is_verified(*parsed)) {
      basis_.findings.push_back(
          said(Severity::warning, "C0004",
               "Druid " + text + " was not compared; its behaviour is computed from its neighbours",
               "33, 37 and 39 were compared with Druid's own classes"));
      basis_.findings.back().severity = Severity::note;
    }
    return true;
  }

  bool policy() {
    auto compiled = map_compiled_policy(arguments_.policy);
    if (!compiled) return refuse(std::move(compiled.error()));
    if (*compiled) {
      if (!take(std::move(**compiled))) return false;
    } else if (!arguments_.policy.empty()) {
      auto source = read(arguments_.policy);
      if (!source) return refuse(std::move(source.error()));
      basis_.what = grammar::name(grammar::kind_of(*source));
      auto document = grammar::read_policy_document(*source, basis_.release);
      if (!document) return refuse(with_unknown_templates(*source, std::move(document.error())));
      append(basis_.findings, std::move(document->warnings));
      document_ = std::move(document->value);
      source_ = std::move(*source);
    }
    if (document_.properties) {
      engine::Properties merged = *document_.properties;
      grammar::merge(merged, basis_.properties);
      basis_.properties = std::move(merged);
    }
    if (!set_options()) return false;
    basis_.has_properties = !basis_.properties.empty();
    return true;
  }

  // Which templates there are depends on no other mistake.
  Diagnostics with_unknown_templates(const engine::Source& source, Diagnostics said) {
    if (purpose_ == Purpose::survey) return said;
    grammar::TemplateUses named = grammar::template_uses(source);
    if (!set_options() || !templates(named.folder)) {
      append(said, std::move(refusal_.said));
      return said;
    }
    if (!basis_.templates) return said;
    append(said, grammar::language::unknown_templates(std::move(named.uses), known_templates()));
    std::ranges::stable_sort(said, {}, [](const Diagnostic& each) {
      return std::tuple(each.place.line == 0, each.place.line, each.place.column);
    });
    return said;
  }

  // What is compiled keeps the semantics of the release that it was compiled for.
  bool take(CompiledPolicy compiled) {
    if (needs_ != Needs::image) {
      return refuse({said(
          Severity::error, "C0010",
          "`" + arguments_.policy + "` is a compiled policy, which has no text to look at",
          "give the policy that it was compiled from; dry-run, explain and run take it compiled")});
    }
    basis_.image = std::move(compiled.image);
    basis_.is_compiled = true;
    basis_.is_in_language = compiled.about.is_in_language;
    basis_.what = "compiled " + compiled.about.what;
    basis_.policies.name = compiled.about.policy;
    // Brought elsewhere it decides without them.
    if (std::error_code none;
        std::filesystem::is_directory(beside_policy(compiled.about.templates), none))
      basis_.policies.templates = compiled.about.templates;
    const auto compiled_for = engine::parse_release(compiled.about.release);
    if (!arguments_.druid.empty() && compiled_for && *compiled_for != basis_.release) {
      return refuse({said(Severity::error, "C0010",
                          "`" + arguments_.policy + "` was compiled for Druid " +
                              compiled.about.release + ", and --druid asks for another",
                          "compile the policy again with --druid " + arguments_.druid)});
    }
    basis_.release = compiled_for.value_or(basis_.release);
    return true;
  }

  // What a compiled policy of Druid decides about runners was in its properties, or nothing was.
  bool keeps_its_runners() {
    if (!basis_.is_compiled || basis_.is_in_language || basis_.image.decides_runner) return true;
    const auto read = grammar::runner_strategy_of(basis_.properties, basis_.release);
    if (basis_.settings.runner_type != "k8sAndWorker" && !(read && *read)) return true;
    return refuse({said(
        Severity::error, "C0010",
        "`" + arguments_.policy + "` was compiled without the runner strategy of these properties",
        "compile it again with --properties")});
  }

  bool settings() {
    if (!basis_.has_properties) {
      basis_.settings.adapter = adapters::Adapter::pod_template;
      basis_.settings.pod_name_prefix = arguments_.prefix;
      return true;
    }
    adapters::SettingsReading read = adapters::read_settings(basis_.properties, basis_.release);
    if (!read.settings && purpose_ == Purpose::make_jobs)
      return refuse(std::move(read.diagnostics));
    if (read.settings) {
      basis_.settings = std::move(*read.settings);
    } else {
      // Without Jobs the missing or wrong settings only have to be said.
      for (Diagnostic& diagnostic : read.diagnostics)
        diagnostic.severity = std::max(diagnostic.severity, Severity::warning);
    }
    append(basis_.findings, std::move(read.diagnostics));
    return true;
  }

  // The usual one, and those of copse.namespaces.
  bool namespaces() {
    basis_.namespaces = {basis_.settings.namespace_name};
    const std::string_view listed = basis_.properties.value("copse.namespaces").value_or("");
    for (std::size_t at = 0; at < listed.size();) {
      const std::size_t end = std::min(listed.find(',', at), listed.size());
      std::string_view name = listed.substr(at, end - at);
      at = end + 1;
      name.remove_prefix(std::min(name.find_first_not_of(" \t"), name.size()));
      name = name.substr(0, name.find_last_not_of(" \t") + 1);
      engine::Override place;
      place.field = engine::Field::namespace_name;
      place.value = name;
      if (const auto fault = engine::fault_of(place))
        return refuse({said(Severity::error, "C0012",
                            "`copse.namespaces` lists `" + std::string(name) + "`: " + *fault,
                            "name namespaces, with commas between them")});
      const bool is_new = std::find(basis_.namespaces.begin(), basis_.namespaces.end(), name) ==
                          basis_.namespaces.end();
      if (is_new) basis_.namespaces.emplace_back(name);
    }
    return true;
  }

  // `said`: the folder that the policy names.
  bool templates(const std::string& said) {
    std::expected<std::vector<adapters::TemplateOrigin>, Diagnostics> origins;
    if (!arguments_.templates.empty()) {
      origins = adapters::template_origins_in(arguments_.templates);
    } else if (!said.empty()) {
      origins = adapters::template_origins_in(beside_policy(said));
    } else if (basis_.properties.with_prefix(adapters::template_property_prefix).empty()) {
      return true;
    } else {
      origins = adapters::template_origins(basis_.properties);
    }
    if (!origins) return refuse(std::move(origins.error()));
    adapters::TemplateSet::Loading loading = adapters::TemplateSet::load(std::move(*origins));
    if (!loading.set) return refuse(std::move(loading.diagnostics));
    basis_.templates = std::move(loading.set);
    append(basis_.findings, std::move(loading.diagnostics));
    return true;
  }

  // A folder that the policy names is looked for beside it.
  [[nodiscard]] std::string beside_policy(const std::string& folder) const {
    const bool is_file = arguments_.policy != "-";
    return is_file ? (std::filesystem::path(arguments_.policy).parent_path() / folder).string()
                   : folder;
  }

  [[nodiscard]] engine::TemplateNames known_templates() const {
    engine::TemplateNames names;
    names.known = basis_.templates != nullptr;
    if (!names.known) return names;
    for (const std::string_view key : basis_.templates->keys())
      names.names.insert(std::string(key));
    return names;
  }

  engine::TemplateNames template_names() {
    engine::TemplateNames names = known_templates();
    if (!names.known && !arguments_.policy.empty()) {
      basis_.findings.push_back(
          said(Severity::note, "C0005",
               "no templates were given: every key that the policy names is taken to exist",
               "give --templates DIR or properties"));
    }
    return names;
  }

  // Druid asks the strategy only with k8sAndWorker; without a type the strategy itself says that it
  // is meant.
  bool runner_strategy() {
    if (document_.runner) {
      basis_.policies.runner = grammar::runner_policy(*document_.runner, source_);
      return true;
    }
    auto read = grammar::runner_strategy_of(basis_.properties, basis_.release);
    if (!read) return refuse(std::move(read.error()));
    if (!*read) {
      if (basis_.settings.runner_type == "k8sAndWorker")
        basis_.policies.runner = grammar::runner_policy({}, {});
      return true;
    }
    if (!basis_.settings.runner_type.empty() && basis_.settings.runner_type != "k8sAndWorker") {
      basis_.findings.push_back(
          said(Severity::warning, "C0006",
               "the runner strategy is not asked: druid.indexer.runner.type is `" +
                   basis_.settings.runner_type + "`",
               "set it to k8sAndWorker"));
      return true;
    }
    append(basis_.findings, std::move((*read)->warnings));
    basis_.policies.runner = grammar::runner_policy((*read)->value, {});
    return true;
  }

  bool compile() {
    const engine::TemplateNames names = template_names();
    const auto choice = basis_.settings.allow_task_template_selection
                            ? grammar::TaskChoice::allowed
                            : grammar::TaskChoice::ignored;
    basis_.template_names = names;
    if (basis_.is_compiled)
      return keeps_its_runners() && knows_templates(names) && knows_namespaces();
    if (const auto& given = document_.configuration) {
      basis_.capacity = given->capacity;
      basis_.is_by_type =
          !given->strategy || std::holds_alternative<grammar::ByTaskType>(*given->strategy);
    }
    if (document_.policies) {
      basis_.policies = std::move(*document_.policies);
    } else {
      basis_.policies.placement = grammar::placement_policy(
          std::move(document_.configuration).value_or(grammar::DynamicConfiguration{}), source_,
          names, basis_.release, choice);
      if (!runner_strategy()) return false;
    }
    engine::Diagnostics found = engine::check(basis_.policies, names);
    // Druid falls back to `base` in silence; copse's language knows no unknown template.
    basis_.is_in_language = document_.kind == grammar::DocumentKind::language ||
                            document_.kind == grammar::DocumentKind::json_form;
    if (basis_.is_in_language) {
      grammar::language::refuse_unknown_templates(found);
      append(found,
             grammar::language::unknown_templates(std::move(document_.expected_templates), names));
    }
    if (engine::has_errors(found)) return refuse(std::move(found));
    append(basis_.findings, std::move(found));
    auto image = workshop_ != nullptr ? workshop_->compile(basis_.policies, names)
                                      : engine::compile(basis_.policies, names);
    if (!image) return refuse(std::move(image.error()));
    basis_.image = std::move(*image);
    return knows_namespaces();
  }

  // Where only values of tasks are known to go, each task is looked at by itself.
  bool knows_namespaces() {
    std::set<std::string_view> elsewhere;
    for (const engine::OverrideRecord& each : basis_.image.overrides) {
      const std::string_view name = basis_.image.text(each.value);
      const bool is_named = engine::Field(each.field) == engine::Field::namespace_name &&
                            each.attribute == engine::OverrideRecord::no_attribute;
      const auto& open = basis_.namespaces;
      if (is_named && std::find(open.begin(), open.end(), name) == open.end())
        elsewhere.insert(name);
    }
    if (!basis_.has_properties) return true;
    for (const std::string_view name : elsewhere) {
      basis_.findings.push_back(
          said(Severity::warning, "D0302",
               "the policy sends Jobs to namespace `" + std::string(name) +
                   "`, which copse does not watch",
               "add it to copse.namespaces, and give copse the same rights there"));
    }
    return true;
  }

  // A key that was there when the policy was compiled may be gone.
  bool knows_templates(const engine::TemplateNames& names) {
    std::set<std::string> missing;
    for (const engine::OutcomeRecord& outcome : basis_.image.outcomes) {
      const std::string_view key = basis_.image.text(outcome.template_key);
      if (names.known && !key.empty() && !names.names.contains(key)) missing.emplace(key);
    }
    engine::Diagnostics found;
    for (const std::string& key : missing) {
      found.push_back(
          said(Severity::error, "C0011",
               "the compiled policy names a template that does not exist: `" + key + "`",
               "add it, or compile the policy again with the templates that there are"));
    }
    return found.empty() || refuse(std::move(found));
  }

  const Arguments& arguments_;
  Purpose purpose_;
  Needs needs_;
  Workshop* workshop_;
  Basis basis_;
  Refusal refusal_;
  grammar::PolicyDocument document_;
  engine::Source source_;
};

}  // namespace

std::expected<engine::Image, Diagnostics> Workshop::compile(const engine::PolicySet& policies,
                                                            const engine::TemplateNames& names) {
  const auto before = std::exchange(last_, nullptr);
  if (!before || before->policies.runner.has_value() != policies.runner.has_value())
    return compiler_.compile(policies, names);
  engine::Changes changes{change_between(before->policies.placement, policies.placement)};
  if (policies.runner) changes.runner = change_between(*before->policies.runner, *policies.runner);
  return compiler_.recompile(policies, names, changes);
}

std::size_t written_rules(const Basis& basis) {
  const bool one_for_both = basis.is_in_language && basis.policies.runner;
  std::size_t count = 0;
  engine::Span last;  // what one rule became stands side by side
  for (const engine::Rule& rule :
       (one_for_both ? *basis.policies.runner : basis.policies.placement).rules) {
    count += rule.span != engine::Span{} && rule.span != last ? 1U : 0U;
    last = rule.span;
  }
  return count;
}

std::expected<Basis, Refusal> load_basis(const Arguments& arguments, Purpose purpose, Needs needs,
                                         Workshop* workshop) {
  return Loader(arguments, purpose, needs, workshop).run();
}

}  // namespace copse::runner::cli
