#pragma once
// HTTP/1.1 for one Cluster: accepts connections, carries messages to the Api, pumps streams and
// keeps the cluster's time. Owns no thread: everything happens inside `run` of the thread that
// calls it.
//
// Third-party types stay in the .cpp files; only `post` and `stop` may be called from another
// thread.

#include "runner/sandbox/api.hpp"
#include "runner/sandbox/certificates.hpp"
#include "runner/sandbox/clock.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace copse::runner::sandbox {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                    ///< 0: any free port
  std::optional<Certificates> certificates;  ///< present: HTTPS
  /// A watch whose client has not taken one write while this many changes happened is ended.
  std::uint64_t watch_backlog = 4096;
};

class Server {
 public:
  /// Listens. The cluster, api and clock must outlive it.
  [[nodiscard]] static std::expected<std::unique_ptr<Server>, Failure> listen(
      Cluster& cluster, Api& api, Clock& clock, ServerOptions options);
  ~Server();

  [[nodiscard]] std::uint16_t port() const;
  /// Serves until `stop`.
  void run();
  /// Runs `work` on the serving thread, then lets the cluster react. Any thread.
  void post(std::function<void()> work);
  /// Makes `run` return. Any thread.
  void stop();

 private:
  struct Machinery;
  explicit Server(std::unique_ptr<Machinery> machinery);

  std::unique_ptr<Machinery> machinery_;
};

}  // namespace copse::runner::sandbox
