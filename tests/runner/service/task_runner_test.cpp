// The driver against the sandbox over real HTTP: what it costs, and that nothing runs twice.
#include "runner/service/task_runner.hpp"

#include "engine/json_writer.hpp"
#include "runner/cli/sandbox_access.hpp"
#include "runner/kube/cluster.hpp"
#include "runner/kube/query.hpp"
#include "runner/kube/transport.hpp"
#include "runner/sandbox/sandbox.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>

using namespace copse::runner;
using namespace std::chrono_literals;

namespace {

// A test that takes longer has failed.
constexpr auto patience = 60s;

std::string hex(std::size_t n) {
  std::string text = std::to_string(n);
  return std::string(32 - text.size(), 'a') + text;
}

service::TaskSpec spec(std::size_t n, const std::string& owner) {
  const std::string id = "task_" + std::to_string(n);
  const std::string labels = R"("labels":{"druid.k8s.peons":"true","copse/owner":")" + owner +
                             R"(","copse/task":")" + hex(n) + R"("})";
  const std::string annotations = R"("annotations":{"task.id":")" + id + R"("})";
  return {
      .id = id,
      .job_name = "job-" + std::to_string(n),
      .task_label = hex(n),
      .job_json =
          R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"job-)" + std::to_string(n) +
          R"(",)" + labels + "," + annotations +
          R"(},"spec":{"backoffLimit":0,"template":{"metadata":{)" + labels + "," + annotations +
          R"(},"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"one"}]}}}})",
      .begin = {}};
}

// The same with a payload that its pod waits for.
service::TaskSpec large(std::size_t n, const std::string& owner) {
  service::TaskSpec made = spec(n, owner);
  const std::string map = made.job_name + "-payload";
  const std::string volume = R"("volumes":[{"name":"p","configMap":{"name":")" + map + "\"}}],";
  made.job_json.insert(made.job_json.find(R"("containers")"), volume);
  made.payload = {map, "task.json.gz", std::string("\x1f\x8b\0\xff", 4)};
  return made;
}

std::string event_about(std::string_view kind, const kube::ObjectMeta& about,
                        std::string_view reason, std::string_view message) {
  copse::engine::JsonWriter out;
  out.begin_object().member("apiVersion", "v1").member("kind", "Event");
  out.key("metadata").begin_object().member("name", "e1").member("namespace", "default");
  out.end_object().key("involvedObject").begin_object().member("kind", kind);
  out.member("namespace", "default").member("name", about.name).member("uid", about.uid_text);
  out.end_object().member("reason", reason).member("message", message).key("count").number(1);
  return out.end_object().take();
}

using Make = service::TaskSpec (*)(std::size_t, const std::string&);

struct World {
  cli::Scratch logs = std::move(*cli::Scratch::make("copse-test-"));
  sandbox::Sandbox cluster;

  explicit World(std::chrono::milliseconds pull = 400ms) : cluster(start(logs.path(), pull)) {}

  static sandbox::Sandbox start(const std::string& folder, std::chrono::milliseconds pull) {
    sandbox::SandboxOptions options;
    options.speed = 50;
    options.namespaces = {"vip"};
    options.start =
        std::chrono::time_point_cast<sandbox::Moment::duration>(std::chrono::system_clock::now()) -
        24h;
    options.files = folder;
    options.script = [pull](const sandbox::PodView& pod) {
      sandbox::Script script = cli::succeeding(cli::annotation(pod, "task.id"));
      script.pull = pull;
      return std::optional(std::move(script));
    };
    return std::move(*sandbox::Sandbox::start(std::move(options)));
  }

  service::RunnerOptions options() const {
    service::RunnerOptions made;
    made.namespaces = {"default"};
    made.owner = "me";
    made.log_directory = logs.path();
    made.rules.patience.status_retry = 50ms;
    return made;
  }
};

// What a runner needs around it; a test that takes too long is cut.
struct Loop {
  boost::asio::io_context io;
  kube::Transport transport;
  kube::Cluster cluster{transport};
  boost::asio::steady_timer deadline{io, patience};

  explicit Loop(const World& world) : transport(io, cli::access_of(world.cluster)) {
    deadline.async_wait([this](const auto& error) {
      if (!error) io.stop();
    });
  }
};

std::size_t threads() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

struct Seen {
  std::size_t succeeded = 0;
  std::set<std::string> ended;  // Jobs
  std::size_t most_threads = 0;
  bool all_done = false;
};

