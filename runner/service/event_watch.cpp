#include "runner/service/event_watch.hpp"

#include "runner/kube/query.hpp"
#include "runner/service/observe.hpp"

#include <utility>

namespace copse::runner::service {
namespace {

// What goes well at each task, and is known from the pod.
constexpr std::string_view unwanted =
    "reason!=SuccessfulCreate,reason!=SuccessfulDelete,reason!=Completed,reason!=Scheduled,"
    "reason!=Pulling,reason!=Created,reason!=Started,reason!=Killing";

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
  waiting_.insert_or_assign(kube::parse_uid(pod_name_base(job_name)), task);
}

void EventWatch::waits_no_more(std::string_view job_name) {
  waiting_.erase(kube::parse_uid(pod_name_base(job_name)));
}

void EventWatch::saw(const kube::EventView& view) {
  const auto at = waiting_.find(kube::parse_uid(pod_name_base_of(view)));
  if (at == waiting_.end()) return;
  if (auto told = event_told(view)) events_.told(at->second, *told);
}

// Of a server that cannot be reached the other watches tell.
void EventWatch::trouble(const kube::Failure& failure) {
  if (failure.kind != kube::FailureKind::forbidden) return;
  if (!std::exchange(is_deaf_, true)) events_.deaf(failure);
}

}  // namespace copse::runner::service
