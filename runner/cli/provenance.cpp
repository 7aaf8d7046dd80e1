#include "runner/cli/provenance.hpp"

#include "adapters/mounted_payload.hpp"
#include "engine/json_scanner.hpp"
#include "engine/json_writer.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace copse::runner::cli {
namespace {

// Fields that are not the template's, by the beginning of their path. The first row that fits
// counts.
struct Row {
  std::string_view path;
  std::string_view origin;
};

constexpr std::array rows{
    Row{"apiVersion", "adapter"},
    Row{"kind", "adapter"},
    Row{"metadata.name", "task id, druid.indexer.runner.k8sTaskPodNamePrefix"},
    Row{"spec.activeDeadlineSeconds", "druid.indexer.runner.maxTaskDuration"},
    Row{"spec.ttlSecondsAfterFinished", "druid.indexer.runner.taskCleanupDelay"},
    Row{"spec.backoffLimit", "adapter"},
    Row{"spec.podReplacementPolicy", "copse"},
};

// Names that the adapter writes into labels and annotations.
constexpr std::array<std::string_view, 13> by_adapter{"druid.k8s.peons",
                                                      "druid.task.id",
                                                      "druid.task.type",
                                                      "druid.task.group.id",
                                                      "druid.task.datasource",
                                                      "task",
                                                      "task.id",
                                                      "task.type",
                                                      "task.group.id",
                                                      "task.datasource",
                                                      "task.jobTemplate",
                                                      "tls.enabled",
                                                      "druid.overlord.namespace"};

// Lists of the pod to which copse adds for a payload that is too long for the Job.
constexpr std::array<std::string_view, 3> payload_lists{"initContainers", "volumeMounts",
                                                        "volumes"};
constexpr std::array<std::string_view, 3> payload_entries{adapters::payload_container_name,
                                                          adapters::payload_volume_name,
                                                          adapters::task_dir_volume_name};

bool among(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool configured(const std::vector<adapters::TextEntry>& entries, std::string_view key) {
  return std::any_of(entries.begin(), entries.end(), [&](const auto& e) { return e.key == key; });
}

class Walk {
 public:
  Walk(std::string_view json, const adapters::Settings& settings, const std::string& template_file)
      : text_(json), json_(json), settings_(settings), template_file_(template_file) {}

  std::vector<FieldOrigin> run() {
    value("", "");
    return std::move(found_);
  }

 private:
  // The depth of a Job is bounded by what the template reader accepts.
  void value(const std::string& path, const std::string& given) {
    switch (json_.kind()) {
      case engine::JsonScanner::Kind::object:
        object(path, given);
        return;
      case engine::JsonScanner::Kind::array:
        array(path, given);
        return;
      default:
        break;
    }
    const engine::Span span = json_.span();
    json_.skip();
    found_.push_back({path, std::string(text_.substr(span.begin, span.end - span.begin)),
                      given.empty() ? origin(path) : given});
  }

  void object(const std::string& path, const std::string& given) {
    json_.enter();
    std::string key;
    engine::Span span;
    bool empty = true;
    while (json_.next_member(key, span)) {
      empty = false;
      std::string from = given;
      if (path.ends_with("metadata.labels"))
        from = label(key, settings_.labels, "druid.indexer.runner.labels");
      if (path.ends_with("metadata.annotations"))
        from = label(key, settings_.annotations, "druid.indexer.runner.annotations");
      value(path.empty() ? key : path + "." + key, from);
    }
    if (empty) found_.push_back({path, "{}", given.empty() ? origin(path) : given});
  }

  void array(const std::string& path, const std::string& given) {
    json_.enter();
    std::size_t i = 0;
    while (json_.next_element()) {
      std::string from = given;
      if (path == "spec.template.spec.containers[0].env" &&
          among(engine::druid_variables, entry_name()))
        from = "adapter";
      if (among(payload_lists, path.substr(path.rfind('.') + 1)) &&
          among(payload_entries, entry_name()))
        from = "copse";
      value(path + "[" + std::to_string(i++) + "]", from);
    }
  }

  // The `name` of the environment entry that comes next.
  std::string entry_name() {
    const std::size_t mark = json_.mark();
    std::string found;
    std::string key;
    engine::Span span;
    json_.enter();
    while (json_.next_member(key, span)) {
      if (key == "name" && json_.kind() == engine::JsonScanner::Kind::text) {
        found = json_.text();
      } else {
        json_.skip();
      }
    }
    json_.rewind(mark);
    return found;
  }

  std::string label(std::string_view key, const std::vector<adapters::TextEntry>& entries,
                    std::string_view property) const {
    if (key.starts_with("copse/")) return "copse";
    if (configured(entries, key)) return std::string(property);
    return among(by_adapter, key) ? "adapter, from the task" : "";
  }

  std::string origin(std::string_view path) const {
    for (const Row& row : rows) {
      if (path.starts_with(row.path)) return std::string(row.origin);
    }
    return "template " + template_file_;
  }

  std::string_view text_;
  engine::JsonScanner json_;
  const adapters::Settings& settings_;
  const std::string& template_file_;
  std::vector<FieldOrigin> found_;
};

constexpr std::string_view main_container = "spec.template.spec.containers[0].";
constexpr std::string_view pod = "spec.template.spec.";

// Where the entry of a list stands whose `member` is `name`: `…env[3].`. Empty: nowhere.
std::string entry_of(const std::vector<FieldOrigin>& fields, const std::string& list,
                     std::string_view member, const std::string& name) {
  for (const FieldOrigin& field : fields) {
    if (field.path.starts_with(list + "[") && field.path.ends_with("]." + std::string(member)) &&
        field.value == engine::quoted(name))
      return field.path.substr(0, field.path.rfind('.') + 1);
  }
  return {};
}

// The beginnings of the paths that an override sets.
std::vector<std::string> paths_of(const std::vector<FieldOrigin>& fields,
                                  const engine::Override& set) {
  const std::string main(main_container);
  const auto resource = [&](const std::string& name) {
    return std::vector<std::string>{main + "resources.requests." + name,
                                    main + "resources.limits." + name};
  };
  switch (set.field) {
    case engine::Field::cpu:
      return resource("cpu");
    case engine::Field::memory:
      return resource("memory");
    case engine::Field::storage:
      return resource("ephemeral-storage");
    case engine::Field::label:
      return {"metadata.labels." + set.key, "spec.template.metadata.labels." + set.key};
    case engine::Field::annotation:
      return {"metadata.annotations." + set.key, "spec.template.metadata.annotations." + set.key};
    case engine::Field::node:
      return {std::string(pod) + "nodeSelector." + set.key};
    case engine::Field::tolerate:
      return {entry_of(fields, std::string(pod) + "tolerations", "key", set.key)};
    case engine::Field::env:
      return {entry_of(fields, main + "env", "name", set.key)};
    case engine::Field::java_opts:
      return {entry_of(fields, main + "env", "name", "JAVA_OPTS")};
    case engine::Field::priority_class:
      return {std::string(pod) + "priorityClassName"};
    case engine::Field::deadline:
      return {"spec.activeDeadlineSeconds"};
    case engine::Field::grace:
      return {std::string(pod) + "terminationGracePeriodSeconds"};
    case engine::Field::namespace_name:
      break;
  }
  return {};
}

}  // namespace

void mark_overrides(std::vector<FieldOrigin>& fields, const std::vector<OutcomeOrigin>& overrides) {
  for (const OutcomeOrigin& each : overrides) {
    for (const std::string& path : paths_of(fields, each.setting)) {
      for (FieldOrigin& field : fields) {
        const bool is_it = !path.empty() && (path.ends_with('.') ? field.path.starts_with(path)
                                                                 : field.path == path);
        if (is_it) field.origin = each.origin;
      }
    }
  }
}

std::vector<FieldOrigin> field_origins(std::string_view job_json,
                                       const adapters::Settings& settings,
                                       const std::string& template_file) {
  return Walk(job_json, settings, template_file).run();
}

}  // namespace copse::runner::cli
