#include "adapters/runner_properties.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace copse::adapters {
namespace {

constexpr std::array runner_names{
    std::string_view("type"),
    std::string_view("namespace"),
    std::string_view("overlordNamespace"),
    std::string_view("k8sTaskPodNamePrefix"),
    std::string_view("debugJobs"),
    std::string_view("sidecarSupport"),
    std::string_view("primaryContainerName"),
    std::string_view("kubexitImage"),
    std::string_view("graceTerminationPeriodSeconds"),
    std::string_view("disableClientProxy"),
    std::string_view("maxTaskDuration"),
    std::string_view("taskCleanupDelay"),
    std::string_view("taskCleanupInterval"),
    std::string_view("taskJoinTimeout"),
    std::string_view("k8sjobLaunchTimeout"),
    std::string_view("logSaveTimeout"),
    std::string_view("peonMonitors"),
    std::string_view("javaOptsArray"),
    std::string_view("cpuCoreInMicro"),
    std::string_view("labels"),
    std::string_view("annotations"),
    std::string_view("capacity"),
    std::string_view("useK8sSharedInformers"),
    std::string_view("k8sSharedInformerResyncPeriod"),
    std::string_view("allowTaskPodTemplateSelection"),
    std::string_view("k8s.adapter.type"),
    std::string_view("k8sAndWorker.runnerStrategy.type"),
    std::string_view("k8sAndWorker.runnerStrategy.workerType"),
    std::string_view("k8sAndWorker.runnerStrategy.taskType.default"),
    std::string_view("k8sAndWorker.runnerStrategy.taskType.overrides")};

// Below these any name may stand.
constexpr std::array runner_families{
    std::string_view("labels."), std::string_view("annotations."),
    std::string_view("k8s.podTemplate."),
    std::string_view("k8sAndWorker.runnerStrategy.taskType.overrides.")};

// HttpRemoteTaskRunnerConfig and RemoteTaskRunnerConfig, then ForkingTaskRunnerConfig, of Druid's
// indexing service.
constexpr std::array other_names{std::string_view("taskAssignmentTimeout"),
                                 std::string_view("minWorkerVersion"),
                                 std::string_view("parallelIndexTaskSlotRatio"),
                                 std::string_view("compressZnodes"),
                                 std::string_view("taskCleanupTimeout"),
                                 std::string_view("maxZnodeBytes"),
                                 std::string_view("taskShutdownLinkTimeout"),
                                 std::string_view("pendingTasksRunnerNumThreads"),
                                 std::string_view("maxRetriesBeforeBlacklist"),
                                 std::string_view("workerBlackListBackoffTime"),
                                 std::string_view("workerBlackListCleanupPeriod"),
                                 std::string_view("maxPercentageBlacklistWorkers"),
                                 std::string_view("workerSyncNumThreads"),
                                 std::string_view("shutdownTimeout"),
                                 std::string_view("syncRequestTimeout"),
                                 std::string_view("serverUnstabilityTimeout"),
                                 std::string_view("workerStatusCheckTimeout"),
                                 std::string_view("javaCommand"),
                                 std::string_view("classpath"),
                                 std::string_view("startPort"),
                                 std::string_view("endPort"),
                                 std::string_view("ports"),
                                 std::string_view("allowedPrefixes"),
                                 std::string_view("separateIngestionEndpoint")};

constexpr std::array other_families{std::string_view("k8sAndWorker.http.")};

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool has_family(std::span<const std::string_view> families, std::string_view name) {
  return std::any_of(families.begin(), families.end(),
                     [&](std::string_view f) { return name.starts_with(f); });
}

bool is_cluster_list(std::string_view name) {
  return name.starts_with("clusters") || name.starts_with("clusterSelector");
}

}  // namespace

PropertyVerdict judge(std::string_view name) {
  if (name == "javaOpts") {
    return {PropertyOwner::unsupported, "Druid's Kubernetes runner does not read it",
            "use `druid.indexer.runner.javaOptsArray` with a JSON array, or set JAVA_OPTS in the "
            "pod template"};
  }
  if (is_cluster_list(name)) {
    return {PropertyOwner::unsupported, "copse runs tasks in one cluster",
            "remove it, and name the cluster with `copse.cluster`"};
  }
  if (name == "advertisedPlaintextPort") {
    return {PropertyOwner::unknown, "", "no release of Druid is known to read it: remove it"};
  }
  if (contains(runner_names, name) || has_family(runner_families, name))
    return {PropertyOwner::runner, "", ""};
  if (contains(other_names, name) || has_family(other_families, name))
    return {PropertyOwner::other, "", ""};
  return {};
}

std::vector<std::string_view> known_runner_properties() {
  return {runner_names.begin(), runner_names.end()};
}

}  // namespace copse::adapters
