// The API without sockets: what is refused in which words, and what reads and writes mean.
#include "tests/runner/sandbox/world.hpp"

#include <catch2/catch.hpp>

using namespace copse::runner::sandbox;
using namespace std::chrono_literals;
using sandbox_test::at;
using sandbox_test::job;
using sandbox_test::replaced;
using sandbox_test::World;

namespace {

const std::string jobs{World::jobs};
const std::string maps = "/api/v1/namespaces/default/configmaps";

std::string config_map(std::string_view name, std::string_view labels = "{}") {
  return R"({"metadata":{"name":")" + std::string{name} + R"(","labels":)" + std::string{labels} +
         R"(},"data":{"k":"v"}})";
}

/// code, reason and message of a refused Job.
std::string refused(std::string_view body) {
  World world;
  const auto answer = world.post_job(body);
  return std::to_string(answer.code) + " " + answer["reason"] + ": " + answer["message"];
}

}  // namespace

TEST_CASE("a new Job is filled in as the API server of 1.34 does", "[sandbox][api]") {
  World world;
  const auto made = world.post_job(job("a"));
  CHECK(made.code == 201);
  CHECK(made["kind"] == "Job");
  CHECK(made["metadata.generation"] == "1");
  CHECK(made["metadata.uid"].size() == 36);
  for (const auto& [path, value] : std::vector<std::pair<std::string, std::string>>{
           {"spec.backoffLimit", "6"},
           {"spec.parallelism", "1"},
           {"spec.completions", "1"},
           {"spec.completionMode", "NonIndexed"},
           {"spec.suspend", "false"},
           {"spec.manualSelector", "false"},
           {"spec.podReplacementPolicy", "TerminatingOrFailed"},
           {"spec.template.spec.dnsPolicy", "ClusterFirst"},
           {"spec.template.spec.terminationGracePeriodSeconds", "30"},
           {"spec.template.spec.containers.0.imagePullPolicy", "IfNotPresent"},
           {"spec.template.spec.containers.0.terminationMessagePath", "/dev/termination-log"},
           {"spec.template.metadata.labels.job-name", "a"},
           {"spec.template.metadata.labels.batch|kubernetes|io/job-name", "a"},
           {"status", "{}"}}) {
    INFO(path);
    CHECK(made[path] == value);
  }
  const std::string uid = made["metadata.uid"];
  CHECK(made["spec.template.metadata.labels.controller-uid"] == uid);
  CHECK(made["spec.selector.matchLabels.batch|kubernetes|io/controller-uid"] == uid);
}

TEST_CASE("a Job without labels has those of its template", "[sandbox][api]") {
  World world;
  const auto made = world.post_job(job("a"));
  CHECK(made["metadata.labels.controller-uid"] == made["metadata.uid"]);
  CHECK(made["metadata.labels.job-name"] == "a");
}

TEST_CASE("a Job that Kubernetes refuses is refused in Kubernetes' words", "[sandbox][api]") {
  const std::string invalid = "422 Invalid: Job.batch \"a\" is invalid: ";
  const std::string good = job("a");
  CHECK(refused(replaced(good, R"("image":"druid:33")", R"("args":[])")) ==
        invalid + "spec.template.spec.containers[0].image: Required value");
  CHECK(refused(replaced(good, R"("name":"main",)", "")) ==
        invalid + "spec.template.spec.containers[0].name: Required value");
  CHECK(refused(replaced(good, R"([{"name":"main","image":"druid:33"}])", "[]")) ==
        invalid + "spec.template.spec.containers: Required value");
  CHECK(
      refused(replaced(good, R"("restartPolicy":"Never")", R"("restartPolicy":"Always")")) ==
      invalid +
          R"(spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never")");
  CHECK(refused(job("a", "", R"("backoffLimit":-1,"parallelism":-2)")) ==
        invalid +
            "[spec.parallelism: Invalid value: -2: must be greater than or equal to 0, "
            "spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0]");
  CHECK(
      refused(job("A_b"))
          .starts_with(
              R"(422 Invalid: Job.batch "A_b" is invalid: metadata.name: Invalid value: "A_b": a lowercase RFC 1123 subdomain must consist)"));
  const std::string name(64, 'x');
  CHECK(refused(job(name)) == "422 Invalid: Job.batch \"" + name +
                                  "\" is invalid: spec.template.labels: Invalid value: \"" + name +
                                  "\": must be no more than 63 characters");
  CHECK(
      refused(replaced(good, R"("name":"main")",
                       R"("name":"main","env":[{"name":"A","value":8100}])")) ==
      "400 BadRequest: Job in version \"v1\" cannot be handled as a Job: json: cannot unmarshal "
      "number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string");
  CHECK(refused("{").starts_with("400 BadRequest: "));
  CHECK(refused(replaced(good, "batch/v1", "batch/v2")) ==
        "400 BadRequest: the API version in the data (batch/v2) does not match the expected API "
        "version (batch/v1)");
}

