#pragma once
// The answer to one request: now, later, or piece by piece.
//
// All calls come from the loop's thread. No callback runs inside a call of this interface, and none
// after the Server is destroyed. When the client has gone away every call does nothing. A Responder
// may outlive its connection and its server.

#include "runner/http/message.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace copse::runner::http {

class Connection;

class Responder {
 public:
  using Callback = std::move_only_function<void()>;

  Responder(Responder&& other) noexcept = default;
  Responder& operator=(Responder&& other) noexcept;

  /// Unanswered: answers 500 and closes. Begun and not ended: breaks the connection, so that the
  /// client does not take a part for the whole.
  ~Responder();

  /// The whole answer. Only the first of `send` and `begin` counts.
  void send(Response response);

  /// Status and header lines of an answer that comes in pieces; `response.body` is its first.
  void begin(Response response);

  /// One piece, of any size. `done` is called when more is wanted: at once while the client keeps
  /// up, later when it does not, never when it is gone or after `end`. Wait for it: see
  /// Limits::stream_backlog.
  void write(std::string_view chunk, Callback done = {});

  /// The answer is complete.
  void end();

  /// Called once if the connection ends before the answer is complete, and not after this Responder
  /// is destroyed. Replaces an earlier callback. Set it in the handler's call, or ask `is_open`
  /// first: of a connection that is gone already it says nothing.
  void on_gone(Callback callback);

  /// An answer, or the next piece of it, still has a reader as far as is known.
  [[nodiscard]] bool is_open() const;

 private:
  friend class Connection;
  Responder(std::weak_ptr<Connection> connection, std::uint64_t exchange);
  void abandon() noexcept;

  std::weak_ptr<Connection> connection_;
  std::uint64_t exchange_ = 0;  ///< which request of the connection
};

}  // namespace copse::runner::http
