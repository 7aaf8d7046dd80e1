#include "runner/sandbox/connection.hpp"

#include "runner/sandbox/gzip.hpp"

#include <array>
#include <charconv>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

/// Bytes of events gathered for one write.
constexpr std::size_t batch_bytes = 256 * 1024;
/// Bytes of a request's head.
constexpr std::uint32_t head_limit = 64 * 1024;
/// Of a refused body, so many bytes are still taken from the wire: most clients read the answer
/// only when they have written all.
constexpr std::size_t drain_limit = 64 * 1024 * 1024;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

std::string_view reason_of(int code) {
  const auto text = http::obsolete_reason(static_cast<http::status>(code));
  return view(text);
}

/// A quoted string of RFC 9110.
std::string quoted_header(std::string_view text) {
  std::string quoted{'"'};
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted += '"';
}

bool accepts_gzip(const http::request<http::string_body>& request) {
  return view(request[http::field::accept_encoding]).find("gzip") != std::string_view::npos;
}

}  // namespace

Connection::Connection(ServerCore& core, Socket socket) : core_{core}, stream_{std::move(socket)} {
  if (core_.options.certificates) {
    Socket taken = std::move(std::get<Socket>(stream_));
    stream_.emplace<TlsStream>(std::move(taken), core_.tls);
  }
}

Connection::Socket& Connection::socket() {
  if (auto* plain = std::get_if<Socket>(&stream_)) return *plain;
  return std::get<TlsStream>(stream_).next_layer();
}

void Connection::start() {
  auto* tls = std::get_if<TlsStream>(&stream_);
  if (tls == nullptr) {
    read_head();
    return;
  }
  tls->async_handshake(asio::ssl::stream_base::server,
                       [self = shared_from_this(), tls](const boost::system::error_code& fault) {
                         if (fault) return self->close();
                         X509* certificate = SSL_get1_peer_certificate(tls->native_handle());
                         self->has_certificate_ = certificate != nullptr;
                         X509_free(certificate);
                         self->read_head();
                       });
}

void Connection::read_head() {
  parser_.emplace();
  parser_->body_limit(body_limit + 1);
  parser_->header_limit(head_limit);
  std::visit(
      [&](auto& stream) {
        http::async_read_header(
            stream, input_, *parser_,
            [self = shared_from_this()](const boost::system::error_code& fault, std::size_t) {
              if (fault == http::error::body_limit) return self->refuse_size();
              if (fault) return self->close();
              self->read_body();
            });
      },
      stream_);
}

void Connection::read_body() {
  if (parser_->is_done()) return serve();
  if (view(parser_->get()[http::field::expect]) == "100-continue") {
    boost::system::error_code ignored;
    std::visit(
        [&](auto& stream) {
          asio::write(stream, asio::buffer(std::string_view{"HTTP/1.1 100 Continue\r\n\r\n"}),
                      ignored);
        },
        stream_);
  }
  std::visit(
      [&](auto& stream) {
        http::async_read(
            stream, input_, *parser_,
            [self = shared_from_this()](const boost::system::error_code& fault, std::size_t) {
              if (fault == http::error::body_limit) return self->refuse_size();
              if (fault) return self->close();
              self->serve();
            });
      },
      stream_);
}

/// The rest of the body is not looked at, so the connection ends with the answer.
void Connection::refuse_size() {
  keep_alive_ = false;
  drains_ = true;
  send(reply_of(too_large()));
}

/// Closing while bytes are unread would reset the connection, and the client might lose the answer
/// that it has not read yet: so the end of the answer is told, and the client is heard out.
void Connection::drain() {
  boost::system::error_code ignored;
  socket().shutdown(Socket::shutdown_send, ignored);
  input_.consume(input_.size());
  socket().async_read_some(
      input_.prepare(batch_bytes),
      [self = shared_from_this()](const boost::system::error_code& fault, std::size_t count) {
        self->drained_ += count;
        if (fault || self->drained_ > drain_limit) return self->close();
        self->drain();
      });
}

void Connection::serve() {
  const auto& message = parser_->get();
  keep_alive_ = message.keep_alive();
  core_.cluster.pass_to(core_.clock.cluster());
  const Request request{.method = view(message.method_string()),
                        .target = view(message.target()),
                        .body = message.body(),
                        .accept = view(message[http::field::accept]),
                        .content_type = view(message[http::field::content_type]),
                        .authorization = view(message[http::field::authorization]),
                        .has_certificate = has_certificate_,
                        .is_second_look = std::holds_alternative<Pending>(going_on_)};
  answer(core_.api.handle(request, core_.clock.connection()));
  core_.turn_wanted = true;
}

void Connection::answer(Answer answer) {
  if (auto* reply = std::get_if<Reply>(&answer)) {
    send(std::move(*reply));
    return;
  }
  const bool was_pending = std::holds_alternative<Pending>(going_on_);
  core_.streaming.insert(shared_from_this());
  too_slow_ = false;
  if (auto* watch = std::get_if<std::unique_ptr<Watch>>(&answer)) {
    going_on_ = std::move(*watch);
    begin_stream("application/json");
  } else if (auto* log = std::get_if<std::unique_ptr<LogStream>>(&answer)) {
    going_on_ = std::move(*log);
    begin_stream("text/plain");
  } else {
    if (!was_pending) pending_since_ = core_.clock.connection();
    going_on_ = std::move(std::get<Pending>(answer));
  }
}

