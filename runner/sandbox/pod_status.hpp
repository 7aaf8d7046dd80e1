#pragma once
// The `status` of a pod as JSON, in the member order of the real kubelet. A plain description in,
// text out.

#include "runner/sandbox/kubelet.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace copse::runner::sandbox {

/// Everything that a pod's status says. Empty texts and absent moments are left out.
struct PodStatus {
  const PodFacts& facts;
  const Placement& placement;
  std::string_view phase;
  std::string_view reason, message;
  std::optional<Moment> scheduled_at;  ///< bound to the node
  std::string_view unschedulable;      ///< message of PodScheduled=False
  std::optional<Moment> admitted_at;   ///< seen by the kubelet: startTime
  std::string_view waiting, waiting_message;
  std::optional<Moment> started_at, ended_at, evicted_at;
  Moment created_at{};
  int exit_code = 0;
  std::string_view end_reason, end_message;
};

[[nodiscard]] std::string pod_status_text(const PodStatus& status);

}  // namespace copse::runner::sandbox
