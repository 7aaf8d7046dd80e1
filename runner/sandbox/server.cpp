// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it inlines `post`.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/sandbox/server.hpp"

#include "runner/sandbox/connection.hpp"
#include "runner/sandbox/server_core.hpp"

#include <algorithm>
#include <array>

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace copse::runner::sandbox {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Steps of the machinery between two looks at the sockets: requests come first …
constexpr std::size_t steps_per_turn = 64;
/// … but keep it waiting no longer than this.
constexpr auto longest_wait = std::chrono::milliseconds{20};

void set_certificates(asio::ssl::context& tls, const Certificates& certificates) {
  const auto bytes = [](const std::string& text) { return asio::buffer(text.data(), text.size()); };
  tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                  asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                  asio::ssl::context::no_tlsv1_1);
  tls.use_certificate_chain(bytes(certificates.server_certificate));
  tls.use_private_key(bytes(certificates.server_key), asio::ssl::context::pem);
  tls.add_certificate_authority(bytes(certificates.authority));
  tls.set_verify_mode(asio::ssl::verify_peer);  // a certificate is asked for, not demanded
  // WHY: OpenSSL refuses to resume a session of a server that asks for certificates without it.
  constexpr std::array<unsigned char, 5> context{'c', 'o', 'p', 's', 'e'};
  SSL_CTX_set_session_id_context(tls.native_handle(), context.data(), context.size());
}

}  // namespace

struct Server::Machinery {
  ServerCore core;
};

Server::Server(std::unique_ptr<Machinery> machinery) : machinery_{std::move(machinery)} {}

Server::~Server() = default;

std::expected<std::unique_ptr<Server>, Failure> Server::listen(Cluster& cluster, Api& api,
                                                               Clock& clock,
                                                               ServerOptions options) {
  auto machinery =
      std::unique_ptr<Machinery>{new Machinery{{cluster, api, clock, std::move(options)}}};
  ServerCore& core = machinery->core;
  try {
    if (core.options.certificates) set_certificates(core.tls, *core.options.certificates);
    const tcp::endpoint endpoint{asio::ip::make_address(core.options.address), core.options.port};
    core.acceptor.open(endpoint.protocol());
    core.acceptor.set_option(tcp::acceptor::reuse_address{true});
    core.acceptor.bind(endpoint);
    core.acceptor.listen();
  } catch (const boost::system::system_error& error) {
    return std::unexpected{Failure{Failure::Kind::address,
                                   "cannot listen on " + core.options.address + ":" +
                                       std::to_string(core.options.port) + ": " +
                                       error.code().message(),
                                   error.code() == asio::error::address_in_use}};
  }
  core.accept();
  return std::unique_ptr<Server>{new Server{std::move(machinery)}};
}

std::uint16_t Server::port() const {
  return machinery_->core.acceptor.local_endpoint().port();
}

void Server::run() {
  ServerCore& core = machinery_->core;
  const auto guard = asio::make_work_guard(core.loop);
  while (!core.loop.stopped()) {
    if (!core.turn_wanted) {
      core.loop.run_one();
      continue;
    }
    const bool idle = core.loop.poll() == 0;
    core.pump();
    if (idle || core.overdue()) core.turn();
  }
}

void Server::post(std::function<void()> work) {
  asio::post(machinery_->core.loop, [this, work = std::move(work)] {
    work();
    machinery_->core.turn_wanted = true;
  });
}

void Server::stop() {
  machinery_->core.loop.stop();
}

void ServerCore::accept() {
  acceptor.async_accept([this](const boost::system::error_code& fault, tcp::socket socket) {
    if (fault == asio::error::operation_aborted) return;
    if (!fault) {
      socket.set_option(tcp::no_delay{true});
      std::make_shared<Connection>(*this, std::move(socket))->start();
    }
    accept();
  });
}

void ServerCore::pump() {
  const std::vector<std::shared_ptr<Connection>> open{streaming.begin(), streaming.end()};
  for (const auto& connection : open) connection->pump();
}

bool ServerCore::overdue() const {
  return Clock::Steady::now() - last_turn > longest_wait;
}

void ServerCore::turn() {
  turn_wanted = cluster.run_until(clock.cluster(), steps_per_turn);
  last_turn = Clock::Steady::now();
  pump();
  if (!turn_wanted) set_timer();
}

void ServerCore::set_timer() {
  if (!clock.runs()) return;
  std::optional<Clock::Steady::time_point> next;
  const auto consider = [&](Clock::Steady::time_point when) {
    next = next ? std::min(*next, when) : when;
  };
  if (const auto due = cluster.wake()) consider(clock.when_cluster(*due));
  for (const auto& connection : streaming) {
    if (const auto due = connection->connection_wake()) consider(clock.when_connection(*due));
    if (const auto due = connection->cluster_wake()) consider(clock.when_cluster(*due));
  }
  if (!next) return;
  timer.expires_at(*next);
  timer.async_wait([this](const boost::system::error_code& fault) {
    if (!fault) turn_wanted = true;
  });
}

}  // namespace copse::runner::sandbox
