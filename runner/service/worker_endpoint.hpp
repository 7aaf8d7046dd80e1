#pragma once
// The worker protocol over HTTP: joins requests, routes, history and Worker. It holds the polls
// that wait for news, each with its own deadline, and answers them in the same turn of the loop in
// which there is some.
//
// All calls are on the io_context's one thread.

#include "runner/http/message.hpp"
#include "runner/http/responder.hpp"
#include "runner/overlord/history.hpp"
#include "runner/service/worker.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace copse::runner::service {

/// A log that is wanted: answers for itself.
using LogPort = std::move_only_function<void(const std::string& task_id, std::int64_t offset,
                                             http::Responder responder)>;

class WorkerEndpoint {
 public:
  /// `worker` and `history` outlive the endpoint. `identity` is the `host:port` that is announced.
  WorkerEndpoint(boost::asio::io_context& io, Worker& worker, overlord::History& history,
                 std::string identity, LogPort logs);
  WorkerEndpoint(const WorkerEndpoint&) = delete;
  WorkerEndpoint& operator=(const WorkerEndpoint&) = delete;
  ~WorkerEndpoint();

  /// A request whose path overlord::is_worker_path. Until `set_ready` polls get 503: a task that
  /// is missing from a first answer would be failed at once.
  void handle(const http::Request& request, http::Responder responder);

  void set_ready();

  /// The history has grown.
  void news();

  /// Whether tasks can be taken at all; while not, the worker is announced as disabled whatever an
  /// administrator says.
  void set_unable(bool unable);

  /// It takes no new task and waits for its own: announced as disabled until an administrator
  /// enables it (Druid's `POST /druid/worker/v1/enable`), which ends the wait.
  void leave();
  [[nodiscard]] bool is_leaving() const;

  /// Answers all polls that are held: there is no news, and will be none.
  void finish();

  /// Polls that are held.
  [[nodiscard]] std::size_t held() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace copse::runner::service
