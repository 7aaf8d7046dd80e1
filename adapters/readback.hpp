#pragma once
// From a Job of the template adapter back to its task: what a restart does with the Jobs that it
// finds.
//
// As Druid's PodTemplateTaskAdapter.toTask and getTaskId (reference 2.6; vectors `readback`). Pure;
// the task-log store is asked through a function.

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace copse::adapters {

/// The text that was pushed for a task id, or nothing when the store has none.
using PayloadLookup = std::function<std::optional<std::string>(std::string_view task_id)>;

/// The task id in the Job's pod-template annotation `task.id`, or why there is none, in Druid's
/// words.
[[nodiscard]] std::expected<std::string, std::string> read_task_id(std::string_view job_json);

/// The task document: from the annotation `task`, else from the store; or why it cannot be had. The
/// text is JSON, otherwise not looked at, and may be `null`.
[[nodiscard]] std::expected<std::string, std::string> read_task(std::string_view job_json,
                                                                const PayloadLookup& stored);

}  // namespace copse::adapters
