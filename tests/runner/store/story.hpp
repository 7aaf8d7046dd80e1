#pragma once
// Records for tests: one task's words, and the whole life of several tasks in a fixed disorder.

#include "runner/store/journal.hpp"

#include <future>
#include <random>
#include <string>
#include <vector>

namespace copse::tests {

namespace store = runner::store;

inline store::Accepted accepted(const std::string& id, std::string document = {}) {
  if (document.empty()) document = R"({"type":"noop","id":")" + id + R"("})";
  return {id, std::move(document), store::Moment{std::chrono::milliseconds{1'790'000'000'123}}};
}

inline store::Decided decided(const std::string& id, std::uint32_t attempt = 1) {
  return {.task_id = id,
          .rule = "selectors[2]",
          .template_key = "large",
          .policy_version = "2026-11-26T10:00:00Z#7",
          .druid_release = engine::Release{37},
          .attempt = attempt,
          .job_name = "job-" + id,
          .name_space = "druid",
          .overrides = attempt > 1 ? R"({"cpu":{"request":"2","limit":"4"}})" : ""};
}

inline store::Ended ended(const std::string& id) {
  return {.task_id = id,
          .status = store::Ended::Status::failed,
          .error = "the pod was evicted: \"no memory\"",
          .duration = std::chrono::milliseconds{61'500},
          .location = {"10.1.2.3", 8100, -1, "pod-" + id}};
}

/// Six words of one task, one of each type.
inline std::vector<store::Record> life(const std::string& id) {
  return {accepted(id),   decided(id), store::Placed{id}, store::KillRequested{id},
          ended(id), store::Forgotten{id}};
}

/// Words in any order about a few tasks, the same for the same seed.
inline std::vector<store::Record> story(std::size_t records, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<store::Record> said;
  while (said.size() < records) {
    const std::string id = "task-" + std::to_string(random() % 7);
    said.push_back(life(id)[random() % 6]);
    if (auto* decision = std::get_if<store::Decided>(&said.back()))
      decision->rule.resize(random() % 40, '#');
  }
  return said;
}

/// What the first `count` records come to.
inline store::TaskEntries after(const std::vector<store::Record>& records, std::size_t count) {
  store::Ledger ledger;
  for (std::size_t i = 0; i < count; ++i) ledger.apply(records[i]);
  return std::move(ledger).take();
}

/// Appends and waits for the answer.
inline std::expected<void, store::Failure> keep(store::Journal& journal, store::Record record) {
  std::promise<std::expected<void, store::Failure>> told;
  auto answer = told.get_future();
  journal.append(std::move(record),
                 [&told](std::expected<void, store::Failure> result) { told.set_value(result); });
  return answer.get();
}

}  // namespace copse::tests
