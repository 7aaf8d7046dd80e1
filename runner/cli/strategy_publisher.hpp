#pragma once
// Keeps the Overlord's worker configuration in line with the runner strategy
// (copse.runnerStrategy.publish): asks for the one in force, writes another only when it says
// something else, and looks again now and then. One thread, the io_context's.

#include "engine/policy.hpp"
#include "runner/overlord/overlord_client.hpp"
#include "runner/overlord/worker_config.hpp"
#include "runner/service/service.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace copse::runner::cli {

/// Between two looks at the configuration in force.
inline constexpr std::chrono::milliseconds worker_config_interval{60'000};

/// Before an Overlord that did not answer, or is not known yet, is asked again.
inline constexpr std::chrono::milliseconds worker_config_retry{2'000};

/// What is to be published.
struct Published {
  std::optional<engine::Policy> runner;  ///< absent: there is no runner strategy
  overlord::WorkerCategories categories;
  overlord::TaskTypes seen;
  std::string policy;   ///< its name, for the Overlord's history
  std::string version;  ///< of the policy
};

class StrategyPublisher {
 public:
  using Log = std::function<void(const service::ServiceEvent&)>;

  /// `client` outlives it. `wanted` is asked before each look.
  StrategyPublisher(boost::asio::io_context& io, overlord::OverlordClient& client,
                    std::function<Published()> wanted, Log log);
  StrategyPublisher(const StrategyPublisher&) = delete;
  StrategyPublisher& operator=(const StrategyPublisher&) = delete;
  ~StrategyPublisher();

  /// Looks now: the policy has changed, or a new type was seen.
  void look();

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace copse::runner::cli
