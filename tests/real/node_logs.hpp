#pragma once
// The part of a kubelet that serves logs: HTTPS `/containerLogs/NAMESPACE/POD/CONTAINER` on
// loopback, with tailLines, limitBytes, sinceTime, sinceSeconds, timestamps and follow.
//
// All on the io_context's thread. The certificate is of its own authority: API servers without a
// kubelet authority do not check it.

#include "runner/sandbox/kubelet.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace boost::asio {
class io_context;
}

namespace copse::tests::real {

/// The machine of a pod by namespace and name, or null.
using FindPod =
    std::function<const runner::sandbox::PodMachine*(std::string_view ns, std::string_view name)>;

class NodeLogs {
 public:
  /// Listens on any free port of 127.0.0.1. Fails with the system's reason.
  [[nodiscard]] static std::expected<NodeLogs, std::string> listen(boost::asio::io_context& io,
                                                                   FindPod find);

  [[nodiscard]] std::uint16_t port() const;

  /// Looks whether followed logs have grown or ended.
  void look();

 private:
  struct Core;

  explicit NodeLogs(std::shared_ptr<Core> core) : core_(std::move(core)) {}

  std::shared_ptr<Core> core_;
};

}  // namespace copse::tests::real
