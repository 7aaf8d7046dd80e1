#pragma once
// Internal to the Job controller: one look at one Job.

#include "runner/sandbox/job_controller.hpp"

#include <vector>

namespace copse::runner::sandbox {

struct JobController::Sync {
  const std::string& uid;
  Record& record;
  ObjectPtr job;
  Moment now{};
  std::vector<ObjectPtr> active;     ///< neither ended nor being deleted
  std::vector<ObjectPtr> succeeded;  ///< ended, not yet counted
  std::vector<ObjectPtr> failed;
  std::int64_t succeeded_total = 0;
  std::int64_t failed_total = 0;
  std::optional<JobCondition> verdict;  ///< SuccessCriteriaMet or FailureTarget (or met earlier)
  bool changed = false;                 ///< the status differs from what is stored
};

/// A pod of a Job, judged as the controller does.
[[nodiscard]] bool has_ended(const Object& pod);
[[nodiscard]] bool counts_as_failed(const Object& pod, bool replaces_only_failed);

}  // namespace copse::runner::sandbox
