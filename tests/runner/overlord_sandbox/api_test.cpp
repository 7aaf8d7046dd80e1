// The public API over HTTP, as users and copse call it.
#include "runner/cli/scratch.hpp"
#include "tests/runner/overlord_sandbox/hand_worker.hpp"

#include <fstream>

using namespace copse::tests;

namespace {

boost::json::value json_of(const HttpAnswer& answer) {
  return boost::json::parse(answer.body);
}

Texts ids_of(const HttpAnswer& answer) {
  Texts ids;
  const boost::json::value tasks = json_of(answer);
  for (const auto& task : tasks.as_array()) ids.emplace_back(task.at("id").as_string());
  return ids;
}

}  // namespace

TEST_CASE("a task is handed in, found, run and ended", "[api]") {
  Scene scene;
  CHECK(scene.desk.post("task", noop("a b")).body == R"({"task":"a b"})");
  scene.until([&] { return scene.desk.has("a b", RunnerState::running); });
  CHECK(json_of(scene.desk.get("task/a%20b")).at("payload").at("type").as_string() == "noop");
  CHECK(scene.worker.given.size() == 1);
  CHECK(scene.worker.given[0] == scene.metadata.find("a b")->task.document);
  scene.worker.say(said("a b", TaskState::running, "10.0.0.1"));
  scene.until([&] { return !scene.desk.overlord->task("a b")->status.location.host.empty(); });
  const auto status = json_of(scene.desk.get("task/a%20b/status")).at("status");
  CHECK(status.at("statusCode").as_string() == "RUNNING");
  CHECK(status.at("location").at("port").as_int64() == 8100);
  Announced failed = said("a b", TaskState::failed, "10.0.0.1");
  failed.task.error = std::string(120, 'x');
  scene.worker.say(failed);
  scene.until([&] { return scene.desk.has("a b", TaskState::failed); });
  const auto ended = json_of(scene.desk.get("task/a%20b/status")).at("status");
  CHECK(ended.at("errorMsg").as_string() == std::string(100, 'x') + "...");
  CHECK(ended.at("duration").as_int64() == 5);
  CHECK(ended.at("location").at("host").as_string() == "10.0.0.1");
  CHECK(scene.desk.violations() == Texts{});
}

TEST_CASE("what is unknown is not found, what is no task is refused", "[api]") {
  Scene scene;
  CHECK(scene.desk.get("task/x").status == 404);
  CHECK(scene.desk.get("task/x").body == R"({"task":"x","payload":null})");
  CHECK(scene.desk.get("task/x/status").body == R"({"task":"x","status":null})");
  CHECK(scene.desk.get("task/x/log").status == 404);
  CHECK(scene.desk.get("task/x/reports").status == 404);
  CHECK(scene.desk.post("task/x/shutdown").body == R"({"task":"x"})");
  CHECK(scene.desk.get("nothing").status == 404);
  CHECK(scene.desk.post("task", "{}").status == 400);
  CHECK(scene.desk.post("task", noop("a")).status == 200);
  const HttpAnswer again = scene.desk.post("task", noop("a"));
  CHECK(again.status == 400);
  CHECK(json_of(again).at("errorCode").as_string() == "entryAlreadyExists");
  CHECK(json_of(again).at("errorMessage").as_string() == "Task[a] already exists");
}

TEST_CASE("tasks are listed by where they are", "[api]") {
  Scene scene;
  scene.desk.overlord->remove_worker(scene.worker.host());
  scene.desk.overlord->add_worker(scene.worker.node(2));
  scene.start("ended");
  scene.worker.say(said("ended", TaskState::success));
  scene.start("runs");
  scene.worker.set_disabled(true);
  scene.until(
      [&] { return scene.desk.get("workers").body.find(R"("version":"")") != std::string::npos; });
  REQUIRE(scene.desk.overlord->submit(noop("waits")));
  scene.until([&] { return scene.desk.has("waits", RunnerState::pending); });
  CHECK(ids_of(scene.desk.get("tasks")) == Texts{"waits", "runs", "ended"});
  CHECK(ids_of(scene.desk.get("tasks?state=running")) == Texts{"runs"});
  CHECK(ids_of(scene.desk.get("tasks?state=PENDING")) == Texts{"waits"});
  CHECK(ids_of(scene.desk.get("pendingTasks")) == Texts{"waits"});
  CHECK(ids_of(scene.desk.get("tasks?state=complete")) == Texts{"ended"});
  CHECK(ids_of(scene.desk.get("tasks?state=complete&max=0")) == Texts{});
  CHECK(ids_of(scene.desk.get("tasks?datasource=wiki&type=noop")).size() == 3);
  CHECK(ids_of(scene.desk.get("tasks?datasource=other")) == Texts{});
  CHECK(scene.desk.get("tasks?state=strange").status == 400);
}

