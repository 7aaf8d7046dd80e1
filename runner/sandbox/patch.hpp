#pragma once
// The four ways to PATCH an object: JSON merge patch (RFC 7386), strategic merge patch, JSON patch
// (RFC 6902) and server-side apply.
//
// Strategic merge knows the merge keys of Jobs and pods (containers by name, conditions by type, …)
// and the directives `$patch: delete|replace`, `$retainKeys`, `$setElementOrder/…`,
// `$deleteFromPrimitiveList/…`. Apply merges as strategic merge does and keeps no field owners:
// what an earlier apply set and this one leaves out stays.

#include "runner/sandbox/document.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace copse::runner::sandbox {

enum class PatchKind : std::uint8_t { merge, strategic, json, apply };

inline constexpr std::string_view patch_media_types =
    "application/json-patch+json, application/merge-patch+json, "
    "application/strategic-merge-patch+json, "
    "application/apply-patch+yaml";

[[nodiscard]] std::optional<PatchKind> patch_kind(std::string_view content_type);

/// Changes `document` as the patch says, or says why not. A JSON patch whose operations do not
/// apply is refused without saying which, as the real server does.
[[nodiscard]] std::optional<Refusal> apply_patch(PatchKind kind, boost::json::object& document,
                                                 std::string_view patch);

/// RFC 7386.
void merge_patch(boost::json::object& target, const boost::json::object& patch);
/// Strategic merge of a whole object.
void strategic_patch(boost::json::object& target, const boost::json::object& patch);
/// RFC 6902; the text says which operation failed. `patch` is the parsed list.
[[nodiscard]] std::optional<std::string> json_patch(boost::json::object& target,
                                                    const boost::json::value& patch);

}  // namespace copse::runner::sandbox