// Runs tasks [0, n) to their ends; `until` may stop the runner earlier.
Seen run(World& world, std::size_t n, const std::function<bool(job::Phase)>& until = {},
         Make make = spec) {
  Seen seen;
  Loop loop(world);
  auto& [io, transport, cluster, deadline] = loop;
  service::RunnerEvents events;
  events.moved = [&](service::TaskIndex, job::Phase phase) {
    if (phase == job::Phase::running) seen.most_threads = std::max(seen.most_threads, threads());
    if (until && until(phase)) io.stop();
  };
  events.ended = [&](service::TaskIndex task, const job::Outcome& outcome) {
    seen.ended.insert("default/job-" + std::to_string(static_cast<std::uint32_t>(task)));
    seen.succeeded += outcome.status == job::Outcome::Status::success ? 1U : 0U;
  };
  events.all_done = [&] {
    seen.all_done = true;
    io.stop();
  };
  service::TaskRunner runner(io, transport, world.options(), std::move(events));
  for (std::size_t i = 0; i < n; ++i) runner.add(make(i, "me"));
  runner.start();
  io.run();
  return seen;
}

std::uint64_t all_requests(const sandbox::Sandbox& cluster) {
  std::uint64_t sum = 0;
  for (const std::string verb : {"create", "get", "list", "watch", "delete", "update", "patch"}) {
    sum += cluster.requests(verb, "jobs") + cluster.requests(verb, "pods") +
           cluster.requests(verb, "configmaps") + cluster.requests(verb, "events");
  }
  return sum;
}

}  // namespace

TEST_CASE("N tasks cost two requests each and six in all", "[runner]") {
  for (const std::size_t n : {10U, 60U}) {
    World world;
    const Seen seen = run(world, n);
    CHECK(seen.all_done);
    CHECK(seen.succeeded == n);
    CHECK(world.cluster.requests("create", "jobs") == n);
    CHECK(world.cluster.requests("delete", "jobs") == n);
    // A list and a watch for Jobs, the same for pods and for Events.
    CHECK(all_requests(world.cluster) == 2 * n + 6);
  }
}

TEST_CASE("Jobs of several namespaces are watched where they are: six requests more for each",
          "[runner]") {
  World world;
  const Seen seen = run(world, 10, {}, [](std::size_t n, const std::string& owner) {
    service::TaskSpec made = spec(n, owner);
    if (n % 2 == 1) made.namespace_name = "vip";
    return made;
  });
  CHECK(seen.all_done);
  CHECK(seen.succeeded == 10);
  CHECK(all_requests(world.cluster) == 2 * 10 + 2 * 6);
  std::size_t elsewhere = 0;
  for (const sandbox::PodStart& pod : world.cluster.ledger())
    elsewhere += pod.job.starts_with("vip/") ? 1U : 0U;
  CHECK(elsewhere == 5);
}

TEST_CASE("a Job of the same task in another namespace is nobody's", "[runner]") {
  World world;
  Loop loop(world);
  auto& [io, transport, cluster, deadline] = loop;
  std::optional<job::Outcome> outcome;
  service::RunnerEvents events;
  events.ended = [&](service::TaskIndex, const job::Outcome& seen) { outcome = seen; };
  events.all_done = [&] { io.stop(); };
  service::RunnerOptions options = world.options();
  options.namespaces = {"default", "vip"};
  service::TaskRunner runner(io, transport, options, std::move(events));
  cluster.create_job("vip", spec(0, "me").job_json, [&](auto job) {
    REQUIRE(job);
    runner.add(spec(0, "me"));
    runner.start();
  });
  io.run();
  REQUIRE(outcome);
  CHECK(outcome->status == job::Outcome::Status::success);
  CHECK(world.cluster.ledger().size() == 2);
}

TEST_CASE("a payload of its own costs a task one request more", "[runner]") {
  World world;
  const Seen seen = run(world, 10, {}, large);
  CHECK(seen.all_done);
  CHECK(seen.succeeded == 10);
  CHECK(world.cluster.requests("create", "configmaps") == 10);
  CHECK(all_requests(world.cluster) == 3 * 10 + 6);
}

