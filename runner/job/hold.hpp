#pragma once
// Why a container does not start, and how much patience that deserves: one row a waiting reason.
// Reasons without a row (ContainerCreating, PodInitializing) are progress. Pure.

#include "runner/job/outcome.hpp"

#include <cstdint>
#include <string_view>

namespace copse::runner::job {

enum class Hold : std::uint8_t {
  at_once,  ///< it will never start
  image,    ///< Patience::image
  config,   ///< Patience::config
  place     ///< until the start's own limit: an autoscaler may come
};

struct HoldRow {
  std::string_view waiting_reason;
  Hold hold;
  Reason reason;
  std::string_view text;
};

/// The row of a waiting reason, or null.
[[nodiscard]] const HoldRow* find_hold(std::string_view waiting_reason);

/// What is said of a task that is given up for it, with the server's own words.
[[nodiscard]] GivenUp given_up_for(const HoldRow& row, std::string_view waiting_reason,
                                   std::string_view waiting_message);

/// The same of a Job whose controller cannot create the pod, with the controller's words
/// (`Error creating: pods "x" is forbidden: exceeded quota: …`).
[[nodiscard]] GivenUp given_up_for_no_pod(std::string_view message);

}  // namespace copse::runner::job
