#include "runner/sandbox/job_controller.hpp"

#include "runner/sandbox/defaults.hpp"
#include "runner/sandbox/deletion.hpp"
#include "runner/sandbox/document.hpp"
#include "runner/sandbox/job_sync.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace copse::runner::sandbox {

namespace json = boost::json;

void JobController::observe(const Change& change, Moment now) {
  if (change.object->resource == Resource::jobs) observe_job(change, now);
  if (change.object->resource == Resource::pods) observe_pod(change, now);
}

void JobController::observe_job(const Change& change, Moment now) {
  const Object& job = *change.object;
  if (change.kind == ChangeKind::deleted) {
    forget_job(job);
    return;
  }
  Record& record = records_[job.uid];
  const bool is_new = record.name.empty();
  const bool respecified = is_new || record.generation != job.generation;
  // What is not newer than the controller's own last write is already in the record.
  const bool is_known = job.rv <= record.written_rv;
  if (is_known && !respecified) return;
  if (respecified) {
    record.ns = job.ns;
    record.name = job.name;
    record.generation = job.generation;
    read_job(record, job);
  }
  if (!is_known) record.status = read_job_status(job.status);
  agenda_.add(job.uid, respecified ? now : now + times_.batch);
}

/// The pods of a Job that is gone lose their tracking finalizer (the orphan queue of the real
/// controller).
void JobController::forget_job(const Object& job) {
  const auto at = records_.find(job.uid);
  if (at == records_.end()) return;
  const auto pods = std::move(at->second.pods);
  records_.erase(at);
  agenda_.drop(job.uid);
  for (const auto& [uid, seen] : pods) {
    const ObjectPtr pod = store_.find(Resource::pods, seen->ns, seen->name);
    if (pod == nullptr || pod->uid != uid || !has_finalizer(*pod, tracking_finalizer)) continue;
    Object next = *pod;
    remove_finalizer(next, tracking_finalizer);
    store_.replace(pod, std::move(next));
  }
}

void JobController::observe_pod(const Change& change, Moment now) {
  const Owner* owner = controller_of(*change.object);
  if (owner == nullptr || owner->kind != "Job") return;
  const auto at = records_.find(owner->uid);
  if (at == records_.end()) return;
  Record& record = at->second;
  const Object& pod = *change.object;
  if (change.kind == ChangeKind::deleted) {
    record.pods.erase(pod.uid);
  } else {
    record.pods[pod.uid] = change.object;
  }
  if (!is_finished(record.status)) agenda_.add(owner->uid, now + times_.batch);
}

void JobController::read_job(Record& record, const Object& job) {
  arena_.clear();
  auto body = parse_document("{" + job.written->body + "}", arena_);
  if (!body) return;
  record.spec = read_spec(*body);
  record.pod.reset();
  json::value* pod_template = (*body)["spec"].as_object().if_contains("template");
  if (record.spec.suspended || pod_template == nullptr || !pod_template->is_object()) return;
  prepare_pod(record, job, pod_template->get_object());
}

JobController::Spec JobController::read_spec(const json::object& body) {
  const auto optional_number = [&](std::string_view path) -> std::optional<std::int64_t> {
    const json::value* value = member(body, path);
    if (value == nullptr || value->is_null()) return std::nullopt;
    return number_at(body, path, 0);
  };
  const auto optional_seconds = [&](std::string_view path) -> std::optional<milliseconds> {
    const auto number = optional_number(path);
    if (!number) return std::nullopt;
    return std::chrono::seconds{*number};
  };
  const std::string_view manager = text_at(body, "spec.managedBy");
  return {.parallelism = number_at(body, "spec.parallelism", 1),
          .completions = optional_number("spec.completions"),
          .backoff_limit = number_at(body, "spec.backoffLimit", 6),
          .deadline = optional_seconds("spec.activeDeadlineSeconds"),
          .ttl = optional_seconds("spec.ttlSecondsAfterFinished"),
          .suspended = flag_at(body, "spec.suspend"),
          .replaces_only_failed = text_at(body, "spec.podReplacementPolicy") == "Failed",
          .is_foreign = !manager.empty() && manager != "kubernetes.io/job-controller"};
}

