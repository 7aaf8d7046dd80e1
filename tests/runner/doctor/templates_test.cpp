#include "runner/doctor/templates.hpp"

#include "tests/runner/doctor/rows.hpp"

#include <map>

#include <catch2/catch.hpp>

using namespace copse;
using namespace copse::runner::doctor;
using copse::tests::says;

namespace {

using Environment = std::map<std::string, std::string>;

const Environment sound{{"druid_port", "8100"},
                        {"druid_peon_mode", "remote"},
                        {"druid_service", "druid/peon"},
                        {"druid_indexer_runner_type", "k8s"},
                        {"druid_indexer_task_encapsulatedTask", "true"}};

struct Pod {
  Environment environment = sound;
  std::string more_environment;  // JSON, with a comma in front
  std::string more_container;
  std::string more_spec = R"(,"restartPolicy":"Never")";

  [[nodiscard]] TemplateFacts facts() const {
    std::string env;
    for (const auto& [name, value] : environment) {
      if (!env.empty()) env += ",";
      env += R"({"name":")" + name + R"(","value":")" + value + "\"}";
    }
    return {"base",
            "base.yaml",
            {},
            R"({"spec":{"containers":[{"name":"main","env":[)" + env + more_environment + "]" +
                more_container + "}]" + more_spec + "}}"};
  }

  [[nodiscard]] Row row(engine::Release release = engine::newest_release) const {
    return judge_template(facts(), release);
  }
};

constexpr engine::Release old{33};

}  // namespace

TEST_CASE("a template that tells a peon all it needs is sound", "[doctor]") {
  const Row row = Pod{}.row();
  CHECK(row.check == "template base");
  CHECK(row.verdict == Verdict::ok);
  CHECK(row.remedy.empty());
}

TEST_CASE("what a template does not set may come from the image", "[doctor]") {
  for (const auto& [name, value] : sound) {
    Pod pod;
    pod.environment.erase(name);
    const Row row = pod.row();
    CAPTURE(name);
    CHECK(row.verdict == Verdict::note);
    CHECK(says(row.remedy, name + "=" + value));
  }
}

TEST_CASE("a wrong value is an error, where the peon would not work with it", "[doctor]") {
  const auto verdict = [](const std::string& name, const std::string& value) {
    Pod pod;
    pod.environment[name] = value;
    return pod.row().verdict;
  };
  CHECK(verdict("druid_port", "8200") == Verdict::error);
  CHECK(verdict("druid_peon_mode", "local") == Verdict::error);
  CHECK(verdict("druid_service", "peons") == Verdict::note);
  CHECK(verdict("druid_indexer_runner_type", "httpRemote") == Verdict::error);
  CHECK(verdict("druid_indexer_runner_type", "k8sAndWorker") == Verdict::ok);
  CHECK(verdict("druid_indexer_task_encapsulatedTask", "false") == Verdict::error);
}

TEST_CASE("all that is wrong is in one row", "[doctor]") {
  Pod pod;
  pod.environment["druid_port"] = "1";
  pod.environment["druid_peon_mode"] = "local";
  const Row row = pod.row();
  CHECK(says(row.found, "druid.port is `1`"));
  CHECK(says(row.found, "druid.peon.mode is `local`"));
  CHECK(row.remedy == "set druid.port=8100; set druid.peon.mode=remote");
}

TEST_CASE("a property may be given in several ways", "[doctor]") {
  Pod pod;
  pod.environment.erase("druid_peon_mode");
  SECTION("in JAVA_OPTS") {
    pod.environment["JAVA_OPTS"] = "-Xmx1g -Ddruid.peon.mode=remote -Dx=y";
    CHECK(pod.row().verdict == Verdict::ok);
  }
  SECTION("among the arguments") {
    pod.more_container = R"(,"args":["-Ddruid.peon.mode=local","-Ddruid.peon.mode=remote"])";
    CHECK(pod.row().verdict == Verdict::ok);
  }
  SECTION("in a shell's command") {
    pod.more_container = R"(,"command":["sh","-c","exec java '-Ddruid.peon.mode=local' x"])";
    CHECK(says(pod.row().found, "druid.peon.mode is `local`"));
  }
  SECTION("from a field or a ConfigMap, where only the cluster knows the value") {
    pod.more_environment = R"(,{"name":"druid_peon_mode","valueFrom":{"configMapKeyRef":{}}})";
    CHECK(pod.row().verdict == Verdict::ok);
  }
  SECTION("the port by its other name") {
    pod.environment = sound;
    pod.environment.erase("druid_port");
    pod.environment["druid_plaintextPort"] = "8100";
    CHECK(pod.row().verdict == Verdict::ok);
  }
}

