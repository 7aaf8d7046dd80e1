#pragma once
// The cluster that a person named: a real one by its credentials, or the sandbox, started for this
// run.

#include "engine/diagnostic.hpp"
#include "runner/cli/arguments.hpp"
#include "runner/cli/basis.hpp"
#include "runner/cli/scratch.hpp"
#include "runner/kube/credentials.hpp"
#include "runner/sandbox/sandbox.hpp"
#include "runner/service/task_runner.hpp"

#include <expected>
#include <optional>
#include <string>

namespace copse::runner::cli {

struct ReachedCluster {
  kube::ClusterAccess access;
  std::optional<Scratch> logs;              ///< the sandbox's task-log store
  std::optional<sandbox::Sandbox> sandbox;  ///< alive as long as this value
  std::optional<std::string>
      log_directory;  ///< where statuses are, when it is not what the properties say
};

/// How `arguments.cluster` is reached. Nothing is sent to a real cluster yet.
[[nodiscard]] std::expected<ReachedCluster, engine::Diagnostics> reach_cluster(
    const Arguments& arguments, const Basis& basis);

/// Credentials for a sandbox of this process.
[[nodiscard]] kube::ClusterAccess access_of(const sandbox::Sandbox& sandbox);

/// Namespace, task-log store and patience as the properties say.
[[nodiscard]] service::RunnerOptions runner_options(const Basis& basis,
                                                    const kube::ClusterAccess& access,
                                                    std::string owner);

/// A pod of the sandbox that ends well: its log, and the status file of a task that succeeded.
[[nodiscard]] sandbox::Script succeeding(const std::string& task_id);

/// The value of a pod's annotation, or nothing.
[[nodiscard]] std::string annotation(const sandbox::PodView& pod, std::string_view key);

}  // namespace copse::runner::cli
