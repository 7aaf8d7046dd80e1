// copse lint: what is sound and may still be a mistake.
#include "engine/analysis/lint.hpp"

#include "adapters/template_lint.hpp"
#include "runner/cli/basis.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/task_input.hpp"
#include "runner/cli/verbs.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace copse::runner::cli {
namespace {

// A file that vanished since it was read is no finding.
void add_template_findings(const std::string& path, engine::Diagnostics& to) {
  const auto source = read_source(path);
  if (!source) return;
  for (engine::Diagnostic& finding : adapters::lint_template(*source))
    to.push_back(std::move(finding));
}

}  // namespace

int lint(const Arguments& arguments) {
  const auto basis = load_basis(arguments, Purpose::make_jobs);
  engine::Diagnostics said = basis ? basis->findings : basis.error().said;
  if (basis) {
    for (engine::Diagnostic& finding :
         engine::analysis::lint(basis->policies, basis->template_names))
      said.push_back(std::move(finding));
  }
  if (basis && basis->templates) {
    for (const std::string& path : basis->templates->paths()) add_template_findings(path, said);
  }
  const auto findings = std::count_if(said.begin(), said.end(), [](const auto& each) {
    return each.severity == engine::Severity::warning;
  });
  const int exit_code = !basis ? basis.error().exit_code : findings > 0 ? exit_findings : exit_fine;
  if (arguments.format == Format::json) {
    print_document(said, exit_code == exit_fine);
    return exit_code;
  }
  show(said, false);
  if (basis) {
    std::printf("%s: %s\n", basis->what.empty() ? "properties" : basis->what.c_str(),
                findings == 0 ? "no finding"
                              : counted(static_cast<std::size_t>(findings), "finding").c_str());
  }
  return exit_code;
}

}  // namespace copse::runner::cli
