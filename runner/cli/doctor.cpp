// copse doctor: what stands in the way of `copse serve`, one line each, with the remedy.
#include "runner/cli/decider.hpp"
#include "runner/cli/diagnosis.hpp"
#include "runner/cli/row_screen.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/serve_settings.hpp"
#include "runner/cli/verbs.hpp"
#include "runner/doctor/cluster.hpp"
#include "runner/doctor/here.hpp"
#include "runner/doctor/meeting.hpp"
#include "runner/doctor/overlord.hpp"
#include "runner/doctor/probe.hpp"
#include "runner/doctor/waiting.hpp"
#include "runner/kube/transport.hpp"

#include <algorithm>
#include <csignal>
#include <random>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <unistd.h>

namespace copse::runner::cli {
namespace {

using doctor::Row;
using doctor::Rows;
using doctor::Verdict;

class Doctor {
 public:
  Doctor(Arguments arguments, Basis survey)
      : arguments_(std::move(arguments)), survey_(std::move(survey)), screen_(arguments_.format) {}

  int run() {
    std::signal(SIGPIPE, SIG_IGN);
    settings();
    templates();
    look_here();
    cluster();
    meeting();
    overlord();
    pods();
    screen_.end();
    return std::max(exit_code_, doctor::exit_code(screen_.rows()));
  }

 private:
  // What `serve` would say of its own accord.
  void settings() {
    ServeReading read = read_serve_settings(survey_.properties, surroundings_of_process());
    serve_ = std::move(read.found);
    if (arguments_.policy.empty()) arguments_.policy = serve_.policy;
    auto basis = load_basis(arguments_, Purpose::make_jobs);
    engine::Diagnostics said = basis ? basis->findings : basis.error().said;
    said.insert(said.end(), read.diagnostics.begin(), read.diagnostics.end());
    if (basis) {
      basis_.emplace(std::move(*basis));
      if (auto fault = adapter_fault(basis_->settings)) said.push_back(std::move(*fault));
    } else {
      exit_code_ = std::max(exit_code_, basis.error().exit_code);
    }
    screen_.begin("settings", "reading");
    screen_.add(judge_settings(said, survey_.properties.all().size()));
    screen_.add(judge_policy(said, basis_ ? &*basis_ : nullptr, arguments_.policy));
  }

  void templates() {
    TemplateReadings read = read_templates(arguments_, survey_.properties);
    templates_ = std::move(read.templates);
    screen_.begin("pod templates", "reading");
    screen_.add(std::move(read.rows));
    for (const doctor::TemplateFacts& each : templates_)
      screen_.add({doctor::judge_template(each, survey_.release)});
    if (!templates_.empty()) screen_.add({doctor::judge_spreading(templates_)});
  }

  void look_here() {
    screen_.begin("this host", "looking");
    screen_.add(doctor::judge_address(doctor::examine_address(io_, serve_.node.host, serve_.http)));
    screen_.add({doctor::judge_state(doctor::examine_folder(serve_.state))});
    if (!serve_.log_directory.empty())
      screen_.add({doctor::judge_store(doctor::examine_folder(serve_.log_directory))});
  }

  void cluster() {
    screen_.begin("Kubernetes", "asking the API server");
    auto access = kube::load_access(serve_.cluster, kube::Environment::of_process());
    if (!access) {
      exit_code_ = std::max(exit_code_, exit_unreadable);
      return screen_.add(rows_of("API server", access.error()));
    }
    kube::TransportOptions options;
    options.plugin_deadline = doctor::api_deadline;
    const std::string origin = access->origin;
    transport_.emplace(io_, std::move(*access), options);
    doctor::ClusterQuestions questions;
    questions.namespace_name =
        survey_.properties.value("druid.indexer.runner.namespace").value_or("");
    for (const std::string& name : survey_.namespaces) {
      if (name != questions.namespace_name) questions.other_namespaces.push_back(name);
    }
    if (const auto* pod = std::get_if<discovery::PodOptions>(&serve_.discovery)) {
      questions.discovery = doctor::DiscoveryNamespaces{
          pod->pod_namespace,
          pod->leader_namespace.empty() ? pod->pod_namespace : pod->leader_namespace};
    }
    questions.jobs = trial_jobs();
    doctor::ClusterFacts facts = doctor::examine_cluster(*transport_, questions);
    facts.origin = origin;
    is_cluster_reached_ = facts.version && facts.version->has_value();
    screen_.add(doctor::judge_cluster(facts));
  }

