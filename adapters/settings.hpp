#pragma once
// The runner's settings: `druid.indexer.runner.*` and the few properties beside it that shape a
// Job.
//
// Names, types, defaults and reading rules are Druid's (reference 7; vectors `runnerconfig`). What
// Druid would refuse is an error with the place of the value and what is allowed; a name that
// nobody knows is a warning with a suggestion; a property of httpRemote or of the worker below the
// same prefix is accepted with a note. Which template serves which task is not decided here, nor
// are the runner strategies read. A Settings is a plain value.

#include "engine/period.hpp"
#include "adapters/pod_template.hpp"
#include "engine/diagnostic.hpp"
#include "engine/properties.hpp"
#include "engine/release.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::adapters {

/// What a Job is built from.
enum class Adapter : std::uint8_t {
  overlord_single,  ///< the Overlord's pod, first container only: Druid's default
  overlord_multi,   ///< the Overlord's pod with its side cars
  pod_template      ///< a template file
};

/// As the property `k8s.adapter.type` spells it.
[[nodiscard]] std::string_view name(Adapter adapter);

struct Settings {
  std::string runner_type;  ///< `type`: k8s, k8sAndWorker or httpRemote; empty when it is not set
  Adapter adapter = Adapter::overlord_single;

  std::string namespace_name;  ///< of the task pods; required, may be empty
  std::string overlord_namespace;
  std::string pod_name_prefix;  ///< k8sTaskPodNamePrefix

  std::vector<TextEntry>
      labels;  ///< put on Job and pod; a value may be null, and then each launch fails
  std::vector<TextEntry> annotations;  ///< put on the Job only
  engine::Place labels_place;
  engine::Place annotations_place;

  engine::Period max_task_duration{
      .hours = 4};  ///< activeDeadlineSeconds; may be unusable (months), see job.hpp
  engine::Period task_cleanup_delay{.days = 2};  ///< ttlSecondsAfterFinished
  engine::Period task_cleanup_interval{.minutes = 10};
  engine::Period task_join_timeout{.minutes = 1};
  engine::Period job_launch_timeout{.hours = 1};  ///< k8sjobLaunchTimeout
  engine::Period log_save_timeout{.seconds = 300};
  engine::Period shared_informer_resync_period{.minutes = 5};
  engine::Place max_task_duration_place;
  engine::Place task_cleanup_delay_place;

  std::int32_t capacity = 2147483647;  ///< at least 1
  std::int32_t cpu_core_in_micro = 0;  ///< thousandths of a core; 0 and below mean 1000
  std::optional<std::int64_t> grace_termination_period_seconds;

  bool debug_jobs = false;
  bool sidecar_support = false;
  bool disable_client_proxy = false;
  bool use_shared_informers = false;
  bool allow_task_template_selection = false;  ///< allowTaskPodTemplateSelection

  std::optional<std::string> primary_container_name;
  std::string kubexit_image = "karlkfi/kubexit:v0.3.2";
  std::vector<std::string> peon_monitors;
  std::vector<std::string> java_opts_array;

  bool tls_port_enabled = false;  ///< druid.enableTlsPort
  std::string base_dir =
      "/tmp";  ///< druid.indexer.task.baseDir; Druid's default is Java's temporary folder
  std::optional<std::string>
      base_task_dir;  ///< druid.indexer.task.baseTaskDir, for the overlord adapters
};

struct SettingsReading {
  std::optional<Settings>
      settings;  ///< absent when a diagnostic is an error: Druid would not start
  engine::Diagnostics diagnostics;
};

/// Reads all of it. `release` decides which properties exist (graceTerminationPeriodSeconds, …).
[[nodiscard]] SettingsReading read_settings(const engine::Properties& properties,
                                            engine::Release release);

/// Before each property of the runner.
inline constexpr std::string_view runner_property_prefix = "druid.indexer.runner.";

}  // namespace copse::adapters
