#pragma once
// The runner strategy of `k8sAndWorker`: whether a task runs on Kubernetes or on a worker.
//
// From JSON (`{"type":"taskType","default":"k8s","overrides":{"index_kafka":"worker"}}`) or from
// properties under `druid.indexer.runner.k8sAndWorker.runnerStrategy.`; read as Druid reads it.

#include "engine/diagnostic.hpp"
#include "engine/policy.hpp"
#include "engine/properties.hpp"
#include "engine/release.hpp"
#include "grammar/dynamic_configuration.hpp"

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace copse::grammar {

struct RunnerOverride {
  std::string task_type;
  engine::Runner runner = engine::Runner::k8s;
  engine::Span span;
};

struct RunnerStrategy {
  std::string type = "k8s";  ///< `k8s`, `worker` or `taskType`: what it acts as
  std::string
      default_text;  ///< of `taskType`, as written: `worker`, or anything else, which means k8s
  /// By exact task type; only of `taskType`. Absent (null) and empty are written back differently.
  std::optional<std::vector<RunnerOverride>> overrides;
  std::string worker_type = "httpRemote";  ///< the runner that serves the workers

  /// Where a task goes that no override names.
  [[nodiscard]] engine::Runner otherwise() const;
};

[[nodiscard]] std::expected<Reading<RunnerStrategy>, engine::Diagnostics> read_runner_strategy(
    const engine::Source& source);

/// The strategy that the properties configure, or nothing when none of them speaks of it.
[[nodiscard]] std::expected<std::optional<Reading<RunnerStrategy>>, engine::Diagnostics>
runner_strategy_of(const engine::Properties& properties, engine::Release release);

/// The strategy as Druid would write it back.
[[nodiscard]] std::string to_json(const RunnerStrategy& strategy);

}  // namespace copse::grammar
