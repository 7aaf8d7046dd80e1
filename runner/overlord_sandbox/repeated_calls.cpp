#include "runner/overlord_sandbox/repeated_calls.hpp"

#include "runner/overlord_sandbox/alarm.hpp"
#include "runner/overlord_sandbox/syncer.hpp"

#include <map>
#include <utility>

namespace copse::runner::overlord_sandbox {
namespace {

constexpr int ok = 200;

struct Repeated {
  Repeated(boost::asio::io_context& io, http::Call what, CallEvents told)
      : call(std::move(what)), events(std::move(told)), pause(io) {}

  http::Call call;
  CallEvents events;
  Alarm pause;
  std::uint32_t failures = 0;
};

}  // namespace

struct RepeatedCalls::Core : std::enable_shared_from_this<Core> {
  Core(boost::asio::io_context& loop, http::Client& by, const Options& given,
       std::function<double()> draw)
      : io(loop), client(by), options(given), normal(std::move(draw)) {}

  boost::asio::io_context& io;
  http::Client& client;
  const Options& options;
  std::function<double()> normal;
  std::map<std::uint64_t, Repeated> calls;
  std::uint64_t next = 0;

  void attempt(std::uint64_t number) {
    Repeated& repeated = calls.find(number)->second;
    const Time sent = std::chrono::steady_clock::now();
    if (repeated.events.sent) repeated.events.sent(sent);
    client.send(http::Call(repeated.call), [weak = weak_from_this(), number, sent](auto reply) {
      if (const auto core = weak.lock()) core->answered(number, sent, std::move(reply));
    });
  }

  void answered(std::uint64_t number, Time sent, std::expected<http::Reply, std::string> reply) {
    Repeated& repeated = calls.find(number)->second;
    const int status = reply ? reply->status : 0;
    if (repeated.events.answered)
      repeated.events.answered(status, sent, reply ? std::string() : reply.error());
    if (status == ok || ++repeated.failures >= options.request_tries) return end(number);
    const Time again =
        std::chrono::steady_clock::now() + retry_pause(repeated.failures, normal(), options.times);
    repeated.pause.set(again, [this, number] { attempt(number); });
  }

  void end(std::uint64_t number) {
    auto over = calls.extract(number);
    if (over.mapped().events.done) over.mapped().events.done();
  }
};

RepeatedCalls::RepeatedCalls(boost::asio::io_context& io, http::Client& client,
                             const Options& options, std::function<double()> normal)
    : core_(std::make_shared<Core>(io, client, options, std::move(normal))) {}

RepeatedCalls::~RepeatedCalls() = default;

void RepeatedCalls::send(http::Call call, CallEvents events) {
  const std::uint64_t number = core_->next++;
  core_->calls.try_emplace(number, core_->io, std::move(call), std::move(events));
  core_->attempt(number);
}

}  // namespace copse::runner::overlord_sandbox
