// What a rule sets stands in the Job once, merged as Kubernetes merges.
#include "adapters/overrides.hpp"

#include <string>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace copse::adapters;
using copse::engine::Field;
using copse::engine::Override;
namespace json = boost::json;

namespace {

constexpr const char* job = R"({"apiVersion":"batch/v1","kind":"Job",
  "metadata":{"name":"j","labels":{"team":"old","keep":"1"},"annotations":{}},
  "spec":{"activeDeadlineSeconds":14400,"template":{"metadata":{"labels":{"team":"old"}},"spec":{
    "priority":7,"nodeSelector":{"disk":"hdd","zone":"a"},
    "tolerations":[{"key":"spot","operator":"Exists","effect":"NoSchedule"},{"key":"gpu","operator":"Exists"}],
    "containers":[{"name":"main","env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"x"}}},{"name":"B","value":"b"},{"name":"A","value":"2"}],
      "resources":{"requests":{"cpu":0.5,"memory":"1Gi"},"limits":{"memory":"1Gi","gpu":"1"}}},
      {"name":"sidecar","resources":{"requests":{"cpu":"1"}}}]}}}})";

Override set(Field field, std::string key, std::string value, std::string upper = "") {
  Override made;
  made.field = field;
  made.key = std::move(key);
  made.value = std::move(value);
  made.upper = std::move(upper);
  return made;
}

std::string at(const std::vector<Override>& overrides, const char* pointer) {
  const json::value made = json::parse(with_overrides(job, overrides));
  boost::system::error_code fault;
  const json::value* found = made.find_pointer(pointer, fault);
  return found == nullptr ? "none" : json::serialize(*found);
}

constexpr const char* pod = "/spec/template/spec";

std::string in_pod(const Override& override, const std::string& pointer) {
  return at({override}, (pod + pointer).c_str());
}

}  // namespace

TEST_CASE("amounts are set for the first container, and others stay", "[overrides]") {
  const Override cpu = set(Field::cpu, "", "2", "4");
  CHECK(in_pod(cpu, "/containers/0/resources") ==
        R"({"requests":{"cpu":"2","memory":"1Gi"},"limits":{"memory":"1Gi","gpu":"1","cpu":"4"}})");
  CHECK(in_pod(cpu, "/containers/1/resources") == R"({"requests":{"cpu":"1"}})");
  CHECK(in_pod(set(Field::storage, "", "9Gi", "9Gi"),
               "/containers/0/resources/limits/ephemeral-storage") == "\"9Gi\"");
  CHECK(in_pod(set(Field::memory, "", "2Gi", "3Gi"), "/containers/0/resources/limits/memory") ==
        "\"3Gi\"");
}

TEST_CASE("labels and annotations are set on Job and pod", "[overrides]") {
  const std::vector<Override> label{set(Field::label, "team", "new")};
  CHECK(at(label, "/metadata/labels") == R"({"team":"new","keep":"1"})");
  CHECK(at(label, "/spec/template/metadata/labels") == R"({"team":"new"})");
  const std::vector<Override> note{set(Field::annotation, "a", "b c")};
  CHECK(at(note, "/metadata/annotations") == R"({"a":"b c"})");
  CHECK(at(note, "/spec/template/metadata/annotations") == R"({"a":"b c"})");
}

TEST_CASE("node selectors are one by key", "[overrides]") {
  CHECK(in_pod(set(Field::node, "disk", "nvme"), "/nodeSelector") ==
        R"({"disk":"nvme","zone":"a"})");
}

