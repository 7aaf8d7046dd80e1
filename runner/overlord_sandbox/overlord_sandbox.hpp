#pragma once
// An Overlord in simulation: what a Druid 33.0.0 with `druid.indexer.runner.type=httpRemote` says
// to its workers and to its users, over real HTTP on loopback. See README.md for what it leaves
// out.
//
// * It lives on the caller's io_context, on its one thread; HostedOverlord gives it a thread.
// * It finds no workers by itself: they are added and removed as discovery would do it.
// * Its metadata store is the caller's, and outlives it: tasks and final statuses are there after
//   a restart, and two Overlords of one cluster share it.

#include "runner/http/failure.hpp"
#include "runner/overlord/discovery.hpp"
#include "runner/overlord_sandbox/facts.hpp"
#include "runner/overlord_sandbox/metadata.hpp"
#include "runner/overlord_sandbox/options.hpp"
#include "runner/overlord_sandbox/status.hpp"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace boost::asio {
class io_context;
}

namespace copse::runner::overlord_sandbox {

class OverlordSandbox {
 public:
  /// Listens, and leads.
  [[nodiscard]] static std::expected<std::unique_ptr<OverlordSandbox>, http::Failure> listen(
      boost::asio::io_context& io, Metadata& metadata, Options options);
  OverlordSandbox(const OverlordSandbox&) = delete;
  OverlordSandbox& operator=(const OverlordSandbox&) = delete;
  /// Ends without a word: polls are cut, nothing is called back.
  ~OverlordSandbox();

  [[nodiscard]] std::uint16_t port() const;
  /// `http://127.0.0.1:PORT`
  [[nodiscard]] std::string url() const;

  /// A worker is discovered, or is gone; known ones stay as they are. Over restarts they are
  /// discovered again.
  void add_worker(overlord::WorkerNode worker);
  void remove_worker(const std::string& host_port);

  /// As a user over HTTP: the task's id, or why it is refused.
  [[nodiscard]] std::expected<std::string, std::string> submit(std::string_view task);
  void kill(const std::string& task_id);

  /// What users are told of a task; nothing when it is unknown.
  [[nodiscard]] std::optional<TaskReport> task(const std::string& task_id) const;
  [[nodiscard]] const Facts& facts() const;
  /// It leads, and has heard of every worker.
  [[nodiscard]] bool is_ready() const;

  /// The process ends and starts again: what was in memory is lost.
  void restart();
  /// The process is gone, and comes back at the same port. Fails when the port is taken meanwhile.
  void go_down();
  [[nodiscard]] std::expected<void, http::Failure> come_up();

  /// It leads, as after a restart.
  void lead();
  /// Another one leads: users are redirected to `url`, workers are not spoken to.
  void follow(std::string url);
  /// Nobody leads: users get 503.
  void lose_leader();

  void misbehave(Misbehaviour misbehaviour);

 private:
  struct Core;
  explicit OverlordSandbox(std::unique_ptr<Core> core);

  std::unique_ptr<Core> core_;
};

}  // namespace copse::runner::overlord_sandbox
