#include "adapters/job_check.hpp"

#include "adapters/job_name.hpp"

#include <cstdint>

namespace copse::adapters {
namespace {

class Check {
 public:
  explicit Check(const JobRequest& request) : request_(request) {}

  engine::Diagnostics run() {
    check_name();
    const TaskHeader& task = request_.task;
    check_label("druid.task.id", task_id_label(task.id), task.id);
    check_label("druid.task.type", free_label(task.type, request_.release), task.type);
    check_label("druid.task.group.id", task_id_label(task.group_id), task.group_id);
    const std::string source = task.data_source.value_or("");
    check_label("druid.task.datasource", free_label(source, request_.release), source);
    check_configured_labels();
    check_durations();
    return std::move(diagnostics_);
  }

 private:
  void warn(std::string code, std::string title, engine::Place place, std::string help) {
    engine::Diagnostic diagnostic;
    diagnostic.severity = engine::Severity::warning;
    diagnostic.code = std::move(code);
    diagnostic.title = std::move(title);
    diagnostic.place = std::move(place);
    diagnostic.notes.emplace_back("Druid builds the Job so, and the API server refuses it");
    diagnostic.help = std::move(help);
    diagnostics_.push_back(std::move(diagnostic));
  }

  void check_name() {
    const std::string name = job_name(request_.settings.pod_name_prefix, request_.task.id);
    if (is_valid_job_name(name)) return;
    warn("I0106",
         "the Job of `" + request_.task.id + "` would be called `" + name +
             "`, which is no Kubernetes name",
         {}, "set `druid.indexer.runner.k8sTaskPodNamePrefix` to a few letters");
  }

  void check_label(std::string_view key, const std::string& value, const std::string& from) {
    if (is_valid_label_value(value)) return;
    warn("I0107",
         "`" + from + "` becomes the label `" + std::string(key) + "` = `" + value +
             "`, which Kubernetes does not allow",
         {}, "a label's value begins and ends with a letter or digit: change the name");
  }

  void check_configured_labels() {
    for (const TextEntry& entry : request_.settings.labels) {
      if (!entry.value || is_valid_label_value(*entry.value)) continue;
      warn("C0134",
           "the label `" + entry.key + "` = `" + *entry.value + "` is not allowed by Kubernetes",
           request_.settings.labels_place, "use at most 63 letters, digits, `-`, `_` and `.`");
    }
  }

  void check_durations() {
    const Settings& settings = request_.settings;
    const auto deadline = standard_seconds(settings.max_task_duration);
    if (deadline && *deadline < 0) {
      warn("C0135", "`druid.indexer.runner.maxTaskDuration` is negative",
           settings.max_task_duration_place, "write a positive period, e.g. `PT4H`");
    }
    const auto delay = standard_seconds(settings.task_cleanup_delay);
    // Druid casts the seconds to 32 bits, and a delay of more than 68 years becomes negative.
    if (delay && static_cast<std::int32_t>(*delay) < 0) {
      warn("C0135", "`druid.indexer.runner.taskCleanupDelay` becomes negative seconds",
           settings.task_cleanup_delay_place, "write at most `P24855D`");
    }
  }

  const JobRequest& request_;
  engine::Diagnostics diagnostics_;
};

}  // namespace

engine::Diagnostics check_job(const JobRequest& request) {
  return Check(request).run();
}

}  // namespace copse::adapters
