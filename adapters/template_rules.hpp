#pragma once
// What a template must have beyond the kinds of its fields to become a Job that the API server
// accepts: containers, a restart policy, the volumes that it mounts. One row of rules in the .cpp
// each. Internal to adapters.

#include "adapters/document.hpp"
#include "adapters/pod_template.hpp"

namespace copse::adapters {

/// Adds what the rules find; `document` has passed apply_fields. All are warnings: Druid's client
/// loads the file.
void check_template(const engine::Source& source, const Document& document,
                    engine::Diagnostics& diagnostics);

}  // namespace copse::adapters
