#pragma once
// An Overlord for as long as it leads: runner and queue, their pollers, requests and alarms. What
// is in here is lost when it ends. A driver: TaskQueue and TaskRunner decide.

#include "runner/http/client.hpp"
#include "runner/overlord/discovery.hpp"
#include "runner/overlord_sandbox/task_runner.hpp"
#include "runner/overlord_sandbox/worker_requests.hpp"

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::overlord_sandbox {

class Leadership {
 public:
  /// Begins to poll `workers`. `gave_up` is called when one of them cannot be heard of in time; it
  /// may destroy the Leadership.
  Leadership(Surroundings around, const std::vector<overlord::WorkerNode>& workers,
             std::move_only_function<void()> gave_up);
  Leadership(const Leadership&) = delete;
  Leadership& operator=(const Leadership&) = delete;
  ~Leadership();

  /// Every worker that was there at the beginning has been heard of: users are served.
  [[nodiscard]] bool is_ready() const;

  void add_worker(const overlord::WorkerNode& worker);
  void remove_worker(const std::string& host);

  /// A submitted task's id, or what is wrong with it.
  [[nodiscard]] std::expected<std::string, Refusal> submit(std::string_view json);
  void kill(const std::string& task_id);

  [[nodiscard]] const TaskRunner& runner() const;

  /// A request of a user that a worker answers. `path` begins with `/`. Fails when the worker is
  /// not known.
  void ask_worker(const std::string& host, std::string_view method, std::string_view path,
                  http::Replied replied);

  /// Misbehaviour has changed.
  void set_pollers();

 private:
  struct Core;
  std::unique_ptr<Core> core_;
};

}  // namespace copse::runner::overlord_sandbox
