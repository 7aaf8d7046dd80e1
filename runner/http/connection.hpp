#pragma once
// Internal to the server: one client, plain or TLS.
//
// One read loop serves every phase (connection_read.cpp): bytes are the next request, its body, a
// pipelined request, or the news that the client has gone. One write at a time empties the outbox
// (connection_write.cpp). One timer looks at two deadlines, one for what is awaited from the client
// and one for what it has to take; setting a later deadline costs nothing.

#include "runner/http/outbox.hpp"
#include "runner/http/refusal.hpp"
#include "runner/http/server_core.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace copse::runner::http {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Callback = Responder::Callback;
  using Socket = boost::asio::ip::tcp::socket;

  Connection(std::shared_ptr<ServerCore> core, Socket socket);

  void start();
  /// Ends when what is under way is answered.
  void drain();
  /// Ends now.
  void close();

  // For Responder. Calls about another exchange than the present one do nothing.
  void send(std::uint64_t exchange, Response response);
  void begin(std::uint64_t exchange, Response response);
  void write(std::uint64_t exchange, std::string_view chunk, Callback done);
  void end(std::uint64_t exchange);
  void on_gone(std::uint64_t exchange, Callback callback);
  void abandon(std::uint64_t exchange);
  [[nodiscard]] bool is_open(std::uint64_t exchange) const;

 private:
  using TlsStream = boost::asio::ssl::stream<Socket>;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Time = std::chrono::steady_clock::time_point;

  enum class Phase : unsigned char {
    handshake,
    idle,       ///< no byte of the next request is there
    head,       ///< some are
    body,       ///< its head is complete
    busy,       ///< it is being answered
    lingering,  ///< all is said; what still comes is thrown away until the client closes too
    closed
  };
  enum class Stage : unsigned char { none, awaited, streaming, complete };  ///< of the answer

  void handshake();
  void begin_lingering();
  [[nodiscard]] Socket& socket();

  [[nodiscard]] const Limits& limits() const { return core_->options.limits; }

  void expect_within(milliseconds limit);
  void arm();
  void look_at_clock();

  void read();
  void received(bool failed, std::size_t count);
  void client_closed();
  void advance();
  void begin_request();
  void parse_head();
  void take_head();
  void parse_body();
  void serve();
  void refuse(const Refusal& refusal);

  [[nodiscard]] bool is_current(std::uint64_t exchange, Stage stage) const;
  void put_head(const Response& response, bool in_pieces);
  void put_chunk(std::string_view chunk);
  void flush();
  void wrote(bool failed, std::size_t count);
  void answered();
  void wake_writers();

  std::shared_ptr<ServerCore> core_;
  std::shared_ptr<boost::asio::ssl::context> tls_;  ///< outlives the stream, also after a reload
  std::variant<Socket, TlsStream> stream_;
  boost::asio::steady_timer timer_;
  std::string remote_;
  std::string client_certificate_;

  Phase phase_ = Phase::handshake;
  boost::beast::flat_buffer input_;
  std::optional<Parser> parser_;
  std::vector<Header> headers_;  ///< views into parser_
  bool reading_ = false;
  bool ended_ = false;        ///< the client will send nothing more
  bool is_fresh_ = true;      ///< no request so far
  std::size_t lingered_ = 0;  ///< bytes thrown away

  std::uint64_t exchange_ = 0;  ///< counts requests; the present one's number
  Stage stage_ = Stage::none;
  bool is_head_request_ = false;
  bool is_version_10_ = false;
  bool keep_alive_ = true;
  bool has_body_ = true;     ///< of the streamed answer
  bool is_chunked_ = false;  ///< the streamed answer
  Outbox outbox_;
  bool writing_ = false;
  bool waking_ = false;            ///< a call of wake_writers is posted
  std::vector<Callback> writers_;  ///< wait for room in the outbox
  Callback gone_;

  // INVARIANT: the timer expires at timer_at_, which is not after any deadline.
  Time input_until_ = Time::max();
  Time output_until_ = Time::max();
  Time timer_at_ = Time::max();
};

}  // namespace copse::runner::http
