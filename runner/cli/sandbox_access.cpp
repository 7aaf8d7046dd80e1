#include "runner/cli/sandbox_access.hpp"

#include "engine/json_writer.hpp"

#include <algorithm>
#include <utility>

namespace copse::runner::cli {
namespace {

// Cluster time of the sandbox runs this much faster, so that a run of minutes takes seconds.
constexpr double sandbox_speed = 20;

std::chrono::milliseconds milliseconds_of(const engine::Period& period,
                                          std::chrono::milliseconds otherwise) {
  const auto length = engine::standard_millis(period);
  return length ? std::chrono::milliseconds(*length) : otherwise;
}

engine::Diagnostics cannot_start(const std::string& why) {
  engine::Diagnostic diagnostic;
  diagnostic.code = "K0001";
  diagnostic.title = "the sandbox cannot start: " + why;
  return {std::move(diagnostic)};
}

}  // namespace

std::string annotation(const sandbox::PodView& pod, std::string_view key) {
  const auto at = std::find_if(pod.annotations.begin(), pod.annotations.end(),
                               [&](const auto& a) { return a.first == key; });
  return at == pod.annotations.end() ? std::string() : at->second;
}

sandbox::Script succeeding(const std::string& task_id) {
  engine::JsonWriter status;
  status.begin_object()
      .member("id", task_id)
      .member("status", "SUCCESS")
      .key("duration")
      .number(-1);
  status.key("errorMsg").null().end_object();
  sandbox::Script script;
  script.pull = std::chrono::milliseconds(400);
  script.actions = {sandbox::Print{"running task " + task_id},
                    sandbox::Pause{std::chrono::seconds(2)},
                    sandbox::Print{"task " + task_id + " succeeded"}};
  script.files = {{task_id + ".status.json", status.take()}};
  script.log_file = task_id + ".log";
  return script;
}

kube::ClusterAccess access_of(const sandbox::Sandbox& sandbox) {
  const sandbox::Access& given = sandbox.access();
  kube::ClusterAccess access;
  access.origin = "the sandbox";
  access.server.url = given.url;
  access.server.authority_pem = given.authority;
  if (!given.client_certificate.empty()) {
    access.certificate =
        kube::Certificate{given.client_certificate, kube::Secret(given.client_key)};
  }
  if (!given.token.empty()) access.token = kube::Secret(given.token);
  access.default_namespace = "default";
  return access;
}

std::expected<ReachedCluster, engine::Diagnostics> reach_cluster(const Arguments& arguments,
                                                                 const Basis& basis) {
  ReachedCluster reached;
  if (arguments.cluster != "sandbox") {
    auto access = kube::load_access(arguments.cluster, kube::Environment::of_process());
    if (!access) return std::unexpected(std::move(access.error()));
    reached.access = std::move(*access);
    return reached;
  }
  auto logs = Scratch::make("copse-sandbox-");
  if (!logs) return std::unexpected(cannot_start(logs.error()));
  sandbox::SandboxOptions options;
  options.speed = sandbox_speed;
  // Status files carry this machine's time; the cluster's clock must not run ahead of it.
  options.start =
      std::chrono::time_point_cast<sandbox::Moment::duration>(std::chrono::system_clock::now()) -
      std::chrono::hours(24);
  if (!basis.settings.namespace_name.empty()) options.namespaces = basis.namespaces;
  options.files = logs->path();
  options.script = [](const sandbox::PodView& pod) -> std::optional<sandbox::Script> {
    const std::string id = annotation(pod, "task.id");
    return id.empty() ? std::nullopt : std::optional<sandbox::Script>(succeeding(id));
  };
  auto started = sandbox::Sandbox::start(std::move(options));
  if (!started) return std::unexpected(cannot_start(started.error().text));
  reached.log_directory = logs->path();
  reached.logs = std::move(*logs);
  reached.sandbox = std::move(*started);
  reached.access = access_of(*reached.sandbox);
  return reached;
}

service::RunnerOptions runner_options(const Basis& basis, const kube::ClusterAccess& access,
                                      std::string owner) {
  const adapters::Settings& settings = basis.settings;
  service::RunnerOptions options;
  options.namespaces = basis.namespaces;
  if (!basis.has_properties) options.namespaces = {access.default_namespace};
  options.owner = std::move(owner);
  const std::string type(basis.properties.value("druid.indexer.logs.type").value_or("file"));
  if (type == "file" && basis.has_properties) {
    options.log_directory = basis.properties.value("druid.indexer.logs.directory").value_or("log");
  }
  options.rules.keep_jobs = settings.debug_jobs;
  job::Patience& patience = options.rules.patience;
  patience.start = milliseconds_of(settings.job_launch_timeout, patience.start);
  patience.image = std::min(patience.image, patience.start);
  patience.config = std::min(patience.config, patience.start);
  return options;
}

}  // namespace copse::runner::cli
