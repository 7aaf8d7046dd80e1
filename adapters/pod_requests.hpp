#pragma once
// What a pod asks the cluster for while it runs, as far as it costs money: CPU and memory.

#include "adapters/pod_template.hpp"
#include "engine/override.hpp"

#include <span>

namespace copse::adapters {

struct PodRequests {
  double cores = 0;
  double bytes = 0;
};

/// The sum over all containers of the template, with a rule's overrides of the first, over init
/// containers that are sidecars (`restartPolicy: Always`), and the pod's overhead. A container
/// without a request asks for its limit, as in Kubernetes; without either for nothing. Init
/// containers that end before the task begins are not counted.
[[nodiscard]] PodRequests pod_requests(const PodTemplate& pod_template,
                                       std::span<const engine::Override> overrides);

}  // namespace copse::adapters
