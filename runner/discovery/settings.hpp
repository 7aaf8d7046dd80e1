#pragma once
// Where and how to announce, out of the properties: `copse.discovery.type` and Druid's own
// `druid.zk.*` and `druid.discovery.k8s.*`. Pure.

#include "engine/diagnostic.hpp"
#include "engine/properties.hpp"
#include "runner/discovery/pod.hpp"
#include "runner/discovery/zookeeper.hpp"

#include <expected>
#include <functional>
#include <string>
#include <variant>

namespace copse::runner::discovery {

/// `copse.discovery.type=none`: nothing announces us, and the Overlords are named by
/// `copse.overlord.url`.
struct NoDiscovery {};

using DiscoverySettings = std::variant<ZooKeeperOptions, PodOptions, NoDiscovery>;

/// Value of an environment variable; empty: not set.
using Environment = std::function<std::string(const std::string& name)>;

/// A session shorter than this is ended by any pause of the machine.
inline constexpr milliseconds shortest_session{1'000};
inline constexpr milliseconds longest_session{600'000};

/// Fails with codes C06xx: a property that cannot be so, or one that lacks.
[[nodiscard]] std::expected<DiscoverySettings, engine::Diagnostics> read_discovery(
    const engine::Properties& properties, const Environment& environment);

}  // namespace copse::runner::discovery
