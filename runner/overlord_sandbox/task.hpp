#pragma once
// A task as an Overlord keeps it. Pure.

#include "runner/overlord_sandbox/status.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace copse::runner::overlord_sandbox {

struct Task {
  std::string id;
  std::string type;
  std::string group_id;
  std::string data_source;
  std::string supervisor_id;  ///< empty: none
  std::string availability_group;
  std::int32_t required_capacity = 1;
  std::string document;  ///< JSON, as workers get it
};

/// Why a user's task is not taken.
struct Refusal {
  std::string code;  ///< Druid's errorCode: `invalidInput`, `entryAlreadyExists`
  std::string text;
};

/// Reads a submitted task and completes it as Druid's AbstractTask and TaskQueue do: `id` (made of
/// type, data source, `suffix` and time), `groupId`, `resource`, `dataSource`, and two keys of the
/// context. Everything else stays as it was written. Fails with what a user is told.
[[nodiscard]] std::expected<Task, Refusal> read_submitted(std::string_view json,
                                                          std::string_view suffix, Moment now);

}  // namespace copse::runner::overlord_sandbox
