#pragma once
// Announces copse as a Druid worker and follows which Overlord leads: one interface for ZooKeeper
// (zookeeper.hpp) and Kubernetes (pod.hpp).
//
// One thread: the io_context's. No call blocks; all that happens is told by News. The destructor is
// safe at any time, also from within News and with a withdrawal under way, whose `done` is not
// called then. It takes nothing back: in ZooKeeper the session ends with it (or soon after), the
// labels of a pod stay. An announcer keeps its io_context busy.

#include "runner/discovery/pod.hpp"
#include "runner/discovery/zookeeper.hpp"

#include <functional>
#include <memory>
#include <string>
#include <variant>

namespace copse::runner::discovery {

class Announcer {
 public:
  explicit Announcer(std::unique_ptr<ZooKeeperAnnouncer> in_zookeeper)
      : where_(std::move(in_zookeeper)) {}

  explicit Announcer(std::unique_ptr<PodAnnouncer> on_pod) : where_(std::move(on_pod)) {}

  /// From now on the worker is announced, and again whenever that is lost. `host` and `port` are
  /// the same in each call; other changes replace the announcement.
  void announce(const overlord::WorkerNode& node) {
    std::visit([&](auto& each) { each->announce(node); }, where_);
  }

  /// Takes the announcement back. `done` is called once, when nothing announces us any more or
  /// after a bound (withdraw_patience of either kind), trouble being told before; at once when
  /// nothing was announced; also when `announce` is called meanwhile. The leader is followed on.
  void withdraw(std::move_only_function<void()> done) {
    std::visit([&](auto& each) { each->withdraw(std::move(done)); }, where_);
  }

  /// The Overlord's list of workers (`GET /druid/indexer/v1/workers`) lacks us: withdraws and
  /// announces anew. Ignored while not announced, and for cycle_patience after `announced`, so that
  /// it may be called after each look at that list.
  void cycle() {
    std::visit([](auto& each) { each->cycle(); }, where_);
  }

  /// The Overlord that led last, as `http://host:port`; empty: none was seen yet.
  [[nodiscard]] const std::string& leader() const {
    return std::visit([](auto& each) -> const std::string& { return each->leader(); }, where_);
  }

 private:
  std::variant<std::unique_ptr<ZooKeeperAnnouncer>, std::unique_ptr<PodAnnouncer>> where_;
};

}  // namespace copse::runner::discovery
