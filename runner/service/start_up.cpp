#include "runner/service/start_up.hpp"

#include "runner/kube/cluster.hpp"

#include <algorithm>
#include <chrono>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>

namespace copse::runner::service {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;
using Level = ServiceEvent::Level;

bool needs_a_person(kube::FailureKind kind) {
  return kube::recourse(kind) == kube::Recourse::operators ||
         kube::recourse(kind) == kube::Recourse::never || kind == kube::FailureKind::unauthorized;
}

}  // namespace

bool is_listed(std::string_view text, std::string_view host_port) {
  json::error_code fault;
  const json::value parsed = json::parse(text, fault);
  if (fault || !parsed.is_array()) return true;
  return std::any_of(parsed.get_array().begin(), parsed.get_array().end(), [&](const auto& each) {
    const json::value* host = each.find_pointer("/worker/host", fault);
    return host != nullptr && host->is_string() && host->get_string() == host_port;
  });
}

std::optional<engine::Release> release_of(std::string_view text) {
  json::error_code fault;
  const json::value parsed = json::parse(text, fault);
  if (fault || !parsed.is_object()) return std::nullopt;
  const json::value* version = parsed.get_object().if_contains("version");
  if (version == nullptr || !version->is_string()) return std::nullopt;
  return engine::parse_release(version->get_string());
}

struct StartUp::Core : std::enable_shared_from_this<Core> {
  Core(boost::asio::io_context& io, kube::Transport& transport, overlord::OverlordClient& asked,
       http::ClientOptions self, StartUpPorts wanted)
      : cluster(transport),
        server(transport.server()),
        client(asked),
        caller(io, std::move(self)),
        timer(io),
        ports(std::move(wanted)) {}

  kube::Cluster cluster;
  std::string server;
  overlord::OverlordClient& client;
  http::Client caller;
  boost::asio::steady_timer timer;
  StartUpPorts ports;
  std::string last_trouble;  // told already
  std::chrono::milliseconds pause = first_step_pause;
  Clock::time_point asking_since{};
  bool over = false;

  using Step = void (Core::*)();

  // What a step's answer does, if the start goes on.
  auto then(auto work) {
    return [weak = weak_from_this(), work](auto result) {
      const auto core = weak.lock();
      if (core && !core->over) work(*core, std::move(result));
    };
  }

  void next(Step step) {
    pause = first_step_pause;
    last_trouble.clear();
    (this->*step)();
  }

  void again(Step step, std::string_view what, const std::string& why) {
    if (std::exchange(last_trouble, why) != why) ports.log(Level::warning, what, {{"why", why}});
    timer.expires_after(pause);
    pause = std::min(pause * 2, longest_step_pause);
    timer.async_wait([weak = weak_from_this(), step](const auto& error) {
      const auto core = weak.lock();
      if (!error && core && !core->over) ((*core).*step)();
    });
  }

  // A list of one is what the watches need, too.
  void reach_cluster() {
    cluster.server_version(then([](Core& core, auto version) {
      if (version) {
        core.ports.log(Level::info, "cluster reached",
                       {{"server", core.server}, {"version", version->git_version}});
        return core.next(&Core::ask_release);
      }
      if (!core.ports.must_reach_cluster) {
        core.ports.log(
            Level::warning, "cluster away",
            {{"why", version.error().text},
             {"effect", "tasks are taken up all the same: the Overlord waits for them"}});
        return core.next(&Core::ask_release);
      }
      if (needs_a_person(version.error().kind)) return core.ports.stuck(version.error().text);
      core.again(&Core::reach_cluster, "cluster away", version.error().text);
    }));
  }

  void ask_release() {
    if (ports.release_wanted) return follow(*ports.release_wanted, "copse.druid.version");
    if (asking_since == Clock::time_point{}) asking_since = Clock::now();
    client.ask({.path = "/status"}, then([](Core& core, auto answer) {
                 if (answer) {
                   if (const auto release = release_of(*answer))
                     return core.follow(*release, "the Overlord");
                   return core.follow_newest("the Overlord's /status names no release");
                 }
                 using Kind = overlord::OverlordFailure::Kind;
                 const Kind kind = answer.error().kind;
                 const bool is_known_to_be_up = kind == Kind::unauthorized || kind == Kind::refused;
                 if (is_known_to_be_up || Clock::now() - core.asking_since > release_patience)
                   return core.follow_newest(answer.error().text);
                 core.again(&Core::ask_release, "Overlord away", answer.error().text);
               }));
  }

  void follow_newest(const std::string& why) {
    ports.log(Level::warning, "Druid release unknown",
              {{"why", why},
               {"effect", "the newest is followed: " +
                              std::to_string(std::to_underlying(engine::newest_release))},
               {"remedy", "set copse.druid.version"}});
    follow(engine::newest_release, "nobody");
  }

  void follow(engine::Release release, const std::string& source) {
    ports.log(Level::info, "Druid release",
              {{"release", std::to_string(std::to_underlying(release))}, {"from", source}});
    ports.release(release);
    ports.take_up();
    next(&Core::check_self);
  }

  // Another process may answer at that address, or nobody: an Overlord would wait for it.
  void check_self() {
    http::Call call;
    call.url = ports.self_url + std::string(instance_path);
    call.deadline = std::chrono::seconds(10);
    caller.send(std::move(call), then([](Core& core, auto reply) {
                  const std::string effect =
                      "not announced: an Overlord would wait for an answer from " +
                      core.ports.self_url +
                      "; set copse.host, copse.port and copse.bind so that it leads here";
                  if (!reply) {
                    return core.again(&Core::check_self, "own address leads nowhere",
                                      reply.error() + "; " + effect);
                  }
                  if (reply->status != 200 || reply->body != "\"" + core.ports.instance + "\"") {
                    return core.again(&Core::check_self, "own address leads elsewhere",
                                      "another server answers there; " + effect);
                  }
                  core.ports.announce();
                }));
  }
};

StartUp::StartUp(boost::asio::io_context& io, kube::Transport& transport,
                 overlord::OverlordClient& client, http::ClientOptions self, StartUpPorts ports)
    : core_(std::make_shared<Core>(io, transport, client, std::move(self), std::move(ports))) {}

StartUp::~StartUp() {
  core_->over = true;
  core_->timer.cancel();
}

void StartUp::begin() {
  core_->reach_cluster();
}

}  // namespace copse::runner::service
