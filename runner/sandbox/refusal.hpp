#pragma once
// A request that the API server turns down, in Kubernetes' own words: the `Status` object with its
// code, reason, message and causes. The texts follow apimachinery's api/errors (1.34).

#include "runner/sandbox/object.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::sandbox {

struct Cause {
  std::string reason;  ///< `FieldValueInvalid`, `ResourceVersionTooLarge`, …
  std::string message;
  std::string field;  ///< `spec.template.spec.containers[0].image`; may be empty

  bool operator==(const Cause&) const = default;
};

struct Refusal {
  int code = 500;
  std::string reason;
  std::string message;
  std::string name;  ///< details.name, may be empty like the next two
  std::string group;
  std::string kind;
  std::vector<Cause> causes;
  int retry_after_seconds = 0;  ///< also sent as the header Retry-After
};

/// The body: `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",…}`.
[[nodiscard]] std::string status_text(const Refusal& refusal);

/// The body of a successful delete.
[[nodiscard]] std::string success_text(Resource resource, std::string_view name,
                                       std::string_view uid);

[[nodiscard]] Refusal not_found(Resource resource, std::string_view name);
/// An unknown path below /api or /apis.
[[nodiscard]] Refusal no_such_path();
[[nodiscard]] Refusal already_exists(Resource resource, std::string_view name, bool being_deleted);
/// `why`: e.g. "the object has been modified; please apply …".
[[nodiscard]] Refusal conflict(Resource resource, std::string_view name, std::string_view why);
[[nodiscard]] Refusal bad_request(std::string message);
[[nodiscard]] Refusal invalid(Resource resource, std::string_view name, std::vector<Cause> causes);
/// Options of a request (`DeleteOptions`, `ListOptions`, …) that cannot be what was meant.
[[nodiscard]] Refusal invalid_options(std::string_view kind, std::vector<Cause> causes);
/// 422 about a kind outside the resources, e.g. `PodLogOptions`, or about none (both empty).
[[nodiscard]] Refusal invalid_kind(std::string_view kind, std::string_view name,
                                   std::vector<Cause> causes);
/// 500 without a reason: what the real server says where it did not foresee an error.
[[nodiscard]] Refusal internal_error(std::string message);
[[nodiscard]] Refusal forbidden(Resource resource, std::string_view name, std::string_view why);
[[nodiscard]] Refusal method_not_allowed();
[[nodiscard]] Refusal unauthorized();
[[nodiscard]] Refusal too_large();
[[nodiscard]] Refusal unsupported_media_type(std::string_view accepted);
[[nodiscard]] Refusal expired(std::string message);
/// A list or get asked for a resourceVersion that the cluster has not reached.
[[nodiscard]] Refusal rv_too_large(Rv asked, Rv current);

}  // namespace copse::runner::sandbox
