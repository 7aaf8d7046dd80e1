#include "adapters/settings.hpp"

#include <catch2/catch.hpp>

using namespace copse::adapters;
namespace engine = copse::engine;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// The runner's properties, without their prefix, as they stand in a file.
engine::Properties runner(const Pairs& pairs) {
  engine::Properties properties;
  for (const auto& [key, value] : pairs) {
    const engine::Source line{"runtime.properties",
                              std::string(runner_property_prefix) + key + "=" + value};
    const std::uint64_t at = line.text.size() - value.size();
    properties.set({std::string(runner_property_prefix) + key, value,
                    engine::locate(line, {at, line.text.size()})});
  }
  return properties;
}

SettingsReading read(Pairs pairs, engine::Release release = engine::newest_release) {
  pairs.emplace_back("namespace", "druid");
  return read_settings(runner(pairs), release);
}

std::string only(const SettingsReading& reading) {
  REQUIRE(reading.diagnostics.size() == 1);
  return engine::render(reading.diagnostics.front());
}

std::string period(std::string_view text) {
  const auto parsed = engine::parse_period(text);
  if (!parsed) return parsed.error();
  const auto millis = standard_millis(*parsed);
  return millis ? std::to_string(*millis) : millis.error();
}

}  // namespace

TEST_CASE("a bad value stops the start with file, line, value and what is allowed", "[adapters]") {
  const auto reading = read({{"capacity", "many"}});
  CHECK_FALSE(reading.settings.has_value());
  CHECK(only(reading) ==
        "error[C0105]: `druid.indexer.runner.capacity` cannot be `many`\n"
        " --> runtime.properties:1:31\n"
        "  |\n"
        "1 | druid.indexer.runner.capacity=many\n"
        "  |                               ^^^^\n"
        "  = help: allowed is a whole number of 32 bits\n");
  CHECK(only(read({{"capacity", "0"}})).find("allowed is 1 to 2147483647") != std::string::npos);
  CHECK(only(read({{"maxTaskDuration", "4 hours"}})).find("Invalid format: \"4 hours\"") !=
        std::string::npos);
  CHECK(only(read({{"maxTaskDuration", ""}})).find("must not be null") != std::string::npos);
  CHECK(only(read({{"debugJobs", "1"}})).find("allowed is `true` or `false`") != std::string::npos);
  CHECK(only(read({{"javaOptsArray", "-Xmx1g"}})).find("allowed is a JSON array of texts") !=
        std::string::npos);
  CHECK(only(read({{"labels", "team=x"}})).find("allowed is a JSON object of texts") !=
        std::string::npos);
  CHECK(only(read({{"kubexitImage", "{\"a\":1}"}})).find("allowed is a text") != std::string::npos);
}

TEST_CASE("all faults are told at once", "[adapters]") {
  CHECK(read({{"capacity", "x"}, {"debugJobs", "x"}, {"labels", "x"}}).diagnostics.size() == 3);
}

TEST_CASE("a namespace is required, and may be empty", "[adapters]") {
  const auto none = read_settings(engine::Properties{}, engine::newest_release);
  CHECK(only(none).find("must not be null") != std::string::npos);
  CHECK(read_settings(runner({{"namespace", ""}}), engine::newest_release).settings.has_value());
}

TEST_CASE("a misspelt name is a warning with a suggestion", "[adapters]") {
  const auto help = [](const std::string& name) {
    const auto reading = read({{name, "x"}});
    CHECK(reading.settings.has_value());
    REQUIRE(reading.diagnostics.size() == 1);
    CHECK(reading.diagnostics.front().severity == engine::Severity::warning);
    return reading.diagnostics.front().help;
  };
  CHECK(help("k8sJobLaunchTimeout") == "did you mean `druid.indexer.runner.k8sjobLaunchTimeout`?");
  CHECK(help("Namespace") == "did you mean `druid.indexer.runner.namespace`?");
  CHECK(help("maxTaskDurations") == "did you mean `druid.indexer.runner.maxTaskDuration`?");
  CHECK(help("k8s.adapter.typ") == "did you mean `druid.indexer.runner.k8s.adapter.type`?");
  CHECK(help("somethingElseEntirely").empty());
}

TEST_CASE("a property of httpRemote below the same prefix is accepted and noted", "[adapters]") {
  const auto reading = read({{"type", "httpRemote"},
                             {"pendingTasksRunnerNumThreads", "5"},
                             {"k8sAndWorker.http.httpClientType", "vertx"}});
  CHECK(reading.settings.has_value());
  CHECK(reading.diagnostics.size() == 2);
  for (const auto& diagnostic : reading.diagnostics)
    CHECK(diagnostic.severity == engine::Severity::note);
}

