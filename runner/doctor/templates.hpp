#pragma once
// Whether a pod template makes a peon that an Overlord can work with. Pure.
//
// What Kubernetes and Druid's adapter demand of a template says adapters/pod_template.hpp; here is
// what the peon in it must be told: Druid's manual (k8s-jobs, "Custom Template Pod Adapter") lists
// six properties. They come by environment (`druid_peon_mode`), by `-D…` in JAVA_OPTS or among the
// arguments, or out of the image, which nobody sees from here.

#include "engine/diagnostic.hpp"
#include "engine/release.hpp"
#include "runner/doctor/row.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::doctor {

/// One of what a peon in a pod has to be told.
struct PeonProperty {
  std::string_view name;
  std::string_view wanted;  ///< empty: the folder that the template gives peon.sh, if any
  Verdict when_other;       ///< of another value
  std::string_view why;     ///< what goes wrong with another one
};

inline constexpr std::array peon_properties{
    PeonProperty{"druid.port", "8100", Verdict::error,
                 "Overlord and other tasks look for it at port 8100 of its pod"},
    PeonProperty{"druid.peon.mode", "remote", Verdict::error,
                 "only so it asks the Overlord for locks and segments"},
    PeonProperty{"druid.service", "druid/peon", Verdict::note, "metrics name it so"},
    PeonProperty{"druid.indexer.task.baseTaskDir", "", Verdict::warning,
                 "the task is in the folder that peon.sh is given"},
    PeonProperty{"druid.indexer.runner.type", "k8s", Verdict::error,
                 "otherwise it ends at once with exit code 2"},
    PeonProperty{"druid.indexer.task.encapsulatedTask", "true", Verdict::error,
                 "only so it leaves its status and report in the task-log store"}};

struct TemplateFacts {
  std::string key;
  std::string path;
  engine::Diagnostics diagnostics;      ///< of reading it
  std::optional<std::string> document;  ///< JSON of a Job's `spec.template`; absent: refused
};

/// What the first container's peon is told about a property.
struct Told {
  bool is_there = false;
  std::optional<std::string> value;  ///< absent: known only in the cluster
};

/// `druid.port` may also be given as `druid.plaintextPort`.
[[nodiscard]] Told told(std::string_view document, std::string_view property);

/// `template KEY`. `release` decides whether the adapter itself gives
/// druid.indexer.task.baseTaskDir.
[[nodiscard]] Row judge_template(const TemplateFacts& facts, engine::Release release);

/// Replicas of a streaming task side by side on one node are lost together: an Overlord keeps
/// replicas on different workers, and all of copse's tasks are on one.
[[nodiscard]] Row judge_spreading(const std::vector<TemplateFacts>& all);

}  // namespace copse::runner::doctor
