#pragma once
// The whole cluster without sockets and without a clock: store, controllers, garbage collector and
// node, moved by writes and by time.
//
// One caller at a time. After a write (through the API or `store()`), `settle` lets the machinery
// react; `advance_to` moves time and visits every moment at which something is due, in order.

#include "runner/sandbox/garbage_collector.hpp"
#include "runner/sandbox/job_controller.hpp"
#include "runner/sandbox/node.hpp"
#include "runner/sandbox/recorder.hpp"
#include "runner/sandbox/store.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace copse::runner::sandbox {

struct ClusterOptions {
  /// Changes kept per resource for watches and paged lists.
  std::size_t history = 32'768;
  std::uint64_t seed = 1;
  bool events = true;                        ///< write Event objects
  std::vector<std::string> namespaces = {};  ///< beside `default` and `kube-system`
  JobTimes job_times;
  NodeOptions node;
};

class Cluster {
 public:
  /// Creates the namespaces `default`, `kube-system` and the node, dated `start`.
  Cluster(ClusterOptions options, Moment start);

  [[nodiscard]] Store& store() { return store_; }

  [[nodiscard]] const Store& store() const { return store_; }

  [[nodiscard]] const Node& node() const { return node_; }

  [[nodiscard]] Moment now() const { return now_; }

  /// Reacts to fresh changes and to what is due now, until nothing is left.
  void settle();
  /// Moves time towards `moment`, settling at each moment on the way, in at most `steps` steps.
  /// True when something is left to do; then time has not reached `moment`.
  bool run_until(Moment moment, std::size_t steps);

  /// Moves time without reacting; what was due meanwhile is done late, by the next call of the
  /// others.
  void pass_to(Moment moment) { now_ = std::max(now_, moment); }

  /// The next moment at which something is due.
  [[nodiscard]] std::optional<Moment> wake() const;
  /// Moves time forward to `moment` (never back), settling on the way.
  void advance_to(Moment moment);

 private:
  bool settle_one();

  Moment now_;
  Store store_;
  Recorder recorder_;
  JobController jobs_;
  GarbageCollector collector_;
  Node node_;
};

}  // namespace copse::runner::sandbox
