#pragma once
// The walk over a document by the fields of the API: coerces each value as Druid's client does,
// drops what that client drops, sorts members as it writes them, and reports what does not fit.
// Internal to adapters.

#include "adapters/document.hpp"
#include "adapters/kubernetes_fields.hpp"

namespace copse::adapters {

/// Turns `document`, whose root is an object of type `root`, into what Druid's client makes of it.
/// False: the client refuses it, and an error was added.
[[nodiscard]] bool apply_fields(const engine::Source& source, Document& document, TypeId root,
                                engine::Diagnostics& diagnostics);

/// Puts the members of an object in the order of its type: known ones as the table has them,
/// unknown ones after.
void sort_members(Node& object, TypeId type);

}  // namespace copse::adapters
