// Tasks of an Overlord, from acceptance to acknowledgement, on the sandbox over real HTTP and a
// journal on the real disk.
#include "runner/service/worker.hpp"

#include "runner/cli/sandbox_access.hpp"
#include "runner/kube/cluster.hpp"
#include "runner/kube/transport.hpp"
#include "runner/sandbox/sandbox.hpp"
#include "runner/service/ending.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
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

using namespace copse::runner;
using namespace std::chrono_literals;
using overlord::Announcement;
using overlord::TaskState;

namespace {

// A test that takes longer has failed.
constexpr auto patience = 60s;

std::string document(const std::string& id) {
  return R"({"id":")" + id + R"(","type":"noop","dataSource":"wiki"})";
}

std::expected<service::TaskHead, std::string> head_of(const std::string& text) {
  boost::json::error_code fault;
  const auto value = boost::json::parse(text, fault);
  if (fault) return std::unexpected("this is no JSON");
  return service::TaskHead{std::string(value.at("id").as_string()), "noop", "wiki", 1};
}

service::TaskSpec spec_of(const std::string& id, const std::string& owner) {
  const std::string label = service::label_of(id);
  const std::string labels = R"("labels":{"druid.k8s.peons":"true","copse/owner":")" + owner +
                             R"(","copse/task":")" + label + R"("})";
  const std::string metadata = labels + R"(,"annotations":{"task.id":")" + id + R"("})";
  return {
      .id = id,
      .job_name = "job-" + id,
      .task_label = label,
      .job_json =
          R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"job-)" + id + "\"," +
          metadata + R"(},"spec":{"backoffLimit":0,"template":{"metadata":{)" + metadata +
          R"(},"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"one"}]}}}})",
      .begin = {}};
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
      if (id.starts_with("endless")) {
        script = {};
        script.actions = {sandbox::Pause{std::chrono::hours(100)}};
      }
      return std::optional(std::move(script));
    };
    return std::move(*sandbox::Sandbox::start(std::move(options)));
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
  explicit Copse(World& the_world, bool starts = true) : world(the_world) {
    service::RunnerOptions options;
    options.namespace_name = "default";
    options.owner = "me";
    options.log_directory = world.logs.path();
    options.rules.patience.status_retry = 50ms;
    options.rules.hold_until_released = true;
    auto opened = store::Journal::open({.folder = world.state.path()});
    REQUIRE(opened);
    worker.emplace(io, transport, std::move(opened->journal), history, std::move(options), ports());
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
    made.news = [] {};
    made.ended = [this](const std::string& id) { ended.push_back(id); };
    return made;
  }

  bool until(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
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
  std::vector<std::string> ended;
  std::optional<service::Worker> worker;
};

}  // namespace

TEST_CASE("a task is taken, runs, ends, and nothing of it is left once that is acknowledged",
          "[worker]") {
  World world;
  {
    Copse copse(world);
    CHECK(copse.assign(document("a")) == "taken");
    CHECK(copse.has_state("a", TaskState::running));
    REQUIRE(copse.until([&] { return copse.has_state("a", TaskState::success); }));
    const Announcement said = *copse.history.find("a");
    CHECK(said.location.port == 8100);
    CHECK(said.location.pod.starts_with("job-a-"));
    CHECK(said.duration_ms >= 0);
    CHECK(copse.ended == std::vector<std::string>{"a"});
    CHECK(copse.loses_job("a"));
    copse.worker->acknowledged("a");
    CHECK(copse.history.find("a") == nullptr);
    CHECK(copse.worker->tasks() == 0);
  }
  Copse after(world);
  CHECK(after.worker->tasks() == 0);
  CHECK(world.starts_of("a") == 1);
}

TEST_CASE("a task that is handed over again and again runs once", "[worker]") {
  World world;
  Copse copse(world);
  std::size_t answers = 0;
  for (int i = 0; i < 3; ++i)
    copse.worker->assign(document("a"), [&](auto result) { answers += result ? 1U : 0U; });
  REQUIRE(copse.until([&] { return copse.has_state("a", TaskState::success); }));
  CHECK(copse.assign(document("a")) == "taken");
  CHECK(answers == 3);
  CHECK(world.starts_of("a") == 1);
}

TEST_CASE("a body that is no task is refused, and nothing is kept of it", "[worker]") {
  World world;
  Copse copse(world);
  CHECK(copse.assign("{") == "this is no JSON");
  CHECK(copse.worker->tasks() == 0);
}

TEST_CASE("a task that a rule fails is announced so, and others go on", "[worker]") {
  World world;
  Copse copse(world);
  CHECK(copse.assign(document("refused")) == "taken");
  CHECK(copse.assign(document("a")) == "taken");
  REQUIRE(copse.until([&] { return copse.has_state("refused", TaskState::failed); }));
  CHECK(copse.history.find("refused")->error == "rule `x` fails it");
  REQUIRE(copse.until([&] { return copse.has_state("a", TaskState::success); }));
  CHECK(world.starts_of("refused") == 0);
}

