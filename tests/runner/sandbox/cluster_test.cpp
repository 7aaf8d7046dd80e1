// Job controller, garbage collector and node on virtual time, asked through the API without
// sockets.
#include "tests/runner/sandbox/world.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace copse::runner::sandbox;
using namespace std::chrono_literals;
using sandbox_test::at;
using sandbox_test::job;
using sandbox_test::World;

namespace {

std::string conditions(const sandbox_test::Answered& answer) {
  std::string all;
  for (int i = 0;; ++i) {
    const std::string path = "status.conditions." + std::to_string(i);
    if (answer[path] == "absent") return all;
    all += (i == 0 ? "" : " ") + answer[path + ".type"] + "=" + answer[path + ".status"] + "/" +
           answer[path + ".reason"];
  }
}

bool contains(const std::vector<std::string>& list, std::string_view wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

}  // namespace

TEST_CASE("a Job gets its pod, and is complete one second after the pod has ended",
          "[sandbox][job]") {
  World world;
  CHECK(world.post_job(job("a", "run 2s")).code == 201);
  CHECK(world.job("a")["status.active"] == "1");
  const auto pod = world.pod();
  CHECK(pod["metadata.name"].substr(0, 2) == "a-");
  CHECK(pod["metadata.name"].size() == 7);
  CHECK(pod["metadata.generateName"] == "a-");
  CHECK(pod["metadata.ownerReferences.0.name"] == "a");
  CHECK(pod["metadata.finalizers"] == R"(["batch.kubernetes.io/job-tracking"])");
  CHECK(pod["metadata.labels.job-name"] == "a");
  world.advance(2s);
  CHECK(world.pod()["status.phase"] == "Succeeded");
  CHECK(conditions(world.job("a")).empty());
  world.advance(1s);
  const auto done = world.job("a");
  CHECK(conditions(done) ==
        "SuccessCriteriaMet=True/CompletionsReached Complete=True/CompletionsReached");
  CHECK(done["status.succeeded"] == "1");
  CHECK(done["status.completionTime"] == timestamp(world.cluster.now()));
  CHECK(done["status.uncountedTerminatedPods"] == "{}");
  CHECK(world.pod()["metadata.finalizers"] == "absent");
  CHECK(world.cluster.node().ledger().size() == 1);
}

TEST_CASE("the events of a life are Kubernetes' own, each once", "[sandbox][job]") {
  World world;
  world.post_job(job("a"));
  world.advance(1min);
  CHECK(world.reasons() == std::vector<std::string>{"SuccessfulCreate", "Scheduled", "Pulling",
                                                    "Pulled", "Created", "Started", "Completed"});
  world.advance(2h);
  CHECK(world.reasons().empty());
}

TEST_CASE("a pod waits for the ConfigMap that it mounts, and the ConfigMap goes with its Job",
          "[sandbox][job]") {
  constexpr std::string_view maps = "/api/v1/namespaces/default/configmaps";
  World world;
  const auto mounting = [](std::string_view name, std::string_view map) {
    return sandbox_test::replaced(
        job(name), R"("containers":)",
        R"("volumes":[{"name":"v","configMap":)" + std::string(map) + R"(}],"containers":)");
  };
  world.post_job(mounting("a", R"({"name":"a-payload"})"));
  world.advance(10min);
  CHECK(world.pod()["status.phase"] == "Pending");
  CHECK(world.pod()["status.containerStatuses.0.state.waiting.reason"] == "ContainerCreating");
  CHECK(contains(world.reasons(), "FailedMount"));
  const std::string owner = world.job("a")["metadata.uid"];
  const auto map = [&](std::string_view name) {
    return R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + std::string(name) +
           R"(","ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"a","uid":")" +
           owner + R"("}]},"binaryData":{"k":"eA=="}})";
  };
  CHECK(world.ask("POST", maps, map("another")).code == 201);
  world.advance(1min);
  CHECK(world.pod()["status.phase"] == "Pending");
  CHECK(world.ask("POST", maps, map("a-payload")).code == 201);
  world.advance(0s);
  CHECK(world.pod()["status.phase"] == "Running");
  world.advance(1min);
  CHECK(conditions(world.job("a")).ends_with("Complete=True/CompletionsReached"));
  world.ask("DELETE", std::string(World::jobs) + "/a",
            R"({"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"})");
  world.advance(1s);
  CHECK(world.get(std::string(maps) + "/a-payload").code == 404);

  // One that is optional, or there already, holds nothing up.
  for (const std::string_view optional :
       {R"({"name":"none","optional":true})", R"({"name":"there"})"}) {
    World free;
    free.ask("POST", maps, R"({"metadata":{"name":"there"}})");
    free.post_job(mounting("b", optional));
    CHECK(free.pod()["status.phase"] == "Running");
  }
}

