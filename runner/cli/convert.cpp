// copse convert: a policy in the other form.
#include "grammar/language/convert.hpp"

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

}  // namespace

int convert(const Arguments& arguments) {
  const auto basis = load_basis(arguments, Purpose::decide);
  show(basis ? basis->findings : basis.error().said, false);
  if (!basis) return basis.error().exit_code;
  if (arguments.target == "copse") {
    auto made = grammar::language::to_language(basis->policies, names_of(*basis));
    if (basis->capacity) {
      made.notes.push_back("capacity " + std::to_string(*basis->capacity) +
                           " is no matter of a policy: set druid.indexer.runner.capacity");
    }
    for (const std::string& note : made.notes) std::printf("# %s\n", note.c_str());
    std::printf("%s%s", made.notes.empty() ? "" : "\n", made.text.c_str());
    return exit_fine;
  }
  const auto made = grammar::language::to_druid(basis->policies, basis->release);
  if (made) {
    std::printf("%s\n", made->c_str());
    return exit_fine;
  }
  show(made.error(), false);
  return exit_findings;
}

}  // namespace copse::runner::cli
