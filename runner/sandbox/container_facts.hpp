#pragma once
// What the machinery needs to know of a container: the value that pods, node and kubelet share.

#include <string>

namespace copse::runner::sandbox {

struct ContainerFacts {
  std::string name;
  std::string image;

  bool operator==(const ContainerFacts&) const = default;
};

}  // namespace copse::runner::sandbox
