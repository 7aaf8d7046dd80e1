// copse serve: the runner behind an Overlord.
#include "runner/cli/event_log.hpp"
#include "runner/cli/file_state.hpp"
#include "runner/cli/policy_in_force.hpp"
#include "runner/cli/sandbox_access.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/serve_settings.hpp"
#include "runner/cli/strategy_publisher.hpp"
#include "runner/cli/verbs.hpp"
#include "runner/service/metrics.hpp"
#include "runner/service/service.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <unistd.h>

namespace copse::runner::cli {
namespace {

namespace asio = boost::asio;
using service::ServiceEvent;
using Level = ServiceEvent::Level;

// Of a policy that somebody edits the log tells the first so many findings; `copse check` shows
// all.
constexpr std::size_t told_diagnostics_limit = 20;

class Serve {
 public:
  Serve(ServeSettings settings, PolicyInForce& policy, kube::ClusterAccess access, EventLog& log)
      : settings_(std::move(settings)),
        policy_(policy),
        access_(std::move(access)),
        log_(log),
        signals_(io_, SIGINT, SIGTERM, SIGHUP),
        looking_(io_) {}

  int run() {
    std::signal(SIGPIPE, SIG_IGN);
    log_.write({Level::info,
                "starting",
                {{"version", COPSE_VERSION},
                 {"worker", settings_.node.host_port()},
                 {"cluster", access_.origin},
                 {"namespace", policy_.basis().settings.namespace_name},
                 {"policy", policy_.version()}}});
    auto started = service::Service::start(io_, options(), ports());
    if (!started) {
      log_.write({Level::error, "cannot start", {{"why", started.error()}}});
      return exit_world;
    }
    service_ = std::move(*started);
    if (settings_.publish_runner_strategy) {
      publisher_.emplace(
          io_, service_->overlord_client(), [this] { return published(); },
          [this](const ServiceEvent& event) { log_.write(event); });
    }
    certificates_ = certificates();
    await_signal();
    look();
    io_.run();
    loader_.join();
    publisher_.reset();
    service_.reset();
    log_.write({Level::info, "stopped", {}});
    return exit_code_;
  }

  /// What is said of a single task while it is decided.
  void warn(const std::string& task_id, const std::string& warning, bool is_misdirected) {
    if (is_misdirected) metrics_.misdirected();
    log_.write({Level::warning, "task warning", {{"task", task_id}, {"what", warning}}});
  }

 private:
  service::ServiceOptions options() const {
    service::ServiceOptions wanted;
    wanted.access = access_;
    wanted.runner =
        runner_options(policy_.basis(), access_, owner_label(settings_.node.host_port()));
    wanted.runner.log_directory = settings_.log_directory;
    wanted.runner.rules.hold_until_released = true;
    wanted.runner.rules.forbidden_is_final = false;
    wanted.logs = service::LogStore{.directory = settings_.log_directory,
                                    .positions = settings_.state + "/logs"};
    wanted.state_folder = settings_.state;
    wanted.node = settings_.node;
    wanted.http = settings_.http;
    wanted.self = settings_.self;
    wanted.worker_auth = settings_.worker_auth;
    wanted.overlord = settings_.overlord;
    wanted.overlord_urls = settings_.overlord_urls;
    if (policy_.properties().find("copse.druid.version") != nullptr)
      wanted.release = policy_.basis().release;
    return wanted;
  }

  service::ServicePorts ports() {
    service::ServicePorts made;
    made.head = [this](const std::string& document) { return policy_.head(document); };
    made.decide = [this](const std::string& document) { return policy_.decide(document); };
    made.rebuild = [this](const std::string& document, const store::Decided& decided) {
      return policy_.rebuild(document, decided);
    };
    made.release = [this](engine::Release release) {
      policy_.follow(release);
      if (publisher_) publisher_->look();
    };
    made.announcer = [this](asio::io_context& io, kube::Transport& transport,
                            discovery::News news) {
      return announcer(io, transport, std::move(news));
    };
    made.log = [this](const ServiceEvent& event) { log_.write(event); };
    made.happened = [this](const service::TaskEvent& event) {
      log_.write(event);
      metrics_.happened(event);
      // A type that the Overlord's configuration does not list goes to any worker.
      const std::size_t types = policy_.seen_types().size();
      if (types != std::exchange(types_, types) && publisher_) publisher_->look();
    };
    made.journaled = [this](std::chrono::microseconds took) { metrics_.journaled(took); };
    made.shown = [this](std::string_view path) { return shown(path); };
    made.left = [this] { leave(); };
    made.stuck = [this](const std::string& text) {
      log_.write({Level::error, "cannot start", {{"why", text}}});
      exit_code_ = exit_world;
      io_.stop();
    };
    return made;
  }

  std::optional<http::Response> shown(std::string_view path) {
    if (path == "/copse/v1/policy")
      return http::Response{.content_type = "application/json", .body = policy_.describe()};
    if (path != "/metrics") return std::nullopt;
    const service::PolicyView policy{!policy_.refused().empty(), policy_.ill_typed()};
    return http::Response{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                          .body = metrics_.text(service_->view(), policy)};
  }

