#include "runner/http/server.hpp"

#include "runner/http/answer_head.hpp"
#include "runner/http/connection.hpp"
#include "runner/http/listen_failure.hpp"
#include "runner/http/refusal.hpp"
#include "runner/http/server_core.hpp"
#include "runner/http/tls.hpp"

#include <array>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace copse::runner::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// A client whose host vanished without a word is found out within two minutes, while its poll is
/// held: a minute of silence, then four probes.
constexpr int probe_after_s = 60;
constexpr int probe_every_s = 15;
constexpr int probes = 4;

void watch_for_dead_peer(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::keep_alive{true}, ignored);
  const int handle = socket.native_handle();
  setsockopt(handle, IPPROTO_TCP, TCP_KEEPIDLE, &probe_after_s, sizeof probe_after_s);
  setsockopt(handle, IPPROTO_TCP, TCP_KEEPINTVL, &probe_every_s, sizeof probe_every_s);
  setsockopt(handle, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

/// Opens, binds, listens: the first fault, or none.
error_code open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  error_code fault;
  acceptor.open(endpoint.protocol(), fault);
  if (fault) return fault;
  acceptor.set_option(tcp::acceptor::reuse_address{true}, fault);
  if (!fault && endpoint.protocol() == tcp::v6())
    acceptor.set_option(asio::ip::v6_only{false}, fault);
  if (!fault) acceptor.bind(endpoint, fault);
  if (!fault) acceptor.listen(asio::socket_base::max_listen_connections, fault);
  return fault;
}

}  // namespace

Server::Server(std::shared_ptr<ServerCore> core) : core_{std::move(core)} {}

Server::~Server() {
  core_->silent = true;
  core_->stop();
}

std::expected<std::unique_ptr<Server>, Failure> Server::listen(asio::io_context& io,
                                                               Options options, Handler handler) {
  error_code fault;
  const asio::ip::address address = asio::ip::make_address(options.address, fault);
  if (fault) return std::unexpected{bad_address(options)};
  auto core = std::make_shared<ServerCore>(io, std::move(options), std::move(handler));
  if (core->options.tls) {
    auto tls = load_tls(*core->options.tls);
    if (!tls) return std::unexpected{std::move(tls.error())};
    core->tls = std::move(*tls);
  }
  fault = open(core->acceptor, tcp::endpoint{address, core->options.port});
  if (fault) return std::unexpected{listen_failure(fault.value(), core->options)};
  core->accept();
  return std::unique_ptr<Server>{new Server{std::move(core)}};
}

std::uint16_t Server::port() const {
  error_code closed;
  return core_->acceptor.local_endpoint(closed).port();
}

std::expected<void, Failure> Server::reload() {
  if (!core_->options.tls) return {};
  auto tls = load_tls(*core_->options.tls);
  if (!tls) return std::unexpected{std::move(tls.error())};
  core_->tls = std::move(*tls);
  return {};
}

void Server::drain(std::move_only_function<void()> done) {
  core_->drained = std::move(done);
  core_->drain();
}

void Server::stop() {
  core_->stop();
}

Counters Server::counters() const {
  Counters counters = core_->counters;
  counters.open = core_->connections.size();
  return counters;
}

void ServerCore::accept() {
  acceptor.async_accept([self = shared_from_this()](const error_code& fault, tcp::socket socket) {
    if (!self->acceptor.is_open()) return;
    if (!fault) {
      self->admit(std::move(socket));
      return self->accept();
    }
    // WHY a pause: out of descriptors, the next try would fail at once, for ever.
    self->pause.expires_after(self->options.limits.accept_pause);
    self->pause.async_wait([self](const error_code& stopped) {
      if (!stopped && self->acceptor.is_open()) self->accept();
    });
  });
}

void ServerCore::admit(tcp::socket socket) {
  ++counters.accepted;
  error_code ignored;
  if (connections.size() >= options.limits.connections) {
    ++counters.refused;
    if (tls != nullptr) return;
    const Response full{.status = 503, .body = error_body("too many connections")};
    const std::string head = answer_head(full, {.keeps_open = false, .date = date()});
    socket.non_blocking(true, ignored);
    socket.write_some(std::array{asio::buffer(head), asio::buffer(full.body)}, ignored);
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    return;
  }
  socket.set_option(tcp::no_delay{true}, ignored);
  watch_for_dead_peer(socket);
  const auto connection = std::make_shared<Connection>(shared_from_this(), std::move(socket));
  connections.insert(connection);
  connection->start();
}

void ServerCore::forget(const std::shared_ptr<Connection>& connection) {
  connections.erase(connection);
  tell_drained();
}

void ServerCore::tell_drained() {
  if (!draining || !connections.empty() || silent || !drained) return;
  asio::post(io, [self = shared_from_this(), done = std::exchange(drained, nullptr)]() mutable {
    if (!self->silent) done();
  });
}

void ServerCore::drain() {
  draining = true;
  error_code ignored;
  acceptor.close(ignored);
  pause.cancel();
  const std::vector<std::shared_ptr<Connection>> open{connections.begin(), connections.end()};
  for (const auto& connection : open) connection->drain();
  tell_drained();
}

void ServerCore::stop() {
  drain();
  const std::vector<std::shared_ptr<Connection>> open{connections.begin(), connections.end()};
  for (const auto& connection : open) connection->close();
}

std::string_view ServerCore::date() {
  const std::time_t now = std::time(nullptr);
  if (now != dated_ || date_.empty()) {
    dated_ = now;
    date_ = http_date(now);
  }
  return date_;
}

}  // namespace copse::runner::http
