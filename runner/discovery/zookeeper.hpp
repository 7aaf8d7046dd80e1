#pragma once
// Announces a worker in ZooKeeper, as Druid's own services do, and follows which Overlord leads
// there. See announcer.hpp for the contract; zk_session.hpp and zk_latch.hpp decide.
//
// The znode is `BASE/internal-discovery/MIDDLE_MANAGER/HOST:PORT`, ephemeral, its data plain JSON
// (Druid's readers take it with or without gzip). Nodes above it are made where they are missing.
//
// Threads: libzookeeper's two, and one that makes and ends its handles, which may block on a
// look-up or a farewell. The loop never waits for them.

#include "runner/discovery/news.hpp"
#include "runner/kube/credentials.hpp"
#include "runner/overlord/discovery.hpp"

#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace copse::runner::discovery {

/// How long a session outlives a process that died without a word. Druid's own default is 30 s; an
/// Overlord cannot assign anything while a dead worker is announced, so ours is short. A server
/// grants no less than twice its tick (4 s by default).
inline constexpr milliseconds default_session{10'000};

struct ZooKeeperOptions {
  std::string servers = "localhost:2181";  ///< druid.zk.service.host, as zookeeper_servers gives it
  std::string base = "/druid";             ///< druid.zk.paths.base
  milliseconds session = default_session;  ///< druid.zk.service.sessionTimeoutMs
  bool acl = false;                    ///< druid.zk.service.acl: only who creates a node may use it
  std::string auth_scheme = "digest";  ///< druid.zk.service.authScheme
  std::string user;                    ///< druid.zk.service.user; empty: nobody in particular
  kube::Secret password;               ///< druid.zk.service.pwd
};

/// The longest wait of the destructor for the session's end; what takes longer is left behind.
inline constexpr milliseconds farewell_patience{1'000};

class ZooKeeperAnnouncer {
 public:
  /// Connects at once. Keeps `io` busy as long as it lives.
  ZooKeeperAnnouncer(boost::asio::io_context& io, ZooKeeperOptions options, News news);
  ZooKeeperAnnouncer(const ZooKeeperAnnouncer&) = delete;
  ZooKeeperAnnouncer& operator=(const ZooKeeperAnnouncer&) = delete;
  ~ZooKeeperAnnouncer();

  void announce(const overlord::WorkerNode& node);
  void withdraw(std::move_only_function<void()> done);
  void cycle();
  [[nodiscard]] const std::string& leader() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

/// `druid.zk.service.host` as libzookeeper takes it: each host with a port (2181 where none is
/// given), IPv6 addresses without brackets, no blanks; a chroot stays.
[[nodiscard]] std::string zookeeper_servers(std::string_view property);

}  // namespace copse::runner::discovery