TEST_CASE("with backoffLimit 0 the first failure fails the Job, and no second pod starts",
          "[sandbox][job]") {
  World world;
  world.post_job(job("a", "run 1s\nexit 3", R"("backoffLimit":0)"));
  world.advance(10min);
  const auto failed = world.job("a");
  CHECK(conditions(failed) ==
        "FailureTarget=True/BackoffLimitExceeded Failed=True/BackoffLimitExceeded");
  CHECK(failed["status.failed"] == "1");
  CHECK(failed["status.completionTime"] == "absent");
  CHECK(world.cluster.node().ledger().size() == 1);
  CHECK(contains(world.reasons(), "BackoffLimitExceeded"));
}

TEST_CASE("a failed pod is replaced after ten seconds, then twenty, until the limit",
          "[sandbox][job]") {
  World world;
  world.post_job(job("a", "run 1s\nexit 1", R"("backoffLimit":2)"));
  const auto starts = [&] { return world.cluster.node().ledger().size(); };
  world.advance(11s);
  CHECK(starts() == 1);
  world.advance(2s);
  CHECK(starts() == 2);
  world.advance(20s);
  CHECK(starts() == 2);
  world.advance(3s);
  CHECK(starts() == 3);
  world.advance(1h);
  CHECK(starts() == 3);
  CHECK(world.job("a")["status.failed"] == "3");
}

TEST_CASE(
    "the deadline counts from the start, stops the pod, and fails the Job once the pod is gone",
    "[sandbox][job]") {
  World world;
  world.post_job(job("a", "run for-ever\nterm 5s", R"("activeDeadlineSeconds":3)"));
  world.advance(3s);
  CHECK(conditions(world.job("a")) == "FailureTarget=True/DeadlineExceeded");
  CHECK(world.job("a")["status.terminating"] == "1");
  world.advance(7s);
  CHECK(conditions(world.job("a")) ==
        "FailureTarget=True/DeadlineExceeded Failed=True/DeadlineExceeded");
  CHECK(world.get(World::pods)["items"] == "[]");
}

TEST_CASE(
    "a suspended Job starts nothing until it is resumed, and its pod goes when it is suspended "
    "again",
    "[sandbox][job]") {
  World world;
  world.post_job(job("a", "run for-ever", R"("suspend":true)"));
  world.advance(1min);
  CHECK(conditions(world.job("a")) == "Suspended=True/JobSuspended");
  CHECK(world.get(World::pods)["items"] == "[]");
  CHECK(world.job("a")["status.startTime"] == "absent");
  const auto suspend = [&](const char* value) {
    return world
        .ask("PATCH", std::string{World::jobs} + "/a",
             std::string{R"({"spec":{"suspend":)"} + value + "}}", "application/merge-patch+json")
        .code;
  };
  CHECK(suspend("false") == 200);
  CHECK(conditions(world.job("a")) == "Suspended=False/JobResumed");
  CHECK(world.job("a")["status.startTime"] == timestamp(world.cluster.now()));
  CHECK(world.pod()["status.phase"] == "Running");
  CHECK(suspend("true") == 200);
  world.advance(5s);
  CHECK(world.get(World::pods)["items"] == "[]");
  CHECK(world.job("a")["status.active"] == "absent");
}

TEST_CASE("several completions run in parallel up to the wanted number", "[sandbox][job]") {
  World world;
  world.post_job(job("a", "run 1s", R"("completions":5,"parallelism":2)"));
  CHECK(world.job("a")["status.active"] == "2");
  world.advance(1min);
  CHECK(world.job("a")["status.succeeded"] == "5");
  CHECK(world.cluster.node().ledger().size() == 5);
}

TEST_CASE("a finished Job is removed when its time to live is over, with its pods",
          "[sandbox][job]") {
  World world;
  world.post_job(job("a", "run 1s", R"("ttlSecondsAfterFinished":60)"));
  world.advance(2s);
  CHECK(world.job("a")["status.succeeded"] == "1");
  world.advance(59s);
  CHECK(world.job("a").code == 200);
  world.advance(1s);
  CHECK(world.job("a").code == 404);
  CHECK(world.get(World::pods)["items"] == "[]");
}

TEST_CASE("a pod deleted by hand counts as failed at once unless only failed pods are replaced",
          "[sandbox][job]") {
  const auto after_delete = [](std::string_view spec, std::chrono::milliseconds wait) {
    World world;
    world.post_job(job("a", "run for-ever\nterm 20s", spec));
    world.ask("DELETE", std::string{World::pods} + "/" + world.pod()["metadata.name"]);
    world.advance(wait);
    return conditions(world.job("a"));
  };
  CHECK(after_delete(R"("backoffLimit":0)", 2s) == "FailureTarget=True/BackoffLimitExceeded");
  CHECK(after_delete(R"("backoffLimit":0)", 25s) ==
        "FailureTarget=True/BackoffLimitExceeded Failed=True/BackoffLimitExceeded");
  CHECK(after_delete(R"("backoffLimit":0,"podReplacementPolicy":"Failed")", 2s).empty());
}

