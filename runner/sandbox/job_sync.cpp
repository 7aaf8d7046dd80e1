#include "runner/sandbox/job_sync.hpp"

#include "runner/sandbox/deletion.hpp"

#include <algorithm>

namespace copse::runner::sandbox {
namespace {

bool contains(const std::vector<std::string>& uids, const std::string& uid) {
  return std::find(uids.begin(), uids.end(), uid) != uids.end();
}

}  // namespace

bool has_ended(const Object& pod) {
  const std::string_view phase = field(pod, "status.phase");
  return phase == "Succeeded" || phase == "Failed";
}

bool counts_as_failed(const Object& pod, bool replaces_only_failed) {
  if (field(pod, "status.phase") == "Failed") return true;
  if (replaces_only_failed) return false;
  // A deleted pod counts as failed at once, although it may still run.
  return pod.deletion.has_value() && field(pod, "status.phase") != "Succeeded";
}

void JobController::sync(const std::string& uid, Record& record, const ObjectPtr& job, Moment now) {
  const JobStatus before = record.status;
  Sync sync{.uid = uid,
            .record = record,
            .job = job,
            .now = now,
            .active = {},
            .succeeded = {},
            .failed = {},
            .verdict = {}};
  if (!record.status.started && !record.spec.suspended) {
    record.status.started = now;
    sync.changed = true;
  }
  count_pods(sync);
  decide_failure(sync);
  if (sync.verdict) {
    delete_pods(sync, sync.active.size());
  } else {
    manage_pods(sync);
  }
  count_pods(sync);
  sync.changed = sync.changed || before.active != record.status.active ||
                 before.ready != record.status.ready ||
                 before.terminating != record.status.terminating || !before.synced;
  record.status.synced = true;
  conclude(sync);
}

/// Sorts the Job's pods into active, newly succeeded and newly failed.
void JobController::count_pods(Sync& sync) const {
  Record& record = sync.record;
  JobStatus& status = record.status;
  sync.active.clear();
  sync.succeeded.clear();
  sync.failed.clear();
  status.ready = 0;
  status.terminating = 0;
  for (const auto& [uid, pod] : record.pods) {
    const bool ended = has_ended(*pod);
    if (!ended && pod->deletion) ++status.terminating;
    if (!ended && !pod->deletion) {
      sync.active.push_back(pod);
      if (field(*pod, "ready") == "true") ++status.ready;
    }
    if (!has_finalizer(*pod, tracking_finalizer)) continue;
    if (contains(status.uncounted_succeeded, uid) || contains(status.uncounted_failed, uid))
      continue;
    if (field(*pod, "status.phase") == "Succeeded") {
      sync.succeeded.push_back(pod);
    } else if (counts_as_failed(*pod, record.spec.replaces_only_failed)) {
      sync.failed.push_back(pod);
    }
  }
  status.active = static_cast<std::int64_t>(sync.active.size());
  const auto total = [](std::int64_t counted, std::size_t uncounted, std::size_t fresh) {
    return counted + static_cast<std::int64_t>(uncounted + fresh);
  };
  sync.succeeded_total =
      total(status.succeeded, status.uncounted_succeeded.size(), sync.succeeded.size());
  sync.failed_total = total(status.failed, status.uncounted_failed.size(), sync.failed.size());
}

/// Verdicts that do not depend on what is done now: an earlier one, the backoff limit, the
/// deadline.
void JobController::decide_failure(Sync& sync) {
  const JobStatus& status = sync.record.status;
  const Spec& spec = sync.record.spec;
  for (const char* type : {"SuccessCriteriaMet", "FailureTarget"}) {
    if (const JobCondition* earlier = find_condition(status, type);
        earlier != nullptr && earlier->is_true) {
      sync.verdict = *earlier;
      return;
    }
  }
  if (sync.failed_total > spec.backoff_limit) {
    sync.verdict = {"FailureTarget", true, "BackoffLimitExceeded",
                    "Job has reached the specified backoff limit", sync.now};
    return;
  }
  if (!spec.deadline || spec.suspended || !status.started) return;
  const Moment due = *status.started + *spec.deadline;
  if (sync.now >= due) {
    sync.verdict = {"FailureTarget", true, "DeadlineExceeded",
                    "Job was active longer than specified deadline", sync.now};
  } else {
    agenda_.add(sync.uid, due);
  }
}

/// Creates or deletes pods until as many are active as are wanted, and sees whether the Job is
/// complete.
void JobController::manage_pods(Sync& sync) {
  Record& record = sync.record;
  const Spec& spec = record.spec;
  const auto active = static_cast<std::int64_t>(sync.active.size());
  if (sync.job->deletion == std::nullopt) {
    std::int64_t wanted = spec.parallelism;
    if (spec.completions) {
      wanted =
          std::clamp<std::int64_t>(*spec.completions - sync.succeeded_total, 0, spec.parallelism);
    } else if (sync.succeeded_total > 0) {
      wanted = active;
    }
    if (spec.suspended) wanted = 0;
    const std::int64_t missing =
        wanted - active - (spec.replaces_only_failed ? record.status.terminating : 0);
    if (active > wanted) {
      delete_pods(sync, static_cast<std::size_t>(active - wanted));
    } else if (missing > 0) {
      record.failures_in_row =
          sync.failed.empty() ? record.failures_in_row : record.failures_in_row + 1;
      if (!sync.failed.empty()) record.last_failure = sync.now;
      const int doublings = std::min(std::max(record.failures_in_row - 1, 0), 20);
      const Moment ready =
          record.failures_in_row == 0
              ? sync.now
              : record.last_failure +
                    std::min(times_.longest_back_off, times_.first_back_off * (1 << doublings));
      if (ready > sync.now) {
        agenda_.add(sync.uid, ready);
      } else {
        create_pods(sync, std::min(missing, times_.pods_per_sync));
      }
    }
  }
  const bool met =
      spec.completions ? sync.succeeded_total >= *spec.completions : sync.succeeded_total > 0;
  if (met && record.status.active == 0 && sync.active.empty()) {
    sync.verdict = {"SuccessCriteriaMet", true, "CompletionsReached",
                    "Reached expected number of succeeded pods", sync.now};
  } else if (!sync.job->deletion) {
    note_suspension(sync);
  }
}

void JobController::note_suspension(Sync& sync) {
  JobStatus& status = sync.record.status;
  const bool suspended = sync.record.spec.suspended;
  const auto known =
      std::find_if(status.conditions.begin(), status.conditions.end(),
                   [](const JobCondition& condition) { return condition.type == "Suspended"; });
  if (known == status.conditions.end() ? !suspended : known->is_true == suspended) return;
  const JobCondition now_so{"Suspended", suspended, suspended ? "JobSuspended" : "JobResumed",
                            suspended ? "Job suspended" : "Job resumed", sync.now};
  if (known == status.conditions.end()) {
    status.conditions.push_back(now_so);
  } else {
    *known = now_so;
  }
  // The deadline counts from when the Job last became active.
  if (!suspended) status.started = sync.now;
  sync.changed = true;
  recorder_.record(
      *sync.job, {"job-controller", false, suspended ? "Suspended" : "Resumed", now_so.message, {}},
      sync.now);
}

/// trackJobStatusAndRemoveFinalizers: record what ended, write, let the pods go, count, conclude,
/// write.
void JobController::conclude(Sync& sync) {
  Record& record = sync.record;
  JobStatus& status = record.status;
  count_ended(sync);
  if (sync.verdict && find_condition(status, sync.verdict->type) == nullptr) {
    status.conditions.push_back(*sync.verdict);
    sync.changed = true;
  }
  if (sync.changed) write_status(sync);
  std::vector<ObjectPtr> released;
  for (const auto& [uid, pod] : record.pods) {
    const bool counted =
        contains(status.uncounted_succeeded, uid) || contains(status.uncounted_failed, uid);
    if ((counted || sync.job->deletion) && has_finalizer(*pod, tracking_finalizer))
      released.push_back(pod);
  }
  for (const ObjectPtr& pod : released) {
    Object next = *pod;
    remove_finalizer(next, tracking_finalizer);
    const ObjectPtr left = store_.replace(pod, std::move(next));
    if (left == nullptr) {
      record.pods.erase(pod->uid);
    } else {
      record.pods[pod->uid] = left;
    }
  }
  if (!status.uncounted_succeeded.empty() || !status.uncounted_failed.empty()) {
    status.succeeded += static_cast<std::int64_t>(status.uncounted_succeeded.size());
    status.failed += static_cast<std::int64_t>(status.uncounted_failed.size());
    status.uncounted_succeeded.clear();
    status.uncounted_failed.clear();
    sync.changed = true;
  }
  const bool concludes = sync.verdict && status.terminating == 0 && sync.active.empty();
  if (concludes) {
    const bool success = sync.verdict->type == "SuccessCriteriaMet";
    status.conditions.push_back({success ? "Complete" : "Failed", true, sync.verdict->reason,
                                 sync.verdict->message, sync.now});
    if (success) status.completed = sync.now;
    sync.changed = true;
  }
  if (sync.changed) write_status(sync);
  if (!concludes) return;
  const bool success = status.completed.has_value();
  recorder_.record(*sync.job,
                   {"job-controller",
                    !success,
                    success ? "Completed" : sync.verdict->reason,
                    success ? "Job completed" : sync.verdict->message,
                    {}},
                   sync.now);
  record.pod.reset();
  schedule_removal(sync.uid, record, sync.now);
}

/// Puts pods whose end counts into the uncounted lists. Once the Job has failed, every pod counts
/// as failed.
void JobController::count_ended(Sync& sync) {
  JobStatus& status = sync.record.status;
  const bool failing = sync.verdict && sync.verdict->type == "FailureTarget";
  for (const auto& [uid, pod] : sync.record.pods) {
    if (!has_finalizer(*pod, tracking_finalizer)) continue;
    if (contains(status.uncounted_succeeded, uid) || contains(status.uncounted_failed, uid))
      continue;
    if (field(*pod, "status.phase") == "Succeeded") {
      status.uncounted_succeeded.push_back(uid);
    } else if (counts_as_failed(*pod, sync.record.spec.replaces_only_failed) || failing) {
      status.uncounted_failed.push_back(uid);
    } else {
      continue;
    }
    sync.changed = true;
  }
}

void JobController::write_status(Sync& sync) {
  Object next = *sync.job;
  next.status = job_status_text(sync.record.status);
  put(next.fields, "status.successful", std::to_string(sync.record.status.succeeded));
  sync.record.written_rv = Rv{static_cast<std::uint64_t>(store_.head()) + 1};
  const ObjectPtr written = store_.replace(sync.job, std::move(next));
  if (written != nullptr) sync.job = written;
  sync.changed = false;
}

}  // namespace copse::runner::sandbox
