#pragma once
// What happens to a task that an Overlord has handed over, for logs and metrics. Nothing depends on
// it.

#include "runner/job/outcome.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace copse::runner::service {

struct TaskEvent {
  enum class What : std::uint8_t {
    accepted,      ///< its acceptance is durable and answered
    recovered,     ///< it was found in the journal
    decided,       ///< `detail`: rule; `more`: template
    refused,       ///< no Job can be built; `detail`: why
    created,       ///< the cluster has its Job; `detail`: Job
    waits,         ///< its pod cannot start now; `detail`: reason; `more`: why. No phase
    scheduled,     ///< its pod has a node; `detail`: node
    pulled,        ///< its pod has its image, when the cluster tells in time
    started,       ///< its container has begun to run; `detail`: pod
    located,       ///< its peon can be reached; `detail`: address
    killed,        ///< the Overlord wants its end
    ended,         ///< judged; `detail`: SUCCESS or FAILED, `more`: why
    announced,     ///< its end is durable, and told whoever polls
    acknowledged,  ///< the Overlord knows its end
  };

  What what = What::accepted;
  std::string_view task_id;
  std::string_view type;
  std::string_view data_source;
  std::string_view detail;
  std::string_view more;
  const job::Outcome* outcome = nullptr;  ///< of `ended`
  std::chrono::milliseconds since_acceptance{0};
  std::chrono::milliseconds since_last{0};  ///< since the event before of this task
};

inline constexpr std::size_t task_event_count =
    static_cast<std::size_t>(TaskEvent::What::acknowledged) + 1;

/// `accepted`, …
[[nodiscard]] std::string_view name(TaskEvent::What what);

/// `task accepted`, …
[[nodiscard]] std::string_view log_name(TaskEvent::What what);

}  // namespace copse::runner::service
