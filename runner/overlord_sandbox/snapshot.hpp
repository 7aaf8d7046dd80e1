#pragma once
// The answer to a poll, as Jackson reads it into Druid's ChangeRequestsSnapshot: what Jackson or a
// constructor would throw at is an error here. Pure.

#include "runner/overlord/announcement.hpp"
#include "runner/overlord/history.hpp"

#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace copse::runner::overlord_sandbox {

/// What a worker says of one task.
struct Announced {
  overlord::Announcement task;
  std::string availability_group;

  bool operator==(const Announced&) const = default;
};

using ChangeItem =
    std::variant<Announced, overlord::change::Removal, overlord::change::Availability>;

struct Snapshot {
  bool is_reset = false;
  overlord::Counter counter;      ///< without a reset
  std::vector<ChangeItem> items;  ///< without a reset
};

/// Reads a body in Smile. A port that is left out is 0; a task without `taskResource` has its id as
/// group and needs one slot.
[[nodiscard]] std::expected<Snapshot, std::string> read_snapshot(std::string_view smile);

}  // namespace copse::runner::overlord_sandbox