TEST_CASE("a 422 names each cause with its field", "[sandbox][api]") {
  World world;
  const auto answer = world.ask("POST", maps, config_map("c", R"({"ok":"no way","/":"x"})"));
  CHECK(answer.code == 422);
  CHECK(answer["details.kind"] == "ConfigMap");
  CHECK(answer["details.causes.0.field"] == "metadata.labels");
  CHECK(answer["details.causes.0.reason"] == "FieldValueInvalid");
  CHECK(answer["details.causes.0.message"].starts_with(
      R"(Invalid value: "no way": a valid label must be)"));
}

TEST_CASE("limits of annotations and bodies are the real ones", "[sandbox][api]") {
  World world;
  const auto with_annotation = [&](std::size_t size) {
    return world.ask("POST", maps,
                     R"({"metadata":{"generateName":"c-","annotations":{"a":")" +
                         std::string(size, 'x') + "\"}}}");
  };
  CHECK(with_annotation(256 * 1024 - 1).code == 201);
  const auto refusal = with_annotation(256 * 1024);
  CHECK(refusal.code == 422);
  CHECK(refusal["details.causes.0.message"] == "Too long: may not be more than 262144 bytes");
  const auto large = world.ask("POST", maps, std::string(3 * 1024 * 1024 + 1, ' '));
  CHECK(large.code == 413);
  CHECK(large["reason"] == "RequestEntityTooLarge");
  std::string deep(300, '[');
  CHECK(world.ask("POST", maps, R"({"data":)" + deep).code == 400);
}

TEST_CASE("names that are taken, missing, or of something else are told apart", "[sandbox][api]") {
  World world;
  world.post_job(job("a"));
  CHECK(world.post_job(job("a"))["message"] == "jobs.batch \"a\" already exists");
  CHECK(world.post_job(job("a"))["reason"] == "AlreadyExists");
  CHECK(world.job("b")["message"] == "jobs.batch \"b\" not found");
  CHECK(world.ask("POST", "/apis/batch/v1/namespaces/none/jobs", job("a"))["message"] ==
        "namespaces \"none\" not found");
  CHECK(world.get("/apis/batch/v1/namespaces/default/things")["message"] ==
        "the server could not find the requested resource");
  CHECK(world.get("/nothing").body == "404 page not found\n");
  CHECK(world.ask("PUT", jobs, job("a"))["reason"] == "MethodNotAllowed");
  CHECK(world.ask("POST", jobs, "a: 1", "application/yaml")["reason"] == "UnsupportedMediaType");
  CHECK(world.ask("PATCH", jobs + "/a", "{}", "application/json").code == 415);
}

TEST_CASE("a dry run answers as if, and changes nothing", "[sandbox][api]") {
  World world;
  CHECK(world.ask("POST", jobs + "?dryRun=All", job("a")).code == 201);
  CHECK(world.job("a").code == 404);
  world.post_job(job("a"));
  CHECK(world.ask("DELETE", jobs + "/a?dryRun=All").code == 200);
  CHECK(world.job("a").code == 200);
}

TEST_CASE("an update needs the current resourceVersion where it names one, and keeps the status",
          "[sandbox][api]") {
  World world;
  world.post_job(job("a"));
  const std::string current = world.job("a").body;
  const std::string labelled = replaced(current, R"("labels":{)", R"("labels":{"new":"label",)");
  const auto updated = world.ask("PUT", jobs + "/a", labelled);
  CHECK(updated.code == 200);
  CHECK(updated["metadata.labels.new"] == "label");
  CHECK(updated["status.active"] == "1");
  CHECK(updated["metadata.generation"] == "1");
  const auto stale = world.ask("PUT", jobs + "/a", labelled);
  CHECK(stale.code == 409);
  CHECK(stale["message"] ==
        "Operation cannot be fulfilled on jobs.batch \"a\": the object has been modified; please "
        "apply your changes to the latest version and try again");
  CHECK(world.ask("PUT", jobs + "/b", labelled).code == 400);
}

