#include "runner/cli/demo_overlord.hpp"

#include "runner/bench/process.hpp"
#include "runner/overlord_sandbox/overlord_sandbox.hpp"
#include "runner/service/service.hpp"

#include <algorithm>
#include <csignal>
#include <map>
#include <numeric>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

namespace copse::runner::cli {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using What = service::TaskEvent::What;

constexpr std::chrono::milliseconds tick_every{80};
constexpr std::uint32_t assignment_threads = 10;

std::uint16_t free_port(asio::io_context& io) {
  asio::ip::tcp::acceptor acceptor(io,
                                   asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  return acceptor.local_endpoint().port();
}

class OverlordRunner {
 public:
  OverlordRunner(const std::vector<const engine::Task*>& tasks, const Plan& plan,
                 ExecutionEvents events)
      : tasks_(tasks), events_(std::move(events)), signals_(io_, SIGINT, SIGTERM), ticker_(io_) {
    for (std::size_t i = 0; i < plan.tasks.size(); ++i) by_id_.emplace(plan.tasks[i].id, i);
    done_.execution.outcomes.resize(plan.tasks.size());
  }

  OverlordOutcome run(OverlordRun how) {
    std::signal(SIGPIPE, SIG_IGN);
    auto policy = PolicyInForce::load(how.arguments, how.runner.owner, [](auto&&...) {});
    if (!policy) return failed("the policy cannot be used");
    policy_ = &*policy;
    overlord_sandbox::Options options;
    options.log_directory = how.runner.log_directory;
    options.assignment_threads = assignment_threads;
    auto overlord = overlord_sandbox::OverlordSandbox::listen(io_, metadata_, std::move(options));
    if (!overlord) return failed(overlord.error().text);
    overlord_ = std::move(*overlord);
    auto service = service::Service::start(io_, service_options(std::move(how)), ports());
    if (!service) return failed(service.error());
    service_ = std::move(*service);
    await_signal();
    tick();
    io_.run();
    finish();
    return std::move(done_);
  }

 private:
  OverlordOutcome failed(std::string why) {
    done_.fault = std::move(why);
    return std::move(done_);
  }

  service::ServiceOptions service_options(OverlordRun how) {
    service::ServiceOptions options;
    options.access = std::move(how.access);
    options.logs = service::LogStore{.directory = how.runner.log_directory,
                                     .positions = how.state_folder + "/logs"};
    options.runner = std::move(how.runner);
    options.state_folder = std::move(how.state_folder);
    options.node.host = "127.0.0.1";
    options.node.port = free_port(io_);
    options.node.capacity = static_cast<std::uint32_t>(std::max<std::size_t>(tasks_.size(), 1));
    options.http.port = options.node.port;
    options.overlord_urls = {overlord_->url()};
    options.release = policy_->basis().release;
    node_ = options.node;
    return options;
  }

  service::ServicePorts ports() {
    service::ServicePorts made;
    made.head = [this](const std::string& document) { return policy_->head(document); };
    made.decide = [this](const std::string& document) { return policy_->decide(document); };
    made.rebuild = [this](const std::string& document, const store::Decided& decided) {
      return policy_->rebuild(document, decided);
    };
    made.release = [](engine::Release) {};
    // The Overlord in simulation is told of its worker.
    made.announcer = [](auto&&...) { return std::nullopt; };
    made.happened = [this](const service::TaskEvent& event) { happened(event); };
    made.stuck = [this](const std::string& text) {
      done_.fault = text;
      io_.stop();
    };
    return made;
  }

  void happened(const service::TaskEvent& event) {
    const auto at = by_id_.find(std::string(event.task_id));
    if (at == by_id_.end()) return;
    Execution& execution = done_.execution;
    const auto moved = [&](job::Phase phase) {
      if (events_.moved) events_.moved(at->second, phase);
    };
    switch (event.what) {
      case What::decided:
        if (first_create_ == Clock::time_point{}) first_create_ = Clock::now();
        return moved(job::Phase::creating);
      case What::created:
        execution.launch_seconds = seconds_since(first_create_);
        return moved(job::Phase::waiting);
      case What::started:
        return moved(job::Phase::running);
      case What::ended:
        execution.outcomes[at->second] = *event.outcome;
        ++ended_;
        if (events_.ended) events_.ended(at->second, *event.outcome);
        return;
      default:
        return;
    }
  }

  static double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  }

  void await_signal() {
    signals_.async_wait([this](const auto& error, int) {
      if (error) return;
      done_.execution.interrupted = true;
      io_.stop();
    });
  }

  void tick() {
    if (events_.tick) events_.tick();
    const service::ServiceView view = service_->view();
    if (view.is_ready && !std::exchange(is_known_, true)) hand_over();
    if (ended_ == tasks_.size() && is_over(view)) return io_.stop();
    ticker_.expires_after(tick_every);
    ticker_.async_wait([this](const auto& error) {
      if (!error) tick();
    });
  }

  void hand_over() {
    overlord_->add_worker(node_);
    for (const engine::Task* task : tasks_) {
      if (const auto submitted = overlord_->submit(task->document); !submitted)
        done_.overlord.violations.push_back(task->id + " was not taken: " + submitted.error());
    }
  }

  // Every end is acknowledged, and no request is under way any more.
  static bool is_over(const service::ServiceView& view) {
    const std::uint64_t sent = std::accumulate(view.cluster.requests.begin(),
                                               view.cluster.requests.end(), std::uint64_t{0});
    std::uint64_t answered = 0;
    for (const auto& [what, count] : view.cluster.answers) answered += count;
    return view.tasks == 0 && sent == answered + service::watch_count;
  }

  void finish() {
    Execution& execution = done_.execution;
    const service::ServiceView view = service_->view();
    execution.requests = std::accumulate(view.cluster.requests.begin(), view.cluster.requests.end(),
                                         std::uint64_t{0});
    execution.creates = view.cluster.requests[static_cast<std::size_t>(kube::Verb::create)];
    execution.seconds = seconds_since(started_);
    OverlordsView& told = done_.overlord;
    std::vector<microseconds> answered;
    std::vector<microseconds> announced;
    const overlord_sandbox::Facts& facts = overlord_->facts();
    for (const auto& [id, task] : facts.tasks) {
      for (const overlord_sandbox::AssignmentFact& fact : task.assignments) {
        if (fact.answered) answered.push_back(*fact.answered);
        if (fact.announced) announced.push_back(*fact.announced);
      }
    }
    for (const engine::Task* task : tasks_) {
      const auto report = overlord_->task(task->id);
      const auto state = report ? report->status.state : overlord::TaskState::running;
      (state == overlord::TaskState::success  ? told.succeeded
       : state == overlord::TaskState::failed ? told.failed
                                              : told.other)++;
    }
    told.violations.insert(told.violations.end(), facts.violations.begin(), facts.violations.end());
    told.assign_median = bench::percentile(answered, 50);
    told.assign_p99 = bench::percentile(answered, 99);
    told.announce_median = bench::percentile(announced, 50);
  }

  const std::vector<const engine::Task*>& tasks_;
  ExecutionEvents events_;
  OverlordOutcome done_;
  std::map<std::string, std::size_t> by_id_;
  asio::io_context io_{1};
  asio::signal_set signals_;
  asio::steady_timer ticker_;
  PolicyInForce* policy_ = nullptr;
  overlord_sandbox::Metadata metadata_;
  std::unique_ptr<overlord_sandbox::OverlordSandbox> overlord_;
  std::unique_ptr<service::Service> service_;
  overlord::WorkerNode node_;
  bool is_known_ = false;
  std::size_t ended_ = 0;
  Clock::time_point started_ = Clock::now();
  Clock::time_point first_create_{};
};

}  // namespace

OverlordOutcome run_behind_overlord(const std::vector<const engine::Task*>& tasks, const Plan& plan,
                                    OverlordRun how, ExecutionEvents events) {
  return OverlordRunner(tasks, plan, std::move(events)).run(std::move(how));
}

}  // namespace copse::runner::cli
