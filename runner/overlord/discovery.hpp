#pragma once
// How a worker is found: the documents that Druid's services read to discover it, by ZooKeeper
// (druid-server: CuratorDruidNodeAnnouncer) or Kubernetes (druid-kubernetes-extensions), and those
// that tell a worker which Overlord leads. Pure.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::overlord {

/// A worker as the Overlord sees it. `host:port` is its identity: it stays the same over restarts,
/// or the Overlord kills what ran under the other name.
struct WorkerNode {
  std::string host;
  std::uint16_t port = 8091;
  bool tls = false;
  std::string service = "druid/middlemanager";
  std::uint32_t capacity = 1;  ///< task slots
  std::string version = "0";   ///< compared as text with the Overlord's minWorkerVersion
  std::string category = "copse";
  std::string start_time;  ///< ISO 8601

  [[nodiscard]] std::string host_port() const { return host + ":" + std::to_string(port); }
};

/// The DiscoveryDruidNode. Every port is written: what is left out would be filled in with the
/// reader's own.
[[nodiscard]] std::string discovery_document(const WorkerNode& node);

/// Where an ephemeral znode with that document announces the worker; `base` is
/// `druid.zk.paths.base`.
[[nodiscard]] std::string announcement_path(std::string_view base, const WorkerNode& node);

/// Under which the Overlords stand in line for the lead.
[[nodiscard]] std::string leader_latch_path(std::string_view base);

/// The participant that leads: the one with the lowest sequence number, which a name ends in
/// (`_c_UUID-latch-0000000001`). Empty: nobody stands there.
[[nodiscard]] std::string leading_participant(const std::vector<std::string>& names);

/// What a pod's metadata says of a worker, in this order: that it is one, the hash of its host and
/// port, the cluster's identifier (labels), its document (an annotation). Nothing: not there.
using PodMarks = std::array<std::optional<std::string>, 4>;

/// The marks that announce `node`.
[[nodiscard]] PodMarks announcing_marks(const WorkerNode& node,
                                        std::string_view cluster_identifier);

struct PodMetadata {
  PodMarks marks;
  bool has_labels = true;       ///< has any; else the object that holds them is not there
  bool has_annotations = true;  ///< the same
};

/// Nothing when `pod_json` is no object with metadata.
[[nodiscard]] std::optional<PodMetadata> pod_metadata(std::string_view pod_json);

/// JSON patches (RFC 6902) of the own pod, as it is `there`, that announce and withdraw the worker:
/// labels and annotation come and go in one request, or the Overlord's discovery breaks for all
/// workers. They are refused when the pod has changed in between so that they do not apply.
[[nodiscard]] std::string announcing_patch(const PodMarks& wanted, const PodMetadata& there);
[[nodiscard]] std::string withdrawing_patch(const PodMarks& there);

/// `String.hashCode` of Java, over UTF-16.
[[nodiscard]] std::int32_t java_hash(std::string_view utf8);

/// URL of the Overlord that holds the election's ConfigMap, out of the value of its annotation
/// `control-plane.alpha.kubernetes.io/leader`; nothing when it names none.
[[nodiscard]] std::optional<std::string> leader_of(std::string_view annotation);

/// The same, out of the ConfigMap.
[[nodiscard]] std::optional<std::string> leader_of_config_map(std::string_view json);

/// Name of that ConfigMap.
[[nodiscard]] std::string leader_config_map(std::string_view cluster_identifier);

}  // namespace copse::runner::overlord
