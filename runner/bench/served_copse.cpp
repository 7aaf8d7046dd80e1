// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it inlines `post`.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/bench/served_copse.hpp"

#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

namespace copse::runner::bench {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds patience{120};
constexpr std::chrono::milliseconds longest_turn{100};
constexpr std::uint32_t capacity = 1'000'000;

std::uint16_t free_port(asio::io_context& io) {
  const asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  return acceptor.local_endpoint().port();
}

}  // namespace

ServedCopse::ServedCopse() : io_(std::make_unique<asio::io_context>(1)) {}

ServedCopse::~ServedCopse() = default;

std::expected<std::unique_ptr<ServedCopse>, std::string> ServedCopse::start(
    const CopseSetup& setup, const SandboxProcess& cluster, const std::string& folder,
    const std::string& overlord_url) {
  std::error_code error;
  std::filesystem::create_directories(folder + "/logs", error);
  if (error) return std::unexpected(folder + ": " + error.message());
  std::unique_ptr<ServedCopse> made(new ServedCopse);
  made->node_.host = "127.0.0.1";
  made->node_.port = free_port(*made->io_);
  made->node_.capacity = capacity;
  service::ServiceOptions options;
  options.access = cluster.access();
  options.runner.namespaces = {setup.namespace_name};
  options.runner.owner = setup.owner;
  options.runner.rules.exit_codes = job::ExitCodes::trusted;
  options.runner.rules.hold_until_released = true;
  options.logs =
      service::LogStore{.directory = folder + "/logs", .positions = folder + "/positions"};
  options.state_folder = folder + "/state";
  options.node = made->node_;
  options.http.port = made->node_.port;
  options.overlord_urls = {overlord_url};
  options.release = setup.release;
  service::ServicePorts ports = setup.ports();
  ports.release = [](engine::Release) {};
  ports.announcer = [](auto&&...) { return std::nullopt; };
  ports.happened = [&happened = made->happened_](const service::TaskEvent& event) {
    ++happened[static_cast<std::size_t>(event.what)];
  };
  ports.stuck = [&stuck = made->stuck_](const std::string& text) { stuck = text; };
  auto service = service::Service::start(*made->io_, std::move(options), std::move(ports));
  if (!service) return std::unexpected(service.error());
  made->service_ = std::move(*service);
  const bool is_ready = made->until([&] { return made->view().is_ready || !made->stuck_.empty(); });
  if (!is_ready || !made->stuck_.empty())
    return std::unexpected("copse does not get ready: " + made->stuck_);
  return made;
}

bool ServedCopse::until(const std::function<bool()>& holds) {
  const auto deadline = Clock::now() + patience;
  while (!holds()) {
    if (Clock::now() > deadline) return false;
    io_->restart();
    io_->run_one_for(longest_turn);
  }
  return true;
}

void ServedCopse::meanwhile(const std::function<void()>& work) {
  io_->restart();
  const std::jthread other([&] {
    work();
    asio::post(*io_, [this] { io_->stop(); });
  });
  io_->run();
}

std::string ServedCopse::url() const {
  return "http://" + node_.host_port();
}

}  // namespace copse::runner::bench