void Connection::send(Reply reply) {
  leave_streaming();
  body_ = std::move(reply.body);
  const bool compress = body_.size() > gzip_threshold && accepts_gzip(parser_->get());
  if (compress) body_ = gzip(body_);
  head_ = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nCache-Control: no-cache, private\r\nContent-Length: "
      "{}\r\n",
      reply.code, reason_of(reply.code), reply.content_type, body_.size());
  if (compress) head_ += "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n";
  for (const std::string& warning : reply.warnings)
    head_ += fmt::format("Warning: 299 - {}\r\n", quoted_header(warning));
  if (reply.retry_after_seconds > 0)
    head_ += fmt::format("Retry-After: {}\r\n", reply.retry_after_seconds);
  if (!keep_alive_) head_ += "Connection: close\r\n";
  head_ += "\r\n";
  write(false);
}

void Connection::begin_stream(std::string_view content_type) {
  head_ = fmt::format(
      "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nCache-Control: no-cache, "
      "private\r\nTransfer-Encoding: chunked\r\n\r\n",
      content_type);
  body_.clear();
  write(true);
  listen_for_close();
}

/// Writes head_, frames_ and body_. `and_go_on`: the answer is not complete with that.
void Connection::write(bool and_go_on) {
  writing_ = true;
  if (const auto* watch = std::get_if<std::unique_ptr<Watch>>(&going_on_)) {
    changes_at_write_ = (*watch)->changes();
  }
  std::vector<asio::const_buffer> buffers;
  buffers.reserve(frames_.size() + 3);
  buffers.push_back(asio::buffer(head_));
  for (const Frame& frame : frames_) buffers.push_back(asio::buffer(*frame));
  buffers.push_back(asio::buffer(body_));
  std::visit(
      [&](auto& stream) {
        asio::async_write(stream, buffers,
                          [self = shared_from_this(), and_go_on](
                              const boost::system::error_code& fault, std::size_t) {
                            self->wrote(static_cast<bool>(fault), and_go_on);
                          });
      },
      stream_);
}

void Connection::wrote(bool failed, bool and_go_on) {
  writing_ = false;
  frames_.clear();
  if (failed || closed_) return close();
  if (and_go_on) {
    core_.turn_wanted = true;  // so that the timer is set for this stream again
    return pump();
  }
  body_ = {};
  if (drains_) return drain();
  if (!keep_alive_) return close();
  // While a close is listened for, the next request's bytes arrive there first.
  if (!listening_) read_head();
}

void Connection::pump() {
  if (closed_) return leave_streaming();
  if (auto* pending = std::get_if<Pending>(&going_on_)) {
    const bool reached = core_.cluster.store().head() >= pending->rv;
    if (reached) return serve();
    if (core_.clock.connection() >= pending_since_ + rv_patience)
      send(reply_of(pending->otherwise));
    return;
  }
  auto* watch = std::get_if<std::unique_ptr<Watch>>(&going_on_);
  if (writing_) {
    const bool lags =
        watch != nullptr && (*watch)->changes() - changes_at_write_ > core_.options.watch_backlog;
    too_slow_ = too_slow_ || lags;
    return;
  }
  body_.clear();
  std::size_t size = 0;
  bool over = false;
  if (watch != nullptr) {
    if (!too_slow_) frames_ = (*watch)->pull(core_.clock.connection(), batch_bytes);
    for (const Frame& frame : frames_) size += frame->size();
    over = too_slow_ || (frames_.empty() && (*watch)->finished());
  } else if (auto* log = std::get_if<std::unique_ptr<LogStream>>(&going_on_)) {
    body_ = (*log)->pull(core_.cluster.now());
    size = body_.size();
    over = size == 0 && (*log)->finished();
  } else {
    return;
  }
  if (over) return end_stream();
  if (size == 0) return;
  head_ = fmt::format("{:x}\r\n", size);
  body_ += "\r\n";
  write(true);
}

void Connection::end_stream() {
  leave_streaming();
  head_ = "0\r\n\r\n";
  body_.clear();
  write(false);
}

/// While an answer streams, the only thing to expect from the client is that it goes away.
void Connection::listen_for_close() {
  listening_ = true;
  std::visit(
      [&](auto& stream) {
        stream.async_read_some(
            input_.prepare(512),
            [self = shared_from_this()](const boost::system::error_code& fault, std::size_t count) {
              self->listening_ = false;
              if (fault) return self->close();
              self->input_.commit(count);  // the next request, sent early
              const bool idle =
                  std::holds_alternative<std::monostate>(self->going_on_) && !self->writing_;
              if (idle) self->read_head();
            });
      },
      stream_);
}

void Connection::leave_streaming() {
  going_on_ = std::monostate{};
  core_.streaming.erase(shared_from_this());
}

void Connection::close() {
  if (closed_) return;
  closed_ = true;
  leave_streaming();
  boost::system::error_code ignored;
  socket().shutdown(Socket::shutdown_both, ignored);
  socket().close(ignored);
}

std::optional<Moment> Connection::connection_wake() const {
  if (writing_) return std::nullopt;
  if (const auto* watch = std::get_if<std::unique_ptr<Watch>>(&going_on_)) return (*watch)->wake();
  if (std::holds_alternative<Pending>(going_on_)) return pending_since_ + rv_patience;
  return std::nullopt;
}

std::optional<Moment> Connection::cluster_wake() const {
  if (writing_) return std::nullopt;
  if (const auto* log = std::get_if<std::unique_ptr<LogStream>>(&going_on_))
    return (*log)->wake(core_.cluster.now());
  return std::nullopt;
}

}  // namespace copse::runner::sandbox
