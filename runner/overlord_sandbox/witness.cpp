#include "runner/overlord_sandbox/witness.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace copse::runner::overlord_sandbox {
namespace {

using overlord::TaskState;
namespace change = overlord::change;
using std::chrono::duration_cast;
using std::chrono::microseconds;

constexpr int ok = 200;

void keep(std::vector<std::string>& texts, std::string text) {
  if (texts.size() < fact_text_limit) texts.push_back(std::move(text));
}

std::string task(const std::string& id) {
  return "task " + id + ": ";
}

bool is_unknown(const overlord::TaskLocation& location) {
  return location.host.empty();
}

// Exactly one port, or none where there is no host.
bool is_sensible(const overlord::TaskLocation& location) {
  if (is_unknown(location)) return location.port == -1 && location.tls_port == -1;
  return (location.port > 0) != (location.tls_port > 0) &&
         std::min(location.port, location.tls_port) == -1;
}

}  // namespace

void Witness::violation(const std::string& worker, const std::string& text) {
  keep(facts_.violations, worker + ": " + text);
}

void Witness::failure(std::string text) {
  keep(facts_.failures, std::move(text));
}

void Witness::synced(const Stream& stream, const Synced& answer, Time asked, Time now) {
  const bool is_full = answer.kind == Synced::Kind::full;
  if (answer.kind == Synced::Kind::failed) {
    if (answer.is_unreadable)
      violation(stream.worker, "a snapshot that cannot be read: " + answer.fault);
    return failure(stream.worker + ": poll: " + answer.fault);
  }
  for (const ChangeItem& item : answer.items) {
    if (const auto* said = std::get_if<Announced>(&item)) announced(stream, *said, now);
    if (const auto* removal = std::get_if<change::Removal>(&item)) {
      if (is_full) {
        violation(stream.worker, task(removal->task_id) + "removed in a full snapshot");
      } else {
        removed(stream, removal->task_id);
      }
    }
  }
  if (is_full) check_whole(stream, answer.items, asked);
}

void Witness::interrupted() {
  for (auto& [stream, told] : streams_) {
    for (auto& [id, task] : told) task.is_stale = true;
  }
}

void Witness::announced(const Stream& stream, const Announced& said, Time now) {
  const overlord::Announcement& task_now = said.task;
  check_sense(stream.worker, task_now);
  check_origin(stream.worker, task_now);
  const auto [at, is_new] = streams_[stream].try_emplace(task_now.id);
  const TaskState before = is_new ? TaskState::running : at->second.state;
  if (before != TaskState::running && before != task_now.state) {
    violation(stream.worker, task(task_now.id) + std::string(name(before)) + ", then " +
                                 std::string(name(task_now.state)));
  }
  at->second = {.state = task_now.state};
  if (stream.poller == 0) note_seen(stream.worker, task_now, now);
}

void Witness::check_sense(const std::string& worker, const overlord::Announcement& said) {
  const bool has_ended = said.state != TaskState::running;
  if (!is_sensible(said.location))
    violation(worker, task(said.id) + "a location whose ports make no sense");
  if (has_ended && said.duration_ms < 0)
    violation(worker, task(said.id) + "ended without a duration");
  if (said.state == TaskState::failed && said.error.empty())
    violation(worker, task(said.id) + "FAILED without errorMsg");
}

void Witness::check_origin(const std::string& worker, const overlord::Announcement& said) {
  const StoredTask* stored = metadata_.find(said.id);
  if (!metadata_.was_sent(worker, said.id)) {
    const bool is_answer = said.state == TaskState::failed && metadata_.was_killed(worker, said.id);
    if (!is_answer) violation(worker, task(said.id) + "announced, and was never assigned to it");
  } else if (stored != nullptr && stored->task.type != said.type) {
    violation(worker, task(said.id) + "announced as " + said.type + ", is " + stored->task.type);
  }
}

void Witness::note_seen(const std::string& worker, const overlord::Announcement& said, Time now) {
  TaskFacts& of_task = facts_.tasks[said.id];
  for (AssignmentFact& each : of_task.assignments) {
    if (each.worker == worker && !each.announced)
      each.announced = duration_cast<microseconds>(now - each.sent);
  }
  const Seen seen{
      .at = now, .worker = worker, .state = said.state, .is_located = !is_unknown(said.location)};
  if (!of_task.seen.empty()) {
    const Seen& last = of_task.seen.back();
    if (last.worker == seen.worker && last.state == seen.state &&
        last.is_located == seen.is_located)
      return;
  }
  of_task.seen.push_back(seen);
}

// A task that is missing from a full snapshot is failed by the Overlord at once.
void Witness::check_whole(const Stream& stream, const std::vector<ChangeItem>& items, Time asked) {
  std::set<std::string> present;
  bool has_metadata = false;
  for (const ChangeItem& item : items) {
    if (const auto* said = std::get_if<Announced>(&item)) present.insert(said->task.id);
    has_metadata = has_metadata || std::holds_alternative<change::Availability>(item);
  }
  if (!has_metadata) violation(stream.worker, "a full snapshot without metadata");
  std::set<std::string> missing;
  View& told = streams_[stream];
  for (const auto& [id, task_told] : told) {
    if (present.contains(id) || task_told.state != TaskState::running) continue;
    const StoredTask* stored = metadata_.find(id);
    const bool is_active = stored != nullptr && !stored->status.is_complete();
    if (is_active || !task_told.is_stale) missing.insert(id);
  }
  for (std::string& id : metadata_.owed(stream.worker, asked)) {
    if (!present.contains(id)) missing.insert(std::move(id));
  }
  for (const std::string& id : missing)
    violation(stream.worker, task(id) + "taken or RUNNING, then absent from a full snapshot");
  std::erase_if(told, [&](const auto& each) { return !present.contains(each.first); });
}

void Witness::removed(const Stream& stream, const std::string& task_id) {
  View& told = streams_[stream];
  const auto at = told.find(task_id);
  if (at == told.end()) return;
  if (at->second.state == TaskState::running)
    violation(stream.worker, task(task_id) + "removed while it is RUNNING");
  told.erase(at);
}

void Witness::assignment_sent(const std::string& worker, const std::string& task_id, Time now) {
  facts_.tasks[task_id].assignments.push_back({.worker = worker, .sent = now});
}

void Witness::assignment_answered(const std::string& worker, const std::string& task_id, int status,
                                  Time sent, Time now) {
  for (AssignmentFact& each : facts_.tasks[task_id].assignments) {
    if (each.worker != worker || each.sent != sent || each.answered) continue;
    each.status = status;
    if (status != 0) each.answered = duration_cast<microseconds>(now - sent);
    break;
  }
  if (status != 0 && status != ok)
    violation(worker, task(task_id) + "its assignment is answered with " + std::to_string(status));
}

void Witness::assignment_overdue(const std::string& worker, const std::string& task_id) {
  violation(worker, task(task_id) + "assigned, and not announced in time");
}

void Witness::kill_sent(const std::string& task_id, Time now) {
  facts_.tasks[task_id].kills.push_back(now);
}

void Witness::kill_answered(const std::string& worker, const std::string& task_id, int status) {
  if (status != 0 && status != ok)
    violation(worker, task(task_id) + "its shutdown is answered with " + std::to_string(status));
}

}  // namespace copse::runner::overlord_sandbox
