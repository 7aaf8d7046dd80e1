#pragma once
// Tasks that a live Overlord knows, asked over its public API: what a dry run of a policy against
// yesterday's tasks needs. It reads and changes nothing.
//
// `GET /druid/indexer/v1/tasks?state=S&max=N` lists (Druid: docs/api-reference/tasks-api.md); `max`
// there bounds completed tasks only, here all. `GET /druid/indexer/v1/task/ID` gives
// `{"task": ID, "payload": {…}}`, which engine::read_task understands. Blocks.

#include "runner/overlord/ask.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>

namespace copse::runner::overlord {

struct TaskQuery {
  std::string url;                ///< of the Overlord or Router: `http://host:8090`
  std::string state = "all";      ///< all, pending, waiting, running or complete
  std::uint32_t max_tasks = 100;  ///< the newest
};

/// A task as the list shows it.
struct ListedTask {
  std::string id;
  std::optional<std::int64_t> duration_ms;  ///< of the run, once it has ended
};

/// Calls `visit` with each task's document, newest first, or with why it could not be had: a task
/// may be gone since the list was made. Fails when there is no list.
[[nodiscard]] std::expected<void, AskFailure> read_tasks(
    const TaskQuery& query,
    const std::function<void(const ListedTask& task,
                             std::expected<std::string, AskFailure> document)>& visit);

}  // namespace copse::runner::overlord
