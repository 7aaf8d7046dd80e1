#pragma once
// A small real HTTP/1.1 server on loopback whose every misfortune is in the hands of the test.
//
// It reads requests properly and gives each to a handler together with a Wire, by which the handler
// answers in one piece, in chunks, late, or not at all; or breaks the connection in order or by
// reset. It runs on the test's own io_context, so that nothing happens behind the test's back. With
// certificates it speaks TLS.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace copse::tests {

struct FakeRequest {
  std::string method;
  std::string path;                           ///< without the query, decoded
  std::map<std::string, std::string> query;   ///< decoded
  std::map<std::string, std::string> header;  ///< names in lower case
  std::string body;
  std::size_t connection = 0;  ///< counted from 1
  std::string peer;            ///< subject of the client's certificate; empty: none
};

/// The server's end of one exchange. Keep it to answer later.
class Wire {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  virtual ~Wire() = default;

  /// A whole answer.
  virtual void answer(int status, std::string body, Headers headers = {}) = 0;
  /// The header of a chunked answer, then its chunks, then its end.
  virtual void begin(int status) = 0;
  virtual void chunk(std::string bytes) = 0;
  virtual void end() = 0;
  /// Raw bytes, for answers that are no HTTP.
  virtual void raw(std::string bytes) = 0;
  /// Closes the connection after what was written (`cut`), or at once with a reset.
  virtual void cut() = 0;
  virtual void reset() = 0;
  /// True once the client has gone away.
  [[nodiscard]] virtual bool is_gone() const = 0;
};

struct FakeTls {
  std::string certificate_pem;
  std::string key_pem;
  std::string client_authority_pem;  ///< empty: no client certificate is asked for
};

class HttpFake {
 public:
  using Handler = std::function<void(const FakeRequest&, const std::shared_ptr<Wire>&)>;

  HttpFake(boost::asio::io_context& io, Handler handler, std::optional<FakeTls> tls = {});
  HttpFake(const HttpFake&) = delete;
  HttpFake& operator=(const HttpFake&) = delete;
  ~HttpFake();

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string url() const;  ///< `http://127.0.0.1:PORT`, or https

  [[nodiscard]] std::size_t connections() const;       ///< accepted so far
  [[nodiscard]] std::size_t open_connections() const;  ///< open now

  /// Drops every connection and refuses new ones until `resume`, on the same port.
  void stop();
  void resume();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Runs `io` until `done` says so or five seconds have passed; true when it said so.
bool run_until(boost::asio::io_context& io, const std::function<bool()>& done);

/// `bytes` as gzip.
std::string gzipped(std::string_view bytes);

}  // namespace copse::tests
