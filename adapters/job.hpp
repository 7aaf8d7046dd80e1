#pragma once
// From a task, a template and the settings to one batch/v1 Job: Druid's customTemplateAdapter.
//
// Equal, field for field, to what Druid's PodTemplateTaskAdapter builds in each release
// (reference 2.2 and 2.5; vectors `jobs`). Pure: the same request gives the same bytes. It chooses
// no template and creates nothing. What copse itself adds to Druid's Job is `Additions`, empty by
// default. Cost: about 0.1 ms for a small task, most of it gzip.

#include "adapters/mounted_payload.hpp"
#include "adapters/pod_template.hpp"
#include "adapters/settings.hpp"
#include "adapters/task_header.hpp"
#include "engine/diagnostic.hpp"
#include "engine/override.hpp"
#include "engine/release.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::adapters {

/// What copse adds to Druid's Job; one row for each place where something is added.
struct Additions {
  std::vector<std::pair<std::string, std::string>> labels;           ///< on Job and pod
  std::vector<std::pair<std::string, std::string>> job_annotations;  ///< on the Job
  std::optional<std::string> pod_replacement_policy;                 ///< spec.podReplacementPolicy
};

/// What becomes of a payload that has more than payload_limit characters.
enum class LargePayload : std::uint8_t {
  omit,  ///< as in Druid: the Job does not have it, and the caller pushes it to the task-log store
  mount  ///< the Job finds it in a ConfigMap that the caller creates: Job::mounted
};

/// All that a Job depends on. The references must live as long as the call.
struct JobRequest {
  std::string_view
      task_json;  ///< the task document, JSON; becomes the payload, without blanks between tokens
  const TaskHeader& task;    ///< read from it
  const TaskTraits& traits;  ///< `traits_of(task.type)`, unless the caller knows better
  const PodTemplate& pod_template;
  std::string_view
      template_key;  ///< under which the template was chosen, for the annotation `task.jobTemplate`
  const Settings& settings;
  engine::Release release;
  const Additions& additions;
  LargePayload large_payload = LargePayload::omit;
  std::span<const engine::Override> overrides = {};  ///< what the policy's rule sets
};

struct Job {
  std::string name;            ///< may be one that Kubernetes refuses, see is_valid_job_name
  std::string namespace_name;  ///< where to create it; the object itself says so only where a rule
                               ///< set it, as Druid's never does
  std::string json;            ///< the object, members in a fixed order

  /// The payload had more than payload_limit characters, so neither annotation nor TASK_JSON is
  /// there: the peon wants it from TASK_DIR/task.json or from the task-log store.
  bool payload_omitted = false;
  /// It comes by this ConfigMap, labelled like the Job and owned by it: see mounted_payload.hpp.
  std::optional<MountedPayload> mounted;
  std::size_t payload_characters = 0;  ///< of gzip and base64
};

/// Builds it. Fails, with Druid's own message as title, where Druid's launch fails: a configured
/// label or annotation that equals a fixed one or is null, no container, a bad broadcast mode, a
/// duration of months, no dataSource. Fails also for a payload that cannot be mounted.
[[nodiscard]] std::expected<Job, engine::Diagnostic> build_job(const JobRequest& request);

}  // namespace copse::adapters
