// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it inlines `post`.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/overlord_sandbox/hosted.hpp"

#include <future>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace copse::runner::overlord_sandbox {

namespace asio = boost::asio;

struct HostedOverlord::Running {
  asio::io_context io;
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  Metadata metadata;
  std::unique_ptr<OverlordSandbox> overlord;
  std::string url;
  std::thread thread;

  Running() = default;
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  ~Running() {
    if (!thread.joinable()) return;
    asio::post(io, [this] {
      overlord.reset();
      work.reset();
      io.stop();
    });
    thread.join();
  }
};

std::expected<HostedOverlord, http::Failure> HostedOverlord::start(Options options) {
  auto running = std::make_unique<Running>();
  auto overlord = OverlordSandbox::listen(running->io, running->metadata, std::move(options));
  if (!overlord) return std::unexpected(std::move(overlord.error()));
  running->overlord = std::move(*overlord);
  running->url = running->overlord->url();
  running->thread = std::thread([&io = running->io] { io.run(); });
  return HostedOverlord(std::move(running));
}

HostedOverlord::HostedOverlord(std::unique_ptr<Running> running) : running_(std::move(running)) {}

HostedOverlord::HostedOverlord(HostedOverlord&&) noexcept = default;
HostedOverlord& HostedOverlord::operator=(HostedOverlord&&) noexcept = default;
HostedOverlord::~HostedOverlord() = default;

const std::string& HostedOverlord::url() const {
  return running_->url;
}

void HostedOverlord::call(const std::function<void(OverlordSandbox&)>& work) const {
  std::promise<void> done;
  asio::post(running_->io, [&] {
    work(*running_->overlord);
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace copse::runner::overlord_sandbox