TEST_CASE("a long Job name is cut for its pods, so that names stay within 63 characters",
          "[sandbox][job]") {
  World world;
  const std::string name(63, 'x');
  CHECK(world.post_job(job(name)).code == 201);
  CHECK(world.pod()["metadata.name"].size() == 63);
  CHECK(world.pod()["metadata.name"].substr(0, 58) == name.substr(0, 58));
}

TEST_CASE("propagation decides what becomes of a deleted Job's pod", "[sandbox][gc]") {
  World world;
  world.post_job(job("a", "run for-ever\nterm 5s"));
  const std::string target = std::string{World::jobs} + "/a";
  SECTION("background: the Job is gone at once, the pod follows") {
    CHECK(world.ask("DELETE", target, R"({"propagationPolicy":"Background"})")["status"] ==
          "Success");
    CHECK(world.job("a").code == 404);
    CHECK(world.pod()["metadata.deletionTimestamp"] != "absent");
    world.advance(5s);
    CHECK(world.get(World::pods)["items"] == "[]");
  }
  SECTION("foreground: the Job stays until the pod is gone, and its name is taken until then") {
    CHECK(world.ask("DELETE", target,
                    R"({"propagationPolicy":"Foreground"})")["metadata.finalizers"] ==
          R"(["foregroundDeletion"])");
    CHECK(world.post_job(job("a"))["message"] ==
          "object is being deleted: jobs.batch \"a\" already exists");
    world.advance(4s);
    CHECK(world.job("a").code == 200);
    world.advance(2s);
    CHECK(world.job("a").code == 404);
    CHECK(world.get(World::pods)["items"] == "[]");
  }
  SECTION("nothing said: the pod is set free and runs on") {
    CHECK(world.ask("DELETE", target).code == 200);
    CHECK(world.job("a").code == 404);
    world.advance(1h);
    CHECK(world.pod()["status.phase"] == "Running");
    CHECK(world.pod()["metadata.ownerReferences"] == "absent");
  }
}

TEST_CASE("a deleted namespace takes nothing new, and is gone when it is empty", "[sandbox][gc]") {
  World world;
  CHECK(world.ask("POST", "/api/v1/namespaces", R"({"metadata":{"name":"team"}})").code == 201);
  const std::string jobs = "/apis/batch/v1/namespaces/team/jobs";
  CHECK(world.ask("POST", jobs, job("a", "run for-ever\nterm 5s")).code == 201);
  CHECK(world.ask("DELETE", "/api/v1/namespaces/team")["status.phase"] == "Terminating");
  const auto refused = world.ask("POST", jobs, job("b"));
  CHECK(refused.code == 403);
  CHECK(refused["details.causes.0.reason"] == "NamespaceTerminating");
  world.advance(10s);
  CHECK(world.get("/api/v1/namespaces/team").code == 404);
  CHECK(world.ask("POST", jobs, job("b"))["message"] == "namespaces \"team\" not found");
}

TEST_CASE("a pod whose script cannot be read fails and says where", "[sandbox][node]") {
  World world;
  world.post_job(job("a", "run 1s\nfly"));
  CHECK(world.pod()["status.reason"] == "InvalidScript");
  CHECK(world.pod()["status.message"] ==
        "annotation copse.sandbox/script, line 2: unknown statement `fly`");
}

TEST_CASE(
    "the callback chooses the script of pods without the annotation, and their files are written",
    "[sandbox][node]") {
  std::vector<std::string> written;
  ClusterOptions options;
  options.node.choose_script = [](const PodView& pod) -> std::optional<Script> {
    Script script;
    script.exit_code = 7;
    script.files = {{pod.name.substr(0, 1) + ".status.json", "{}"}};
    return script;
  };
  options.node.write_file = [&](const ScriptFile& file) { written.push_back(file.name); };
  World world{{}, std::move(options)};
  world.ask(
      "POST", World::pods,
      R"({"metadata":{"name":"bare"},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i:1"}]}})");
  world.advance(1s);
  CHECK(world.pod()["status.containerStatuses.0.state.terminated.exitCode"] == "7");
  CHECK(written == std::vector<std::string>{"b.status.json"});
}

TEST_CASE("a client may play scheduler and kubelet in the node's place", "[sandbox][node]") {
  ClusterOptions options;
  options.node.runs_pods = false;
  World world{{}, std::move(options)};
  world.post_job(job("a"));
  world.advance(1h);
  CHECK(world.pod()["status.phase"] == "Pending");
  const std::string pod = std::string{World::pods} + "/" + world.pod()["metadata.name"];
  CHECK(world.ask("POST", pod + "/binding", R"({"target":{"kind":"Node","name":"mine"}})").code ==
        201);
  CHECK(world.pod()["spec.nodeName"] == "mine");
  const auto patched = world.ask("PATCH", pod + "/status", R"({"status":{"phase":"Succeeded"}})",
                                 "application/merge-patch+json");
  CHECK(patched["status.phase"] == "Succeeded");
  world.advance(1s);
  CHECK(world.job("a")["status.succeeded"] == "1");
}
