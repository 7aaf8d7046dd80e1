// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it inlines `post`.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/service/service.hpp"

#include "engine/json_writer.hpp"
#include "runner/http/server.hpp"
#include "runner/kube/cluster.hpp"
#include "runner/kube/transport.hpp"
#include "runner/logs/log_file.hpp"
#include "runner/overlord/routes.hpp"
#include "runner/service/acknowledger.hpp"
#include "runner/service/log_answer.hpp"
#include "runner/service/start_up.hpp"
#include "runner/service/worker_endpoint.hpp"

#include <random>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace copse::runner::service {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Level = ServiceEvent::Level;

// A restarted process never accepts a counter of its predecessor (Druid: ChangeRequestHistory).
std::int64_t new_hash() {
  std::random_device entropy;
  return static_cast<std::int64_t>(
      std::uniform_int_distribution<std::uint64_t>(1, INT64_MAX)(entropy));
}

http::Response json(int status, std::string body) {
  return {.status = status, .content_type = "application/json", .body = std::move(body)};
}

std::string error_body(std::string_view text) {
  return engine::JsonWriter().begin_object().member("error", text).end_object().take();
}

http::Response wrong_method(std::string allowed, std::string_view text) {
  http::Response made = json(405, error_body(text));
  made.headers.emplace_back("Allow", std::move(allowed));
  return made;
}

kube::TransportOptions transport_options(const ServiceOptions& options) {
  kube::TransportOptions wanted;
  if (options.logs)
    wanted.log_streams = static_cast<unsigned>(options.logs->live_limit) + final_log_streams;
  return wanted;
}

}  // namespace

struct Service::Core : std::enable_shared_from_this<Core> {
  Core(asio::io_context& loop, ServiceOptions given, ServicePorts wanted, store::Opened opened)
      : io(loop),
        options(std::move(given)),
        ports(std::move(wanted)),
        entries(std::move(opened.entries)),
        history(new_hash()),
        transport(loop, options.access, transport_options(options)),
        client(loop, options.overlord, options.overlord_urls),
        acknowledger(
            loop, client, [this](const std::string& id) { worker.acknowledged(id); },
            [this](const overlord::OverlordFailure* failure) { overlord_trouble(failure); },
            options.first_question),
        worker(loop, transport, std::move(opened.journal), history, options.runner, options.logs,
               worker_ports()),
        endpoint(loop, worker, history, options.node.host_port(),
                 [this](const std::string& id, std::int64_t offset, http::Responder responder) {
                   answer_log(id, offset, std::move(responder));
                 }),
        list_timer(loop),
        drain_timer(loop),
        leaving_timer(loop) {}

  asio::io_context& io;
  ServiceOptions options;
  ServicePorts ports;
  store::TaskEntries entries;  // of the journal, until they are taken up
  overlord::History history;
  kube::Transport transport;
  overlord::OverlordClient client;
  Acknowledger acknowledger;
  Worker worker;
  WorkerEndpoint endpoint;
  std::unique_ptr<http::Server> server;
  std::optional<StartUp> start_up;
  std::optional<discovery::Announcer> announcer;
  asio::steady_timer list_timer;
  asio::steady_timer drain_timer;
  asio::steady_timer leaving_timer;
  std::move_only_function<void()> drained;
  bool is_ready = false;
  bool is_announced = false;
  bool is_draining = false;
  std::optional<Clock::time_point> idle_since;  // while it waits for its last task

  void log(Level level, std::string_view what,
           std::vector<std::pair<std::string_view, std::string>> fields = {}) {
    if (ports.log) ports.log({level, what, std::move(fields)});
  }

  WorkerPorts worker_ports() {
    WorkerPorts made;
    made.head = std::move(ports.head);
    made.decide = std::move(ports.decide);
    made.rebuild = std::move(ports.rebuild);
    made.news = [this] { endpoint.news(); };
    made.ended = [this](const std::string& id) { acknowledger.ended(id); };
    made.trouble = [this](const std::string& text) {
      log(Level::warning, "trouble", {{"why", text}});
    };
    made.journal = [this](const std::string& fault) { journal_state(fault); };
    made.journaled = std::move(ports.journaled);
    made.happened = [this](const TaskEvent& event) {
      if (ports.happened) ports.happened(event);
    };
    return made;
  }

  void journal_state(const std::string& fault) {
    endpoint.set_unable(!fault.empty());
    if (fault.empty()) return log(Level::info, "journal well again");
    log(Level::error, "journal takes nothing",
        {{"why", fault}, {"effect", "announced as disabled; what still arrives fails"}});
  }

  void overlord_trouble(const overlord::OverlordFailure* failure) {
    if (failure == nullptr) return log(Level::info, "Overlord answers again");
    log(Level::warning, "Overlord not asked", {{"why", failure->text}});
  }

