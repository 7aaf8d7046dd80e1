#include "runner/service/event_watch.hpp"

#include "runner/kube/query.hpp"
#include "runner/service/observe.hpp"

#include <algorithm>
#include <utility>

namespace copse::runner::service {
namespace {

// What goes well at each task, and is known from the pod.
constexpr std::string_view unwanted =
    "reason!=SuccessfulCreate,reason!=SuccessfulDelete,reason!=Completed,reason!=Scheduled,"
    "reason!=Pulling,reason!=Created,reason!=Started,reason!=Killing";

std::uint32_t key_of(std::string_view text) {
  return static_cast<std::uint32_t>(kube::parse_uid(text).low);
}

kube::Collection collection_of(const std::string& namespace_name) {
  return {.path = kube::events_path(namespace_name),
          .label_selector = "",
          .field_selector = std::string(unwanted),
          .list_field_selector = std::string(unwanted) + ",reason!=Pulled",
          .memory = kube::Memory::nothing};
}

}  // namespace

EventWatch::EventWatch(kube::Transport& transport, const std::string& namespace_name,
                       EventWatchEvents events)
    : events_(std::move(events)),
      watch_(transport, collection_of(namespace_name),
             kube::Sink<kube::EventView>{
                 .upsert = [this](const kube::EventView& view) { saw(view); },
                 .removed = {},
                 .vanished = {},
                 .synced = [this] { is_deaf_ = false; },
                 .trouble = [this](const kube::Failure& failure) { trouble(failure); }}) {}

void EventWatch::waits(TaskIndex task, std::string_view job_name) {
  const std::pair entry{key_of(pod_name_base(job_name)), task};
  const auto at = std::lower_bound(waiting_.begin(), waiting_.end(), entry);
  if (at == waiting_.end() || *at != entry) waiting_.insert(at, entry);
}

void EventWatch::waits_no_more(TaskIndex task, std::string_view job_name) {
  const std::pair entry{key_of(pod_name_base(job_name)), task};
  const auto at = std::lower_bound(waiting_.begin(), waiting_.end(), entry);
  if (at != waiting_.end() && *at == entry) waiting_.erase(at);
}

// Two names may have one key: the task itself knows by the uid whether it is meant.
void EventWatch::saw(const kube::EventView& view) {
  const std::uint32_t key = key_of(pod_name_base_of(view));
  const auto [first, last] = std::equal_range(
      waiting_.begin(), waiting_.end(), std::pair{key, TaskIndex{}},
      [](const auto& left, const auto& right) { return left.first < right.first; });
  if (first == last) return;
  const auto told = event_told(view);
  if (!told) return;
  // Copied: what is told may end a task's wait.
  for (const auto& [ignored, task] : std::vector(first, last)) events_.told(task, *told);
}

// Of a server that cannot be reached the other watches tell.
void EventWatch::trouble(const kube::Failure& failure) {
  if (failure.kind != kube::FailureKind::forbidden) return;
  if (!std::exchange(is_deaf_, true)) events_.deaf(failure);
}

}  // namespace copse::runner::service