  std::vector<doctor::TrialJob> trial_jobs() {
    std::vector<doctor::TrialJob> jobs;
    if (!basis_ || !basis_->templates) return jobs;
    const auto task = engine::read_task(
        {"doctor", R"({"type":"noop","id":"copse_doctor","dataSource":"copse_doctor"})"});
    if (!task) return jobs;
    Decider decider(*basis_);
    for (const std::string_view key : basis_->templates->keys()) {
      cli::Row row;
      row.rule = "doctor";
      row.template_key = std::string(key);
      auto job = decider.job(*task, row, owner_label(serve_.node.host_port()));
      if (job) {
        jobs.push_back({std::string(key), std::move(job->json)});
      } else {
        screen_.add(rows_of("Jobs", job.error()));
      }
    }
    return jobs;
  }

  void meeting() {
    if (const auto* zookeeper = std::get_if<discovery::ZooKeeperOptions>(&serve_.discovery)) {
      screen_.begin("Druid", "asking ZooKeeper");
      const doctor::ZooKeeperFacts facts = doctor::examine_zookeeper(io_, *zookeeper);
      for (const doctor::ZooKeeperServer& server : facts.servers)
        targets_.push_back({"ZooKeeper", server.address});
      leader_ = facts.leader;
      return screen_.add({doctor::judge_zookeeper(facts)});
    }
    screen_.begin("Druid", "asking who leads");
    const auto* pod = std::get_if<discovery::PodOptions>(&serve_.discovery);
    if (pod == nullptr) return;
    if (!is_cluster_reached_)
      return screen_.add({{"election", Verdict::skipped, "it is read from the API server"}});
    const doctor::PodFacts facts = doctor::examine_pod(*transport_, *pod);
    leader_ = doctor::leader_of(facts);
    screen_.add(doctor::judge_pod(facts));
  }

  void overlord() {
    screen_.say("asking the Overlord");
    overlord::OverlordClient client(io_, serve_.overlord, serve_.overlord_urls);
    if (!leader_.empty()) client.found(leader_);
    const doctor::OverlordFacts facts = doctor::examine_overlord(io_, client);
    doctor::OwnSide own;
    own.host_port = serve_.node.host_port();
    own.worker_version = serve_.node.version;
    if (const auto* zookeeper = std::get_if<discovery::ZooKeeperOptions>(&serve_.discovery))
      own.zookeeper_base = zookeeper->base;
    if (const auto* pod = std::get_if<discovery::PodOptions>(&serve_.discovery))
      own.cluster_identifier = pod->cluster_identifier;
    own.logs_directory = serve_.log_directory;
    screen_.add(doctor::judge_overlord(facts, own));
    const std::string origin = overlord::origin_of(facts.url);
    if (const std::size_t slashes = origin.find("//"); slashes != std::string::npos)
      targets_.push_back({"the Overlord", origin.substr(slashes + 2)});
  }

  void pods() {
    screen_.begin("task namespace", arguments_.probe ? "running a pod" : "");
    screen_.add({probed()});
  }

  Row probed() {
    Row row{"pods", Verdict::skipped, {}};
    const auto base = std::find_if(
        templates_.begin(), templates_.end(),
        [](const doctor::TemplateFacts& each) { return each.key == adapters::base_template; });
    if (!arguments_.probe) {
      row.found = "not tried whether they reach ZooKeeper and the Overlord";
      row.remedy = "`copse doctor --probe` runs a pod that tries";
      return row;
    }
    if (!is_cluster_reached_ || base == templates_.end() || !base->document || targets_.empty()) {
      row.found = "a pod needs the cluster, the template `base`, and something to reach";
      return row;
    }
    const std::string name = "copse-doctor-" + std::to_string(std::random_device{}());
    auto job =
        doctor::probe_job(*base->document, name, owner_label(serve_.node.host_port()), targets_);
    if (!job) {
      row.found = "the template `base` has no container to try from";
      return row;
    }
    const std::string namespace_name(
        survey_.properties.value("druid.indexer.runner.namespace").value_or(""));
    return doctor::judge_probe(
        doctor::run_probe(*transport_, namespace_name, std::move(*job), name, targets_));
  }

  Arguments arguments_;
  Basis survey_;
  RowScreen screen_;
  ServeSettings serve_;
  std::optional<Basis> basis_;
  std::vector<doctor::TemplateFacts> templates_;
  boost::asio::io_context io_{1};
  std::optional<kube::Transport> transport_;
  bool is_cluster_reached_ = false;
  std::string leader_;
  std::vector<doctor::Target> targets_;
  int exit_code_ = exit_fine;
};

}  // namespace

int doctor(const Arguments& given) {
  Arguments arguments = given;
  arguments.environment = environment_properties(environ);
  auto survey = load_basis(arguments, Purpose::survey);
  if (!survey) {
    show(survey.error().said, arguments.format == Format::json);
    return survey.error().exit_code;
  }
  return Doctor(std::move(arguments), std::move(*survey)).run();
}

}  // namespace copse::runner::cli