TEST_CASE("workers are told which tasks the Overlord knows to have ended", "[api]") {
  Scene scene;
  scene.start("a");
  CHECK(scene.desk.post("taskStatus", "[]").status == 400);
  CHECK(scene.desk.post("taskStatus", "{").status == 400);
  CHECK(scene.desk.post("taskStatus", R"(["a","unknown"])").body ==
        R"({"a":{"id":"a","status":"RUNNING","duration":-1,"errorMsg":null,)"
        R"("location":{"host":null,"port":-1,"tlsPort":-1}}})");
  scene.worker.says_failed = false;
  scene.desk.overlord->kill("a");
  CHECK(scene.desk.has("a", TaskState::failed));
  CHECK(json_of(scene.desk.post("taskStatus", R"(["a"])")).at("a").at("status").as_string() ==
        "RUNNING");
  scene.worker.say(said("a", TaskState::failed));
  scene.until([&] {
    return json_of(scene.desk.post("taskStatus", R"(["a"])")).at("a").at("status").as_string() ==
           "FAILED";
  });
}

TEST_CASE("a log comes from the worker while it has the task, then from the store", "[api]") {
  auto folder = copse::runner::cli::Scratch::make("copse-test-");
  REQUIRE(folder);
  Options options = quick();
  options.log_directory = folder->path();
  Scene scene(options);
  scene.start("a");
  CHECK(scene.desk.get("task/a/log?offset=-3").status == 200);
  CHECK(scene.desk.get("task/a/log?offset=-3").body == "live log of a from -3");
  CHECK(scene.desk.get("task/a/reports").status == 404);
  std::ofstream{folder->path() + "/a.log"} << "0123456789";
  std::ofstream{folder->path() + "/a.report.json"} << "{}";
  scene.worker.say(said("a", TaskState::success));
  scene.until([&] { return scene.desk.has("a", TaskState::success); });
  CHECK(scene.desk.get("task/a/log").body == "0123456789");
  CHECK(scene.desk.get("task/a/log?offset=7").body == "789");
  CHECK(scene.desk.get("task/a/log?offset=-2").body == "89");
  CHECK(scene.desk.get("task/a/log?offset=-99").body == "0123456789");
  CHECK(scene.desk.get("task/a/log?offset=99").body == "0123456789");
  CHECK(scene.desk.get("task/a/reports").body == "{}");
  CHECK(scene.desk.get("task/..%2Fa/log").status == 404);
}

TEST_CASE("workers are listed with what runs on them", "[api]") {
  Scene scene;
  scene.start("a");
  const auto worker = json_of(scene.desk.get("workers")).at(0);
  CHECK(worker.at("worker").at("host").as_string() == scene.worker.host());
  CHECK(worker.at("worker").at("category").as_string() == "copse");
  CHECK(worker.at("currCapacityUsed").as_int64() == 1);
  CHECK(worker.at("availabilityGroups").at(0).as_string() == "a");
  CHECK(worker.at("runningTasks").at(0).as_string() == "a");
  CHECK(
      scene.desk.get("totalWorkerCapacity").body ==
      R"({"currentClusterCapacity":10,"maximumCapacityWithAutoScale":-1,"usedClusterCapacity":1})");
}

