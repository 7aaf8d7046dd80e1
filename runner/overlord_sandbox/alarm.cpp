#include "runner/overlord_sandbox/alarm.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace copse::runner::overlord_sandbox {

struct Alarm::Core {
  explicit Core(boost::asio::io_context& io) : timer(io) {}

  boost::asio::steady_timer timer;
  std::move_only_function<void()> rings;
  std::uint64_t number = 0;  // of the last `set`: an earlier one may be on its way already
};

Alarm::Alarm(boost::asio::io_context& io) : core_(std::make_shared<Core>(io)) {}

Alarm::~Alarm() = default;

void Alarm::set(Time at, std::move_only_function<void()> rings) {
  core_->rings = std::move(rings);
  core_->timer.expires_at(at);
  core_->timer.async_wait(
      [weak = std::weak_ptr(core_), number = ++core_->number](const auto& error) {
        const auto core = weak.lock();
        if (error || !core || core->number != number) return;
        auto ring = std::exchange(core->rings, {});
        if (ring) ring();
      });
}

}  // namespace copse::runner::overlord_sandbox
