#pragma once
// What a TaskRunner holds of one task.

#include "adapters/mounted_payload.hpp"
#include "runner/job/step.hpp"
#include "runner/kube/uid.hpp"
#include "runner/service/task_runner.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace copse::runner::service {

/// A payload on its way, with the value of copse/task.
struct Pending {
  adapters::MountedPayload map;
  std::string task_label;
};

/// A live task: as small as it can be, there may be ten thousand.
struct LiveTask {
  LiveTask(TaskSpec spec, std::uint32_t at, kube::Uid task_label, std::uint32_t nth)
      : names(spec.id + spec.job_name),
        id_size(static_cast<std::uint32_t>(spec.id.size())),
        generation(nth),
        space(at),
        begin(spec.begin),
        label(task_label),
        document(std::make_unique<std::string>(std::move(spec.job_json))) {
    begin.has_payload = spec.payload.has_value();
    if (begin.has_payload)
      payload = std::make_unique<Pending>(std::move(*spec.payload), std::move(spec.task_label));
  }

  job::State state;
  std::string names;  // the task's id, and behind it the Job's name
  std::uint32_t id_size;
  std::uint32_t generation;  // of the slot: an answer to an earlier task is dropped
  std::uint32_t space;       // which of the watched namespaces its Job is in
  job::event::Begin begin;
  kube::Uid label;                         // hash of copse/task
  std::unique_ptr<std::string> document;   // of the Job; gone once the server has it
  std::unique_ptr<Pending> payload;        // until its ConfigMap is there
  std::chrono::sys_seconds job_created{};  // zero: not known

  [[nodiscard]] bool is_used() const { return !names.empty(); }

  [[nodiscard]] std::string id() const { return names.substr(0, id_size); }

  [[nodiscard]] std::string_view job_name() const {
    return std::string_view(names).substr(id_size);
  }
};

}  // namespace copse::runner::service
