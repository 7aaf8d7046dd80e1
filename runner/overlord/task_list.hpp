#pragma once
// Tasks that a live Overlord knows, asked over its public API: what a dry run of a policy against
// yesterday's tasks needs. It reads and changes nothing.
//
// `GET /druid/indexer/v1/tasks?state=S&max=N` lists (Druid: docs/api-reference/tasks-api.md); `max`
// there bounds completed tasks only, here all. `GET /druid/indexer/v1/task/ID` gives
// `{"task": ID, "payload": {…}}`, which engine::read_task understands. An Overlord that does not
// lead answers with a redirect, which is followed. Blocks.

#include <cstdint>
#include <expected>
#include <functional>
#include <string>

namespace copse::runner::overlord {

/// From connecting to the last byte of one answer.
inline constexpr long answer_deadline_seconds = 60;
inline constexpr long connect_deadline_seconds = 10;

/// Bytes of one answer.
inline constexpr std::size_t task_answer_limit = std::size_t{64} << 20U;

/// Redirects that are followed for one question.
inline constexpr long redirect_limit = 5;

struct TaskQuery {
  std::string url;                ///< of the Overlord or Router: `http://host:8090`
  std::string state = "all";      ///< all, pending, waiting, running or complete
  std::uint32_t max_tasks = 100;  ///< the newest
};

/// Why the Overlord could not be asked.
struct AskFailure {
  std::string title;  ///< what was asked, and what came instead
  std::string help;   ///< what to check
};

/// Calls `visit` with each task's document, newest first, or with why it could not be had: a task
/// may be gone since the list was made. Fails when there is no list.
[[nodiscard]] std::expected<void, AskFailure> read_tasks(
    const TaskQuery& query,
    const std::function<void(const std::string& task_id,
                             std::expected<std::string, AskFailure> document)>& visit);

}  // namespace copse::runner::overlord
