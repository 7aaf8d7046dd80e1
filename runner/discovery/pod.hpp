#pragma once
// Announces a worker by labels and an annotation of its own pod, as druid-kubernetes-extensions
// does, and follows which Overlord holds the election's ConfigMap. See announcer.hpp for the
// contract; pod_label.hpp decides.
//
// Rights (a Role in the pod's namespace): get and patch on pods; get on configmaps, in the
// Overlord's namespace.

#include "runner/discovery/news.hpp"
#include "runner/kube/transport.hpp"
#include "runner/overlord/discovery.hpp"

#include <memory>
#include <string>

namespace copse::runner::discovery {

/// Between two looks at the election (Druid's retryPeriod).
inline constexpr milliseconds default_leader_poll{5'000};

struct PodOptions {
  std::string cluster_identifier;  ///< druid.discovery.k8s.clusterIdentifier
  std::string pod;                 ///< our own, out of POD_NAME
  std::string pod_namespace;       ///< out of POD_NAMESPACE
  std::string leader_namespace;    ///< of the ConfigMap; empty: the pod's
  milliseconds leader_poll = default_leader_poll;
};

class PodAnnouncer {
 public:
  /// `transport` outlives the announcer. Keeps its io_context busy as long as it lives.
  PodAnnouncer(kube::Transport& transport, PodOptions options, News news);
  PodAnnouncer(const PodAnnouncer&) = delete;
  PodAnnouncer& operator=(const PodAnnouncer&) = delete;
  ~PodAnnouncer();

  void announce(const overlord::WorkerNode& node);
  void withdraw(std::move_only_function<void()> done);
  void cycle();
  [[nodiscard]] const std::string& leader() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

/// `[a-z0-9][a-z0-9-]*[a-z0-9]`, as Druid demands.
[[nodiscard]] bool is_cluster_identifier(std::string_view text);

}  // namespace copse::runner::discovery
