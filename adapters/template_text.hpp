#pragma once
// From a document, fitted to the API's fields, to the pieces of JSON that a PodTemplate holds.
// Internal to adapters.

#include "adapters/document.hpp"
#include "adapters/pod_template.hpp"

namespace copse::adapters {

/// The template of `document`, whose root is a PodTemplate that has passed apply_fields.
[[nodiscard]] PodTemplate assemble(Document document);

}  // namespace copse::adapters
