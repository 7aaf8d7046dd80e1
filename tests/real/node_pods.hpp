#pragma once
// The pods of a node: a PodMachine for each pod that the API server shows, and its wishes carried
// out there.
//
// `see` and `find` belong to the io_context's thread, which also owns the machines and their
// timers. What a machine asks for is sent by a pool of threads, the requests of one pod one after
// another.

#include "runner/sandbox/kubelet.hpp"
#include "tests/real/node_client.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace boost::asio {
class io_context;
}

namespace copse::tests::real {

struct NodeOptions {
  std::string name = "sandbox-1";
  std::string files;  ///< folder for the files that containers leave; empty: they are dropped
};

/// Cluster time as it is: the machine's own clock.
[[nodiscard]] runner::sandbox::Moment now();

class NodePods {
 public:
  /// `io` and `client` outlive it.
  NodePods(boost::asio::io_context& io, NodeClient& client, NodeOptions options);
  NodePods(const NodePods&) = delete;
  NodePods& operator=(const NodePods&) = delete;
  /// Waits for requests under way.
  ~NodePods();

  /// One line of a watch of all pods. A pod that is told again is known already.
  void see(std::string_view event);

  /// The pod of that name, or null. Valid until control returns to the io_context.
  [[nodiscard]] const runner::sandbox::PodMachine* find(std::string_view ns,
                                                        std::string_view name) const;

  /// Called whenever a machine has taken a step: a log may have ended.
  std::function<void()> stepped;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace copse::tests::real
