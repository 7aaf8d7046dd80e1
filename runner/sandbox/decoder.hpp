#pragma once
// Reads the body of a POST or PUT as the API server's strict decoder does: in one pass over the
// text it builds the document, leaves out the fields that the API does not have, and notes them and
// repeated ones in the order in which they were written.
//
// Which fields there are says adapters/kubernetes_fields, for Jobs and pods with all that is in
// them; of the other kinds only `metadata` is known and everything beside it passes. Types of
// values are the business of field_types.
//
// Cost: that of parsing, and one look into the table for each key.

#include "runner/sandbox/document.hpp"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::sandbox {

/// Most faults that are noted of one document (sigs.k8s.io/json: 100 strict errors).
inline constexpr std::size_t fault_limit = 100;

/// Parses `body`, which must be one JSON object, as an object of `kind` into `arena`. Appends to
/// `faults` what the decoder says of unknown and repeated fields: `unknown field "spec.foo"`.
/// Fails as parse_document does.
[[nodiscard]] std::expected<boost::json::object, Refusal> decode_document(
    std::string_view body, std::string_view kind, DocumentArena& arena,
    std::vector<std::string>& faults);

/// Only the faults of a text that is known to be JSON. `kind` empty: any field may be there, so
/// only repeated ones are found.
[[nodiscard]] std::vector<std::string> find_field_faults(std::string_view text,
                                                         std::string_view kind);

}  // namespace copse::runner::sandbox
