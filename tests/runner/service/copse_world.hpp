#pragma once
// Tasks of an Overlord on the sandbox over real HTTP, with a journal on the real disk: a world, and
// copses that live and die in it.

#include "runner/cli/sandbox_access.hpp"
#include "runner/kube/cluster.hpp"
#include "runner/kube/transport.hpp"
#include "runner/sandbox/sandbox.hpp"
#include "runner/service/ending.hpp"
#include "runner/service/worker.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>
#include <catch2/catch.hpp>

namespace copse::tests {

using namespace copse::runner;
using namespace std::chrono_literals;
using overlord::Announcement;
using overlord::TaskState;

// A test that takes longer has failed.
inline constexpr auto task_patience = 60s;

inline std::string document(const std::string& id) {
  return R"({"id":")" + id + R"(","type":"noop","dataSource":"wiki"})";
}

inline std::expected<service::TaskHead, std::string> head_of(const std::string& text) {
  boost::json::error_code fault;
  const auto value = boost::json::parse(text, fault);
  if (fault) return std::unexpected("this is no JSON");
  return service::TaskHead{std::string(value.at("id").as_string()), "noop", "wiki", 1};
}

inline service::TaskSpec spec_of(const std::string& id, const std::string& owner) {
  const std::string label = service::label_of(id);
  const std::string labels = R"("labels":{"druid.k8s.peons":"true","copse/owner":")" + owner +
                             R"(","copse/task":")" + label + R"("})";
  const std::string metadata = labels + R"(,"annotations":{"task.id":")" + id + R"("})";
  // A large task's pod waits for its payload.
  std::optional<adapters::MountedPayload> payload;
  std::string volumes;
  if (id.starts_with("large")) {
    payload = {"job-" + id + "-payload", "task.json.gz", "packed"};
    volumes = R"("volumes":[{"name":"p","configMap":{"name":")" + payload->config_map + "\"}}],";
  }
  return {.id = id,
          .job_name = "job-" + id,
          .task_label = label,
          .job_json = R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"job-)" + id +
                      "\"," + metadata + R"(},"spec":{"backoffLimit":0,"template":{"metadata":{)" +
                      metadata + R"(},"spec":{"restartPolicy":"Never",)" + volumes +
                      R"("containers":[{"name":"main","image":"one"}]}}}})",
          .begin = {},
          .payload = std::move(payload)};
}

// The cluster and the disk: they outlive every copse that works on them.
struct World {
  cli::Scratch logs = std::move(*cli::Scratch::make("copse-test-"));
  cli::Scratch state = std::move(*cli::Scratch::make("copse-test-"));
  sandbox::Sandbox cluster = start(logs.path());

  static sandbox::Sandbox start(const std::string& folder) {
    sandbox::SandboxOptions options;
    options.speed = 50;
    options.start =
        std::chrono::time_point_cast<sandbox::Moment::duration>(std::chrono::system_clock::now()) -
        24h;
    options.files = folder;
    options.script = [](const sandbox::PodView& pod) {
      const std::string id = cli::annotation(pod, "task.id");
      sandbox::Script script = cli::succeeding(id);
      script.log_file.clear();  // copse stores it
      if (id.starts_with("endless")) {
        script = {};
        script.actions = {sandbox::Pause{std::chrono::hours(100)}};
      }
      return std::optional(std::move(script));
    };
    return std::move(*sandbox::Sandbox::start(std::move(options)));
  }

  // What the store has of a task's log.
  std::string log_of(const std::string& id) const {
    std::ifstream file(logs.path() + "/" + id + ".log", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  static std::string whole_log(const std::string& id) {
    return "running task " + id + "\ntask " + id + " succeeded\n";
  }

  std::size_t starts_of(const std::string& id) {
    std::size_t count = 0;
    for (const sandbox::PodStart& start : cluster.ledger())
      count += start.job == "default/job-" + id ? 1U : 0U;
    return count;
  }
};

// One copse: it lives until the end of its scope, however far its tasks are.
struct Copse {
  using Early = std::function<void(service::Worker&)>;

  // `early` is what an Overlord sends before the journal is taken up.
  explicit Copse(World& the_world, bool starts = true, const Early& early = {}) : world(the_world) {
    service::RunnerOptions options;
    options.namespaces = {"default"};
    options.owner = "me";
    options.log_directory = world.logs.path();
    options.rules.patience.status_retry = 50ms;
    options.rules.hold_until_released = true;
    options.pods_catch_up = 50ms;
    store::Settings settings;
    settings.folder = world.state.path();
    // A disk that may run full.
    settings.disk.write = [this, real = store::real_disk()](int file, std::string_view bytes,
                                                            std::uint64_t offset) mutable {
      return disk_is_full ? std::unexpected(ENOSPC) : real.write(file, bytes, offset);
    };
    auto opened = store::Journal::open(std::move(settings));
    REQUIRE(opened);
    worker.emplace(io, transport, std::move(opened->journal), history, std::move(options),
                   service::LogStore{.directory = world.logs.path(),
                                     .positions = world.state.path() + "/logs",
                                     .live_limit = 2},
                   ports());
    if (early) early(*worker);
    worker->recover(std::move(opened->entries));
    if (starts) worker->start();
  }

  service::WorkerPorts ports() {
    service::WorkerPorts made;
    made.head = head_of;
    made.decide =
        [this](const std::string& text) -> std::expected<service::Launchable, std::string> {
      const std::string id = head_of(text)->id;
      decided.insert(id);
      if (id.starts_with("refused")) return std::unexpected("rule `x` fails it");
      store::Decided record;
      record.task_id = id;
      record.job_name = "job-" + id;
      return service::Launchable{spec_of(id, "me"), record};
    };
    made.rebuild = [](const std::string&, const store::Decided& record)
        -> std::expected<service::TaskSpec, std::string> { return spec_of(record.task_id, "me"); };
    made.news = [this] { news(); };
    made.journal = [this](const std::string& fault) { faults.push_back(fault); };
    made.ended = [this](const std::string& id) { ended.push_back(id); };
    return made;
  }

  bool until(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + task_patience;
    while (!holds() && std::chrono::steady_clock::now() < deadline) {
      io.restart();
      io.run_one_for(10ms);
    }
    return holds();
  }

  // Hands a task over and waits until it is taken.
  std::string assign(const std::string& text) {
    std::optional<std::string> answer;
    worker->assign(text, [&](auto result) { answer = result ? "taken" : result.error(); });
    until([&] { return answer.has_value(); });
    return answer.value_or("no answer");
  }

  // The Job is not in the cluster, or soon will not be.
  bool loses_job(const std::string& id) {
    std::optional<bool> gone;
    const auto ask = [&] {
      gone.reset();
      cluster.get_job("default", "job-" + id, [&](auto reply) {
        gone = !reply && reply.error().kind == kube::FailureKind::not_found;
      });
      until([&] { return gone.has_value(); });
      return gone.value_or(false);
    };
    return until(ask);
  }

  bool has_state(const std::string& id, TaskState state) {
    const Announcement* said = history.find(id);
    return said != nullptr && said->state == state;
  }

  World& world;
  boost::asio::io_context io;
  kube::Transport transport{io, cli::access_of(world.cluster)};
  kube::Cluster cluster{transport};
  overlord::History history{7};
  std::set<std::string> decided;
  std::atomic<bool> disk_is_full = false;
  std::vector<std::string> faults;  ///< of the journal; empty ones: well again
  std::vector<std::string> ended;
  std::function<void()> news = [] {};
  std::optional<service::Worker> worker;
};

}  // namespace copse::tests
