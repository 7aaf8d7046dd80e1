#pragma once
// What a client asks before it asks for anything: versions, groups, resources, the OpenAPI document
// by which kubectl learns that fieldValidation is understood, health, and access reviews. All made
// from the table of resources.

#include <optional>
#include <string>
#include <string_view>

namespace copse::runner::sandbox {

struct DiscoveryPage {
  std::string content_type;
  std::string body;
};

/// The page of a path, or nothing when there is none. `version`: e.g. `v1.34.4`.
[[nodiscard]] std::optional<DiscoveryPage> discovery_page(std::string_view path,
                                                          std::string_view accept,
                                                          std::string_view version);

/// The answer to a POSTed SelfSubjectAccessReview (everything is allowed to who got this far), or
/// nothing for another path.
[[nodiscard]] std::optional<std::string> review_access(std::string_view path,
                                                       std::string_view body);

/// True for a path of a group that is served: what is not there is told with a Status. Elsewhere
/// the server does not even know its own errors.
[[nodiscard]] bool is_below_group(std::string_view path);

}  // namespace copse::runner::sandbox
