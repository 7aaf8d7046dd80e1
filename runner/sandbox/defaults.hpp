#pragma once
// What the API server writes into an object that its author left out (API defaulting and
// PrepareForCreate of Kubernetes 1.34), for the resources of this sandbox.

#include "runner/sandbox/document.hpp"

#include <string_view>

namespace copse::runner::sandbox {

/// Fills in defaults of a new or changed object. `uid` and `name` are the object's own: a Job's
/// selector and its pods' labels are made of them. Idempotent.
void set_defaults(Resource resource, boost::json::object& document, std::string_view uid,
                  std::string_view name);

/// What the server fills in when it reads a stored object back, so after validation: a Job without
/// labels shows those of its template.
void set_defaults_on_read(Resource resource, boost::json::object& document);

/// The status that a new object begins with; empty for resources without one. What a client sends
/// as status of a new object is dropped.
[[nodiscard]] std::string first_status(Resource resource);

/// Fills in what pod creation adds beyond a template's defaults (service account, tolerations,
/// priority).
void set_pod_admission_defaults(boost::json::object& pod_spec);

}  // namespace copse::runner::sandbox
