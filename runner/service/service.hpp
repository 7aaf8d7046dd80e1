#pragma once
// `copse serve` as a value: everything between an Overlord and a cluster, on one io_context.
//
// It opens the journal and listens at once; then, step by step and each as often as it takes:
//
//     cluster answers -> the Overlord's release is known -> tasks are taken up, polls are answered
//     -> its own address leads to itself -> it announces itself
//
// so that an Overlord never sees a worker that cannot answer (R2, R6). With tasks in the journal a
// cluster that is away does not hold the rest up: the Overlord waits for them.
//
// All calls and callbacks are on the io_context's one thread.

#include "engine/release.hpp"
#include "runner/discovery/announcer.hpp"
#include "runner/http/client.hpp"
#include "runner/http/message.hpp"
#include "runner/http/options.hpp"
#include "runner/http/responder.hpp"
#include "runner/kube/credentials.hpp"
#include "runner/overlord/acknowledgement.hpp"
#include "runner/overlord/overlord_client.hpp"
#include "runner/service/task_logs.hpp"
#include "runner/service/worker.hpp"
#include "runner/service/worker_auth.hpp"

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace copse::runner::service {

/// First and longest pause between two tries of a step.
inline constexpr std::chrono::milliseconds first_step_pause{500};
inline constexpr std::chrono::milliseconds longest_step_pause{15'000};

/// How long the Overlord is asked for its release before the newest that is known is followed.
inline constexpr std::chrono::milliseconds release_patience{60'000};

/// Between two looks whether the Overlord knows us.
inline constexpr std::chrono::milliseconds worker_list_interval{30'000};

/// Longest wait of `drain`: for the announcement to go, and for answers to be taken.
inline constexpr std::chrono::milliseconds drain_patience{15'000};

/// Something for the log: one line.
struct ServiceEvent {
  enum class Level : std::uint8_t { debug, info, warning, error };
  Level level = Level::info;
  std::string_view what;  ///< one of few: `announced`, `task ended`, …
  std::vector<std::pair<std::string_view, std::string>> fields;
};

struct ServiceOptions {
  kube::ClusterAccess access;
  RunnerOptions runner;
  std::optional<LogStore> logs;
  std::string state_folder;   ///< of the journal
  overlord::WorkerNode node;  ///< what is announced
  http::Options http;         ///< where it listens
  http::ClientOptions self;   ///< how its own address is called
  WorkerAuth worker_auth;
  http::ClientOptions overlord;  ///< how the Overlord is asked
  std::vector<std::string> overlord_urls;
  std::optional<engine::Release> release;  ///< absent: the Overlord's own
  /// From a task's end until the Overlord is asked whether it knows.
  std::chrono::milliseconds first_question = overlord::first_question;
};

/// What the service asks of others.
struct ServicePorts {
  decltype(WorkerPorts::head) head;
  decltype(WorkerPorts::decide) decide;
  decltype(WorkerPorts::rebuild) rebuild;

  /// The release to follow is known. Before any of the above.
  std::move_only_function<void(engine::Release)> release;

  /// Announces the worker; nothing: nobody does (copse.discovery.type=none).
  std::function<std::optional<discovery::Announcer>(
      boost::asio::io_context& io, kube::Transport& transport, discovery::News news)>
      announcer;

  std::move_only_function<void(const ServiceEvent&)> log;
  std::move_only_function<void(const TaskEvent&)> happened;
  std::move_only_function<void(std::chrono::microseconds)> journaled = {};  ///< may be empty

  /// A person must change something before it can begin: it will not get any further.
  std::move_only_function<void(const std::string& text)> stuck;

  /// It was asked to drain (`POST /copse/v1/drain`), and has no task any more. Once; may be empty.
  std::move_only_function<void()> left = {};

  /// What further paths show, to be read only; nothing: there is no such path. May be empty.
  std::move_only_function<std::optional<http::Response>(std::string_view path)> shown = {};
};

/// Who may speak the worker protocol may POST here: no new task is taken, and once the Overlord
/// knows the end of the last one ServicePorts::left is called. Druid's `POST
/// /druid/worker/v1/enable` takes it back. `/status` says how far it is.
inline constexpr std::string_view drain_path = "/copse/v1/drain";

/// Between two looks whether the last task is over.
inline constexpr std::chrono::milliseconds leaving_look{200};

/// From the end of the last task to `left`: who asks `/status` meanwhile sees that none is left.
inline constexpr std::chrono::milliseconds leaving_rest{2'000};

/// What can be seen of a service, for `/metrics`, `/status` and tests.
struct ServiceView {
  bool is_ready = false;  ///< state is recovered: polls are answered
  bool is_announced = false;
  bool is_draining = false;  ///< leaves, or waits for its tasks to end before it does
  bool is_disabled = false;
  std::size_t tasks = 0;
  std::size_t unacknowledged = 0;
  std::size_t held_polls = 0;
  std::size_t open_logs = 0;
  kube::Counters cluster;
  WatchFigures watches;
  http::Counters http;
  store::Figures journal;
  std::string leader;
};

class Service {
 public:
  /// Opens the journal, listens, and begins. Fails with place, cause and remedy. `io` outlives it.
  [[nodiscard]] static std::expected<std::unique_ptr<Service>, std::string> start(
      boost::asio::io_context& io, ServiceOptions options, ServicePorts ports);

  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  /// Lets go at once: what is in the cluster stays, what is queued for the journal is written.
  ~Service();

  /// Un-announces itself, then finishes answers; Jobs run on. `done` is called once.
  void drain(std::move_only_function<void()> done);

  /// Reads the certificates again.
  void reload_certificates();

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] ServiceView view() const;
  [[nodiscard]] overlord::OverlordClient& overlord_client();
  [[nodiscard]] const Worker& worker() const;

 private:
  struct Core;
  explicit Service(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;
};

}  // namespace copse::runner::service