TEST_CASE("tolerations are one by key and effect", "[overrides]") {
  CHECK(
      in_pod(set(Field::tolerate, "spot", "yes", "NoSchedule"), "/tolerations") ==
      R"([{"key":"spot","operator":"Equal","value":"yes","effect":"NoSchedule"},{"key":"gpu","operator":"Exists"}])");
  CHECK(in_pod(set(Field::tolerate, "gpu", "", "NoExecute"), "/tolerations/2") ==
        R"({"key":"gpu","operator":"Exists","effect":"NoExecute"})");
  CHECK(in_pod(set(Field::tolerate, "gpu", "x"), "/tolerations/1") ==
        R"({"key":"gpu","operator":"Equal","value":"x"})");
  // A template may name it twice, with two values.
  const std::string twice = R"({"spec":{"template":{"spec":{"containers":[{}],"tolerations":[)"
                            R"({"key":"a","value":"1"},{"key":"b"},{"key":"a","value":"2"}]}}}})";
  const std::vector<Override> one{set(Field::tolerate, "a", "3")};
  CHECK(with_overrides(twice, one)
            .find(R"("tolerations":[{"key":"a","operator":"Equal","value":"3"},{"key":"b"}])") !=
        std::string::npos);
}

TEST_CASE("the namespace that a rule sets stands in the Job", "[overrides]") {
  const std::vector<Override> one{set(Field::namespace_name, "", "batch")};
  CHECK(with_overrides(R"({"spec":{"template":{"spec":{"containers":[{}]}}}})", one)
            .find(R"("metadata":{"namespace":"batch"})") != std::string::npos);
}

TEST_CASE("a variable stands there once, whatever the template says", "[overrides]") {
  CHECK(in_pod(set(Field::env, "A", "1"), "/containers/0/env") ==
        R"([{"name":"A","value":"1"},{"name":"B","value":"b"}])");
  CHECK(in_pod(set(Field::java_opts, "", "-Xmx2g"), "/containers/0/env/3") ==
        R"({"name":"JAVA_OPTS","value":"-Xmx2g"})");
}

TEST_CASE("times are seconds, and a class takes the place of a number", "[overrides]") {
  CHECK(at({set(Field::deadline, "", "2h")}, "/spec/activeDeadlineSeconds") == "7200");
  CHECK(in_pod(set(Field::grace, "", "90s"), "/terminationGracePeriodSeconds") == "90");
  const Override batch = set(Field::priority_class, "", "batch");
  CHECK(in_pod(batch, "/priorityClassName") == "\"batch\"");
  CHECK(in_pod(batch, "/priority") == "none");
}

TEST_CASE("what Kubernetes or Druid would refuse is said", "[overrides]") {
  const auto fault = [](const Override& each) {
    return copse::engine::fault_of(each).value_or("");
  };
  CHECK(fault(set(Field::cpu, "", "2", "1")) == "the limit is below the request");
  CHECK(fault(set(Field::cpu, "", "-1", "1")) == "a quantity is not below zero");
  CHECK(fault(set(Field::memory, "", "16GB", "16GB")).starts_with("a quantity is a number"));
  CHECK(fault(set(Field::label, "team", "a b")).starts_with("a label value is made of"));
  CHECK(fault(set(Field::label, "team", std::string(64, 'a'))).starts_with("a label value has at"));
  CHECK(fault(set(Field::label, "druid.task.id", "a")).starts_with("keys that begin with"));
  CHECK(fault(set(Field::label, "-x", "a")).starts_with("a key is made of"));
  CHECK(fault(set(Field::env, "TASK_ID", "a")) == "Druid sets this variable itself");
  CHECK(fault(set(Field::env, "1A", "a")).starts_with("a variable's name"));
  CHECK(fault(set(Field::tolerate, "a", "b", "Never")).starts_with("the effect is"));
  CHECK(fault(set(Field::deadline, "", "0s")) == "it is from 1 to 2147483647 seconds");
  CHECK(fault(set(Field::grace, "", "1.5s")).starts_with("a duration of whole seconds"));
  CHECK(fault(set(Field::namespace_name, "", "Druid")).starts_with("a namespace is made of"));
  CHECK(fault(set(Field::priority_class, "", "a_b")).starts_with("a priority class"));
  CHECK(fault(set(Field::label, "example.com/team", "")).empty());
  CHECK(fault(set(Field::grace, "", "0s")).empty());
}