TEST_CASE("a worker is disabled and enabled through the Overlord", "[api]") {
  Scene scene;
  CHECK(scene.desk.post("worker/" + scene.worker.host() + "/disable").body ==
        R"({")" + scene.worker.host() + R"(":"disabled"})");
  scene.until(
      [&] { return scene.desk.get("workers").body.find(R"("version":"")") != std::string::npos; });
  REQUIRE(scene.desk.overlord->submit(noop("a")));
  CHECK(scene.desk.post("worker/" + scene.worker.host() + "/enable").status == 200);
  scene.until([&] { return scene.desk.has("a", RunnerState::running); });
  CHECK(scene.desk.post("worker/other:1/enable").status == 500);
}

TEST_CASE("the worker configuration is kept with its history, and in force for the next task",
          "[api]") {
  Scene scene;
  CHECK(scene.desk.get("worker").body.empty());
  const std::string config =
      R"({"type":"default","selectStrategy":{"type":"equalDistributionWithCategorySpec",)"
      R"("workerCategorySpec":{"strong":true,"categoryMap":{"noop":{"defaultCategory":"other"}}}}})";
  CHECK(
      scene.desk.post("worker", config, "X-Druid-Author: me\r\nX-Druid-Comment: why\r\n").status ==
      200);
  CHECK(scene.desk.post("worker", "[").status == 400);
  CHECK(scene.desk.get("worker").body == config);
  const auto entry = json_of(scene.desk.get("worker/history")).at(0);
  CHECK(entry.at("auditInfo").at("author").as_string() == "me");
  CHECK(entry.at("auditInfo").at("comment").as_string() == "why");
  CHECK(entry.at("auditInfo").at("ip").as_string() == "127.0.0.1");
  CHECK(entry.at("payload").as_string() == config);
  REQUIRE(scene.desk.overlord->submit(noop("a")));
  scene.until([&] { return scene.desk.has("a", RunnerState::pending); });
  CHECK(scene.desk.post("worker", R"({"type":"default"})", "X-Druid-Author: you\r\n").status ==
        200);
  scene.until([&] { return scene.desk.has("a", RunnerState::running); });
  CHECK(json_of(scene.desk.get("worker/history?count=1")).as_array().size() == 1);
  CHECK(json_of(scene.desk.get("worker/history?count=1"))
            .at(0)
            .at("auditInfo")
            .at("author")
            .as_string() == "you");
  CHECK(scene.desk.get("worker/history?count=0").status == 400);
}

TEST_CASE("an Overlord says who it is and who leads", "[api]") {
  Scene scene;
  CHECK(json_of(scene.desk.ask("GET", "/status")).at("version").as_string() == "33.0.0");
  CHECK(scene.desk.ask("GET", "/status/health").body == "true");
  CHECK(scene.desk.get("leader").body == scene.desk.overlord->url());
  CHECK(scene.desk.get("isLeader").body == R"({"leader":true})");
  CHECK(scene.desk.ask("GET", "/nothing").status == 404);
}

TEST_CASE("whoever does not know the password gets 401, but for health and isLeader", "[api]") {
  Options options = quick();
  options.users = http::Credentials{.user = "druid", .password = "pass:word"};
  options.client.credentials = {.user = "internal", .password = "x"};
  Scene scene(options);
  CHECK(scene.desk.get("tasks").status == 401);
  CHECK(scene.desk.get("tasks").header.at("www-authenticate") == R"(Basic realm="druid")");
  CHECK(scene.desk.ask("GET", "/status").status == 401);
  CHECK(scene.desk.ask("GET", "/status/health").status == 200);
  CHECK(scene.desk.get("isLeader").status == 200);
  const std::string key = "Authorization: Basic ZHJ1aWQ6cGFzczp3b3Jk\r\n";
  CHECK(scene.desk.ask("GET", "/druid/indexer/v1/tasks", "", key).status == 200);
  CHECK(scene.worker.seen_authorization.at(0) == "Basic aW50ZXJuYWw6eA==");
}

TEST_CASE("facts can be read over HTTP", "[api]") {
  Scene scene;
  scene.start("a");
  const auto facts = json_of(scene.desk.ask("GET", "/sandbox/facts"));
  CHECK(facts.at("violations").as_array().empty());
  CHECK(facts.at("tasks").at("a").at("assignments").at(0).at("status").as_int64() == 200);
}