TEST_CASE("an update that changes nothing leaves the resourceVersion", "[sandbox][api]") {
  World world;
  world.post_job(job("a", "run for-ever"));
  const std::string before = world.job("a")["metadata.resourceVersion"];
  const auto patched = world.ask("PATCH", jobs + "/a", R"({"spec":{"suspend":false}})",
                                 "application/strategic-merge-patch+json");
  CHECK(patched.code == 200);
  CHECK(patched["metadata.resourceVersion"] == before);
}

TEST_CASE("a Job's template and completions cannot be changed, its parallelism can",
          "[sandbox][api]") {
  World world;
  world.post_job(job("a", "run for-ever"));
  const auto patch = [&](std::string_view body) {
    return world.ask("PATCH", jobs + "/a", body, "application/strategic-merge-patch+json");
  };
  const auto refusal =
      patch(R"({"spec":{"template":{"spec":{"containers":[{"name":"main","image":"other"}]}}}})");
  CHECK(refusal.code == 422);
  CHECK(refusal["details.causes.0.field"] == "spec.template");
  CHECK(refusal["message"].ends_with(": field is immutable"));
  CHECK(patch(R"({"spec":{"completions":2}})")["details.causes.0.field"] == "spec.completions");
  const auto allowed = patch(R"({"spec":{"parallelism":0}})");
  CHECK(allowed.code == 200);
  CHECK(allowed["metadata.generation"] == "2");
}

TEST_CASE("a delete holds to its preconditions", "[sandbox][api]") {
  World world;
  const std::string uid = world.post_job(job("a"))["metadata.uid"];
  const auto refusal = world.ask("DELETE", jobs + "/a", R"({"preconditions":{"uid":"other"}})");
  CHECK(refusal.code == 409);
  CHECK(
      refusal["message"] ==
      "Operation cannot be fulfilled on Job.batch \"a\": the UID in the precondition (other) does "
      "not match the UID in record (" +
          uid + "). The object might have been deleted and then recreated");
  const auto done =
      world.ask("DELETE", jobs + "/a",
                R"({"propagationPolicy":"Background","preconditions":{"uid":")" + uid + "\"}}");
  CHECK(done["status"] == "Success");
  CHECK(done["details.uid"] == uid);
  CHECK(world.ask("DELETE", jobs + "/a").code == 404);
}

TEST_CASE("a collection is deleted by selector, at most a page at a time where that is asked",
          "[sandbox][api]") {
  World world;
  for (const char* name : {"a", "b", "c"})
    world.ask("POST", maps, config_map(name, R"({"kind":"x"})"));
  world.ask("POST", maps, config_map("d"));
  world.ask("DELETE", maps + "?labelSelector=kind%3Dx&limit=2");
  CHECK(world.get(maps)["items.1.metadata.name"] == "d");
  world.ask("DELETE", maps + "?labelSelector=kind%3Dx");
  CHECK(world.get(maps)["items.0.metadata.name"] == "d");
}

TEST_CASE("a list is cut into pages of one snapshot, and its token expires with the history",
          "[sandbox][api]") {
  World world;
  for (const char* name : {"a", "b", "c"}) world.ask("POST", maps, config_map(name));
  const auto first = world.get(maps + "?limit=2");
  CHECK(first["metadata.remainingItemCount"] == "1");
  const std::string next = maps + "?limit=2&continue=" + first["metadata.continue"];
  world.ask("DELETE", maps + "/c");
  const auto second = world.get(next);
  CHECK(second["items.0.metadata.name"] == "c");
  CHECK(second["metadata.resourceVersion"] == first["metadata.resourceVersion"]);
  CHECK(second["metadata.continue"] == "absent");
  CHECK(second["items.0.kind"] == "absent");
  world.cluster.store().compact();
  CHECK(world.get(next)["reason"] == "Expired");
  CHECK(world.get(maps + "?continue=nonsense").code == 400);
  CHECK(world.get(maps + "?limit=2&labelSelector=a")["metadata.remainingItemCount"] == "absent");
}

