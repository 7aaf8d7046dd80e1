#pragma once
// What the machinery needs to know of a pod's containers and volumes: the values that pods, node
// and kubelet share.

#include <string>

namespace copse::runner::sandbox {

struct ContainerFacts {
  std::string name;
  std::string image;

  bool operator==(const ContainerFacts&) const = default;
};

/// A volume without whose ConfigMap no container of the pod is started.
struct ConfigMapVolume {
  std::string volume;
  std::string config_map;

  bool operator==(const ConfigMapVolume&) const = default;
};

}  // namespace copse::runner::sandbox
