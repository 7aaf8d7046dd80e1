#pragma once
// The pure machines of an Overlord, with time by hand: what happens is told, what they want is read
// as texts.

#include "runner/overlord_sandbox/task_queue.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

namespace copse::tests {

using namespace copse::runner::overlord_sandbox;
using namespace std::chrono_literals;
using copse::runner::overlord::TaskState;
using copse::runner::overlord::WorkerNode;
namespace change = copse::runner::overlord::change;
namespace overlord = copse::runner::overlord;

using Texts = std::vector<std::string>;

inline WorkerNode worker_node(const std::string& name, std::uint32_t capacity = 10,
                              const std::string& category = "copse") {
  WorkerNode node;
  node.host = name;
  node.port = 1;
  node.capacity = capacity;
  node.category = category;
  return node;
}

inline Task task_of(const std::string& id, const std::string& type = "noop",
                    const std::string& source = "wiki") {
  return {.id = id,
          .type = type,
          .group_id = id,
          .data_source = source,
          .supervisor_id = {},
          .availability_group = id,
          .document = "{}"};
}

inline Announced said(const std::string& id, TaskState state = TaskState::running,
                      const std::string& host = "") {
  Announced announced;
  announced.task.id = id;
  announced.task.type = "noop";
  announced.task.state = state;
  announced.availability_group = id;
  if (state != TaskState::running) announced.task.duration_ms = 5;
  if (state == TaskState::failed) announced.task.error = "broken";
  if (!host.empty()) announced.task.location = {host, 8100, -1, "pod"};
  return announced;
}

inline const change::Availability enabled{false};

struct ActionText {
  std::string operator()(const action::Assign& a) const {
    return "assign " + a.task_id + " to " + a.worker;
  }

  std::string operator()(const action::Kill& a) const {
    return "kill " + a.task_id + " on " + a.worker;
  }

  std::string operator()(const action::Complete& a) const {
    return a.status.id + " " + std::string(overlord::name(a.status.state));
  }

  std::string operator()(const action::Overdue& a) const { return a.task_id + " overdue"; }

  std::string operator()(const action::Moved&) const { return ""; }
};

struct Stage {
  explicit Stage(Options given = {}) : options(std::move(given)) {}

  Stage(const Stage&) = delete;  // the machines refer to it
  Stage& operator=(const Stage&) = delete;

  Options options;
  Metadata metadata;
  TaskRunner runner{metadata, options};
  TaskQueue queue{metadata, runner, options};
  Time now{1h};

  // A worker that was heard of, without tasks.
  void worker(const std::string& name, std::uint32_t capacity = 10,
              const std::string& category = "copse") {
    runner.add_worker(worker_node(name, capacity, category));
    full(name, {});
  }

  void full(const std::string& name, std::vector<ChangeItem> items) {
    items.insert(items.begin(), enabled);
    runner.synced(name + ":1", true, items, now);
  }

  void delta(const std::string& name, const std::vector<ChangeItem>& items) {
    runner.synced(name + ":1", false, items, now);
  }

  void submit(const std::string& id) { submit(task_of(id)); }

  void submit(Task task) {
    REQUIRE(queue.add(std::move(task), {}, now));
    wake();
  }

  // The worker has answered, and says that the task runs.
  void starts(const std::string& name, const std::string& id) {
    runner.assign_returned(name + ":1", now);
    delta(name, {said(id)});
  }

  void pass(milliseconds time) {
    now += time;
    wake();
  }

  void wake() {
    runner.woke(now);
    queue.woke(now);
  }

  // What the machines want; results go on to the queue, as the driver does it.
  Texts wants() {
    Texts texts;
    for (auto actions = runner.take_actions(); !actions.empty(); actions = runner.take_actions()) {
      for (const Action& action : actions) {
        std::string text = std::visit(ActionText{}, action);
        if (!text.empty()) texts.push_back(std::move(text));
        if (const auto* complete = std::get_if<action::Complete>(&action))
          queue.completed(complete->status, now);
      }
    }
    return texts;
  }

  // Without looking.
  void go() { static_cast<void>(wants()); }

  TaskState stored(const std::string& id) const { return metadata.find(id)->status.state; }
};

// A short-lived Overlord: no pauses between looks at the tasks.
inline Options eager(std::uint32_t threads = 1) {
  Options options;
  options.assignment_threads = threads;
  options.times.management = 0ms;
  return options;
}

// An Overlord that has just begun to manage its tasks.
struct Leading : Stage {
  explicit Leading(std::uint32_t threads = 1) : Stage(eager(threads)) { queue.start(now); }
};

}  // namespace copse::tests
