#pragma once
// The metadata store of an Overlord: what a restart does not take away, and what two Overlords of a
// cluster share. In memory, and kept for ever: it is for demos and tests.
//
// Beside Druid's tables it holds which worker has accepted which task, so that a stand-in that was
// restarted can still tell that one is missing.

#include "runner/overlord_sandbox/options.hpp"
#include "runner/overlord_sandbox/selection.hpp"
#include "runner/overlord_sandbox/status.hpp"
#include "runner/overlord_sandbox/task.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::runner::overlord_sandbox {

struct StoredTask {
  Task task;
  TaskStatus status;
  Moment created{};
  std::uint64_t number = 0;  ///< in the order of insertion
};

/// One entry of the audit table.
struct ConfigChange {
  std::string author;
  std::string comment;
  std::string ip;
  std::string payload;  ///< JSON, as it was posted
  Moment at{};
};

class Metadata {
 public:
  /// False: there is a task of this id already.
  [[nodiscard]] bool insert(Task task, Moment now);

  /// Null: unknown.
  [[nodiscard]] const StoredTask* find(std::string_view task_id) const;

  void set_status(const TaskStatus& status);

  /// Tasks without a final status, oldest first.
  [[nodiscard]] const std::map<std::uint64_t, std::string>& active() const { return active_; }

  [[nodiscard]] const std::map<std::string, StoredTask, std::less<>>& tasks() const {
    return tasks_;
  }

  /// The worker configuration in force.
  [[nodiscard]] const WorkerConfig& worker_config() const { return config_; }

  /// As it was posted; empty: never.
  [[nodiscard]] std::string worker_config_text() const;

  void set_worker_config(WorkerConfig config, ConfigChange change);

  /// Oldest first.
  [[nodiscard]] const std::vector<ConfigChange>& config_history() const { return history_; }

  /// An assignment was sent to a worker …
  void note_sent(const std::string& worker, const std::string& task_id);
  /// … and answered with 200.
  void note_accepted(const std::string& worker, const std::string& task_id, Time now);
  /// A shutdown was sent: the worker may speak of the task even if it never had it.
  void note_killed(const std::string& worker, const std::string& task_id);

  [[nodiscard]] bool was_sent(const std::string& worker, const std::string& task_id) const;
  [[nodiscard]] bool was_killed(const std::string& worker, const std::string& task_id) const;

  /// Active tasks that a worker accepted before `moment`.
  [[nodiscard]] std::vector<std::string> owed(const std::string& worker, Time moment) const;

 private:
  using Pair = std::pair<std::string, std::string>;  // worker, task

  std::map<std::string, StoredTask, std::less<>> tasks_;
  std::map<std::uint64_t, std::string> active_;
  std::uint64_t next_ = 0;
  WorkerConfig config_;
  std::vector<ConfigChange> history_;
  std::set<Pair> sent_;
  std::set<Pair> killed_;
  std::map<Pair, Time> accepted_;
};

}  // namespace copse::runner::overlord_sandbox