TEST_CASE(
    "a runner that ends between a Job and its payload leaves a pod that waits; the next brings it",
    "[runner]") {
  World world;
  // As many Jobs as are created until the first has its answer; no payload is sent.
  const Seen before =
      run(world, 5, [&](job::Phase phase) { return phase == job::Phase::waiting; }, large);
  CHECK_FALSE(before.all_done);
  CHECK(world.cluster.requests("create", "jobs") > 0);
  CHECK(world.cluster.requests("create", "configmaps") == 0);
  CHECK(world.cluster.ledger().empty());
  const Seen after = run(world, 5, {}, large);
  CHECK(after.all_done);
  CHECK(after.succeeded == 5);
  CHECK(world.cluster.ledger().size() == 5);
  CHECK(world.cluster.requests("create", "configmaps") == 5);
}

TEST_CASE("a ConfigMap that is somebody else's is left alone: the task fails, and its Job goes",
          "[runner]") {
  World world(5min);  // no pod starts before the runner has looked, however slow the machine is
  Loop loop(world);
  auto& [io, transport, cluster, deadline] = loop;
  std::optional<job::Outcome> outcome;
  service::RunnerEvents events;
  events.ended = [&](service::TaskIndex, const job::Outcome& seen) { outcome = seen; };
  events.all_done = [&] { io.stop(); };
  service::TaskRunner runner(io, transport, world.options(), std::move(events));
  runner.add(large(0, "me"));
  cluster.create_job("default", spec(9, "somebody").job_json, [&](auto job) {
    REQUIRE(job);
    cluster.create_config_map(
        "default", {"job-0-payload", "somebody", hex(9), "job-9", job->meta.uid, "k", "theirs"},
        [&](auto created) {
          CHECK(created);
          runner.start();
        });
  });
  io.run();
  REQUIRE(outcome);
  CHECK(outcome->reason == job::Reason::launch);
  CHECK(outcome->text.starts_with("a ConfigMap of its payload's name exists"));
  for (const sandbox::PodStart& start : world.cluster.ledger()) CHECK(start.job == "default/job-9");
  CHECK(world.cluster.requests("get", "configmaps") == 1);
}

TEST_CASE("what keeps the pod of a Job from being created is known from Events", "[runner]") {
  World world;
  Loop loop(world);
  auto& [io, transport, cluster, deadline] = loop;
  service::RunnerOptions options = world.options();
  options.rules.patience.start = 500ms;
  std::vector<job::GivenUp> waits;
  std::optional<job::Outcome> outcome;
  service::RunnerEvents events;
  events.moved = [&](service::TaskIndex, job::Phase phase) {
    if (phase != job::Phase::waiting) return;
    // In the place of a Job controller that is refused the pod.
    cluster.get_job("default", "job-0", [&](auto job) {
      REQUIRE(job);
      transport.send({kube::Verb::create, kube::events_path("default"),
                      event_about("Job", job->meta, "FailedCreate",
                                  "Error creating: pods \"job-0-x7k2p\" is forbidden: exceeded "
                                  "quota: pods, requested: pods=1")},
                     [](const auto& answer) { CHECK(answer); });
    });
  };
  events.blocked = [&](service::TaskIndex, const job::GivenUp& why) { waits.push_back(why); };
  events.ended = [&](service::TaskIndex, const job::Outcome& seen) { outcome = seen; };
  events.all_done = [&] { io.stop(); };
  service::TaskRunner runner(io, transport, std::move(options), std::move(events));
  service::TaskSpec without_pod = spec(0, "me");
  without_pod.job_json.insert(without_pod.job_json.find(R"("backoffLimit")"),
                              R"("parallelism":0,)");
  runner.add(std::move(without_pod));
  runner.start();
  io.run();
  const std::string text = "the pod cannot be created: exceeded quota: pods, requested: pods=1";
  CHECK(waits == std::vector{job::GivenUp{job::Reason::quota, text}});
  REQUIRE(outcome);
  CHECK(outcome->reason == job::Reason::quota);
  CHECK(outcome->text == text);
}

