#include "adapters/settings.hpp"

#include "adapters/property_value.hpp"
#include "adapters/runner_properties.hpp"

#include <algorithm>
#include <array>
#include <variant>

namespace copse::adapters {
namespace {

using engine::Property;
using engine::Severity;

using Target =
    std::variant<bool Settings::*, std::int32_t Settings::*, std::string Settings::*,
                 engine::Period Settings::*, std::optional<std::string> Settings::*,
                 std::optional<std::int64_t> Settings::*, std::vector<std::string> Settings::*>;

struct Row {
  std::string_view key;
  Target target;
};

// Each property that is one value. Those with rules of their own (type, labels, annotations,
// adapter) are not here.
const std::array rows{
    Row{"druid.indexer.runner.namespace", &Settings::namespace_name},
    Row{"druid.indexer.runner.overlordNamespace", &Settings::overlord_namespace},
    Row{"druid.indexer.runner.k8sTaskPodNamePrefix", &Settings::pod_name_prefix},
    Row{"druid.indexer.runner.maxTaskDuration", &Settings::max_task_duration},
    Row{"druid.indexer.runner.taskCleanupDelay", &Settings::task_cleanup_delay},
    Row{"druid.indexer.runner.taskCleanupInterval", &Settings::task_cleanup_interval},
    Row{"druid.indexer.runner.taskJoinTimeout", &Settings::task_join_timeout},
    Row{"druid.indexer.runner.k8sjobLaunchTimeout", &Settings::job_launch_timeout},
    Row{"druid.indexer.runner.logSaveTimeout", &Settings::log_save_timeout},
    Row{"druid.indexer.runner.k8sSharedInformerResyncPeriod",
        &Settings::shared_informer_resync_period},
    Row{"druid.indexer.runner.capacity", &Settings::capacity},
    Row{"druid.indexer.runner.cpuCoreInMicro", &Settings::cpu_core_in_micro},
    Row{"druid.indexer.runner.graceTerminationPeriodSeconds",
        &Settings::grace_termination_period_seconds},
    Row{"druid.indexer.runner.debugJobs", &Settings::debug_jobs},
    Row{"druid.indexer.runner.sidecarSupport", &Settings::sidecar_support},
    Row{"druid.indexer.runner.disableClientProxy", &Settings::disable_client_proxy},
    Row{"druid.indexer.runner.useK8sSharedInformers", &Settings::use_shared_informers},
    Row{"druid.indexer.runner.allowTaskPodTemplateSelection",
        &Settings::allow_task_template_selection},
    Row{"druid.indexer.runner.primaryContainerName", &Settings::primary_container_name},
    Row{"druid.indexer.runner.kubexitImage", &Settings::kubexit_image},
    Row{"druid.indexer.runner.peonMonitors", &Settings::peon_monitors},
    Row{"druid.indexer.runner.javaOptsArray", &Settings::java_opts_array},
    Row{"druid.enableTlsPort", &Settings::tls_port_enabled},
    Row{"druid.indexer.task.baseDir", &Settings::base_dir},
    Row{"druid.indexer.task.baseTaskDir", &Settings::base_task_dir}};

constexpr std::array adapter_names{std::string_view("overlordSingleContainer"),
                                   std::string_view("overlordMultiContainer"),
                                   std::string_view("customTemplateAdapter")};

PropertyValue<engine::Period> period_property(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  if (text.empty())
    return std::unexpected(std::string("a period such as `PT4H` or `P2D`: must not be null"));
  const auto period = engine::parse_period(text);
  if (!period) return std::unexpected("a period such as `PT4H` or `P2D`; Druid: " + period.error());
  return *period;
}

bool has_dot_too_many(std::string_view name) {
  return name.starts_with('.') || name.ends_with('.') || name.find("..") != std::string_view::npos;
}

struct Assign {
  Settings& settings;
  std::string_view text;

  // What would be allowed, when the text is not.
  std::optional<std::string> operator()(bool Settings::* member) const {
    return put(member, boolean_property(text));
  }

  std::optional<std::string> operator()(std::int32_t Settings::* member) const {
    return put(member, int_property(text));
  }

  std::optional<std::string> operator()(std::string Settings::* member) const {
    return put(member, text_property(text));
  }

  std::optional<std::string> operator()(engine::Period Settings::* member) const {
    return put(member, period_property(text));
  }

  std::optional<std::string> operator()(std::optional<std::string> Settings::* member) const {
    return put(member, text_property(text));
  }

  std::optional<std::string> operator()(std::optional<std::int64_t> Settings::* member) const {
    return put(member, optional_long_property(text));
  }

  std::optional<std::string> operator()(std::vector<std::string> Settings::* member) const {
    return put(member, text_list_property(text));
  }

  template <typename Member, typename Value>
  std::optional<std::string> put(Member Settings::* member, PropertyValue<Value> value) const {
    if (!value) return value.error();
    settings.*member = std::move(*value);
    return std::nullopt;
  }
};

class Reader {
 public:
  Reader(const engine::Properties& properties, engine::Release release)
      : properties_(properties), release_(release) {}