TEST_CASE("resourceVersion of a list means what Kubernetes says", "[sandbox][api]") {
  World world;
  const std::string before = world.ask("POST", maps, config_map("a"))["metadata.resourceVersion"];
  world.ask("POST", maps, config_map("b"));
  CHECK(world.get(maps + "?resourceVersion=0&limit=1")["metadata.continue"] == "absent");
  CHECK(world.get(maps + "?resourceVersion=" + before)["items.1.metadata.name"] == "b");
  CHECK(world.get(maps + "?resourceVersion=" + before + "&resourceVersionMatch=Exact")["items.1"] ==
        "absent");
  CHECK(world.get(maps + "?resourceVersion=x").code == 400);
  CHECK(world.get(maps + "?resourceVersion=999999").code == 0);  // it waits: see the HTTP suite
  world.cluster.store().compact();
  CHECK(world.get(maps + "?resourceVersion=" + before + "&resourceVersionMatch=Exact").code == 410);
}

TEST_CASE("a list by field finds pods by phase and node", "[sandbox][api]") {
  World world;
  world.post_job(job("a", "run for-ever"));
  world.post_job(job("b", "pull 1h"));
  CHECK(world.get(std::string{World::pods} + "?fieldSelector=status.phase%3DRunning")["items.1"] ==
        "absent");
  CHECK(world.get("/api/v1/pods?fieldSelector=spec.nodeName%3Dsandbox-1,status.phase!%3DRunning")
            ["items.0.metadata.labels.job-name"] == "b");
  CHECK(world.get(std::string{World::pods} + "?fieldSelector=spec.x%3D1")["message"] ==
        "field label not supported: spec.x");
}

TEST_CASE("a watch sees a whole life in order, through its selector", "[sandbox][api]") {
  World world;
  const auto watch =
      world.watch(jobs + "?watch=1&resourceVersion=" + world.get(jobs)["metadata.resourceVersion"]);
  REQUIRE(watch);
  world.post_job(job("a", "run 1s", R"("backoffLimit":0)"));
  CHECK(world.events(*watch) == std::vector<std::string>{"ADDED a", "MODIFIED a"});
  world.advance(2s);
  // ready, then the uncounted pod with the interim condition, then the end
  CHECK(world.events(*watch) == std::vector<std::string>{"MODIFIED a", "MODIFIED a", "MODIFIED a"});
  world.ask("DELETE", jobs + "/a", R"({"propagationPolicy":"Background"})");
  CHECK(world.events(*watch) == std::vector<std::string>{"DELETED a"});
}

