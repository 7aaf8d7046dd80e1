#pragma once
// Internal to the server: one client connection, plain or TLS; one request at a time.

#include "runner/sandbox/server_core.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace copse::runner::sandbox {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(ServerCore& core, boost::asio::ip::tcp::socket socket);

  void start();
  /// Sends what a stream has, ends it when it is over, looks again at a waiting request.
  void pump();
  /// When pump should be called although nothing changes: connection time, and cluster time for
  /// logs.
  [[nodiscard]] std::optional<Moment> connection_wake() const;
  [[nodiscard]] std::optional<Moment> cluster_wake() const;

 private:
  using Socket = boost::asio::ip::tcp::socket;
  using TlsStream = boost::asio::ssl::stream<Socket>;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void read_head();
  void read_body();
  void refuse_size();
  void drain();
  void serve();
  void answer(Answer answer);
  void send(Reply reply);
  void begin_stream(std::string_view content_type);
  void end_stream();
  void write(bool and_go_on);
  void wrote(bool failed, bool and_go_on);
  void listen_for_close();
  void close();
  void leave_streaming();
  [[nodiscard]] Socket& socket();

  ServerCore& core_;
  std::variant<Socket, TlsStream> stream_;
  bool has_certificate_ = false;
  boost::beast::flat_buffer input_;
  std::optional<Parser> parser_;
  std::string head_;  ///< head of the answer, or of a chunk
  std::string body_;
  std::vector<Frame> frames_;  ///< kept alive while they are written
  std::variant<std::monostate, std::unique_ptr<Watch>, std::unique_ptr<LogStream>, Pending>
      going_on_;
  Moment pending_since_{};
  bool keep_alive_ = true;
  bool writing_ = false;
  bool listening_ = false;  ///< a read is under way that tells when the client goes away
  std::uint64_t changes_at_write_ = 0;  ///< of the watched resource, when this write began
  bool too_slow_ = false;               ///< the watch is ended because the client does not read
  bool drains_ = false;                 ///< what still comes of a refused body is thrown away …
  std::size_t drained_ = 0;             ///< … up to a limit
  bool closed_ = false;
};

}  // namespace copse::runner::sandbox
