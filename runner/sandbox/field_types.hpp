#pragma once
// Types of the fields that people write most often, so that a wrong scalar is refused with the
// words of the real decoder: `json: cannot unmarshal number into Go struct field
// EnvVar.spec.template.spec.containers.env.value of type string`.
//
// Not a schema: unknown fields pass. Finding those is ApiOptions::find_unknown_fields.

#include <optional>
#include <string>
#include <string_view>

namespace boost::json {
class object;
}

namespace copse::runner::sandbox {

/// The first field of a wrong type in a document of this kind, in the decoder's words.
[[nodiscard]] std::optional<std::string> find_type_fault(std::string_view kind,
                                                         const boost::json::object& document);

}  // namespace copse::runner::sandbox
