#pragma once
// What the API server will refuse in a Job that Druid builds without a word: names and labels that
// Kubernetes does not allow, negative times. Beside build_job, not in it: the Job stays Druid's,
// and a person learns of it before the POST.

#include "adapters/job.hpp"

namespace copse::adapters {

/// Warnings about the Job of that request, in a fixed order; about the template see
/// read_pod_template. Pure.
[[nodiscard]] engine::Diagnostics check_job(const JobRequest& request);

}  // namespace copse::adapters
