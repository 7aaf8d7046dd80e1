#include "runner/sandbox/sandbox.hpp"

#include "runner/sandbox/clock.hpp"
#include "runner/sandbox/cluster.hpp"
#include "runner/sandbox/kubeconfig.hpp"
#include "runner/sandbox/server.hpp"

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

namespace copse::runner::sandbox {
namespace {

Moment real_now() {
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

/// Writes beside the name first, so that a reader never sees half a file.
void write_file(const std::filesystem::path& folder, const ScriptFile& file) {
  const std::filesystem::path path = folder / file.name, part = path.string() + ".part";
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  std::ofstream{part, std::ios::binary} << file.text;
  std::filesystem::rename(part, path, ignored);
}

ClusterOptions cluster_options(const SandboxOptions& options) {
  ClusterOptions cluster{.history = options.history,
                         .seed = options.seed,
                         .events = options.events,
                         .namespaces = options.namespaces,
                         .job_times = {},
                         .node = {}};
  cluster.node.version = options.version;
  cluster.node.runs_pods = options.runs_pods;
  cluster.node.pod_network = options.pod_network;
  cluster.node.choose_script = options.script;
  if (!options.files.empty()) {
    cluster.node.write_file = [folder = std::filesystem::path{options.files}](
                                  const ScriptFile& file) { write_file(folder, file); };
  }
  return cluster;
}

}  // namespace

struct Sandbox::Running {
  Clock clock;
  Cluster cluster;
  Api api;
  Access access;
  std::unique_ptr<Server> server;
  std::thread thread;

  Running(const SandboxOptions& options, Moment start)
      : clock{options.speed, start},
        cluster{cluster_options(options), start},
        api{cluster,
            {.version = options.version, .tokens = options.tokens, .certificates = options.tls}} {}

  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  ~Running() {
    if (!thread.joinable()) return;
    server->stop();
    thread.join();
  }

  /// Runs `work` on the sandbox's thread and waits for its result.
  template <typename Work>
  auto ask(Work work) {
    using Result = decltype(work());
    auto promise = std::make_shared<std::promise<Result>>();
    auto result = promise->get_future();
    server->post([promise, work = std::move(work)] {
      if constexpr (std::is_void_v<Result>) {
        work();
        promise->set_value();
      } else {
        promise->set_value(work());
      }
    });
    return result.get();
  }
};

std::expected<Sandbox, Failure> Sandbox::start(SandboxOptions options) {
  ServerOptions server{.address = options.address,
                       .port = options.port,
                       .certificates = {},
                       .watch_backlog = options.watch_backlog};
  Access access;
  if (options.tls) {
    auto certificates = make_certificates();
    if (!certificates) return std::unexpected{std::move(certificates.error())};
    access.authority = certificates->authority;
    access.client_certificate = certificates->client_certificate;
    access.client_key = certificates->client_key;
    server.certificates = std::move(*certificates);
  }
  if (!options.tokens.empty()) access.token = options.tokens.front().token;
  auto running = std::make_unique<Running>(options, options.start.value_or(real_now()));
  auto listening =
      Server::listen(running->cluster, running->api, running->clock, std::move(server));
  if (!listening) return std::unexpected{std::move(listening.error())};
  running->server = std::move(*listening);
  access.url = std::string{options.tls ? "https://" : "http://"} + options.address + ":" +
               std::to_string(running->server->port());
  running->access = std::move(access);
  running->thread = std::thread{[serving = running->server.get()] { serving->run(); }};
  return Sandbox{std::move(running)};
}

Sandbox::Sandbox(std::unique_ptr<Running> running) : running_{std::move(running)} {}

Sandbox::Sandbox(Sandbox&&) noexcept = default;
Sandbox& Sandbox::operator=(Sandbox&&) noexcept = default;
Sandbox::~Sandbox() = default;

std::string Sandbox::url() const {
  return running_->access.url;
}

const Access& Sandbox::access() const {
  return running_->access;
}

std::string Sandbox::kubeconfig() const {
  return kubeconfig_text(running_->access);
}

Moment Sandbox::now() const {
  return running_->ask([r = running_.get()] { return r->clock.cluster(); });
}

void Sandbox::advance(std::chrono::milliseconds step) {
  running_->ask([r = running_.get(), step] {
    r->clock.advance(step);
    r->cluster.advance_to(r->clock.cluster());
  });
}

void Sandbox::settle() {
  running_->ask([r = running_.get()] { r->cluster.settle(); });
}

void Sandbox::compact() {
  running_->ask([r = running_.get()] {
    r->cluster.settle();
    r->cluster.store().compact();
  });
}

RequestCounts Sandbox::requests() const {
  return running_->ask([r = running_.get()] { return r->api.counts(); });
}

std::uint64_t Sandbox::requests(std::string_view verb, std::string_view resource) const {
  const RequestCounts counts = requests();
  const auto at = counts.find({std::string{verb}, std::string{resource}});
  return at == counts.end() ? 0 : at->second;
}

std::vector<PodStart> Sandbox::ledger() const {
  return running_->ask([r = running_.get()] { return r->cluster.node().ledger(); });
}

}  // namespace copse::runner::sandbox
