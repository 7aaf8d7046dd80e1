#pragma once
// From what the cluster shows to what the job machine understands. Pure.

#include "runner/job/step.hpp"
#include "runner/kube/views.hpp"

namespace copse::runner::service {

[[nodiscard]] job::event::JobSeen job_seen(const kube::JobView& view);

[[nodiscard]] job::event::PodSeen pod_seen(const kube::PodView& view);

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
