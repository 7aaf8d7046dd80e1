// copse check: whether a policy, its properties and its templates are sound.
#include "runner/cli/basis.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/verbs.hpp"

#include <cstdio>
#include <utility>

#include <unistd.h>

namespace copse::runner::cli {

int check(const Arguments& arguments) {
  const auto basis = load_basis(arguments, Purpose::make_jobs);
  const engine::Diagnostics& said = basis ? basis->findings : basis.error().said;
  const int exit_code = basis ? exit_fine : basis.error().exit_code;
  if (arguments.format == Format::json) {
    print_document(said, exit_code == exit_fine);
    return exit_code;
  }
  show(said, false);
  if (!basis) return exit_code;
  std::size_t warnings = 0;
  for (const engine::Diagnostic& diagnostic : said)
    warnings += diagnostic.severity == engine::Severity::warning ? 1U : 0U;
  const engine::Colour colour =
      is_terminal(STDOUT_FILENO) ? engine::Colour::on : engine::Colour::off;
  const engine::PolicySet& policies = basis->policies;
  const bool one_for_both = basis->is_in_language && policies.runner;
  std::string line = (basis->what.empty() ? std::string("properties") : basis->what) + ": " +
                     counted(written_rules(*basis), "rule");
  if (policies.runner && !one_for_both)
    line += ", a runner strategy of " + counted(policies.runner->rules.size(), "override");
  if (basis->templates) line += ", " + counted(basis->templates->keys().size(), "template");
  std::printf("%s %s, %s\n", paint(Hue::good, "ok", colour).c_str(), line.c_str(),
              counted(warnings, "warning").c_str());
  return exit_code;
}

}  // namespace copse::runner::cli