  SettingsReading run() {
    for (const Row& row : rows) read(row);
    if (properties_.find("druid.indexer.runner.namespace") == nullptr) report_no_namespace();
    if (settings_.capacity < 1) report_capacity();
    settings_.labels = read_map("labels", settings_.labels_place);
    settings_.annotations = read_map("annotations", settings_.annotations_place);
    read_type();
    read_adapter();
    check_worker_type();
    check_names();
    if (engine::has_errors(diagnostics_)) return {std::nullopt, std::move(diagnostics_)};
    return {std::move(settings_), std::move(diagnostics_)};
  }

 private:
  bool exists(std::string_view key) const {
    using engine::Behaviour;
    if (key == "druid.indexer.runner.graceTerminationPeriodSeconds") {
      return engine::has(release_, Behaviour::grace_period_is_read);
    }
    if (key == "druid.indexer.runner.allowTaskPodTemplateSelection") {
      return engine::has(release_, Behaviour::task_may_choose_template);
    }
    return true;
  }

  void read(const Row& row) {
    const Property* property = properties_.find(row.key);
    if (property == nullptr || !exists(row.key)) return;
    if (row.key == "druid.indexer.runner.maxTaskDuration")
      settings_.max_task_duration_place = property->place;
    if (row.key == "druid.indexer.runner.taskCleanupDelay")
      settings_.task_cleanup_delay_place = property->place;
    const auto allowed = std::visit(Assign{settings_, property->value}, row.target);
    if (allowed) report_value(*property, *allowed);
  }

  engine::Diagnostic& report(Severity severity, std::string code, std::string title,
                             const engine::Place& place) {
    engine::Diagnostic diagnostic;
    diagnostic.severity = severity;
    diagnostic.code = std::move(code);
    diagnostic.title = std::move(title);
    diagnostic.place = place;
    diagnostics_.push_back(std::move(diagnostic));
    return diagnostics_.back();
  }

  void report_value(const Property& property, const std::string& allowed) {
    report(Severity::error, "C0105", "`" + property.key + "` cannot be `" + property.value + "`",
           property.place)
        .help = "allowed is " + allowed;
  }

  void report_no_namespace() {
    auto& diagnostic =
        report(Severity::error, "C0111", "`druid.indexer.runner.namespace` is not set", {});
    diagnostic.notes.emplace_back("Druid: druid.indexer.runner.namespace - must not be null");
    diagnostic.help = "set it to the namespace of the task pods";
  }

  void report_capacity() {
    const Property* property = properties_.find("druid.indexer.runner.capacity");
    auto& diagnostic = report(Severity::error, "C0105",
                              "`druid.indexer.runner.capacity` cannot be `" + property->value + "`",
                              property->place);
    diagnostic.notes.emplace_back(
        "Druid: druid.indexer.runner.capacity - must be greater than or equal to 1");
    diagnostic.help = "allowed is 1 to 2147483647";
  }

  // `labels={"a":"b"}` and `labels.a=b`, alone or together.
  std::vector<TextEntry> read_map(std::string_view name, engine::Place& place) {
    const std::string key = std::string(runner_property_prefix) + std::string(name);
    std::vector<TextEntry> map;
    const Property* whole = properties_.find(key);
    if (whole != nullptr) {
      place = whole->place;
      auto value = text_map_property(whole->value);
      if (!value) {
        report_value(*whole, value.error());
        return {};
      }
      map = std::move(*value);
    }
    const auto dotted = properties_.with_prefix(key + ".");
    for (const Property* property : dotted) {
      if (whole == nullptr && place.file.empty()) place = property->place;
      add_dotted(map, *property, property->key.substr(key.size() + 1));
    }
    if (whole != nullptr && !dotted.empty()) report_mixed(*whole, *dotted.front());
    return map;
  }

  void add_dotted(std::vector<TextEntry>& map, const Property& property, const std::string& key) {
    if (has_dot_too_many(key)) return;  // reported with the names
    const auto text = text_property(property.value);
    if (!text) return report_value(property, text.error());
    const auto find = [&](std::string_view wanted) {
      return std::find_if(map.begin(), map.end(),
                          [&](const TextEntry& entry) { return entry.key == wanted; });
    };
    const std::size_t dot = key.find('.');
    // Druid also makes an object of the part before the dot, which is no text, unless that name has
    // a value already.
    if (dot != std::string::npos && find(std::string_view(key).substr(0, dot)) == map.end()) {
      auto& diagnostic =
          report(Severity::error, "C0106",
                 "`" + property.key + "` has a dot inside the name `" + key + "`", property.place);
      diagnostic.notes.emplace_back("Druid takes it for an object `" + key.substr(0, dot) +
                                    "` and does not start");
      diagnostic.help = "use the JSON form: `{\"" + key + "\":\"" + property.value + "\"}`";
      return;
    }
    const auto at = find(key);
    if (at == map.end()) {
      map.push_back({key, *text});
    } else {
      at->value = *text;
    }
  }

