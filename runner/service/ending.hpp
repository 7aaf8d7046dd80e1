#pragma once
// From what the job machine says of a task to what the Overlord is told. Pure.

#include "runner/job/outcome.hpp"
#include "runner/service/duty.hpp"
#include "runner/service/task_runner.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace copse::runner::service {

/// Ports on which a peon listens in its pod (Druid: DruidK8sConstants.PORT, TLS_PORT).
inline constexpr std::int32_t peon_port = 8100;
inline constexpr std::int32_t peon_tls_port = 8091;

/// An outcome that is unknown is a failure to the Overlord.
[[nodiscard]] duty::End ending_of(const job::Outcome& outcome, std::chrono::milliseconds duration);

/// What the Overlord is told of a failure: the reason's code where the cluster and not the task is
/// to blame, then the text, in at most overlord::error_text_limit characters, cut at a word.
[[nodiscard]] std::string error_text(job::Reason reason, std::string_view text);

/// The same uncut, for the log.
[[nodiscard]] std::string whole_error_text(job::Reason reason, std::string_view text);

/// Why the cluster refused what a task needs, beginning with the server's own words: the Overlord
/// keeps only the first ones.
[[nodiscard]] std::string refusal_text(const kube::Failure& failure);

[[nodiscard]] overlord::TaskLocation location_of(const job::PodPlace& place);

/// Value of the label copse/task.
[[nodiscard]] std::string label_of(std::string_view task_id);

}  // namespace copse::runner::service
