#include "runner/service/observe.hpp"

#include "runner/logs/status_file.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace copse::runner::service {
namespace {

// k8s.io/apiserver, names.SimpleNameGenerator.
constexpr std::size_t pod_name_limit = 63;
constexpr std::size_t random_suffix = 5;

std::optional<job::JobEnd> end_of(const kube::JobView& view) {
  if (view.complete) {
    return job::JobEnd{job::JobEnd::How::complete, std::string(view.complete->reason),
                       std::string(view.complete->message)};
  }
  if (view.failed) {
    return job::JobEnd{job::JobEnd::How::failed, std::string(view.failed->reason),
                       std::string(view.failed->message)};
  }
  return std::nullopt;
}

}  // namespace

job::event::JobSeen job_seen(const kube::JobView& view) {
  return {view.meta.uid, view.meta.is_terminating, end_of(view)};
}

job::event::PodSeen pod_seen(const kube::PodView& view) {
  job::event::PodSeen seen;
  seen.pod = view.meta.uid;
  seen.job = view.job_uid;
  seen.is_terminating = view.meta.is_terminating;
  if (view.is_scheduled) seen.node = view.node;
  const kube::ContainerView* container = view.container ? &*view.container : nullptr;
  seen.is_running = container != nullptr && container->running_since.has_value();
  if (container != nullptr && (seen.is_running || container->is_terminated)) {
    seen.place = {std::string(view.ip), std::string(view.meta.name), view.tls_enabled == "true"};
  }
  if (container != nullptr && (seen.is_running || container->is_terminated))
    seen.log = {std::string(view.meta.name), std::string(container->name)};
  if (container != nullptr && !container->waiting_reason.empty()) {
    seen.waiting_reason = container->waiting_reason;
    seen.waiting_message = container->waiting_message;
  }
  // An init container that cannot start holds the main one, which then only says PodInitializing.
  if (!view.init_waiting_reason.empty()) {
    seen.waiting_reason = view.init_waiting_reason;
    seen.waiting_message = view.init_waiting_message;
  }
  if (view.unscheduled_reason == "Unschedulable") {
    seen.waiting_reason = view.unscheduled_reason;
    seen.waiting_message = view.unscheduled_message;
  }
  const bool ended = (container != nullptr && container->is_terminated) ||
                     view.phase == "Succeeded" || view.phase == "Failed";
  if (!ended) return seen;
  job::PodEnd end;
  if (container != nullptr && container->is_terminated) {
    end.exit_code = container->exit_code;
    end.reason = container->reason;
    end.message = logs::parse_task_status(container->message);
  }
  // Of a sidecar, which is an init container too, the end is of no interest.
  if (!end.exit_code && view.failed_init) {
    const kube::ContainerView& init = *view.failed_init;
    end.init = "init container `" + std::string(init.name) + "` ended with exit code " +
               std::to_string(init.exit_code);
    if (!init.reason.empty()) end.init += " (" + std::string(init.reason) + ")";
    if (!init.message.empty()) end.init += ": " + std::string(init.message);
  }
  end.pod_reason = view.reason;
  end.pod_message = view.message;
  end.deleted = view.meta.is_terminating;
  if (view.disruption) end.disruption = view.disruption->reason;
  seen.end = std::move(end);
  return seen;
}

std::optional<job::event::Told> event_told(const kube::EventView& view) {
  using What = job::event::Told::What;
  if (view.about_kind == "Job") {
    if (view.reason != "FailedCreate") return std::nullopt;
    return job::event::Told{What::no_pod, view.about, std::string(view.message)};
  }
  if (view.about_kind != "Pod") return std::nullopt;
  if (view.reason == "Pulled") return job::event::Told{What::pulled, view.about, {}};
  const bool is_of_node = view.reason == "FailedMount" || view.reason == "FailedAttachVolume" ||
                          view.reason == "FailedCreatePodSandBox";
  if (!is_of_node || view.count < told_by_node) return std::nullopt;
  return job::event::Told{
      What::no_volume, view.about,
      "the pod cannot be set up (" + std::string(view.reason) + "): " + std::string(view.message)};
}

std::string pod_name_base(std::string_view job_name) {
  return (std::string(job_name) + "-").substr(0, pod_name_limit - random_suffix);
}

std::string pod_name_base_of(const kube::EventView& view) {
  if (view.about_kind == "Job") return pod_name_base(view.about_name);
  return std::string(
      view.about_name.substr(0, std::max(view.about_name.size(), random_suffix) - random_suffix));
}

job::event::LookedUp looked_up(const kube::JobView& view, std::string_view owner, kube::Uid task) {
  using Found = job::event::LookedUp::Found;
  if (view.owner != owner || kube::parse_uid(view.task) != task)
    return {Found::foreign, view.meta.uid, {}};
  if (view.meta.is_terminating) return {Found::terminating, view.meta.uid, {}};
  return {Found::ours, view.meta.uid, end_of(view)};
}

job::event::PayloadLookedUp payload_looked_up(const kube::OwnedView& view, std::string_view owner,
                                              kube::Uid task, kube::Uid job) {
  using Found = job::event::PayloadLookedUp::Found;
  if (view.owner != owner || kube::parse_uid(view.task) != task) return {Found::foreign};
  return {view.job_uid == job && !view.meta.is_terminating ? Found::ours : Found::left};
}

}  // namespace copse::runner::service
