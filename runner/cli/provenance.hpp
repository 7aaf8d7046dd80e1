#pragma once
// Who set each field of a Job: the template file, the adapter, a property, the task, or copse.

#include "adapters/settings.hpp"

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

}  // namespace copse::runner::cli
