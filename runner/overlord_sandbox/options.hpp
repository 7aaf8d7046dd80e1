#pragma once
// How an Overlord of the sandbox is set up, and how it may be made to misbehave. Times have the
// defaults of Druid 33.0.0; tests make them short.

#include "runner/http/client.hpp"
#include "runner/http/message.hpp"
#include "runner/http/responder.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace copse::runner::overlord_sandbox {

using std::chrono::milliseconds;
using Time = std::chrono::steady_clock::time_point;

/// `druid.indexer.runner.*` and `druid.indexer.queue.*`.
struct Times {
  /// syncRequestTimeout: how long a worker may hold a poll. The Overlord waits `sync_margin` more.
  milliseconds sync{180'000};
  milliseconds sync_margin{5'000};
  milliseconds assign_request{60'000};    ///< assignRequestHttpTimeout
  milliseconds shutdown_request{60'000};  ///< shutdownRequestHttpTimeout
  /// taskAssignmentTimeout: from the answer to an assignment to the task's announcement.
  milliseconds assignment{300'000};
  /// taskCleanupTimeout: from the loss of a worker until its tasks fail.
  milliseconds cleanup{900'000};
  /// First pause before something is tried again; doubles up to `retry_limit`.
  milliseconds retry{1'000};
  milliseconds retry_limit{60'000};
  /// startDelay: from the lead to the first look at the tasks of the metadata store. Druid's is a
  /// minute.
  milliseconds queue_start{0};
  /// Pause between two looks at all tasks: the shortest, while there are reasons to look …
  milliseconds management{100};
  /// … and the longest.
  milliseconds idle_management{60'000};
  /// How long a new leader waits for the first answer of every worker, before it gives up the lead.
  /// In Druid three times sync + sync_margin.
  milliseconds lead{555'000};
};

struct Options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free port
  std::string version = "33.0.0";
  /// Folder of Druid's `file` task-log store; empty: nothing has a log or report.
  std::string log_directory = {};
  std::uint32_t assignment_threads = 1;      ///< pendingTasksRunnerNumThreads
  std::uint32_t request_tries = 3;           ///< assignRequestMaxRetries, shutdownRequestMaxRetries
  double parallel_slot_ratio = 1;            ///< parallelIndexTaskSlotRatio
  std::string minimal_worker_version = "0";  ///< minWorkerVersion
  Times times = {};
  /// Who the Overlord is towards its workers, and whom it trusts.
  http::ClientOptions client = {};
  /// Whom it serves; absent: everybody. Others get 401, as with druid-basic-security.
  std::optional<http::Credentials> users = std::nullopt;
  std::uint64_t seed = 1;  ///< of back-off and of made-up task ids
  /// A task has moved: submitted, assigned, running, located, ended. On the Overlord's thread.
  std::function<void(const std::string& task_id)> changed = {};
  /// Answers requests below `/sandbox/` but for `/sandbox/facts`; false: it knows no such path.
  std::function<bool(const http::Request&, http::Responder&)> control = {};
};

/// When a user kills a task.
enum class KillMoment : std::uint8_t {
  pending,   ///< before it is assigned
  assigned,  ///< while the assignment is on its way
  accepted,  ///< when the worker has answered
  running,   ///< when RUNNING is announced
  located    ///< when its location is announced
};

/// What does not happen on good days.
struct Misbehaviour {
  milliseconds answer_after{0};  ///< users wait for answers; the worker protocol goes on
  bool assign_twice = false;     ///< each assignment goes out twice, side by side
  bool two_pollers = false;      ///< a second poll of each worker, as while the lead changes
  std::map<std::string, KillMoment> kills = {};  ///< by task id, once each
};

}  // namespace copse::runner::overlord_sandbox