  std::optional<std::string> listen(const std::string& instance) {
    auto listening = http::Server::listen(
        io, options.http,
        [this, instance](const http::Request& request, http::Responder responder) {
          handle(request, std::move(responder), instance);
        });
    if (!listening) return listening.error().text;
    server = std::move(*listening);
    return std::nullopt;
  }

  void begin(const std::string& instance) {
    StartUpPorts steps;
    steps.log = [this](Level level, std::string_view what, auto fields) {
      log(level, what, std::move(fields));
    };
    steps.stuck = [this](const std::string& text) { ports.stuck(text); };
    steps.release = [this](engine::Release release) { ports.release(release); };
    steps.take_up = [this] { take_up(); };
    steps.announce = [this] { announce(); };
    steps.must_reach_cluster = entries.empty();
    steps.release_wanted = options.release;
    steps.self_url = (options.node.tls ? "https://" : "http://") + options.node.host_port();
    steps.instance = instance;
    start_up.emplace(io, transport, client, options.self, std::move(steps));
    follow_leader();
    start_up->begin();
  }

  // The announcer also knows who leads, so it is there from the start; it announces when it is
  // told.
  void follow_leader() {
    discovery::News news;
    news.announced = [this] {
      is_announced = true;
      log(Level::info, "announced", {{"worker", options.node.host_port()}});
    };
    news.lost = [this](const std::string& why) {
      is_announced = false;
      log(Level::warning, "announcement lost", {{"why", why}});
    };
    news.leader = [this](const std::string& url) {
      client.found(url);
      log(Level::info, "Overlord leads", {{"url", url}});
    };
    news.trouble = [this](const std::string& text) {
      log(Level::warning, "discovery in trouble", {{"why", text}});
    };
    announcer = ports.announcer(io, transport, std::move(news));
  }

  void take_up() {
    const std::size_t count = entries.size();
    worker.recover(std::exchange(entries, {}));
    worker.start();
    endpoint.set_ready();
    is_ready = true;
    log(Level::info, "ready", {{"tasks", std::to_string(count)}});
  }

  void announce() {
    if (is_draining) return;
    if (announcer) {
      announcer->announce(options.node);
      return look_at_list();
    }
    log(Level::info, "not announced", {{"why", "copse.discovery.type is none"}});
  }

  void look_at_list() {
    list_timer.expires_after(worker_list_interval);
    list_timer.async_wait([weak = weak_from_this()](const auto& error) {
      const auto core = weak.lock();
      if (error || !core || core->is_draining) return;
      core->client.ask({.path = "/druid/indexer/v1/workers"}, [weak](auto answer) {
        const auto self = weak.lock();
        if (!self || self->is_draining) return;
        if (answer && self->is_announced && !is_listed(*answer, self->options.node.host_port())) {
          self->log(Level::warning, "unknown to the Overlord",
                    {{"effect", "withdrawn and announced anew"}});
          self->announcer->cycle();
        }
        self->look_at_list();
      });
    });
  }

  void handle(const http::Request& request, http::Responder responder,
              const std::string& instance) {
    const bool is_to_drain = request.path == drain_path;
    if (is_to_drain || overlord::is_worker_path(request.path)) {
      if (auto refused = refusal(options.worker_auth, request))
        return responder.send(std::move(*refused));
      return is_to_drain ? leave(request, std::move(responder))
                         : endpoint.handle(request, std::move(responder));
    }
    auto shown = show(request.path, instance);
    if (!shown) {
      return responder.send(
          json(404, error_body("there is nothing at " + std::string(request.path))));
    }
    if (request.method != "GET" && request.method != "HEAD")
      return responder.send(wrong_method("GET, HEAD", "this can only be read: GET"));
    responder.send(std::move(*shown));
  }

  // What can only be read.
  std::optional<http::Response> show(std::string_view path, const std::string& instance) {
    if (path == "/status/health") return json(200, "true");
    if (path == "/status/ready") return json(is_ready ? 200 : 503, is_ready ? "true" : "false");
    if (path == instance_path) return json(200, "\"" + instance + "\"");
    if (path == "/status") return json(200, status());
    return ports.shown ? ports.shown(path) : std::nullopt;
  }

  std::string status() const {
    engine::JsonWriter out;
    out.begin_object().member("version", COPSE_VERSION).key("modules").begin_array().end_array();
    out.member("worker", options.node.host_port())
        .key("ready")
        .boolean(is_ready)
        .key("announced")
        .boolean(is_announced)
        .key("draining")
        .boolean(is_draining || endpoint.is_leaving())
        .key("disabled")
        .boolean(history.disabled())
        .key("tasks")
        .number(static_cast<std::int64_t>(worker.tasks()))
        .key("unacknowledged")
        .number(static_cast<std::int64_t>(acknowledger.waiting()))
        .member("overlord", client.leader());
    return out.end_object().take();
  }