  std::optional<discovery::Announcer> announcer(asio::io_context& io, kube::Transport& transport,
                                                discovery::News news) const {
    using discovery::Announcer;
    if (const auto* zookeeper = std::get_if<discovery::ZooKeeperOptions>(&settings_.discovery)) {
      return Announcer(
          std::make_unique<discovery::ZooKeeperAnnouncer>(io, *zookeeper, std::move(news)));
    }
    if (const auto* pod = std::get_if<discovery::PodOptions>(&settings_.discovery)) {
      return Announcer(std::make_unique<discovery::PodAnnouncer>(transport, *pod, std::move(news)));
    }
    return std::nullopt;
  }

  void leave() {
    is_ending_ = true;
    service_->drain([this] { io_.stop(); });
  }

  void await_signal() {
    signals_.async_wait([this](const auto& error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        service_->reload_certificates();
      } else if (is_ending_) {
        log_.write({Level::warning, "stopped at once", {{"why", "a second signal"}}});
        std::_Exit(exit_findings);
      } else {
        leave();
      }
      await_signal();
    });
  }

  // Files that may change while it runs.
  void look() {
    looking_.expires_after(policy_look_interval);
    looking_.async_wait([this](const auto& error) {
      if (error) return;
      if (!is_loading_) {
        if (auto loading = policy_.look()) load(std::move(*loading));
      }
      const std::string papers = certificates();
      if (std::exchange(certificates_, papers) != papers) service_->reload_certificates();
      look();
    });
  }

  // Elsewhere, so that no task waits for it; and what was in force is let go there, too.
  void load(PolicyInForce::Loading loading) {
    is_loading_ = true;
    asio::post(loader_, [this, loading = std::move(loading)] {
      asio::post(io_, [this, loaded = std::shared_ptr(loading())]() mutable {
        is_loading_ = false;
        if (const auto said = policy_.take(*loaded)) tell(*said);
        asio::post(loader_, [before = std::move(loaded)] {});
      });
    });
  }

  std::string certificates() const {
    const auto& tls = settings_.http.tls;
    if (!tls) return {};
    return file_state({tls->certificate.path, tls->key.path,
                       tls->client_authority ? tls->client_authority->path : ""});
  }

  void tell(const engine::Diagnostics& said) {
    if (!said.empty()) return tell_all(said);
    log_.write({Level::info, "policy in force", {{"policy", policy_.version()}}});
    tell_all(policy_.basis().findings);
    if (publisher_) publisher_->look();
  }

  void tell_all(const engine::Diagnostics& said) {
    const std::size_t count = std::min(said.size(), told_diagnostics_limit);
    for (const engine::Diagnostic& one : std::span(said).first(count)) {
      const bool is_error = one.severity == engine::Severity::error;
      ServiceEvent event{is_error ? Level::error : Level::warning,
                         is_error ? "policy not taken" : "policy warning",
                         {{"why", engine::one_line(one)}}};
      if (is_error) event.fields.emplace_back("in force", policy_.version());
      log_.write(event);
    }
  }

  Published published() const {
    Published what;
    what.runner = policy_.basis().policies.runner;
    what.categories.copse = settings_.node.category;
    what.seen = {policy_.seen_types().begin(), policy_.seen_types().end()};
    what.policy = settings_.policy.empty() ? "the properties" : settings_.policy;
    what.version = policy_.version();
    return what;
  }

  ServeSettings settings_;
  PolicyInForce& policy_;
  kube::ClusterAccess access_;
  EventLog& log_;
  asio::io_context io_{1};
  asio::thread_pool loader_{1};
  asio::signal_set signals_;
  asio::steady_timer looking_;
  std::unique_ptr<service::Service> service_;
  std::optional<StrategyPublisher> publisher_;
  std::size_t types_ = 0;
  bool is_loading_ = false;
  std::string certificates_;  // as they were when they were read
  service::Metrics metrics_;
  bool is_ending_ = false;
  int exit_code_ = exit_fine;
};

int refuse(const engine::Diagnostics& said, bool as_json, int exit_code) {
  show(said, as_json);
  return exit_code;
}

}  // namespace

int serve(const Arguments& given) {
  Arguments arguments = given;
  arguments.environment = environment_properties(environ);
  const bool as_json = arguments.format == Format::json;
  auto basis = load_basis(arguments, Purpose::make_jobs, Needs::files);
  if (!basis) return refuse(basis.error().said, as_json, basis.error().exit_code);
  ServeReading read = read_serve_settings(basis->properties, surroundings_of_process());
  if (!read.settings) return refuse(read.diagnostics, as_json, exit_findings);
  show(read.diagnostics, as_json);
  if (arguments.policy.empty()) arguments.policy = read.settings->policy;
  arguments.strict = arguments.strict || read.settings->is_strict;

  Serve* running = nullptr;
  auto policy = PolicyInForce::load(
      arguments, owner_label(read.settings->node.host_port()),
      [&running](const std::string& task_id, const std::string& warning, bool is_misdirected) {
        if (running != nullptr) running->warn(task_id, warning, is_misdirected);
      });
  if (!policy) return refuse(policy.error().said, as_json, policy.error().exit_code);
  show(policy->basis().findings, as_json);
  auto access = kube::load_access(read.settings->cluster, kube::Environment::of_process());
  if (!access) return refuse(access.error(), as_json, exit_unreadable);

  EventLog log(as_json ? EventLog::Format::json : EventLog::Format::text);
  Serve serving(std::move(*read.settings), *policy, std::move(*access), log);
  running = &serving;
  return serving.run();
}

}  // namespace copse::runner::cli
