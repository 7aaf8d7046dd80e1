// Answers to bytes, and bytes to the client.

#include "runner/http/answer_head.hpp"
#include "runner/http/connection.hpp"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace copse::runner::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

}  // namespace

bool Connection::is_current(std::uint64_t exchange, Stage stage) const {
  return phase_ == Phase::busy && exchange == exchange_ && stage_ == stage;
}

bool Connection::is_open(std::uint64_t exchange) const {
  return is_current(exchange, Stage::awaited) || is_current(exchange, Stage::streaming);
}

void Connection::put_head(const Response& response, bool in_pieces) {
  keep_alive_ = keep_alive_ && !core_->draining;
  AnswerShape shape{.must_say_so = is_version_10_, .date = core_->date()};
  has_body_ = !is_head_request_ && !is_bodiless(response.status);
  if (in_pieces) {
    shape.framing = is_version_10_ ? Framing::until_close : Framing::chunked;
    if (has_body_ && is_version_10_) keep_alive_ = false;
  }
  is_chunked_ = shape.framing == Framing::chunked;
  shape.keeps_open = keep_alive_;
  outbox_.add(answer_head(response, shape));
}

void Connection::send(std::uint64_t exchange, Response response) {
  if (!is_current(exchange, Stage::awaited)) return;
  stage_ = Stage::complete;
  gone_ = nullptr;
  put_head(response, false);
  if (has_body_) outbox_.add(std::move(response.body));
  flush();
}

void Connection::begin(std::uint64_t exchange, Response response) {
  if (!is_current(exchange, Stage::awaited)) return;
  stage_ = Stage::streaming;
  put_head(response, true);
  put_chunk(response.body);
  flush();
}

void Connection::put_chunk(std::string_view chunk) {
  if (chunk.empty() || !has_body_) return;  // an empty chunk would be the last
  if (!is_chunked_) return outbox_.add(std::string{chunk});
  std::string framed = fmt::format("{:x}\r\n", chunk.size());
  framed.reserve(framed.size() + chunk.size() + 2);
  framed += chunk;
  framed += "\r\n";
  outbox_.add(std::move(framed));
}

void Connection::write(std::uint64_t exchange, std::string_view chunk, Callback done) {
  if (!is_current(exchange, Stage::streaming)) return;
  if (outbox_.size() > limits().stream_backlog) {
    ++core_->counters.cut;
    return close();
  }
  put_chunk(chunk);
  if (done) writers_.push_back(std::move(done));
  flush();
  wake_writers();
}

void Connection::end(std::uint64_t exchange) {
  if (!is_current(exchange, Stage::streaming)) return;
  stage_ = Stage::complete;
  gone_ = nullptr;
  const std::vector<Callback> dropped = std::exchange(writers_, {});
  if (is_chunked_ && has_body_) outbox_.add("0\r\n\r\n");
  flush();
}

void Connection::on_gone(std::uint64_t exchange, Callback callback) {
  if (is_open(exchange)) gone_ = std::move(callback);
}

void Connection::abandon(std::uint64_t exchange) {
  if (exchange == exchange_) gone_ = nullptr;
  if (is_current(exchange, Stage::streaming)) return close();
  if (!is_current(exchange, Stage::awaited)) return;
  keep_alive_ = false;
  send(exchange, {.status = 500, .body = error_body("the request was not answered")});
}

void Connection::flush() {
  if (writing_ || phase_ == Phase::closed) return;
  writing_ = true;
  if (outbox_.size() == 0) {
    // WHY posted: nothing of the next request happens inside a call of the Responder.
    asio::post(core_->io, [self = shared_from_this()] { self->wrote(false, 0); });
    return;
  }
  output_until_ = std::chrono::steady_clock::now() + limits().write;
  arm();
  std::array<asio::const_buffer, Outbox::pieces_per_write> buffers;
  const Outbox::Slice slice = outbox_.next(limits().write_bytes);
  for (std::size_t i = 0; i < slice.size(); ++i)
    buffers[i] = asio::buffer(slice[i].data(), slice[i].size());
  std::visit(
      [&](auto& stream) {
        asio::async_write(stream, buffers,
                          [self = shared_from_this()](const error_code& fault, std::size_t count) {
                            self->wrote(static_cast<bool>(fault), count);
                          });
      },
      stream_);
}

void Connection::wrote(bool failed, std::size_t count) {
  writing_ = false;
  if (phase_ == Phase::closed) return;
  if (failed) return close();
  output_until_ = Time::max();
  outbox_.consume(count);
  wake_writers();
  if (outbox_.size() > 0) return flush();
  if (phase_ == Phase::busy && stage_ == Stage::complete) answered();
}

void Connection::answered() {
  stage_ = Stage::none;
  is_head_request_ = false;
  is_version_10_ = false;
  if (!keep_alive_ || core_->draining) return begin_lingering();
  phase_ = Phase::idle;
  expect_within(limits().idle);
  advance();
}

/// Lets those go on who wait for room, as soon as there is some.
void Connection::wake_writers() {
  if (waking_ || writers_.empty() || outbox_.size() >= limits().stream_low) return;
  waking_ = true;
  asio::post(core_->io, [self = shared_from_this()] {
    self->waking_ = false;
    if (self->phase_ == Phase::closed || self->core_->silent) return;
    std::vector<Callback> ready = std::exchange(self->writers_, {});
    const std::uint64_t exchange = self->exchange_;
    for (Callback& done : ready) {
      if (self->is_current(exchange, Stage::streaming)) done();
    }
  });
}

}  // namespace copse::runner::http
