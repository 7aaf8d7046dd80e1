#pragma once
// A whole `copse serve` as a value, in front of a sandbox of its own in another process: the loop
// runs while something else asks it.

#include "runner/bench/sandbox_process.hpp"
#include "runner/service/service.hpp"

#include <array>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace copse::runner::bench {

/// What decides the tasks, and where the Jobs go.
struct CopseSetup {
  std::function<service::ServicePorts()> ports;  ///< head, decide and rebuild
  std::string namespace_name;                    ///< of the Jobs
  std::string owner;                             ///< their label `copse/owner`
  engine::Release release;
};

class ServedCopse {
 public:
  /// `folder` is made, for journal and logs. `overlord_url` may be of nobody. Fails with a text.
  [[nodiscard]] static std::expected<std::unique_ptr<ServedCopse>, std::string> start(
      const CopseSetup& setup, const SandboxProcess& cluster, const std::string& folder,
      const std::string& overlord_url);

  ServedCopse(const ServedCopse&) = delete;
  ServedCopse& operator=(const ServedCopse&) = delete;
  ~ServedCopse();

  /// Runs the loop until `holds`, which is looked at after every turn; false: it took too long.
  [[nodiscard]] bool until(const std::function<bool()>& holds);

  /// Runs the loop while `work` runs on another thread.
  void meanwhile(const std::function<void()>& work);

  [[nodiscard]] std::size_t count(service::TaskEvent::What what) const {
    return happened_[static_cast<std::size_t>(what)];
  }

  [[nodiscard]] std::string url() const;

  [[nodiscard]] const overlord::WorkerNode& node() const { return node_; }

  [[nodiscard]] service::ServiceView view() const { return service_->view(); }

 private:
  ServedCopse();

  std::unique_ptr<boost::asio::io_context> io_;
  overlord::WorkerNode node_;
  std::array<std::size_t, service::task_event_count> happened_{};
  std::string stuck_;
  std::unique_ptr<service::Service> service_;
};

}  // namespace copse::runner::bench
