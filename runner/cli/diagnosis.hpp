#pragma once
// What the settings of `serve` are worth, as rows of the doctor. Pure but for reading templates.

#include "runner/cli/basis.hpp"
#include "runner/doctor/row.hpp"
#include "runner/doctor/templates.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::cli {

/// A row for each diagnostic.
[[nodiscard]] doctor::Rows rows_of(const std::string& check, const engine::Diagnostics& said);

/// Of all that was said, what is about properties; `count` are set.
[[nodiscard]] doctor::Rows judge_settings(const engine::Diagnostics& said, std::size_t count);

/// What is about the policy; `basis` is null where it could not be loaded, `file` may be empty.
[[nodiscard]] doctor::Rows judge_policy(const engine::Diagnostics& said, const Basis* basis,
                                        const std::string& file);

struct TemplateReadings {
  std::vector<doctor::TemplateFacts> templates;
  doctor::Rows rows;  ///< what is wrong with the list of them
};

/// Each template by itself: one that is broken does not hide the others.
[[nodiscard]] TemplateReadings read_templates(const Arguments& arguments,
                                              const engine::Properties& properties);

}  // namespace copse::runner::cli