/// Makes what all pods of the Job share, from its template.
void JobController::prepare_pod(Record& record, const Object& job, json::object& pod_template) {
  if (json::value* spec = pod_template.if_contains("spec"); spec != nullptr && spec->is_object()) {
    set_pod_admission_defaults(spec->get_object());
  }
  Object pod = object_from(Resource::pods, pod_template);
  Written written = *pod.written;
  written.generate_name = job.name + "-";
  written.owners = {{.api_version = "batch/v1",
                     .kind = "Job",
                     .name = job.name,
                     .uid = job.uid,
                     .controller = true,
                     .blocks_deletion = true}};
  record.pod = std::make_shared<const Written>(std::move(written));
  record.pod_fields = std::move(pod.fields);
  put(record.pod_fields, "status.phase", "Pending");
  record.pod_finalizers = std::move(pod.finalizers);
  record.pod_finalizers.emplace_back(tracking_finalizer);
}

void JobController::create_pods(Sync& sync, std::int64_t count) {
  Record& record = sync.record;
  if (record.pod == nullptr) return;
  for (std::int64_t i = 0; i < count; ++i) {
    Object pod;
    pod.resource = Resource::pods;
    pod.ns = record.ns;
    pod.name = record.pod->generate_name.substr(0, generated_name_cut) + store_.new_suffix();
    if (store_.find(Resource::pods, pod.ns, pod.name) != nullptr) {
      pod.name = record.pod->generate_name.substr(0, generated_name_cut) + store_.new_suffix();
    }
    pod.generation = 1;
    pod.created = sync.now;
    pod.finalizers = record.pod_finalizers;
    pod.written = record.pod;
    pod.fields = record.pod_fields;
    pod.status = first_status(Resource::pods);
    const ObjectPtr made = store_.add(std::move(pod));
    record.pods[made->uid] = made;
    const std::string message = fmt::format("Created pod: {}", made->name);
    recorder_.record(*sync.job, {"job-controller", false, "SuccessfulCreate", message, {}},
                     sync.now);
  }
  record.status.active = static_cast<std::int64_t>(sync.active.size()) + count;
}

void JobController::delete_pods(Sync& sync, std::size_t count) {
  for (std::size_t i = 0; i < count && !sync.active.empty(); ++i) {
    const ObjectPtr pod = sync.active.back();
    sync.active.pop_back();
    const Deletion deletion =
        delete_object(store_, pod, {.propagation = Propagation::background}, sync.now);
    if (deletion.gone) {
      sync.record.pods.erase(pod->uid);
    } else {
      sync.record.pods[pod->uid] = deletion.object;
    }
    const std::string message = fmt::format("Deleted pod: {}", pod->name);
    recorder_.record(*sync.job, {"job-controller", false, "SuccessfulDelete", message, {}},
                     sync.now);
  }
}

bool JobController::run_one(Moment now) {
  const auto uid = agenda_.take(now);
  if (!uid) return false;
  const auto at = records_.find(*uid);
  if (at == records_.end()) return true;
  Record& record = at->second;
  const ObjectPtr job = store_.find(Resource::jobs, record.ns, record.name);
  if (job == nullptr || job->uid != *uid || record.spec.is_foreign) return true;
  if (is_finished(record.status)) {
    remove_expired(job, record, now);
  } else {
    sync(at->first, record, job, now);
  }
  return true;
}

/// The TTL-after-finished controller.
void JobController::schedule_removal(const std::string& uid, const Record& record, Moment now) {
  if (record.spec.ttl) agenda_.add(uid, now + *record.spec.ttl);
}

void JobController::remove_expired(const ObjectPtr& job, const Record& record, Moment now) {
  if (!record.spec.ttl || job->deletion) return;
  const JobCondition* end = find_condition(record.status, "Complete");
  if (end == nullptr) end = find_condition(record.status, "Failed");
  const Moment due = end->at + *record.spec.ttl;
  if (now < due) {
    agenda_.add(job->uid, due);
  } else {
    delete_object(store_, job, {.propagation = Propagation::foreground}, now);
  }
}

}  // namespace copse::runner::sandbox
