#pragma once
// The client side of HTTP: whole requests out, whole answers in, on the caller's loop (libcurl).
//
// It repeats nothing and follows no redirect: whoever asks decides what an answer means. libcurl
// itself sends a request again when a connection that it had kept turns out to be dead before the
// first byte of an answer.
//
// * One thread, the io_context's. Callbacks never come from inside a call of this interface, never
//   after `cancel` or the destructor. The Client may be destroyed from within one.
// * The program ignores SIGPIPE.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace copse::runner::http {

/// Bytes of an answer's body; a larger one is a failure.
inline constexpr std::size_t reply_limit = std::size_t{64} << 20U;

/// From connecting to the connection.
inline constexpr std::chrono::milliseconds client_connect_deadline{10'000};

/// Who we are. With a token it is sent as `Bearer`, with a user as `Basic`; else nothing is sent.
struct Credentials {
  std::string user = {};
  std::string password = {};
  std::string token = {};
};

struct ClientOptions {
  long connections = 4;               ///< to one host at a time
  std::string authority_file = {};    ///< PEM; whom to trust for https; empty: the system's
  std::string certificate_file = {};  ///< PEM; our own; empty: none is shown
  std::string key_file = {};          ///< PEM
  Credentials credentials = {};
};

struct Call {
  std::string method = "GET";
  std::string url = {};  ///< `http://host:port/path?query`, percent-encoded
  std::string body = {};
  std::string content_type = {};  ///< empty: none is named
  std::string accept = {};
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< more of them
  std::chrono::milliseconds deadline{30'000};                     ///< for the whole
};

struct Reply {
  int status = 0;
  std::string location = {};  ///< of a redirect, made absolute
  std::string content_type = {};
  std::string body = {};
};

enum class CallId : std::uint64_t {};

/// An answer of whatever status, or why there is none, in words that name the server.
using Replied = std::move_only_function<void(std::expected<Reply, std::string>)>;

class Client {
 public:
  explicit Client(boost::asio::io_context& io, ClientOptions options = {});
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  CallId send(Call call, Replied done);

  /// Forgets a call; an id that is over is ignored.
  void cancel(CallId id);

  /// Calls that are under way.
  [[nodiscard]] std::size_t open() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace copse::runner::http
