#pragma once
// The Job controller of Kubernetes 1.34 for Jobs with completionMode NonIndexed: creates pods,
// counts their ends through the tracking finalizer, and concludes.
//
// Plain code: it observes changes of the store, keeps an agenda of Jobs to look at, and writes to
// the store when it is run. Left out: Indexed Jobs, podFailurePolicy, successPolicy (such a Job
// runs as if it had none). Source of the behaviour: pkg/controller/job/job_controller.go.

#include "runner/sandbox/agenda.hpp"
#include "runner/sandbox/document.hpp"
#include "runner/sandbox/job_status.hpp"
#include "runner/sandbox/recorder.hpp"
#include "runner/sandbox/store.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace copse::runner::sandbox {

/// The controller's constants.
struct JobTimes {
  /// Syncs for pod events wait this long, so that many events make one sync (syncJobBatchPeriod).
  milliseconds batch = std::chrono::seconds{1};
  /// Wait before a failed pod is replaced, doubled with each failure (DefaultJobPodFailureBackOff)
  /// …
  milliseconds first_back_off = std::chrono::seconds{10};
  /// … up to this (MaxJobPodFailureBackOff).
  milliseconds longest_back_off = std::chrono::minutes{10};
  /// At most so many pods are created in one sync (MaxPodCreateDeletePerSync).
  std::int64_t pods_per_sync = 500;
};

class JobController {
 public:
  JobController(Store& store, Recorder& recorder, JobTimes times)
      : store_{store}, recorder_{recorder}, times_{times} {}

  void observe(const Change& change, Moment now);

  [[nodiscard]] std::optional<Moment> wake() const { return agenda_.wake(); }

  /// Looks at one Job that is due. False: none is.
  bool run_one(Moment now);

 private:
  /// What the controller reads from a Job's spec.
  struct Spec {
    std::int64_t parallelism = 1;
    std::optional<std::int64_t> completions;
    std::int64_t backoff_limit = 6;
    std::optional<milliseconds> deadline;
    std::optional<milliseconds> ttl;
    bool suspended = false;
    bool replaces_only_failed = false;
    bool is_foreign = false;  ///< managedBy names another controller
  };

  struct Record {
    std::string ns, name;
    Rv written_rv{};              ///< of the last version that this controller wrote
    std::int64_t generation = 0;  ///< of the version that `spec` was read from
    Spec spec;
    std::shared_ptr<const Written>
        pod;  ///< shared by all pods of the Job; null while the Job is suspended or has ended
    Fields pod_fields;
    std::vector<std::string> pod_finalizers;
    JobStatus status;
    std::map<std::string, ObjectPtr> pods;  ///< by uid
    int failures_in_row = 0;
    Moment last_failure{};
  };

  struct Sync;  // one look at one Job

  void observe_job(const Change& change, Moment now);
  void observe_pod(const Change& change, Moment now);
  void forget_job(const Object& job);
  void read_job(Record& record, const Object& job);
  [[nodiscard]] static Spec read_spec(const boost::json::object& body);
  static void prepare_pod(Record& record, const Object& job, boost::json::object& pod_template);
  void sync(const std::string& uid, Record& record, const ObjectPtr& job, Moment now);
  void count_pods(Sync& sync) const;
  void decide_failure(Sync& sync);
  void manage_pods(Sync& sync);
  void create_pods(Sync& sync, std::int64_t count);
  void delete_pods(Sync& sync, std::size_t count);
  void note_suspension(Sync& sync);
  void conclude(Sync& sync);
  void count_ended(Sync& sync);
  void write_status(Sync& sync);
  void schedule_removal(const std::string& uid, const Record& record, Moment now);
  void remove_expired(const ObjectPtr& job, const Record& record, Moment now);

  Store& store_;
  Recorder& recorder_;
  JobTimes times_;
  Agenda agenda_;
  DocumentArena arena_;
  std::unordered_map<std::string, Record> records_;  // by uid of the Job
};

/// What the name of a generated object may be long before its five random characters (names: 63 -
/// 5).
inline constexpr std::size_t generated_name_cut = 58;

}  // namespace copse::runner::sandbox