TEST_CASE("that a pod has its image is known from Events, once a task", "[runner]") {
  World world(10s);  // of pulling, at fifty times the speed
  Loop loop(world);
  auto& [io, transport, cluster, deadline] = loop;
  std::vector<std::string> seen;
  service::RunnerEvents events;
  events.scheduled = [&](service::TaskIndex, std::string_view) {
    seen.emplace_back("scheduled");
    // The node's own comes with the start of the container, and then too late.
    cluster.get_job("default", "job-0", [&](auto job) {
      REQUIRE(job);
      cluster.pods_of_job("default", job->meta.uid, [&](auto pods) {
        REQUIRE(pods);
        transport.send(
            {kube::Verb::create, kube::events_path("default"),
             event_about("Pod", pods->front().meta, "Pulled", "Container image present")},
            [](const auto& answer) { CHECK(answer); });
      });
    });
  };
  events.pulled = [&](service::TaskIndex) { seen.emplace_back("pulled"); };
  events.started = [&](service::TaskIndex, const job::PodLog&) { seen.emplace_back("started"); };
  events.all_done = [&] { io.stop(); };
  service::TaskRunner runner(io, transport, world.options(), std::move(events));
  runner.add(spec(0, "me"));
  runner.start();
  io.run();
  CHECK(seen == std::vector<std::string>{"scheduled", "pulled", "started"});
}

TEST_CASE("the number of threads does not depend on the number of tasks and stays at most eight",
          "[runner]") {
  World few;
  World many;
  const std::size_t with_few = run(few, 5).most_threads;
  const std::size_t with_many = run(many, 80).most_threads;
  CHECK(with_few > 0);
  CHECK(with_few == with_many);
  CHECK(with_many <= 8);
}

TEST_CASE("a runner that starts again takes over what the one before left, and no pod starts twice",
          "[runner]") {
  World world;
  constexpr std::size_t n = 20;
  std::size_t running = 0;
  const Seen before = run(world, n, [&](job::Phase phase) {
    return phase == job::Phase::running && ++running == n / 2;
  });
  CHECK_FALSE(before.all_done);
  const Seen after = run(world, n);
  CHECK(after.all_done);
  CHECK(after.succeeded == n);
  std::map<std::string, std::size_t> starts;
  for (const sandbox::PodStart& start : world.cluster.ledger()) ++starts[start.job];
  CHECK(starts.size() == n);
  // Only what had ended before, and was cleared away, may run again.
  CHECK(before.ended.size() < n);
  for (const auto& [job, count] : starts) CHECK((count == 1 || before.ended.contains(job)));
}

TEST_CASE(
    "a held Job is released, its index goes to the next task, and each pod's place is said once",
    "[runner]") {
  World world;
  Loop loop(world);
  auto& [io, transport, cluster, deadline] = loop;
  service::RunnerOptions options = world.options();
  options.rules.hold_until_released = true;
  service::TaskRunner* runner = nullptr;
  std::size_t added = 1;
  std::vector<job::PodPlace> places;
  std::vector<service::TaskIndex> ended;
  service::RunnerEvents events;
  events.located = [&](service::TaskIndex, const job::PodPlace& place) { places.push_back(place); };
  events.ended = [&](service::TaskIndex task, const job::Outcome&) {
    CHECK(world.cluster.requests("delete", "jobs") == ended.size());
    ended.push_back(task);
    boost::asio::post(io, [&, task] { runner->release(task); });
  };
  events.moved = [&](service::TaskIndex, job::Phase phase) {
    if (phase != job::Phase::done) return;
    if (added == 3) return io.stop();
    boost::asio::post(io, [&] { runner->add(spec(added++, "me")); });
  };
  service::TaskRunner made(io, transport, std::move(options), std::move(events));
  runner = &made;
  runner->add(spec(0, "me"));
  runner->start();
  io.run();
  CHECK(ended == std::vector<service::TaskIndex>(3, service::TaskIndex{0}));
  REQUIRE(places.size() == 3);
  for (std::size_t i = 0; i < places.size(); ++i) {
    CHECK(places[i].pod.starts_with("job-" + std::to_string(i)));
    CHECK_FALSE(places[i].ip.empty());
  }
}

TEST_CASE("a task that had a Job before a restart is not run again when the Job is gone",
          "[runner]") {
  World world;
  Loop loop(world);
  auto& [io, transport, cluster, deadline] = loop;
  std::optional<job::Outcome> outcome;
  service::RunnerEvents events;
  events.ended = [&](service::TaskIndex, const job::Outcome& seen) { outcome = seen; };
  events.all_done = [&] { io.stop(); };
  service::TaskRunner runner(io, transport, world.options(), std::move(events));
  service::TaskSpec lost = spec(0, "me");
  lost.begin = {.is_resumed = true, .was_placed = true};
  runner.add(std::move(lost));
  runner.start();
  io.run();
  REQUIRE(outcome);
  CHECK(outcome->reason == job::Reason::deleted);
  CHECK(world.cluster.requests("create", "jobs") == 0);
  CHECK(world.cluster.ledger().empty());
}
