#pragma once
// What a whole file means: its policies, its tests, and everything that is wrong with it at once.

#include "engine/compile.hpp"
#include "engine/diagnostic.hpp"
#include "grammar/language/parse.hpp"
#include "grammar/language/policy_tests.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace copse::grammar::language {

struct Understanding {
  engine::PolicySet policies;  ///< whole when nothing is said
  std::vector<PolicyTest> tests;
  engine::Diagnostics said;  ///< errors, in the order of the file
};

/// Faults of parsing hide no other mistake, and cause none: what a damaged statement would have
/// declared is not missed elsewhere.
[[nodiscard]] Understanding understand(const engine::Source& source, const Parsing& parsing);

/// Whose names of templates are looked for.
enum class Uses : std::uint8_t {
  all,    ///< of rules, the default and what tests expect
  tests,  ///< of what tests expect alone
};

/// Where templates are named: a policy without conditions.
[[nodiscard]] engine::Policy template_uses(const engine::Source& source, const File& file,
                                           Uses which);

/// The folder that `templates from` names; empty without one.
[[nodiscard]] std::string templates_folder(const engine::Source& source, const File& file);

/// P0301 of each that does not exist, whatever else is wrong with the file. In Druid's own forms a
/// warning, as Druid falls back to `base`; an error here, where no unknown template is known.
[[nodiscard]] engine::Diagnostics unknown_templates(engine::Policy uses,
                                                    const engine::TemplateNames& templates);

/// Makes errors of P0301 among what engine::check says of a policy in the language.
void refuse_unknown_templates(engine::Diagnostics& said);

}  // namespace copse::grammar::language
