#pragma once
// Where Overlords and workers find each other, ZooKeeper or Kubernetes: does it answer copse, and
// whom does it name as the leading Overlord? `examine_…` ask and announce nothing, `judge_…` are
// pure.

#include "runner/discovery/pod.hpp"
#include "runner/discovery/zookeeper.hpp"
#include "runner/doctor/cluster.hpp"
#include "runner/doctor/row.hpp"

#include <optional>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace copse::runner::doctor {

struct ZooKeeperServer {
  std::string address;  ///< HOST:PORT
  bool accepts = false;
};

struct ZooKeeperFacts {
  std::vector<ZooKeeperServer> servers;
  std::string base;
  std::string leader;   ///< URL; empty: none was seen
  std::string trouble;  ///< what the session said; empty: nothing
};

/// Takes at most connect_deadline and leader_deadline.
[[nodiscard]] ZooKeeperFacts examine_zookeeper(boost::asio::io_context& io,
                                               const discovery::ZooKeeperOptions& options);

[[nodiscard]] Row judge_zookeeper(const ZooKeeperFacts& facts);

/// The servers out of `druid.zk.service.host` as zookeeper_servers gives it: without a chroot, each
/// with its port.
[[nodiscard]] std::vector<std::string> server_addresses(const std::string& servers);

struct PodFacts {
  std::string pod;  ///< NAMESPACE/NAME
  ApiAnswer own_pod;
  std::string election;  ///< NAMESPACE/NAME of the ConfigMap
  ApiAnswer config_map;
};

/// Takes at most twice api_deadline.
[[nodiscard]] PodFacts examine_pod(kube::Transport& transport,
                                   const discovery::PodOptions& options);

[[nodiscard]] Rows judge_pod(const PodFacts& facts);

/// The leading Overlord's URL; empty: the election names none.
[[nodiscard]] std::string leader_of(const PodFacts& facts);

}  // namespace copse::runner::doctor