  void report_mixed(const Property& whole, const Property& dotted) {
    auto& diagnostic =
        report(Severity::warning, "C0106",
               "`" + whole.key + "` and `" + dotted.key + "` are both set", dotted.place);
    diagnostic.notes.emplace_back(
        "which one Druid drops depends on the hash order of all its properties; copse takes both");
    diagnostic.help = "write all of them in the JSON form";
  }

  void read_type() {
    const Property* property = properties_.find("druid.indexer.runner.type");
    if (property == nullptr) return;
    settings_.runner_type = property->value;
    const std::string& type = property->value;
    if (type == "k8s" || type == "k8sAndWorker" || type == "httpRemote") return;
    auto& diagnostic = report(Severity::error, "C0104",
                              "the runner type `" + type + "` is not supported", property->place);
    diagnostic.help = "allowed is `k8s`, `k8sAndWorker` or `httpRemote`";
    if (type == "multik8s")
      diagnostic.notes.emplace_back("copse runs tasks in one cluster: run one copse for each");
  }

  void read_adapter() {
    const Property* property = properties_.find("druid.indexer.runner.k8s.adapter.type");
    const std::string_view type =
        property == nullptr ? std::string_view() : std::string_view(property->value);
    const bool multi = type == name(Adapter::overlord_multi);
    if (property != nullptr && settings_.sidecar_support && !multi) {
      report(Severity::error, "C0108",
             "Invalid pod adapter [" + std::string(type) +
                 "], only pod adapter [overlordMultiContainer] can be specified when "
                 "sidecarSupport is enabled",
             property->place)
          .help = "remove `druid.indexer.runner.sidecarSupport`, which is deprecated";
      return;
    }
    if (multi || (property == nullptr && settings_.sidecar_support)) {
      settings_.adapter = Adapter::overlord_multi;
    } else if (type == name(Adapter::pod_template)) {
      settings_.adapter = Adapter::pod_template;
    } else if (property != nullptr && type != name(Adapter::overlord_single)) {
      auto& diagnostic =
          report(Severity::warning, "C0109", "no pod adapter is called `" + std::string(type) + "`",
                 property->place);
      diagnostic.notes.emplace_back("Druid takes `overlordSingleContainer` without a word");
      const auto near = engine::nearest(type, {adapter_names.begin(), adapter_names.end()});
      diagnostic.help = near.empty() ? "allowed is `overlordSingleContainer`, "
                                       "`overlordMultiContainer` or `customTemplateAdapter`"
                                     : "did you mean `" + std::string(near) + "`?";
    }
  }

  void check_worker_type() {
    const Property* property =
        properties_.find("druid.indexer.runner.k8sAndWorker.runnerStrategy.workerType");
    if (property == nullptr || property->value == "httpRemote") return;
    auto& diagnostic =
        report(Severity::error, "C0104",
               "the worker type `" + property->value + "` is not supported", property->place);
    if (property->value == "remote")
      diagnostic.notes.emplace_back(
          "it speaks to workers through ZooKeeper, and newer releases of Druid have removed it");
    diagnostic.help = "use `httpRemote`";
  }

  void check_names() {
    for (const Property* property : properties_.with_prefix(runner_property_prefix)) {
      const std::string_view name =
          std::string_view(property->key).substr(runner_property_prefix.size());
      if (has_dot_too_many(name)) {
        report(Severity::error, "C0107", "`" + property->key + "` has a dot too many",
               property->place)
            .help = "Druid does not start with it: remove the dot";
        continue;
      }
      check_name(*property, name);
    }
  }

  void check_name(const Property& property, std::string_view name) {
    const PropertyVerdict verdict = judge(name);
    switch (verdict.owner) {
      case PropertyOwner::runner:
        return;
      case PropertyOwner::other:
        report(Severity::note, "C0110", "`" + property.key + "` is not needed by copse",
               property.place);
        return;
      case PropertyOwner::unsupported: {
        auto& diagnostic = report(Severity::error, "C0104",
                                  "`" + property.key + "` is not supported", property.place);
        diagnostic.notes.emplace_back(verdict.reason);
        diagnostic.help = verdict.help;
        return;
      }
      case PropertyOwner::unknown:
        break;
    }
    auto& diagnostic = report(Severity::warning, "C0103",
                              "no property is called `" + property.key + "`", property.place);
    const std::string_view near = engine::nearest(name, known_runner_properties());
    if (!verdict.help.empty()) {
      diagnostic.help = verdict.help;
    } else if (!near.empty()) {
      diagnostic.help =
          "did you mean `" + std::string(runner_property_prefix) + std::string(near) + "`?";
    }
  }

  const engine::Properties& properties_;
  engine::Release release_;
  Settings settings_;
  engine::Diagnostics diagnostics_;
};

}  // namespace

std::string_view name(Adapter adapter) {
  return adapter_names.at(static_cast<std::size_t>(adapter));
}

SettingsReading read_settings(const engine::Properties& properties, engine::Release release) {
  return Reader(properties, release).run();
}

}  // namespace copse::adapters
