// Writing through the API: how strict it is with fields, and what a deletion leaves behind.
#include "tests/runner/sandbox/world.hpp"

#include <catch2/catch.hpp>

using namespace copse::runner::sandbox;
using sandbox_test::job;
using sandbox_test::replaced;
using sandbox_test::World;

namespace {

const std::string jobs{World::jobs};
const std::string maps = "/api/v1/namespaces/default/configmaps";

}  // namespace

TEST_CASE("unknown and repeated fields are refused, warned of or passed over, and never kept",
          "[sandbox][api]") {
  World world;
  const std::string odd = replaced(
      job("a", "run 1s", R"("backofLimit":{"x":[1]})"), R"("restartPolicy":"Never")",
      R"("restartPolicy":"Never","restartPolicy":"Never","securityContext":{"runAsUsr":1})");
  const std::vector<std::string> faults{
      R"(duplicate field "spec.template.spec.restartPolicy")",
      R"(unknown field "spec.template.spec.securityContext.runAsUsr")",
      R"(unknown field "spec.backofLimit")"};
  const auto ask = [&](std::string_view mode) {
    return world.ask("POST", jobs + "?dryRun=All&fieldValidation=" + std::string{mode}, odd);
  };
  CHECK(ask("Strict")["message"] ==
        "Job in version \"v1\" cannot be handled as a Job: strict decoding error: " + faults[0] +
            ", " + faults[1] + ", " + faults[2]);
  CHECK(ask("Warn").warnings == faults);
  CHECK(ask("").warnings == faults);
  CHECK(ask("Ignore").warnings.empty());
  CHECK(ask("Ignore")["spec.backofLimit"] == "absent");
  CHECK(ask("Ignore")["spec.template.spec.securityContext"] == "{}");
  CHECK(ask("Sometimes")["details.causes.0.field"] == "fieldValidation");
}

TEST_CASE("a field's path counts the items of lists, and what is free may hold anything",
          "[sandbox][api]") {
  World world;
  const std::string odd = replaced(
      job("a"), R"({"name":"main","image":"druid:33"})",
      R"({"name":"main","image":"druid:33"},{"name":"b","image":"i","imag":"","env":[{"name":"A"},{"nam":1}]})");
  CHECK(world.ask("POST", jobs + "?dryRun=All", odd).warnings ==
        std::vector<std::string>{R"(unknown field "spec.template.spec.containers[1].imag")",
                                 R"(unknown field "spec.template.spec.containers[1].env[1].nam")"});
  const auto map =
      world.ask("POST", maps, R"({"metadata":{"name":"c","labls":{}},"data":{"a":"1","a":"2"}})");
  CHECK(map.warnings == std::vector<std::string>{R"(unknown field "metadata.labls")",
                                                 R"(duplicate field "data.a")"});
  CHECK(map["data.a"] == "2");
}

TEST_CASE("a patch is as strict as a whole object", "[sandbox][api]") {
  World world;
  world.post_job(job("a", "run for-ever"));
  const auto patch = [&](std::string_view mode) {
    return world.ask("PATCH", jobs + "/a?fieldValidation=" + std::string{mode},
                     R"({"spec":{"backofLimit":1,"suspend":false,"suspend":false}})",
                     "application/merge-patch+json");
  };
  CHECK(patch("Strict").code == 422);
  CHECK(patch("Strict")["details.causes.0.field"] == "patch");
  CHECK(patch("Strict")["message"].ends_with(
      R"(strict decoding error: duplicate field "spec.suspend", unknown field "spec.backofLimit")"));
  CHECK(patch("Warn").warnings.size() == 2);
  CHECK(world.job("a")["spec.backofLimit"] == "absent");
}

TEST_CASE("a pod that is to go gets no new finalizer, and no patch renames it", "[sandbox][api]") {
  World world;
  world.ask(
      "POST", World::pods,
      R"({"metadata":{"name":"p","finalizers":["t/a"]},"spec":{"containers":[{"name":"m","image":"i"}]}})");
  const std::string pod = std::string{World::pods} + "/p";
  const auto patch = [&](std::string_view body) {
    return world.ask("PATCH", pod, body, "application/merge-patch+json");
  };
  CHECK(patch(R"({"metadata":{"name":"q"}})").code == 400);
  world.ask("DELETE", pod + "?gracePeriodSeconds=0");
  const auto refusal = patch(R"({"metadata":{"finalizers":["t/a","t/b"]}})");
  CHECK(refusal.code == 422);
  CHECK(refusal["details.causes.0.field"] == "metadata.finalizers");
  CHECK(patch(R"({"metadata":{"finalizers":[]}})").code == 200);
  CHECK(world.get(pod).code == 404);
}

TEST_CASE("a pod is marked with its deletion before it goes, a Job is not", "[sandbox][api]") {
  World world;
  world.ask("POST", World::pods,
            R"({"metadata":{"name":"p","annotations":{"copse.sandbox/script":"schedule 1h"}},)"
            R"("spec":{"containers":[{"name":"m","image":"i"}]}})");
  const std::string pod = std::string{World::pods} + "/p";
  const auto watch = world.watch(std::string{World::pods} + "?watch=1&resourceVersion=" +
                                 world.get(pod)["metadata.resourceVersion"]);
  CHECK(world.ask("DELETE", pod + "?dryRun=All")["metadata.deletionGracePeriodSeconds"] == "0");
  CHECK(world.events(*watch).empty());
  CHECK(world.ask("DELETE", pod)["metadata.deletionGracePeriodSeconds"] == "0");
  CHECK(world.events(*watch) == std::vector<std::string>{"MODIFIED p", "DELETED p"});
  const auto jobs_watch =
      world.watch(jobs + "?watch=1&resourceVersion=" + world.get(jobs)["metadata.resourceVersion"]);
  world.post_job(job("a", "run 1s", R"("suspend":true)"));
  CHECK(world.ask("DELETE", jobs + "/a").warnings.size() == 1);
  world.post_job(job("b", "run 1s", R"("suspend":true)"));
  world.ask("DELETE", jobs + "/b?propagationPolicy=Background");
  CHECK(world.events(*jobs_watch).back() == "DELETED b");
}