TEST_CASE("what copse does not do stops the start with a text of its own", "[adapters]") {
  const auto text = [](const std::string& name, const std::string& value) {
    const auto reading = read({{name, value}});
    CHECK_FALSE(reading.settings.has_value());
    return engine::render(reading.diagnostics.front());
  };
  CHECK(text("type", "multik8s").find("run one copse for each") != std::string::npos);
  CHECK(text("type", "remote").find("allowed is `k8s`, `k8sAndWorker` or `httpRemote`") !=
        std::string::npos);
  CHECK(text("clusters[0].name", "a").find("copse runs tasks in one cluster") != std::string::npos);
  CHECK(text("clusterSelector.type", "random").find("copse runs tasks in one cluster") !=
        std::string::npos);
  CHECK(text("javaOpts", "-Xmx1g").find("javaOptsArray") != std::string::npos);
  CHECK(text("k8sAndWorker.runnerStrategy.workerType", "remote").find("ZooKeeper") !=
        std::string::npos);
  CHECK(text("capacity.", "1").find("a dot too many") != std::string::npos);
  CHECK(text("labels..a", "1").find("a dot too many") != std::string::npos);
}

TEST_CASE("labels may be JSON, dotted, or both", "[adapters]") {
  const auto labels = [](const Pairs& pairs) {
    const auto reading = read(pairs);
    std::string text;
    if (!reading.settings) return reading.diagnostics.front().title;
    for (const TextEntry& entry : reading.settings->labels)
      text += entry.key + "=" + entry.value.value_or("(null)") + " ";
    return text;
  };
  CHECK(labels({{"labels", R"({"a":"b","n":1,"f":1.50,"t":true,"z":null})"}}) ==
        "a=b n=1 f=1.5 t=true z=(null) ");
  CHECK(labels({{"labels.a", "b"}, {"labels.a/b", "q"}}) == "a=b a/b=q ");
  CHECK(labels({{"labels.a", "1"}, {"labels.a.b", "c"}}) == "a=1 a.b=c ");
  CHECK(labels({{"labels.a.b", "c"}}) ==
        "`druid.indexer.runner.labels.a.b` has a dot inside the name `a.b`");
  const auto mixed = read({{"labels", R"({"a":"b"})"}, {"labels.c", "d"}});
  REQUIRE(mixed.settings.has_value());
  CHECK(mixed.settings->labels.size() == 2);
  CHECK(only(mixed).find("depends on the hash order") != std::string::npos);
}

TEST_CASE("a release that does not know a property does not read it", "[adapters]") {
  CHECK(read({{"graceTerminationPeriodSeconds", "x"}}, engine::Release{33}).settings.has_value());
  CHECK_FALSE(
      read({{"graceTerminationPeriodSeconds", "x"}}, engine::Release{37}).settings.has_value());
  CHECK_FALSE(read({{"allowTaskPodTemplateSelection", "true"}}, engine::Release{37})
                  .settings->allow_task_template_selection);
  CHECK(read({{"allowTaskPodTemplateSelection", "true"}}, engine::Release{39})
            .settings->allow_task_template_selection);
}

TEST_CASE("an unknown pod adapter is the single container one, as in Druid, and is told",
          "[adapters]") {
  const auto reading = read({{"k8s.adapter.type", "customTemplateAdaptor"}});
  REQUIRE(reading.settings.has_value());
  CHECK(reading.settings->adapter == Adapter::overlord_single);
  CHECK(reading.diagnostics.front().help == "did you mean `customTemplateAdapter`?");
}

TEST_CASE("periods are read as Joda reads them", "[adapters]") {
  CHECK(period("PT4H") == "14400000");
  CHECK(period("P1W2DT3H4M5.678S") == "788645678");
  CHECK(period("pt10m") == "600000");
  CHECK(period("P") == "0");
  CHECK(period("PT-5S") == "-5000");
  CHECK(period("PT+5S") == "5000");
  CHECK(period("PT,5S") == "500");
  CHECK(period("PT1.999S") == "1999");
  CHECK(period("PT-1.5S") == "-1500");
  CHECK(period("PT-0.5S") == "-500");
  CHECK(period("P24856D") == "2147558400000");
  CHECK(period("PT1.2345S") == "1234");
  CHECK(period("PT") == "Invalid format: \"PT\" is too short");
  CHECK(period("P1DT") == "Invalid format: \"P1DT\" is too short");
  CHECK(period("-PT5S") == "Invalid format: \"-PT5S\"");
  CHECK(period("P1.5D") == "Invalid format: \"P1.5D\" is malformed at \"1.5D\"");
  CHECK(period("PT5") == "Invalid format: \"PT5\" is malformed at \"5\"");
  CHECK(period("P5H").find("Invalid format") == 0);
  CHECK(period("PT9999999999S").find("Invalid format") == 0);
  CHECK(period("P1M") ==
        "Cannot convert to Duration as this period contains months and months vary in length");
  CHECK(period("P1Y") ==
        "Cannot convert to Duration as this period contains years and years vary in length");
}