TEST_CASE("a streamed list ends with its marked bookmark", "[sandbox][api]") {
  World world;
  world.ask("POST", maps, config_map("a"));
  const auto watch = world.watch(
      maps +
      "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
  REQUIRE(watch);
  const auto frames = watch->pull(world.cluster.now(), 1U << 20);
  CHECK(at(*frames.back(), "type") == "BOOKMARK");
  CHECK(at(*frames.back(), "object.metadata.annotations.k8s|io/initial-events-end") == "true");
  CHECK(world.get(maps + "?watch=1&sendInitialEvents=true").code == 422);
  CHECK(world.get(maps + "?watch=1&resourceVersionMatch=NotOlderThan").code == 422);
}

TEST_CASE("kubectl gets its columns", "[sandbox][api]") {
  World world;
  world.post_job(job("a", "run 5s"));
  world.advance(3s);
  const auto table = [&](std::string_view target) {
    return world.ask("GET", target, {}, {},
                     "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
  };
  CHECK(table(jobs)["rows.0.cells"].starts_with(
      R"(["a","Running","0/1","3s","3s","main","druid:33","batch.kubernetes.io/controller-uid=)"));
  CHECK(table(jobs)["rows.0.object.kind"] == "PartialObjectMetadata");
  CHECK(table(World::pods)["rows.0.cells.2"] == "Running");
  CHECK(table(World::pods)["rows.0.cells.1"] == "1/1");
  world.advance(5s);
  CHECK(table(jobs + "/a")["rows.0.cells.1"] == "Complete");
  CHECK(table(jobs)["rows.0.cells.3"] == "6s");
  CHECK(table(World::pods)["rows.0.cells.2"] == "Completed");
  CHECK(table("/api/v1/nodes")["rows.0.cells"].starts_with(R"(["sandbox-1","Ready","<none>")"));
  CHECK(table("/api/v1/namespaces")["rows.0.cells.1"] == "Active");
  CHECK(table("/api/v1/events")["rows.0.cells.3"].find("/a") != std::string::npos);
  CHECK(table(jobs)["columnDefinitions.2.name"] == "Completions");
}

TEST_CASE("a log is cut as asked, and is refused with the reason while there is none",
          "[sandbox][api]") {
  World world;
  world.post_job(job("a", "schedule 1s\npull 1s\nlog one\nlog two\nrun 10s\nlog three"));
  const std::string log = std::string{World::pods} + "/" + world.pod()["metadata.name"] + "/log";
  CHECK(world.get(log).code == 204);
  world.advance(1s);
  CHECK(world.get(log)["message"].ends_with("is waiting to start: ContainerCreating"));
  world.advance(1s);
  CHECK(world.get(log).body == "one\ntwo\n");
  CHECK(world.get(log + "?tailLines=1").body == "two\n");
  CHECK(world.get(log + "?limitBytes=5").body == "one\nt");
  CHECK(world.get(log + "?container=other").code == 400);
  world.advance(10s);
  CHECK(world.get(log + "?sinceSeconds=5").body == "three\n");
  CHECK(world.get(log + "?timestamps=true&tailLines=1").body ==
        micro_timestamp(world.cluster.now()) + " three\n");
}

TEST_CASE("who may not ask is told so", "[sandbox][api]") {
  ApiOptions options;
  options.tokens = {{"good", "admin", true, true}, {"reader", "viewer", true, false}};
  World world{std::move(options)};
  const auto as = [&](std::string_view header, std::string_view method = "GET") {
    return world.ask(method, jobs, job("a"), "application/json", {}, header);
  };
  CHECK(as("Bearer good").code == 200);
  CHECK(as("Bearer bad").code == 401);
  CHECK(as("Bearer bad")["reason"] == "Unauthorized");
  CHECK(as("")["message"] ==
        "jobs.batch is forbidden: User \"system:anonymous\" cannot list resource \"jobs\" in API "
        "group \"batch\" in the namespace \"default\"");
  CHECK(as("Bearer reader").code == 200);
  CHECK(as("Bearer reader", "POST").code == 403);
  CHECK(world.get("/version").code == 200);
}

TEST_CASE("what kubectl sends as protobuf is read where it has no other choice", "[sandbox][api]") {
  World world;
  // kubectl create namespace team: envelope, type, raw Namespace with metadata.name.
  const std::string_view body{
      "k8s\0\x0a\x0f\x0a\x02v1\x12\x09Namespace\x12\x08\x0a\x06\x0a\x04team", 31};
  CHECK(world.ask("POST", "/api/v1/namespaces", body,
                  "application/vnd.kubernetes.protobuf")["metadata.name"] == "team");
  CHECK(
      world.ask("POST", maps, body, "application/vnd.kubernetes.protobuf")["message"] ==
      "Namespace in version \"v1\" cannot be handled as a ConfigMap: converting (v1.Namespace) to "
      "(core.ConfigMap): unknown conversion");
  for (std::size_t cut = 0; cut < body.size(); ++cut) {
    const int code = world
                         .ask("POST", "/api/v1/namespaces", body.substr(0, cut),
                              "application/vnd.kubernetes.protobuf")
                         .code;
    INFO(cut);
    CHECK((code == 415 || code == 422));
  }
  CHECK(world.ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                  "k8s")["status.allowed"] == "true");
}

TEST_CASE("server-side apply creates, then merges", "[sandbox][api]") {
  World world;
  const auto apply = [&](std::string_view labels) {
    return world.ask("PATCH", maps + "/c?fieldManager=t", config_map("c", labels),
                     "application/apply-patch+yaml");
  };
  CHECK(apply("{}").code == 201);
  CHECK(apply(R"({"a":"b"})")["metadata.labels.a"] == "b");
}

TEST_CASE("discovery lists each resource in both forms", "[sandbox][api]") {
  World world;
  const auto plain = world.get("/apis/batch/v1");
  CHECK(plain["resources.0.name"] == "jobs");
  CHECK(plain["resources.1.name"] == "jobs/status");
  const auto aggregated = world.ask(
      "GET", "/api", {}, {},
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json");
  CHECK(aggregated["kind"] == "APIGroupDiscoveryList");
  CHECK(aggregated["items.0.versions.0.resources.2.subresources.1.subresource"] == "log");
  CHECK(world.get("/apis")["groups.0.name"] == "batch");
  CHECK(world.get("/api")["versions"] == R"(["v1"])");
  CHECK(world.get("/version")["gitVersion"] == "v1.34.4");
  CHECK(world.get("/readyz").body == "ok");
}