TEST_CASE("system properties win over the environment", "[doctor]") {
  const std::string document = *Pod{}.facts().document;
  CHECK(told(document, "druid.port").value == "8100");
  Pod pod;
  pod.environment["JAVA_OPTS"] = "-Ddruid.port=9";
  CHECK(told(*pod.facts().document, "druid.port").value == "9");
}

TEST_CASE("the task's folder matters where peon.sh is told one", "[doctor]") {
  Pod pod;
  CHECK(pod.row(old).verdict == Verdict::ok);
  pod.more_container = R"(,"command":["sh","-c","/peon.sh /druid/data 1"])";
  CHECK(says(pod.row(old).remedy, "druid_indexer_task_baseTaskDir=/druid/data"));
  CHECK(pod.row(engine::newest_release).verdict == Verdict::ok);
  pod.environment["druid_indexer_task_baseTaskDir"] = "/druid/data";
  CHECK(pod.row(old).verdict == Verdict::ok);
  pod.environment["druid_indexer_task_baseTaskDir"] = "/elsewhere";
  CHECK(pod.row(old).verdict == Verdict::warning);
}

TEST_CASE("a host that is the same for every pod is wrong", "[doctor]") {
  Pod pod;
  pod.environment["druid_host"] = "peon.example";
  CHECK(pod.row().verdict == Verdict::warning);
  pod.environment["druid_host"] = "$(POD_IP)";
  CHECK(pod.row().verdict == Verdict::ok);
}

TEST_CASE("a pod that is started again is warned of", "[doctor]") {
  Pod pod;
  pod.more_spec = R"(,"restartPolicy":"OnFailure")";
  CHECK(pod.row().verdict == Verdict::warning);
}

TEST_CASE("what Druid refuses is an error with its place, and nothing else is said", "[doctor]") {
  engine::Diagnostic broken;
  broken.title = "this is no template";
  broken.place = engine::whole_file("base.yaml");
  broken.place.line = 7;
  broken.help = "mend it";
  const Row row = judge_template({"base", "base.yaml", {broken}, {}}, old);
  CHECK(row.verdict == Verdict::error);
  CHECK(row.found == "this is no template (base.yaml:7)");
  CHECK(row.remedy == "mend it");
}

TEST_CASE("what Druid passes in silence is a warning", "[doctor]") {
  TemplateFacts facts = Pod{}.facts();
  engine::Diagnostic odd;
  odd.severity = engine::Severity::warning;
  odd.title = "no field is called `imagee`";
  facts.diagnostics = {odd};
  CHECK(judge_template(facts, old).verdict == Verdict::warning);
}

TEST_CASE("a template without a container fails each launch", "[doctor]") {
  CHECK(judge_template({"base", "", {}, "{}"}, old).verdict == Verdict::error);
}

TEST_CASE("only templates that spread pods keep replicas apart", "[doctor]") {
  Pod apart;
  apart.more_spec = R"(,"affinity":{"podAntiAffinity":{}})";
  Pod spread;
  spread.more_spec = R"(,"topologySpreadConstraints":[])";
  CHECK(judge_spreading({apart.facts(), spread.facts()}).verdict == Verdict::ok);
  const Row row = judge_spreading({apart.facts(), Pod{}.facts()});
  CHECK(row.verdict == Verdict::note);
  CHECK(says(row.found, "`base`"));
}
