#pragma once
// The runner inside an Overlord: which worker has which task (Druid: HttpRemoteTaskRunner). A pure
// machine: whoever drives it tells what came over the wire and what time it is, and carries out
// the actions.
//
//     run ─> pending ─> assigning ─> running ─> complete ─> forgotten (shutdown)
//               └────────────┴───announced─┘
//
// An assignment holds one of `assignment_threads` and its worker from the request until the task is
// announced, or the time for it is over.

#include "runner/overlord_sandbox/metadata.hpp"
#include "runner/overlord_sandbox/options.hpp"
#include "runner/overlord_sandbox/snapshot.hpp"
#include "runner/overlord_sandbox/status.hpp"
#include "runner/overlord_sandbox/worker_view.hpp"

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace copse::runner::overlord_sandbox {

enum class ItemState : std::uint8_t { pending, assigning, running, complete };

/// One task of the runner.
struct Item {
  ItemState state = ItemState::pending;
  std::string worker = {};  ///< from RUNNING on
  overlord::TaskLocation location = {};
  bool has_payload = false;  ///< false: adopted from an announcement
  std::optional<TaskStatus> result = std::nullopt;
};

namespace action {

/// POST assignTask; TaskRunner::assign_returned follows.
struct Assign {
  std::string worker;
  std::string task_id;
  bool operator==(const Assign&) const = default;
};

/// POST …/shutdown; TaskRunner::kill_returned follows.
struct Kill {
  std::string worker;
  std::string task_id;
  bool operator==(const Kill&) const = default;
};

/// For TaskQueue::completed.
struct Complete {
  TaskStatus status;
  bool operator==(const Complete&) const = default;
};

/// The task was assigned, and not announced in time.
struct Overdue {
  std::string worker;
  std::string task_id;
  bool operator==(const Overdue&) const = default;
};

/// Something to show.
struct Moved {
  std::string task_id;
  bool operator==(const Moved&) const = default;
};

}  // namespace action

using Action =
    std::variant<action::Assign, action::Kill, action::Complete, action::Overdue, action::Moved>;

class TaskRunner {
 public:
  /// Both outlive it.
  TaskRunner(const Metadata& metadata, const Options& options);

  /// A task is to run; one that is known already stays as it is.
  void run(const Task& task);

  /// Ends a running task, forgets a complete one. A pending one stays, and is ended when it runs:
  /// so does Druid.
  void shutdown(const std::string& task_id);

  void add_worker(overlord::WorkerNode worker);
  void remove_worker(const std::string& host, Time now);

  /// A poller has brought everything, or changes.
  void synced(const std::string& host, bool is_full, const std::vector<ChangeItem>& items,
              Time now);

  /// The request and its repetitions are over, however they ended.
  void assign_returned(const std::string& worker, Time now);
  void kill_returned(const std::string& worker, const std::string& task_id);

  /// Time has passed.
  void woke(Time now);
  [[nodiscard]] std::optional<Time> wake() const;

  /// What to do since the last call, in order.
  [[nodiscard]] std::vector<Action> take_actions() { return std::exchange(actions_, {}); }

  [[nodiscard]] const std::map<std::string, Item, std::less<>>& items() const { return items_; }

  [[nodiscard]] const std::map<std::string, WorkerView, std::less<>>& workers() const {
    return workers_;
  }

  /// Null: not known.
  [[nodiscard]] const Item* find(std::string_view task_id) const;

 private:
  // A thread that waits for an assignment.
  struct Assignment {
    std::string task_id;
    bool has_returned = false;
    Time deadline{};
  };

  void announced(const std::string& host, const Announced& announced);
  Item* known_or_adopted(const std::string& host, const Announced& announced);
  void announced_running(const std::string& host, const Announced& announced, Item& item);
  void announced_end(const std::string& host, const Announced& announced, Item& item);
  void place(Item& item, const std::string& host, const Announced& announced);
  void complete(Item& item, TaskStatus status);
  void kill(const std::string& worker, const std::string& task_id);
  [[nodiscard]] std::vector<Announced> expected_on(const std::string& host) const;

  void react();
  void release_assignments();
  void assign_pending();
  [[nodiscard]] std::vector<const WorkerView*> eligible() const;

  void act(Action action) { actions_.push_back(std::move(action)); }

  const Metadata& metadata_;
  const Options& options_;
  SlotRules rules_;
  std::map<std::string, Item, std::less<>> items_;
  std::list<std::string> pending_;  // in order of arrival
  std::map<std::string, WorkerView, std::less<>> workers_;
  std::map<std::string, Assignment> assignments_;          // by worker
  std::map<std::string, Time> cleanups_;                   // by worker that is gone
  std::set<std::pair<std::string, std::string>> killing_;  // worker and task of shutdowns under way
  std::vector<Action> actions_;
};

}  // namespace copse::runner::overlord_sandbox
