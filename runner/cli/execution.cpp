#include "runner/cli/execution.hpp"

#include "runner/kube/cluster.hpp"
#include "runner/kube/transport.hpp"

#include <csignal>
#include <numeric>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

namespace copse::runner::cli {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds tick_every{80};

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// A failure at which a person has to act: waiting for it to heal would only hide it.
bool needs_a_person(kube::FailureKind kind) {
  return kube::recourse(kind) == kube::Recourse::operators ||
         kube::recourse(kind) == kube::Recourse::never || kind == kube::FailureKind::unauthorized ||
         kind == kube::FailureKind::not_found;
}

class Executor {
 public:
  Executor(Plan& plan, ExecutionOptions options, ExecutionEvents events)
      : plan_(plan),
        options_(std::move(options)),
        events_(std::move(events)),
        signals_(io_, SIGINT, SIGTERM),
        ticker_(io_),
        transport_(io_, options_.access),
        cluster_(transport_),
        runner_(io_, transport_, options_.runner, runner_events()) {
    done_.outcomes.resize(plan_.tasks.size());
  }

  Execution run() {
    std::signal(SIGPIPE, SIG_IGN);
    await_signal();
    tick();
    // One question first: a cluster that cannot be reached is said at once and not as a failure of
    // each task.
    cluster_.server_version([this](auto answer) {
      if (!answer) return fail(answer.error());
      begin();
    });
    io_.run();
    done_.seconds = seconds_since(started_);
    const kube::Counters counters = transport_.counters();
    done_.requests =
        std::accumulate(counters.requests.begin(), counters.requests.end(), std::uint64_t{0});
    done_.creates = counters.requests[static_cast<std::size_t>(kube::Verb::create)];
    return std::move(done_);
  }

 private:
  service::RunnerEvents runner_events() {
    service::RunnerEvents to;
    to.moved = [this](service::TaskIndex task, job::Phase phase) {
      moved(static_cast<std::size_t>(task), phase);
    };
    to.ended = [this](service::TaskIndex task, const job::Outcome& outcome) {
      done_.outcomes[static_cast<std::size_t>(task)] = outcome;
      if (events_.ended) events_.ended(static_cast<std::size_t>(task), outcome);
    };
    to.blocked = [this](service::TaskIndex task, const job::GivenUp& why) {
      if (events_.blocked) events_.blocked(static_cast<std::size_t>(task), why);
    };
    to.deaf = [this](const kube::Failure& failure) {
      if (events_.trouble) events_.trouble(failure);
    };
    to.trouble = [this](const kube::Failure& failure) {
      // Not from within the runner's own callback: failing lets go of it.
      if (!launching_ && needs_a_person(failure.kind)) {
        return asio::post(io_, [this, failure] { fail(failure); });
      }
      if (events_.trouble) events_.trouble(failure);
    };
    to.all_done = [this] { asio::post(io_, [this] { finish(); }); };
    return to;
  }

  void moved(std::size_t task, job::Phase phase) {
    if (phase == job::Phase::creating && !std::exchange(launching_, true))
      first_create_ = Clock::now();
    if (phase == job::Phase::waiting) done_.launch_seconds = seconds_since(first_create_);
    if (events_.moved) events_.moved(task, phase);
  }

  void begin() {
    for (PlannedTask& task : plan_.tasks) runner_.add(std::move(task.spec));
    runner_.start();
  }

  void await_signal() {
    signals_.async_wait([this](const auto& error, int) {
      if (error) return;
      const bool again = std::exchange(done_.interrupted, true);
      if (events_.interrupted && !again) events_.interrupted();
      if (options_.on_interrupt == OnInterrupt::cancel && !again) {
        runner_.cancel_all();
        await_signal();
      } else {
        finish();
      }
    });
  }

  void tick() {
    if (events_.tick) events_.tick();
    ticker_.expires_after(tick_every);
    ticker_.async_wait([this](const auto& error) {
      if (!error) tick();
    });
  }

  void fail(const kube::Failure& failure) {
    done_.world = failure;
    finish();
  }

  void finish() {
    for (const service::TaskIndex task : runner_.live())
      done_.left_running.push_back(static_cast<std::size_t>(task));
    done_.unanswered = runner_.unanswered();
    runner_.stop();
    ticker_.cancel();
    signals_.cancel();
    io_.stop();
  }

  Plan& plan_;
  ExecutionOptions options_;
  ExecutionEvents events_;
  Execution done_;
  asio::io_context io_{1};
  asio::signal_set signals_;
  asio::steady_timer ticker_;
  kube::Transport transport_;
  kube::Cluster cluster_;
  service::TaskRunner runner_;
  Clock::time_point started_ = Clock::now();
  Clock::time_point first_create_{};
  bool launching_ = false;
};

}  // namespace

Execution execute(Plan& plan, ExecutionOptions options, ExecutionEvents events) {
  return Executor(plan, std::move(options), std::move(events)).run();
}

}  // namespace copse::runner::cli
