// The read loop: bytes to requests.

#include "runner/http/connection.hpp"
#include "runner/http/target.hpp"

#include <exception>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/beast/http/error.hpp>

namespace copse::runner::http {
namespace {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using boost::system::error_code;

/// Room for one read.
constexpr std::size_t head_read_bytes = 8U << 10U;
constexpr std::size_t body_read_bytes = 64U << 10U;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

void Connection::read() {
  if (reading_ || phase_ == Phase::closed) return;
  if (ended_) return client_closed();
  if (phase_ == Phase::busy && input_.size() >= limits().read_ahead) return;
  reading_ = true;
  const std::size_t room =
      phase_ == Phase::body || phase_ == Phase::lingering ? body_read_bytes : head_read_bytes;
  std::visit(
      [&](auto& stream) {
        stream.async_read_some(
            input_.prepare(room),
            [self = shared_from_this()](const error_code& fault, std::size_t count) {
              self->reading_ = false;
              if (self->phase_ == Phase::closed) return;
              if (fault == asio::error::eof) {
                self->ended_ = true;
                return self->client_closed();
              }
              self->received(static_cast<bool>(fault), count);
            });
      },
      stream_);
}

void Connection::received(bool failed, std::size_t count) {
  if (failed) return close();
  if (phase_ == Phase::lingering) {
    lingered_ += count;
    if (lingered_ > limits().linger_bytes) return close();
    return read();
  }
  input_.commit(count);
  advance();
}

/// Nobody waits for an answer that is still to come; one that is complete is written to its end.
void Connection::client_closed() {
  if (phase_ == Phase::busy && stage_ == Stage::complete) return;
  close();
}

void Connection::advance() {
  if (phase_ == Phase::idle) begin_request();
  if (phase_ == Phase::head) parse_head();
  if (phase_ == Phase::body) parse_body();
  read();
}

void Connection::begin_request() {
  // RFC 9112, 2.2: an empty line before a request is passed over.
  const auto* bytes = static_cast<const char*>(input_.data().data());
  std::size_t blank = 0;
  while (blank < input_.size() && (bytes[blank] == '\r' || bytes[blank] == '\n')) ++blank;
  input_.consume(blank);
  if (input_.size() == 0) return;
  phase_ = Phase::head;
  // A connection's first request has been waited for since it was accepted.
  if (!is_fresh_) expect_within(limits().head);
  is_fresh_ = false;
  parser_.emplace();
  parser_->header_limit(limits().head_bytes);
  parser_->body_limit(limits().body_bytes);
}

void Connection::parse_head() {
  error_code fault;
  input_.consume(parser_->put(input_.data(), fault));
  if (fault == beast_http::error::need_more) {
    if (input_.size() < limits().head_bytes) return;
    fault = beast_http::error::header_limit;
  }
  if (fault) return refuse(refusal_of(fault, limits()));
  if (parser_->is_header_done()) take_head();
}

void Connection::take_head() {
  const auto& message = parser_->get();
  headers_.clear();
  for (const auto& field : message)
    headers_.push_back({.name = view(field.name_string()), .value = view(field.value())});
  is_head_request_ = message.method() == beast_http::verb::head;
  is_version_10_ = message.version() < 11;
  keep_alive_ = message.keep_alive();
  const auto refusal = refuse_head({.version = message.version(),
                                    .method = view(message.method_string()),
                                    .target = view(message.target()),
                                    .headers = headers_,
                                    .chunked = parser_->chunked()});
  if (refusal) return refuse(*refusal);
  if (parser_->is_done()) return serve();
  phase_ = Phase::body;
  expect_within(limits().body);
  parser_->eager(true);
  const bool waits_for_word = !find_header(headers_, "Expect").empty() && input_.size() == 0;
  if (waits_for_word && !is_version_10_) {
    outbox_.add("HTTP/1.1 100 Continue\r\n\r\n");
    flush();
  }
}

void Connection::parse_body() {
  error_code fault;
  while (!parser_->is_done()) {
    const std::size_t taken = parser_->put(input_.data(), fault);
    input_.consume(taken);
    if (fault == beast_http::error::need_more) {
      // The line of a chunk, or trailers, may not grow without bounds either.
      if (input_.size() < limits().head_bytes) return;
      fault = beast_http::error::header_limit;
    }
    if (fault) return refuse(refusal_of(fault, limits()));
    if (taken == 0) return;
  }
  serve();
}

void Connection::serve() {
  phase_ = Phase::busy;
  input_until_ = Time::max();
  ++exchange_;
  stage_ = Stage::awaited;
  ++core_->counters.requests;
  const auto& message = parser_->get();
  const TargetParts parts = split_target(view(message.target()));
  const Request request{.method = view(message.method_string()),
                        .target = view(message.target()),
                        .path = parts.path,
                        .query = parts.query,
                        .body = message.body(),
                        .content_type = find_header(headers_, "Content-Type"),
                        .accept = find_header(headers_, "Accept"),
                        .authorization = find_header(headers_, "Authorization"),
                        .client_certificate = client_certificate_,
                        .remote = remote_,
                        .headers = headers_};
  const std::uint64_t exchange = exchange_;
  try {
    core_->handler(request, Responder{weak_from_this(), exchange});
  } catch (...) {
    abandon(exchange);
    keep_alive_ = false;
  }
  headers_.clear();
  parser_.reset();  // a poll may be held for minutes; its body is not
}

void Connection::refuse(const Refusal& refusal) {
  ++core_->counters.malformed;
  phase_ = Phase::busy;
  input_until_ = Time::max();
  stage_ = Stage::complete;
  keep_alive_ = false;
  Response response{.status = refusal.status, .body = error_body(refusal.text)};
  put_head(response, false);
  if (!is_head_request_) outbox_.add(std::move(response.body));
  headers_.clear();
  flush();
}

}  // namespace copse::runner::http
