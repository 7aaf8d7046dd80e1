#include "runner/overlord/history.hpp"

#include "runner/overlord/smile.hpp"

#include <utility>

namespace copse::runner::overlord {
namespace {

void write(SmileWriter& out, const TaskLocation& location) {
  out.begin_object().key("host");
  location.host.empty() ? out.null() : out.text(location.host);
  out.key("port").number(std::int64_t{location.port});
  out.key("tlsPort").number(std::int64_t{location.tls_port});
  if (!location.pod.empty()) out.member("k8sPodName", location.pod);
  out.end_object();
}

void write(SmileWriter& out, const Announcement& task) {
  out.begin_object().member("id", task.id).member("type", task.type);
  out.member("status", name(task.state)).key("taskStatus").begin_object().member("id", task.id);
  out.member("status", name(task.state)).key("duration").number(task.duration_ms);
  out.key("errorMsg");
  task.error.empty() ? out.null() : out.text(task.error);
  out.key("location");
  write(out, task.location);
  // WHY the task's own id as the group: replicas of a streaming task share theirs, and one worker
  // gets no two of a group; but each of our tasks has a pod of its own.
  out.end_object().key("taskResource").begin_object().member("availabilityGroup", task.id);
  out.key("requiredCapacity").number(std::int64_t{task.required_capacity}).end_object();
  out.key("taskLocation");
  write(out, task.location);
  out.member("taskDataSource", task.data_source).end_object();
}

struct ChangeWriter {
  SmileWriter& out;

  void operator()(const change::Update& change) const {
    out.member("type", "taskUpdate").key("taskAnnouncement");
    write(out, *change.task);
  }

  void operator()(const change::Removal& change) const {
    out.member("type", "taskRemoval").member("taskId", change.task_id);
  }

  void operator()(const change::Availability& change) const {
    out.member("type", "metadata").key("disabled").boolean(change.disabled);
  }
};

}  // namespace

std::string_view name(TaskState state) {
  switch (state) {
    case TaskState::running:
      return "RUNNING";
    case TaskState::success:
      return "SUCCESS";
    case TaskState::failed:
      return "FAILED";
  }
  return "";
}

void History::update(Announcement task) {
  auto& known = tasks_[task.id];
  if (known && *known == task) return;
  known = std::make_shared<const Announcement>(std::move(task));
  push(change::Update{known});
}

void History::remove(const std::string& task_id) {
  if (tasks_.erase(task_id) != 0) push(change::Removal{task_id});
}

void History::set_disabled(bool disabled) {
  if (disabled_ == disabled) return;
  disabled_ = disabled;
  push(change::Availability{disabled});
}

void History::push(Change change) {
  changes_.push_back(std::move(change));
  if (changes_.size() > history_limit) changes_.pop_front();
  ++counter_;
}

Answer History::poll(std::int64_t counter, std::int64_t hash) const {
  answer::Changes found{last(), {}};
  if (counter < 0) {
    found.changes.emplace_back(change::Availability{disabled_});
    for (const auto& [id, task] : tasks_) found.changes.emplace_back(change::Update{task});
    return found;
  }
  if (hash != hash_) return answer::Reset{"the counter is of another process"};
  if (counter > counter_) return answer::Reset{"the counter is ahead"};
  const std::int64_t behind = counter_ - counter;
  if (behind == 0) return answer::Wait{};
  if (behind > static_cast<std::int64_t>(changes_.size()))
    return answer::Reset{"the counter is too old"};
  found.changes.assign(changes_.end() - behind, changes_.end());
  return found;
}

const Announcement* History::find(const std::string& task_id) const {
  const auto at = tasks_.find(task_id);
  return at == tasks_.end() ? nullptr : at->second.get();
}

std::string to_smile(const answer::Changes& changes) {
  SmileWriter out;
  out.begin_object().key("resetCounter").boolean(false).key("resetCause").null();
  out.key("counter").begin_object().key("counter").number(changes.counter.counter);
  out.key("hash").number(changes.counter.hash).end_object().key("requests").begin_array();
  for (const Change& change : changes.changes) {
    out.begin_object();
    std::visit(ChangeWriter{out}, change);
    out.end_object();
  }
  return out.end_array().end_object().take();
}

std::string to_smile(const answer::Reset& reset) {
  SmileWriter out;
  out.begin_object().key("resetCounter").boolean(true).member("resetCause", reset.cause);
  return out.key("counter").null().key("requests").null().end_object().take();
}

}  // namespace copse::runner::overlord
