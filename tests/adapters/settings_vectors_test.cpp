#include "adapters/settings.hpp"
#include "adapters/template_set.hpp"
#include "tests/adapters/vectors.hpp"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace copse::adapters;
using namespace copse::tests;
namespace engine = copse::engine;
namespace json = boost::json;

namespace {

std::string view(const json::string& text) {
  return {text.data(), text.size()};
}

engine::Properties properties_of(const json::object& object) {
  engine::Properties properties;
  for (const auto& member : object) {
    properties.set({std::string(member.key()), view(member.value().get_string()),
                    engine::whole_file("vector")});
  }
  return properties;
}

bool mentions(const engine::Properties& properties, std::string_view key) {
  return properties.find("druid.indexer.runner." + std::string(key)) != nullptr;
}

// Where copse means to answer differently (see the table in adapters/README.md).
bool is_meant(const engine::Properties& properties, engine::Release release) {
  const auto has_any = [&](std::string_view name) {
    return !properties.with_prefix("druid.indexer.runner." + std::string(name)).empty();
  };
  // 33 does not read this one; copse does under every release, so a bad value stops it.
  const bool unbound =
      release == engine::Release{33} &&
      properties.value("druid.indexer.runner.k8sSharedInformerResyncPeriod") == "x";
  // Which of the two forms survives depends on Java's hash order.
  const bool mixed = mentions(properties, "labels") && has_any("labels.");
  return unbound || mixed;
}

json::value period(const engine::Period& period) {
  const auto millis = standard_millis(period);
  json::object object;
  if (millis) {
    object["seconds"] = *standard_seconds(period);
    object["millis"] = *millis;
  }
  return object;
}

json::value map(const std::vector<TextEntry>& entries) {
  json::object object;
  for (const TextEntry& entry : entries) {
    object[entry.key] = entry.value ? json::value(*entry.value) : json::value(nullptr);
  }
  return object;
}

json::value list(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

json::object written(const Settings& s) {
  json::object o;
  o["annotations"] = map(s.annotations);
  o["labels"] = map(s.labels);
  o["capacity"] = s.capacity;
  o["cpuCoreInMicro"] = s.cpu_core_in_micro;
  o["graceTerminationPeriodSeconds"] = s.grace_termination_period_seconds
                                           ? json::value(*s.grace_termination_period_seconds)
                                           : json::value(nullptr);
  o["javaOptsArray"] = list(s.java_opts_array);
  o["peonMonitors"] = list(s.peon_monitors);
  o["k8sTaskPodNamePrefix"] = s.pod_name_prefix;
  o["kubexitImage"] = s.kubexit_image;
  o["namespace"] = s.namespace_name;
  o["overlordNamespace"] = s.overlord_namespace;
  o["primaryContainerName"] =
      s.primary_container_name ? json::value(*s.primary_container_name) : json::value(nullptr);
  o["taskCleanupDelay"] = period(s.task_cleanup_delay);
  o["taskCleanupInterval"] = period(s.task_cleanup_interval);
  o["taskJoinTimeout"] = period(s.task_join_timeout);
  o["taskLaunchTimeout"] = period(s.job_launch_timeout);
  o["taskTimeout"] = period(s.max_task_duration);
  o["logSaveTimeout"] = period(s.log_save_timeout);
  o["k8sSharedInformerResyncPeriod"] = period(s.shared_informer_resync_period);
  o["debugJobs"] = s.debug_jobs;
  o["disableClientProxy"] = s.disable_client_proxy;
  o["sidecarSupport"] = s.sidecar_support;
  o["useK8sSharedInformers"] = s.use_shared_informers;
  o["allowTaskPodTemplateSelection"] = s.allow_task_template_selection;
  return o;
}

// Druid's getters without the text form of periods, which copse does not have.
json::object expected(const json::object& config) {
  json::object all = config;
  for (auto& member : all) {
    json::object* inner = member.value().if_object();
    if (inner == nullptr || !inner->contains("period")) continue;
    if (!inner->contains("seconds")) {
      inner->clear();
    } else {
      inner->erase("period");
    }
  }
  return all;
}

std::string join(const engine::Diagnostics& diagnostics) {
  std::string text;
  for (const engine::Diagnostic& diagnostic : diagnostics) text += engine::render(diagnostic);
  return text;
}

struct Tally {
  std::size_t lines = 0;
  std::size_t refused = 0;
  std::size_t meant = 0;
};

Tally compare_config(std::string_view file, engine::Release release, Differences& differences) {
  Tally tally;
  for (const std::string& line : vector_lines(file)) {
    ++tally.lines;
    const json::value parsed = json::parse(line);
    const json::object& row = parsed.get_object();
    const auto properties = properties_of(row.at("properties").get_object());
    const SettingsReading reading = read_settings(properties, release);
    const bool refused = row.contains("error");
    tally.refused += refused ? 1U : 0U;
    std::string theirs = refused ? view(row.at("error").get_string()) : std::string();
    std::string ours = reading.settings ? "" : join(reading.diagnostics);
    bool same = refused == !reading.settings;
    if (!refused && reading.settings) {
      const json::object wanted = expected(row.at("config").get_object());
      json::object got = written(*reading.settings);
      for (auto at = got.begin(); at != got.end();)
        at = wanted.contains(at->key()) ? at + 1 : got.erase(at);
      same = json::value(wanted) == json::value(got);
      theirs = json::serialize(wanted);
      ours = json::serialize(got);
    }
    if (same) continue;
    if (is_meant(properties, release)) {
      ++tally.meant;
    } else {
      differences.add(line, theirs, ours);
    }
  }
  return tally;
}

}  // namespace

TEST_CASE("the runner's properties mean what they mean to Druid 33", "[adapters]") {
  Differences differences;
  const Tally tally = compare_config("runnerconfig", engine::Release{33}, differences);
  INFO(differences.shown());
  CHECK(differences.count() == 0);
  CHECK(tally.lines == 116);
  CHECK(tally.refused > 25);
  CHECK(tally.meant == 6);
}

TEST_CASE("the runner's properties mean what they mean to Druid 39", "[adapters]") {
  Differences differences;
  const Tally tally = compare_config("main-runnerconfig", engine::Release{39}, differences);
  INFO(differences.shown());
  CHECK(differences.count() == 0);
  CHECK(tally.lines == 116);
  CHECK(tally.refused > 25);
  CHECK(tally.meant == 2);
}

TEST_CASE("the pod adapter is chosen as Druid chooses it", "[adapters]") {
  const auto lines = vector_lines("adapterchoice");
  CHECK(lines.size() == 6);
  for (const std::string& line : lines) {
    INFO(line);
    const json::value parsed = json::parse(line);
    const json::object& row = parsed.get_object();
    const auto reading =
        read_settings(properties_of(row.at("properties").get_object()), engine::newest_release);
    if (row.contains("error")) {
      REQUIRE_FALSE(reading.settings.has_value());
      CHECK(reading.diagnostics.front().title == view(row.at("error").get_string()));
    } else {
      REQUIRE(reading.settings.has_value());
      CHECK(name(reading.settings->adapter) == view(row.at("adapter").get_string()));
    }
  }
}

TEST_CASE("template properties give the keys that Druid finds", "[adapters]") {
  const auto lines = vector_lines("load");
  CHECK(lines.size() == 2);
  for (const std::string& line : lines) {
    INFO(line);
    const json::value parsed = json::parse(line);
    const json::object& row = parsed.get_object();
    const auto origins =
        template_origins(properties_of(row.at("podTemplateProperties").get_object()));
    REQUIRE(origins.has_value());
    const auto has = [&](std::string_view key) {
      return std::any_of(origins->begin(), origins->end(),
                         [&](const TemplateOrigin& o) { return o.key == key; });
    };
    for (const auto& choice : row.at("selected").get_object()) {
      const std::string type(choice.key());
      CHECK((has(type) ? type : "base") == view(choice.value().get_string()));
    }
  }
}
