#pragma once
// A pod of the task namespace that says what it reaches: with NetworkPolicies only a pod itself can
// tell. Its Job is made of a template, so that it runs where peons run, with their labels and their
// image, and removed afterwards; `probe_job`, `read_probe` and `judge_probe` are pure.

#include "runner/doctor/row.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::kube {
class Transport;
}

namespace copse::runner::doctor {

struct Target {
  std::string what;     ///< `ZooKeeper`, `the Overlord`
  std::string address;  ///< HOST:PORT; only letters, digits, dots, dashes, colons and brackets
};

/// After this the Job controller ends the pod, and some time later removes the Job, whatever became
/// of the doctor.
inline constexpr int probe_active_seconds = 110;
inline constexpr int probe_ttl_seconds = 60;

/// Seconds for one connection from the pod.
inline constexpr int probe_connect_seconds = 5;

/// The Job. `document` is the JSON of a Job's `spec.template`. Nothing when that has no container,
/// or an address holds what a shell would take apart.
[[nodiscard]] std::optional<std::string> probe_job(std::string_view document,
                                                   const std::string& name,
                                                   const std::string& owner,
                                                   const std::vector<Target>& targets);

struct ProbeFacts {
  std::vector<Target> targets;
  std::string name;     ///< of the Job
  std::string trouble;  ///< why there is no answer; empty: there is one
  std::string message;  ///< what the pod has left as its termination message
};

/// Creates the Job, waits for its pod and deletes it. Takes at most probe_deadline and twice
/// api_deadline.
[[nodiscard]] ProbeFacts run_probe(kube::Transport& transport, const std::string& namespace_name,
                                   std::string job, const std::string& name,
                                   std::vector<Target> targets);

[[nodiscard]] Row judge_probe(const ProbeFacts& facts);

}  // namespace copse::runner::doctor
