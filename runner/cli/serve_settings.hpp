#pragma once
// What `copse serve` is told by properties of its own (`copse.*`) and by those of Druid that say
// how services find each other: values, read once, with all that is wrong about them. Pure but for
// the host's name and the environment, which are handed in.
//
// Names and defaults are those of the table of properties in runner/cli/README.md.

#include "adapters/settings.hpp"
#include "engine/diagnostic.hpp"
#include "engine/properties.hpp"
#include "runner/discovery/settings.hpp"
#include "runner/http/client.hpp"
#include "runner/http/options.hpp"
#include "runner/overlord/discovery.hpp"
#include "runner/overlord/leader.hpp"
#include "runner/service/worker_auth.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace copse::runner::cli {

/// Task slots that are announced at most: what one copse was built for.
inline constexpr std::uint32_t worker_capacity_limit = 10'000;

struct ServeSettings {
  overlord::WorkerNode node;
  http::Options http;
  http::ClientOptions self;
  service::WorkerAuth worker_auth;
  http::ClientOptions overlord;
  std::vector<std::string> overlord_urls;
  discovery::DiscoverySettings discovery;
  std::string cluster;  ///< copse.cluster
  std::string policy;   ///< copse.policy; empty: none
  std::string state = "./state";
  std::string log_directory;  ///< of the task-log store
  bool publish_runner_strategy = false;
  bool is_strict = false;  ///< copse.policy.strict
};

/// What is not in the properties.
struct Surroundings {
  std::string host_name;
  discovery::Environment environment;
};

struct ServeReading {
  std::optional<ServeSettings> settings;  ///< absent when a diagnostic is an error
  engine::Diagnostics diagnostics;
  ServeSettings found;  ///< as far as it could be read, errors or not: to look at, not to serve by
};

/// Those of this process.
[[nodiscard]] Surroundings surroundings_of_process();

[[nodiscard]] ServeReading read_serve_settings(const engine::Properties& properties,
                                               const Surroundings& surroundings);

/// Properties that the environment sets, as Druid's images do it: `druid_indexer_runner_namespace`
/// is druid.indexer.runner.namespace; `__` stands for an underscore; `copse_…` likewise.
[[nodiscard]] engine::Properties environment_properties(const char* const* environment);

}  // namespace copse::runner::cli
