#pragma once
// An HTTP/1.1 server on the caller's io_context: reads whole requests, hands each to one handler,
// writes the answers in the order of the requests.
//
// It knows no routes and no users: the handler gets the texts to decide by. What is malformed, too
// large or too slow never reaches the handler; it is answered with `{"error": "…"}`, as Druid does.
//
// * Everything happens on the io_context's one thread; the server starts none. All calls come from
//   that thread, or while it does not run. The io_context outlives the server.
// * A connection answers one request at a time; pipelined ones wait their turn.
// * A client that closes its side counts as gone while its request waits for an answer.
// * A body is kept whole until the handler has seen it: memory is bounded by connections times
//   body_bytes, and untouched by what is only announced.

#include "runner/http/failure.hpp"
#include "runner/http/message.hpp"
#include "runner/http/options.hpp"
#include "runner/http/responder.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace copse::runner::http {

struct ServerCore;

/// Answers at once or keeps the Responder. Should not throw: that gives 500 and closes.
using Handler = std::move_only_function<void(const Request&, Responder)>;

class Server {
 public:
  /// Listens. Requests are served whenever `io` runs.
  [[nodiscard]] static std::expected<std::unique_ptr<Server>, Failure> listen(
      boost::asio::io_context& io, Options options, Handler handler);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// As `stop`, but nobody is called back.
  ~Server();

  [[nodiscard]] std::uint16_t port() const;

  /// Reads the certificates again; new connections get them. On a failure those in force stay.
  /// Without TLS it does nothing.
  [[nodiscard]] std::expected<void, Failure> reload();

  /// Step one of ending: accepts nothing more, closes idle connections, answers what is under way
  /// with `Connection: close`. Held requests are the handler's to answer. `done` is called when the
  /// last connection has ended.
  void drain(std::move_only_function<void()> done = {});

  /// Step two: closes everything now. Waiting requests hear of it by `on_gone`.
  void stop();

  [[nodiscard]] Counters counters() const;

 private:
  explicit Server(std::shared_ptr<ServerCore> core);

  std::shared_ptr<ServerCore> core_;
};

}  // namespace copse::runner::http
