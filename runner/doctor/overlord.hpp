#pragma once
// The Overlord: is it reached, does it lead, which release is it, does it hand tasks to workers at
// all, and which of its settings hurt a worker such as copse? `examine_overlord` asks,
// `judge_overlord` is pure.
//
// Settings and defaults: Druid's configuration reference, HttpRemoteTaskRunnerConfig,
// TaskStorageConfig. That an unset runner type means httpRemote holds since Druid 24.

#include "runner/doctor/row.hpp"
#include "runner/overlord/overlord_client.hpp"

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace boost::asio {
class io_context;
}

namespace copse::runner::doctor {

/// What came of a question; nothing: no answer within overlord_deadline.
using OverlordAnswer = std::optional<std::expected<std::string, overlord::OverlordFailure>>;

struct OverlordFacts {
  std::string url;            ///< whom the answers are of
  OverlordAnswer status;      ///< /status; the rest is only asked when it came
  OverlordAnswer workers;     ///< of the leader
  OverlordAnswer properties;  ///< /status/properties
};

/// What copse itself is set to, as far as both sides have to agree.
struct OwnSide {
  std::string host_port;
  std::string worker_version = "0";
  std::string zookeeper_base;      ///< empty: not announced by ZooKeeper
  std::string cluster_identifier;  ///< empty: not announced by Kubernetes
  std::string logs_directory;      ///< of the task-log store, whose type is `file`
};

/// Takes at most three overlord_deadlines.
[[nodiscard]] OverlordFacts examine_overlord(boost::asio::io_context& io,
                                             overlord::OverlordClient& client);

[[nodiscard]] Rows judge_overlord(const OverlordFacts& facts, const OwnSide& own);

using OverlordProperties = std::map<std::string, std::string, std::less<>>;

/// The rows about its settings; one for each that matters.
[[nodiscard]] Rows judge_overlord_properties(const OverlordProperties& properties,
                                             const OwnSide& own);

/// Assignment threads that are recommended.
inline constexpr std::int64_t enough_assignment_threads = 10;

/// What an Overlord should wait for a worker that is gone: enough for a slow restart of copse.
inline constexpr std::int64_t enough_cleanup_minutes = 30;

}  // namespace copse::runner::doctor
