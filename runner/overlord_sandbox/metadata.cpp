#include "runner/overlord_sandbox/metadata.hpp"

namespace copse::runner::overlord_sandbox {

bool Metadata::insert(Task task, Moment now) {
  const std::string id = task.id;
  const auto [at, is_new] = tasks_.try_emplace(id);
  if (!is_new) return false;
  at->second = {.task = std::move(task), .status = {.id = id}, .created = now, .number = next_++};
  active_.emplace(at->second.number, id);
  return true;
}

const StoredTask* Metadata::find(std::string_view task_id) const {
  const auto at = tasks_.find(task_id);
  return at == tasks_.end() ? nullptr : &at->second;
}

void Metadata::set_status(const TaskStatus& status) {
  const auto at = tasks_.find(status.id);
  if (at == tasks_.end()) return;
  at->second.status = status;
  if (status.is_complete()) active_.erase(at->second.number);
}

std::string Metadata::worker_config_text() const {
  return history_.empty() ? std::string() : history_.back().payload;
}

void Metadata::set_worker_config(WorkerConfig config, ConfigChange change) {
  config_ = std::move(config);
  history_.push_back(std::move(change));
}

void Metadata::note_sent(const std::string& worker, const std::string& task_id) {
  sent_.emplace(worker, task_id);
}

void Metadata::note_accepted(const std::string& worker, const std::string& task_id, Time now) {
  accepted_.try_emplace({worker, task_id}, now);
}

void Metadata::note_killed(const std::string& worker, const std::string& task_id) {
  killed_.emplace(worker, task_id);
}

bool Metadata::was_sent(const std::string& worker, const std::string& task_id) const {
  return sent_.contains({worker, task_id});
}

bool Metadata::was_killed(const std::string& worker, const std::string& task_id) const {
  return killed_.contains({worker, task_id});
}

std::vector<std::string> Metadata::owed(const std::string& worker, Time moment) const {
  std::vector<std::string> ids;
  for (const auto& [number, id] : active_) {
    const auto at = accepted_.find({worker, id});
    if (at != accepted_.end() && at->second < moment) ids.push_back(id);
  }
  return ids;
}

}  // namespace copse::runner::overlord_sandbox
