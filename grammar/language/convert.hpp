#pragma once
// From Druid's forms to copse's language and back.
//
// A policy that uses only sets means the same on both sides. What one side cannot say is named:
// nothing is left out in silence.

#include "engine/compile.hpp"
#include "engine/diagnostic.hpp"
#include "engine/release.hpp"
#include "grammar/language/syntax.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace copse::grammar::language {

struct Converted {
  std::string text;                ///< a policy, formatted
  std::vector<std::string> notes;  ///< where its decisions differ from Druid's
};

/// A policy as Druid's forms gave it (placement_policy, runner_policy), in the language. Rules are
/// called after their templates.
[[nodiscard]] Converted to_language(const engine::PolicySet& policies,
                                    const engine::TemplateNames& templates);

/// A policy as Druid's dynamic configuration, with the capacity that one had set; or P0560 for each
/// rule that Druid's selectors cannot say.
[[nodiscard]] std::expected<std::string, engine::Diagnostics> to_druid(
    const engine::PolicySet& policies, engine::Release release,
    std::optional<std::int32_t> capacity = {});

/// P0562, a note, of what the policy has besides its decisions and Druid's JSON does not: a name,
/// names of rules, tests, comments, lists and attributes as such. Empty when nothing is lost.
[[nodiscard]] engine::Diagnostics lost_in_druid(const engine::Source& source, const File& file);

}  // namespace copse::grammar::language
