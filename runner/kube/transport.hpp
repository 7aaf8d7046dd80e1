#pragma once
// HTTP towards one API server: requests with deadlines, and streams, all on one io_context and its
// one thread.
//
// It sends what it is told, in the order it was told within a class, and says how it ended. It does
// not know what a Job is and does not repeat requests, with one exception: a 401 makes it renew the
// credential and send the same request once more (the server has done nothing). libcurl itself
// repeats a request when a connection that it had kept turns out to be dead before the first byte
// of an answer; so a `create` may meet the object that its own first sending made, as a 409.
//
// * Sockets: over TLS 4 HTTP/2 connections carry all unary requests; each watch or followed log has
// one of its
//   own (HTTP/1.1), so that a cut stream takes nothing else with it. Plain http: at most 16 for
//   unary.
// * Flight: each class (create; remove; everything else) has a window (window.hpp) and a queue
// behind it.
//   Creates never use more than three quarters of the room, so that deletes and reads are never
//   starved.
// * Threads: none of its own. libcurl resolves a host name in a thread that lives as long as the
// look-up.
// * Callbacks run on the io_context's thread, never from inside a call of this interface, and never
// after
//   `cancel` or the destructor. All calls come from that thread. A Transport must not be destroyed
//   from within `StreamHandlers::chunk` or `opened`; from within a `Done` or `closed` it may.
// * The program ignores SIGPIPE.

#include "runner/kube/credentials.hpp"
#include "runner/kube/failure.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace boost::asio {
class io_context;
}

namespace copse::runner::kube {

using std::chrono::milliseconds;

/// Deadlines from the moment a request leaves the queue. The server ends a write after 34 s, so
/// that with a few seconds more the outcome of a write is nearly always known.
inline constexpr milliseconds create_deadline{40'000};
inline constexpr milliseconds remove_deadline{40'000};
inline constexpr milliseconds patch_deadline{40'000};
inline constexpr milliseconds get_deadline{30'000};
inline constexpr milliseconds list_deadline{60'000};
inline constexpr milliseconds log_deadline{60'000};
inline constexpr milliseconds version_deadline{15'000};
inline constexpr milliseconds probe_deadline{10'000};
/// From asking for a stream to its response header.
inline constexpr milliseconds open_deadline{30'000};

/// Pause between two requests of a class that are answered with 401 although nothing better to log
/// in with can be had: who is not known is not known in the next request either.
inline constexpr std::chrono::seconds unauthorized_pause{1};

struct TransportOptions {
  unsigned lanes = 4;  ///< HTTP/2 connections; one falls behind, four measured 30 to 60 % faster
  long http1_connections = 4;  ///< per lane, where the server speaks only HTTP/1.1
  std::uint32_t room_http2 =
      256;  ///< unary requests in flight over TLS: 64 streams each, below any server's limit
  std::size_t queue_limit =
      16'384;                 ///< waiting requests of one class; a runner has at most 10,000 tasks
  unsigned log_streams = 32;  ///< followed logs at a time; more wait
  std::array<milliseconds, verb_count> deadlines{
      create_deadline, get_deadline, list_deadline,    open_deadline, remove_deadline,
      patch_deadline,  log_deadline, version_deadline, probe_deadline};  ///< by Verb
  milliseconds token_reread{60'000};         ///< age at which a token file is read again
  milliseconds certificate_reread{300'000};  ///< the same for certificate and authority files
  milliseconds plugin_deadline{60'000};      ///< for one run of an exec plugin
  milliseconds plugin_pause{10'000};         ///< between two runs that a refusal or expiry asks for
};

/// Largest body of an answer that is kept whole. A page of 500 Jobs has 2 MiB; logs are cut by
/// limitBytes.
inline constexpr std::size_t answer_limit = 64U << 20U;

enum class RequestId : std::uint64_t {};

struct Request {
  Verb verb = Verb::get;
  std::string path;  ///< starts with `/`; query included, already percent-encoded
  std::string body;  ///< JSON, of a patch the list of its operations; empty: none
  std::optional<milliseconds> deadline = std::nullopt;  ///< instead of the verb's own
};

struct Answer {
  int http_status = 0;
  std::string body;  ///< its capacity exceeds its size by at least answer_padding
  milliseconds elapsed{0};
};

/// Bytes that may be read (not understood) behind a body, a line or an item: what simdjson asks
/// for.
inline constexpr std::size_t answer_padding = 64;

/// A 2xx answer, or why not.
using Done = std::move_only_function<void(std::expected<Answer, Failure>)>;

struct StreamHandlers {
  std::move_only_function<void()> opened;                 ///< 2xx header seen; may be empty
  std::move_only_function<void(std::string_view)> chunk;  ///< bytes as they come, split anywhere
  std::move_only_function<void(std::optional<Failure>)>
      closed;  ///< the last call: nothing = orderly end
};

/// Monotone counts since the start.
struct Counters {
  std::array<std::uint64_t, verb_count> requests{};  ///< sent, by Verb; includes repeats
  std::uint64_t repeats = 0;                         ///< sent again after a 401
  std::uint64_t connections = 0;                     ///< opened
  std::uint64_t bytes_received = 0;                  ///< bodies as they came over the wire
  std::uint64_t bytes_sent = 0;                      ///< bodies
  /// Requests that have ended, by verb and HTTP status; 0: there was no answer.
  std::map<std::pair<Verb, int>, std::uint64_t> answers;
};

class Transport {
 public:
  Transport(boost::asio::io_context& io, ClusterAccess access, TransportOptions options = {});

  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// Drops every request and closes every connection. Calls nobody back.
  ~Transport();

  /// Sends a request and collects its answer.
  RequestId send(Request request, Done done);

  /// The same with the body handed over in pieces, for collections that are too large to keep: the
  /// deadline bounds the whole, `chunk` is only called for a 2xx.
  RequestId fetch(Request request, StreamHandlers handlers);

  /// Opens a stream (watch, followed log) on a connection of its own. The verb's deadline bounds
  /// the wait for the header; `lifetime`, if given, the whole.
  RequestId open(Request request, StreamHandlers handlers, std::optional<milliseconds> lifetime);

  /// Forgets a request: its handlers are not called any more. What the server does with it is
  /// unknown. An id that is over is ignored.
  void cancel(RequestId id);

  [[nodiscard]] Counters counters() const;

  /// Requests of this verb's class that wait for room.
  [[nodiscard]] std::size_t queued(Verb verb) const;

  /// The server's URL, for texts.
  [[nodiscard]] const std::string& server() const;

  [[nodiscard]] boost::asio::io_context& io() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace copse::runner::kube
