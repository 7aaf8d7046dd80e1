#pragma once
// Who set each field of a Job: the template file, the adapter, a property, the task, or copse.

#include "adapters/settings.hpp"
#include "engine/override.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::cli {

struct FieldOrigin {
  std::string path;    ///< `spec.template.spec.containers[0].image`
  std::string value;   ///< as JSON, not cut
  std::string origin;  ///< never empty: no field without an origin
};

/// Every leaf of the Job, in its order. `template_file` is the path of the chosen template.
[[nodiscard]] std::vector<FieldOrigin> field_origins(std::string_view job_json,
                                                     const adapters::Settings& settings,
                                                     const std::string& template_file);

/// A field of a decision, and who says it.
struct OutcomeOrigin {
  engine::Override setting;  ///< as it is set
  std::string origin;        ///< `rule "vip" (line 13)`, `profile nvme (used in line 14)`
};

/// Gives the fields of a Job that overrides set their origin.
void mark_overrides(std::vector<FieldOrigin>& fields, const std::vector<OutcomeOrigin>& overrides);

}  // namespace copse::runner::cli
