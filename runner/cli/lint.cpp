// copse lint: what is sound and may still be a mistake.
#include "engine/analysis/lint.hpp"

#include "adapters/template_lint.hpp"
#include "engine/analysis/search.hpp"
#include "grammar/language/lint.hpp"
#include "grammar/language/parse.hpp"
#include "runner/cli/basis.hpp"
#include "runner/cli/sarif.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/task_input.hpp"
#include "runner/cli/verbs.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <set>
#include <string>
#include <utility>

namespace copse::runner::cli {
namespace {

void append(engine::Diagnostics& to, engine::Diagnostics more) {
  std::ranges::move(more, std::back_inserter(to));
}

// A file that vanished since it was read is no finding.
void look_at_templates(const Basis& basis, engine::Diagnostics& to) {
  for (const std::string& path : basis.templates->paths()) {
    if (const auto source = read_source(path)) append(to, adapters::lint_template(*source));
  }
}

// Templates that no rule names, and what rules make of those that they do.
void look_at_rules(const Basis& basis, engine::Diagnostics& to) {
  const engine::Policy& policy = basis.policies.placement;
  engine::Locator places(policy.source);
  std::set<std::string> named;
  std::set<std::uint64_t> told;
  engine::analysis::Search search(basis.image);
  const auto look = [&](const engine::Outcome& outcome, engine::RuleId id) {
    if (!outcome.template_key) return;
    named.insert(*outcome.template_key);
    if (outcome.overrides.empty() || !told.insert(outcome.overrides.front().span.begin).second)
      return;
    const auto source = read_source(basis.templates->path(*outcome.template_key));
    if (!source) return;
    auto finding = adapters::lint_memory(*source, outcome.overrides);
    const auto sizes = [](const engine::Override& each) {
      return each.field == engine::Field::memory || engine::sets_java_opts(each);
    };
    const auto at = std::find_if(outcome.overrides.begin(), outcome.overrides.end(), sizes);
    if (!finding || at == outcome.overrides.end()) return;  // the template's own matter
    finding->place = places.place(at->span);
    if (const auto found = search.decided_by(basis.image.placement, id); found.example)
      finding->notes.push_back("example: " + in_words(*found.example));
    to.push_back(std::move(*finding));
  };
  for (std::uint32_t i = 0; i < policy.rules.size(); ++i)
    look(policy.rules[i].outcome, engine::RuleId{i});
  look(policy.otherwise, engine::no_rule);
  for (const std::string_view key : basis.templates->keys()) {
    if (named.contains(std::string(key))) continue;
    engine::Diagnostic& unused = to.emplace_back();
    unused.severity = engine::Severity::note;
    unused.code = "L0408";
    unused.title = "no rule names the template `" + std::string(key) + "`";
    unused.place = engine::whole_file(basis.templates->path(key));
  }
}

}  // namespace

int lint(const Arguments& arguments) {
  const auto basis = load_basis(arguments, Purpose::make_jobs);
  engine::Diagnostics said = basis ? basis->findings : basis.error().said;
  if (basis) {
    const engine::Source& source = basis->policies.placement.source;
    if (basis->is_in_language)
      append(said, grammar::language::lint(source, grammar::language::parse(source).file));
    append(said, engine::analysis::lint(basis->policies, basis->template_names));
    if (basis->templates && basis->is_in_language) look_at_rules(*basis, said);
    if (basis->templates) look_at_templates(*basis, said);
  }
  const auto findings = std::count_if(said.begin(), said.end(), [](const auto& each) {
    return each.severity == engine::Severity::warning;
  });
  const int exit_code = !basis ? basis.error().exit_code : findings > 0 ? exit_findings : exit_fine;
  if (arguments.format == Format::sarif) {
    std::puts(to_sarif(said).c_str());
    return exit_code;
  }
  if (arguments.format == Format::json) {
    print_document(said, exit_code == exit_fine);
    return exit_code;
  }
  show(said, false);
  if (basis) {
    const auto notes =
        static_cast<std::size_t>(std::count_if(said.begin(), said.end(), [](const auto& each) {
          return each.severity == engine::Severity::note;
        }));
    std::printf("%s: %s%s\n", basis->what.empty() ? "properties" : basis->what.c_str(),
                findings == 0 ? "no finding"
                              : counted(static_cast<std::size_t>(findings), "finding").c_str(),
                notes == 0 ? "" : (", " + counted(notes, "note")).c_str());
  }
  return exit_code;
}

}  // namespace copse::runner::cli
