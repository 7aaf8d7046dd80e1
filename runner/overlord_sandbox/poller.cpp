#include "runner/overlord_sandbox/poller.hpp"

#include "runner/overlord/smile.hpp"
#include "runner/overlord_sandbox/alarm.hpp"

#include <algorithm>
#include <utility>

namespace copse::runner::overlord_sandbox {

struct Poller::Core : std::enable_shared_from_this<Core> {
  Core(boost::asio::io_context& io, http::Client& by, std::string of, const Times& given,
       std::function<double()> draw, Answered told)
      : client(by),
        origin(std::move(of)),
        times(given),
        normal(std::move(draw)),
        answered(std::move(told)),
        pause(io) {}

  http::Client& client;
  std::string origin;
  Times times;
  std::function<double()> normal;
  Answered answered;
  Alarm pause;
  Syncer syncer;
  std::optional<http::CallId> open;
  bool stopped = false;

  void ask() {
    const Time asked = std::chrono::steady_clock::now();
    http::Call call{.url = origin + syncer.target(times.sync),
                    .content_type = std::string(overlord::smile_media_type),
                    .accept = std::string(overlord::smile_media_type),
                    .deadline = times.sync + times.sync_margin};
    open = client.send(std::move(call), [weak = weak_from_this(), asked](auto reply) {
      if (const auto core = weak.lock()) core->take(asked, std::move(reply));
    });
  }

  void take(Time asked, std::expected<http::Reply, std::string> reply) {
    open.reset();
    const Synced answer = reply ? syncer.answered(reply->status, reply->body)
                                : syncer.unanswered(std::move(reply.error()));
    answered(answer, asked);
    if (stopped) return;
    if (syncer.failures() == 0) return ask();
    const milliseconds wait =
        std::min(poll_pause_limit, retry_pause(syncer.failures(), normal(), times));
    pause.set(std::chrono::steady_clock::now() + wait, [this] { ask(); });
  }
};

Poller::Poller(boost::asio::io_context& io, http::Client& client, std::string origin,
               const Times& times, std::function<double()> normal, Answered answered)
    : core_(std::make_shared<Core>(io, client, std::move(origin), times, std::move(normal),
                                   std::move(answered))) {
  core_->ask();
}

Poller::~Poller() {
  core_->stopped = true;
  if (core_->open) core_->client.cancel(*core_->open);
}

}  // namespace copse::runner::overlord_sandbox
