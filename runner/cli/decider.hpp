#pragma once
// One task after another through policy and adapter: what every verb that decides shares.

#include "adapters/job.hpp"
#include "engine/evaluate.hpp"
#include "engine/task.hpp"
#include "runner/cli/basis.hpp"

#include <optional>
#include <string>
#include <vector>

namespace copse::runner::cli {

/// A decision in words.
struct Row {
  std::string policy_name;  ///< as the policy calls itself; may be empty
  std::string rule;
  engine::Runner runner = engine::Runner::k8s;
  std::optional<std::string> runner_rule;   ///< absent: there is no runner strategy
  std::optional<std::string> template_key;  ///< absent for a worker, or when a rule failed the task
  std::vector<engine::Override> overrides;  ///< what the rule sets in the Job
  std::vector<std::string> warnings;
  std::string error_code;  ///< not empty: the task fails
  std::string error;
  engine::Decision decision;
  std::string policy_version;              ///< said in the Job's annotation; empty: not
  std::optional<engine::Release> release;  ///< whose Job is built; absent: that of the basis
};

class Decider {
 public:
  /// `basis` outlives the decider.
  explicit Decider(Basis& basis) : basis_(basis), reader_(basis.image.attributes) {}

  [[nodiscard]] Row decide(const engine::Task& task);

  /// The same for a task that is here already: one that the runner strategy would send to a worker
  /// is placed, with a warning.
  [[nodiscard]] Row place(const engine::Task& task);

  /// The facts that the last decision used.
  [[nodiscard]] std::span<const engine::Fact> facts() const { return facts_; }

  /// The Job for a decision that has a template. `owner` empty: Druid's Job; else with copse's
  /// additions, among them the ConfigMap of a payload that is too long for it.
  [[nodiscard]] std::expected<adapters::Job, engine::Diagnostics> job(const engine::Task& task,
                                                                      const Row& row,
                                                                      const std::string& owner);

 private:
  [[nodiscard]] bool read(const engine::Task& task, Row& row);
  void placed(const engine::Task& task, Row& row);

  Basis& basis_;
  engine::FactReader reader_;
  std::span<const engine::Fact> facts_;
};

/// Why this version builds no Job with these settings.
[[nodiscard]] std::optional<engine::Diagnostic> adapter_fault(const adapters::Settings& settings);

/// What keeps every Job from being built, whatever the task is: the adapter, or that there are no
/// templates.
[[nodiscard]] std::optional<engine::Diagnostic> jobs_fault(const Basis& basis);

/// What the system's clock says.
[[nodiscard]] engine::Instant clock_now();

/// The label value of an identity.
[[nodiscard]] std::string owner_label(std::string_view identity);

/// `k8s` or `worker`.
[[nodiscard]] std::string_view name(engine::Runner runner);

}  // namespace copse::runner::cli
