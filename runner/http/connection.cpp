#include "runner/http/connection.hpp"

#include "runner/http/tls.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

namespace copse::runner::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

std::string text_of(const asio::ip::tcp::endpoint& endpoint) {
  const asio::ip::address address = endpoint.address();
  if (address.is_v4()) return fmt::format("{}:{}", address.to_string(), endpoint.port());
  // An IPv4 client of a socket that takes both.
  if (const auto wide = address.to_v6(); wide.is_v4_mapped()) {
    const auto narrow = asio::ip::make_address_v4(asio::ip::v4_mapped, wide);
    return fmt::format("{}:{}", narrow.to_string(), endpoint.port());
  }
  return fmt::format("[{}]:{}", address.to_string(), endpoint.port());
}

}  // namespace

Connection::Connection(std::shared_ptr<ServerCore> core, Socket socket)
    : core_{std::move(core)}, tls_{core_->tls}, stream_{std::move(socket)}, timer_{core_->io} {
  error_code gone;
  remote_ = text_of(std::get<Socket>(stream_).remote_endpoint(gone));
  if (tls_ != nullptr) {
    Socket taken = std::move(std::get<Socket>(stream_));
    stream_.emplace<TlsStream>(std::move(taken), *tls_);
  }
}

Connection::Socket& Connection::socket() {
  if (auto* plain = std::get_if<Socket>(&stream_)) return *plain;
  return std::get<TlsStream>(stream_).next_layer();
}

void Connection::start() {
  if (tls_ != nullptr) return handshake();
  phase_ = Phase::idle;
  expect_within(limits().head);
  read();
}

void Connection::handshake() {
  expect_within(limits().handshake);
  std::get<TlsStream>(stream_).async_handshake(
      asio::ssl::stream_base::server, [self = shared_from_this()](const error_code& fault) {
        if (self->phase_ == Phase::closed) return;
        if (fault || self->core_->draining) return self->close();
        self->client_certificate_ =
            client_subject(std::get<TlsStream>(self->stream_).native_handle());
        self->phase_ = Phase::idle;
        self->expect_within(self->limits().head);
        self->read();
      });
}

void Connection::drain() {
  if (phase_ == Phase::handshake) return close();
  if (phase_ == Phase::idle) begin_lingering();
}

/// Closing while bytes are unread would reset the connection, and the client might lose an answer
/// that it has not read yet: so the end is told, and the client is heard out.
void Connection::begin_lingering() {
  phase_ = Phase::lingering;
  input_.clear();
  expect_within(limits().linger);
  if (auto* tls = std::get_if<TlsStream>(&stream_)) {
    tls->async_shutdown([self = shared_from_this()](const error_code&) {
      error_code ignored;
      self->socket().shutdown(Socket::shutdown_send, ignored);
    });
  } else {
    error_code ignored;
    socket().shutdown(Socket::shutdown_send, ignored);
  }
  read();
}

void Connection::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  const auto self = shared_from_this();
  timer_.cancel();
  error_code ignored;
  socket().close(ignored);
  if (gone_) {
    // Looked at again there: who drops the Responder meanwhile does not want to hear of it.
    asio::post(core_->io, [self] {
      auto gone = std::exchange(self->gone_, nullptr);
      if (gone && !self->core_->silent) gone();
    });
  }
  stage_ = Stage::none;
  // What a callback holds may call back here when it is destroyed; by now that does nothing.
  const std::vector<Callback> dropped = std::exchange(writers_, {});
  core_->forget(self);
}

void Connection::expect_within(milliseconds limit) {
  input_until_ = std::chrono::steady_clock::now() + limit;
  arm();
}

void Connection::arm() {
  const Time next = std::min(input_until_, output_until_);
  if (next >= timer_at_) return;
  timer_at_ = next;
  timer_.expires_at(next);
  timer_.async_wait([self = shared_from_this()](const error_code& fault) {
    if (fault || self->phase_ == Phase::closed) return;
    self->timer_at_ = Time::max();
    self->look_at_clock();
  });
}

void Connection::look_at_clock() {
  const Time now = std::chrono::steady_clock::now();
  if (now >= output_until_) {
    ++core_->counters.cut;
    return close();
  }
  if (now < input_until_) return arm();
  input_until_ = Time::max();
  const bool is_waiting = phase_ == Phase::idle && !is_fresh_;
  if (!is_waiting) ++core_->counters.cut;
  switch (phase_) {
    case Phase::idle:
      return begin_lingering();
    case Phase::head:
      return refuse({408, "the head of the request did not come in time"});
    case Phase::body:
      return refuse({408, "the body of the request did not come in time"});
    case Phase::handshake:
    case Phase::lingering:
      return close();
    case Phase::busy:
    case Phase::closed:
      return;
  }
}

}  // namespace copse::runner::http
