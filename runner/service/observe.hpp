#pragma once
// From what the cluster shows to what the job machine understands. Pure.

#include "runner/job/step.hpp"
#include "runner/kube/views.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace copse::runner::service {

[[nodiscard]] job::event::JobSeen job_seen(const kube::JobView& view);

[[nodiscard]] job::event::PodSeen pod_seen(const kube::PodView& view);

/// How often the node has to say that it cannot mount a volume before that is told: the payload's
/// ConfigMap comes a moment after the Job.
inline constexpr std::int64_t told_by_node = 3;

/// What an Event says that no status does; nothing: nothing of interest.
[[nodiscard]] std::optional<job::event::Told> event_told(const kube::EventView& view);

/// What the names of a Job's pods begin with (Kubernetes adds five random characters, and keeps
/// the whole within 63).
[[nodiscard]] std::string pod_name_base(std::string_view job_name);

/// The same of the Job that an Event is about, itself or by its pod.
[[nodiscard]] std::string pod_name_base_of(const kube::EventView& view);

/// What a look at the Job's name has found. A Job of ours has `owner` and the task's label, whose
/// kube::parse_uid is `task`.
[[nodiscard]] job::event::LookedUp looked_up(const kube::JobView& view, std::string_view owner,
                                             kube::Uid task);

/// What a look at the name of a payload's ConfigMap has found: ours belongs to the Job of uid
/// `job`.
[[nodiscard]] job::event::PayloadLookedUp payload_looked_up(const kube::OwnedView& view,
                                                            std::string_view owner, kube::Uid task,
                                                            kube::Uid job);

}  // namespace copse::runner::service