  void answer_log(const std::string& id, std::int64_t offset, http::Responder responder) {
    if (!options.logs || !logs::is_file_name(id)) {
      return responder.send({.status = options.logs ? 404 : 501,
                             .content_type = "text/plain; charset=utf-8",
                             .body = "there is no log of this task here\n"});
    }
    const std::string missing =
        worker.knows(id) ? "there is no log yet: the pod of task " + id + " has not started"
                         : "there is no log of task " + id;
    send_log(logs::log_path(options.logs->directory, id), offset, missing, std::move(responder));
  }

  void leave(const http::Request& request, http::Responder responder) {
    if (request.method != "POST")
      return responder.send(wrong_method("POST", "POST is the way to drain"));
    if (!endpoint.is_leaving()) {
      log(Level::info, "no new task is taken", {{"tasks", std::to_string(worker.tasks())}});
      endpoint.leave();
      idle_since.reset();
      look_whether_left();
    }
    responder.send(json(200, status()));
  }

  void look_whether_left() {
    leaving_timer.expires_after(leaving_look);
    leaving_timer.async_wait([weak = weak_from_this()](const auto& error) {
      const auto core = weak.lock();
      if (error || !core || core->is_draining) return;
      if (!core->endpoint.is_leaving())
        return core->log(Level::info, "enabled again", {{"effect", "tasks are taken"}});
      if (!core->is_ready || !core->worker.is_idle())
        core->idle_since.reset();
      else if (!core->idle_since)
        core->idle_since = Clock::now();
      if (!core->idle_since || Clock::now() - *core->idle_since < leaving_rest)
        return core->look_whether_left();
      core->log(Level::info, "the last task is over");
      if (core->ports.left) core->ports.left();
    });
  }

  void drain(std::move_only_function<void()> done) {
    if (std::exchange(is_draining, true)) return;
    drained = std::move(done);
    log(Level::info, "draining", {{"tasks", std::to_string(worker.tasks())}});
    drain_timer.expires_after(drain_patience);
    drain_timer.async_wait([weak = weak_from_this()](const auto& error) {
      const auto core = weak.lock();
      if (!error && core) core->end_drain();
    });
    start_up.reset();
    if (!announcer) return finish_answers();
    announcer->withdraw([weak = weak_from_this()] {
      const auto core = weak.lock();
      if (!core) return;
      core->is_announced = false;
      core->log(Level::info, "withdrawn", {});
      core->finish_answers();
    });
  }

  void finish_answers() {
    server->drain([weak = weak_from_this()] {
      if (const auto core = weak.lock()) core->end_drain();
    });
    endpoint.finish();
  }

  void end_drain() {
    drain_timer.cancel();
    // WHY later: this may be called from within the server that `done` destroys.
    if (drained) asio::post(io, std::exchange(drained, {}));
  }

  void stop() {
    list_timer.cancel();
    drain_timer.cancel();
    leaving_timer.cancel();
    start_up.reset();
    announcer.reset();
    server.reset();
  }
};

std::expected<std::unique_ptr<Service>, std::string> Service::start(asio::io_context& io,
                                                                    ServiceOptions options,
                                                                    ServicePorts ports) {
  auto opened = store::Journal::open({.folder = options.state_folder});
  if (!opened) return std::unexpected(opened.error().text);
  std::vector<std::string> notes = std::move(opened->notes);
  auto core = std::make_shared<Core>(io, std::move(options), std::move(ports), std::move(*opened));
  for (const std::string& note : notes)
    core->log(Level::warning, "journal mended", {{"what", note}});
  const std::string instance = std::to_string(new_hash());
  if (const auto fault = core->listen(instance)) return std::unexpected(*fault);
  core->begin(instance);
  return std::unique_ptr<Service>(new Service(std::move(core)));
}

Service::Service(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Service::~Service() {
  core_->stop();
}

void Service::drain(std::move_only_function<void()> done) {
  core_->drain(std::move(done));
}

void Service::reload_certificates() {
  if (const auto reloaded = core_->server->reload(); !reloaded)
    core_->log(Level::warning, "certificates not taken", {{"why", reloaded.error().text}});
}

std::uint16_t Service::port() const {
  return core_->server->port();
}

ServiceView Service::view() const {
  ServiceView seen;
  seen.is_ready = core_->is_ready;
  seen.is_announced = core_->is_announced;
  seen.is_draining = core_->is_draining || core_->endpoint.is_leaving();
  seen.is_disabled = core_->history.disabled();
  seen.tasks = core_->worker.tasks();
  seen.unacknowledged = core_->acknowledger.waiting();
  seen.held_polls = core_->endpoint.held();
  seen.open_logs = core_->worker.open_logs();
  seen.cluster = core_->transport.counters();
  seen.watches = core_->worker.watches();
  seen.http = core_->server->counters();
  seen.journal = core_->worker.journal();
  seen.leader = core_->client.leader();
  return seen;
}

overlord::OverlordClient& Service::overlord_client() {
  return core_->client;
}

const Worker& Service::worker() const {
  return core_->worker;
}

}  // namespace copse::runner::service
