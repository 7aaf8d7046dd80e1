#pragma once
// A kubeconfig for one cluster, user and context, with credentials inline.

#include "runner/sandbox/sandbox.hpp"

#include <string>

namespace copse::runner::sandbox {

[[nodiscard]] std::string kubeconfig_text(const Access& access);

}  // namespace copse::runner::sandbox
