#pragma once
// The `status` of a Job as a value, with its JSON form.

#include "runner/sandbox/moment.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::sandbox {

struct JobCondition {
  std::string type;  ///< `SuccessCriteriaMet`, `Complete`, `FailureTarget`, `Failed`, `Suspended`
  bool is_true = true;
  std::string reason;
  std::string message;
  Moment at{};
};

struct JobStatus {
  std::vector<JobCondition> conditions;
  std::optional<Moment> started;
  std::optional<Moment> completed;  ///< only on success
  std::int64_t active = 0;
  std::int64_t ready = 0;
  std::int64_t terminating = 0;
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  /// Pods counted whose finalizer is still to be removed: the controller's write-ahead record.
  std::vector<std::string> uncounted_succeeded;
  std::vector<std::string> uncounted_failed;
  bool synced =
      false;  ///< the controller has written it: ready, terminating … are shown even when 0
};

/// The condition of a type, or null.
[[nodiscard]] const JobCondition* find_condition(const JobStatus& status, std::string_view type);
[[nodiscard]] bool is_true(const JobStatus& status, std::string_view type);
/// Complete or Failed: nothing more will happen.
[[nodiscard]] bool is_finished(const JobStatus& status);

[[nodiscard]] std::string job_status_text(const JobStatus& status);
/// Reads what job_status_text wrote, or what a client put in its place; unknown members are
/// ignored.
[[nodiscard]] JobStatus read_job_status(std::string_view text);

}  // namespace copse::runner::sandbox
