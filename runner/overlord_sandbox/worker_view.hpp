#pragma once
// One worker as the Overlord sees it: which tasks it announces, and what they take (Druid:
// WorkerHolder). Pure.

#include "runner/overlord/discovery.hpp"
#include "runner/overlord_sandbox/snapshot.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace copse::runner::overlord_sandbox {

class WorkerView {
 public:
  /// `expected`: tasks that the Overlord believes to run there, from before the worker went away.
  explicit WorkerView(overlord::WorkerNode node, const std::vector<Announced>& expected = {});

  /// Takes all that is true, or what has changed; gives the announcements to act on, in order. One
  /// that vanished before its end is among them as FAILED.
  [[nodiscard]] std::vector<Announced> apply_full(const std::vector<ChangeItem>& items);
  [[nodiscard]] std::vector<Announced> apply_delta(const std::vector<ChangeItem>& items);

  /// From the last items on. WHY apart: Druid acts on the tasks first.
  void settle_availability() { is_disabled_ = will_be_disabled_; }

  [[nodiscard]] const overlord::WorkerNode& node() const { return node_; }

  [[nodiscard]] std::string host() const { return node_.host_port(); }

  /// It has been heard of; until then nothing is assigned.
  [[nodiscard]] bool is_initialised() const { return is_initialised_; }

  [[nodiscard]] bool is_disabled() const { return is_disabled_; }

  [[nodiscard]] const std::map<std::string, Announced, std::less<>>& tasks() const {
    return tasks_;
  }

  // Of the tasks that it announces as running:
  [[nodiscard]] std::int64_t used() const { return used_; }

  [[nodiscard]] std::int64_t used_by_parallel() const { return used_by_parallel_; }

  [[nodiscard]] const std::map<std::string, std::uint32_t, std::less<>>& groups() const {
    return groups_;
  }

 private:
  void put(const Announced& announced);
  void count(const Announced& announced, std::int64_t sign);

  overlord::WorkerNode node_;
  bool is_initialised_ = false;
  bool is_disabled_ = true;
  bool will_be_disabled_ = true;
  std::map<std::string, Announced, std::less<>> tasks_;
  std::int64_t used_ = 0;
  std::int64_t used_by_parallel_ = 0;
  std::map<std::string, std::uint32_t, std::less<>> groups_;
};

}  // namespace copse::runner::overlord_sandbox