TEST_CASE("a task that is killed ends as failed, and its pod is gone", "[worker]") {
  World world;
  Copse copse(world);
  CHECK(copse.assign(document("endless")) == "taken");
  REQUIRE(copse.until([&] { return !copse.history.find("endless")->location.host.empty(); }));
  copse.worker->kill("endless");
  REQUIRE(copse.until([&] { return copse.has_state("endless", TaskState::failed); }));
  CHECK(copse.history.find("endless")->error == "cancelled: cancelled");
  CHECK(copse.loses_job("endless"));
}

TEST_CASE("a kill of an unknown task is answered by a failure, so that the Overlord lets go of it",
          "[worker]") {
  World world;
  Copse copse(world);
  copse.worker->kill("stranger");
  CHECK(copse.has_state("stranger", TaskState::failed));
  CHECK(copse.ended == std::vector<std::string>{"stranger"});
  copse.worker->acknowledged("stranger");
  CHECK(copse.history.find("stranger") == nullptr);
}

TEST_CASE("a copse that dies is followed by one that knows all its tasks and runs none again",
          "[worker]") {
  World world;
  constexpr int count = 12;
  std::map<std::string, TaskState> last;
  {
    Copse copse(world);
    for (int i = 0; i < count; ++i)
      CHECK(copse.assign(document("t" + std::to_string(i))) == "taken");
    REQUIRE(copse.until([&] { return copse.ended.size() >= 3; }));
    for (const std::string& id : copse.ended) last[id] = copse.history.find(id)->state;
  }
  Copse copse(world);
  CHECK(copse.worker->tasks() == count);
  for (const auto& [id, state] : last) CHECK(copse.has_state(id, state));
  CHECK(copse.decided.empty());
  REQUIRE(copse.until([&] { return copse.ended.size() == count; }));
  for (int i = 0; i < count; ++i) {
    const std::string id = "t" + std::to_string(i);
    CHECK(copse.has_state(id, TaskState::success));
    CHECK(world.starts_of(id) == 1);
    copse.worker->acknowledged(id);
    CHECK(copse.loses_job(id));
  }
}

TEST_CASE("a copse that dies before it has decided decides after its restart", "[worker]") {
  World world;
  {
    Copse copse(world, false);
    CHECK(copse.assign(document("a")) == "taken");
  }
  Copse copse(world);
  CHECK(copse.has_state("a", TaskState::running));
  REQUIRE(copse.until([&] { return copse.has_state("a", TaskState::success); }));
  CHECK(world.starts_of("a") == 1);
}

// The same at every point: after so many steps of the loop everything that was in memory is lost.
TEST_CASE("wherever a copse dies, each accepted task runs once and ends once", "[worker]") {
  for (int steps = 0; steps < 90; steps += 2) {
    World world;
    const std::vector<std::string> ids{"a", "b", "refused"};
    std::set<std::string> taken;
    {
      Copse copse(world);
      for (const std::string& id : ids) {
        copse.worker->assign(document(id), [&, id](auto result) {
          if (result) taken.insert(id);
        });
      }
      for (int i = 0; i < steps; ++i) {
        copse.io.restart();
        copse.io.run_one_for(20ms);
      }
    }
    Copse copse(world);
    INFO("after " << steps << " steps");
    for (const std::string& id : taken) CHECK(copse.worker->knows(id));
    // An Overlord that got no answer hands the task over again.
    for (const std::string& id : ids) CHECK(copse.assign(document(id)) == "taken");
    REQUIRE(copse.until([&] { return copse.ended.size() == ids.size(); }));
    CHECK(copse.has_state("a", TaskState::success));
    CHECK(copse.has_state("b", TaskState::success));
    CHECK(copse.has_state("refused", TaskState::failed));
    CHECK(world.starts_of("a") == 1);
    CHECK(world.starts_of("b") == 1);
    for (const std::string& id : ids) {
      copse.worker->acknowledged(id);
      CHECK(copse.loses_job(id));
    }
    CHECK(copse.worker->tasks() == 0);
  }
}

TEST_CASE("what the Overlord is told of a failure fits its hundred characters, at a word",
          "[worker]") {
  using copse::runner::job::Reason;
  CHECK(service::error_text(Reason::task, "Max parse exceptions[0] exceeded") ==
        "Max parse exceptions[0] exceeded");
  CHECK(service::error_text(Reason::oom, "killed") == "oom: killed");
  std::string words;
  for (int i = 0; i < 40; ++i) words += "wörd ";
  const std::string cut = service::error_text(Reason::image, words);
  CHECK(cut == "image: " + words.substr(0, words.find("wörd", 6 * 18) - 1) + "…");
  const std::string one = service::error_text(Reason::task, std::string(200, 'x'));
  CHECK(one == std::string(99, 'x') + "…");
}
