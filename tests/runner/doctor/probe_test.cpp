#include "runner/doctor/probe.hpp"

#include "tests/runner/doctor/rows.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace copse::runner::doctor;
using copse::tests::says;

namespace {

const std::vector<Target> targets{{"ZooKeeper", "zk:2181"}, {"the Overlord", "[::1]:8090"}};

constexpr auto pod =
    R"({"metadata":{"labels":{"team":"data"}},"spec":{"nodeSelector":{"pool":"peons"},)"
    R"("restartPolicy":"Never","initContainers":[{"name":"wait"}],"containers":[)"
    R"({"name":"main","image":"druid:37","command":["/peon.sh"],"args":["x"],)"
    R"("livenessProbe":{},"resources":{"limits":{"memory":"8Gi"}},"env":[{"name":"a"}]},)"
    R"({"name":"proxy","image":"proxy"}]}})";

boost::json::value job() {
  const auto made = probe_job(pod, "copse-doctor-1", "owner", targets);
  REQUIRE(made);
  return boost::json::parse(*made);
}

ProbeFacts facts(std::string message) {
  return {targets, "copse-doctor-1", "", std::move(message)};
}

}  // namespace

TEST_CASE("the probe runs where and as what peons run", "[doctor]") {
  const auto made = job();
  CHECK(made.at_pointer("/spec/template/metadata/labels/team") == "data");
  CHECK(made.at_pointer("/spec/template/spec/nodeSelector/pool") == "peons");
  CHECK(made.at_pointer("/spec/template/spec/containers/0/image") == "druid:37");
  CHECK(made.at_pointer("/spec/template/spec/containers/0/env/0/name") == "a");
}

TEST_CASE("the probe is one small container, and ends by itself", "[doctor]") {
  const auto made = job();
  CHECK(made.at_pointer("/spec/template/spec/containers").as_array().size() == 1);
  const auto& spec = made.at_pointer("/spec/template/spec").as_object();
  const auto& container = made.at_pointer("/spec/template/spec/containers/0").as_object();
  CHECK_FALSE(spec.contains("initContainers"));
  CHECK_FALSE(container.contains("args"));
  CHECK_FALSE(container.contains("livenessProbe"));
  CHECK(made.at_pointer("/spec/template/spec/containers/0/resources/limits/memory") == "64Mi");
  CHECK(made.at_pointer("/spec/activeDeadlineSeconds") == probe_active_seconds);
  CHECK(made.at_pointer("/spec/ttlSecondsAfterFinished") == probe_ttl_seconds);
  CHECK(made.at_pointer("/spec/backoffLimit") == 0);
}

TEST_CASE("nobody takes the probe for a task", "[doctor]") {
  const auto made = job();
  CHECK(made.at_pointer("/metadata/labels/copse~1owner") == "owner");
  CHECK_FALSE(made.at_pointer("/metadata/labels").as_object().contains("druid.k8s.peons"));
}

TEST_CASE("each address is tried, one of IPv6 without its brackets", "[doctor]") {
  const auto script =
      std::string(job().at_pointer("/spec/template/spec/containers/0/command/2").as_string());
  CHECK(says(script, "try zk 2181\n"));
  CHECK(says(script, "try ::1 8090\n"));
}

TEST_CASE("an address that a shell would take apart is not tried", "[doctor]") {
  for (const char* address : {"a;reboot:1", "$(x):1", "a b:1", "`x`:1", "", "a", "a:1\nx"})
    CHECK_FALSE(probe_job(pod, "n", "o", {{"x", address}}));
}

TEST_CASE("a template without a container gives no probe", "[doctor]") {
  for (const char* document :
       {"{}", "", "[]", R"({"spec":{"containers":[]}})", R"({"spec":{"containers":["x"]}})"})
    CHECK_FALSE(probe_job(document, "n", "o", targets));
}

TEST_CASE("a pod that reaches all is well, and what it does not reach is named", "[doctor]") {
  CHECK(judge_probe(facts("yes\nyes\n")).verdict == Verdict::ok);
  const Row row = judge_probe(facts("yes\nno\n"));
  CHECK(row.verdict == Verdict::error);
  CHECK(row.found == "a pod of the task namespace does not reach the Overlord at [::1]:8090");
  CHECK(says(judge_probe(facts("yes\n")).found, "the Overlord"));  // cut short
  CHECK(says(judge_probe(facts("")).found, "ZooKeeper at zk:2181 and the Overlord"));
}

TEST_CASE("an image that cannot try says so, and a pod that did not run too", "[doctor]") {
  CHECK(judge_probe(facts("no-tool\n")).verdict == Verdict::skipped);
  ProbeFacts none = facts("");
  none.trouble = "ErrImagePull";
  CHECK(judge_probe(none).verdict == Verdict::warning);
  CHECK(says(judge_probe(none).found, "ErrImagePull"));
}
