#pragma once
// The cluster: is it reached, who are we there, may we do what serving needs, would it take our
// Jobs, and does another runner of Druid's use the same namespace?
//
// `examine_cluster` asks (and changes nothing: Jobs are posted with dryRun=All), `judge_cluster` is
// pure.

#include "runner/doctor/permissions.hpp"
#include "runner/doctor/row.hpp"
#include "runner/kube/failure.hpp"

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace copse::runner::kube {
class Transport;
}

namespace copse::runner::doctor {

/// What came of a question; nothing: no answer within its deadline.
using ApiAnswer = std::optional<std::expected<std::string, kube::Failure>>;

[[nodiscard]] inline bool is_answered(const ApiAnswer& answer) {
  return answer && answer->has_value();
}

/// Why it is not answered.
[[nodiscard]] std::string why_not(const ApiAnswer& answer);

/// What a GET is answered with.
[[nodiscard]] ApiAnswer look_at(kube::Transport& transport, std::string path);

/// A Job of copse's, made of one template.
struct TrialJob {
  std::string template_key;
  std::string json;
};

struct ClusterQuestions {
  std::string namespace_name;                      ///< of the task pods
  std::vector<std::string> other_namespaces = {};  ///< of task pods, too
  std::optional<DiscoveryNamespaces> discovery;
  std::vector<TrialJob> jobs;
};

struct ClusterFacts {
  std::string server;  ///< URL
  std::string origin;  ///< where the access comes from, for texts
  std::string namespace_name;
  ApiAnswer version;  ///< body of /version; the rest is only asked when it came
  ApiAnswer user;     ///< of a SelfSubjectReview
  ApiAnswer name_space;
  std::vector<Reviewed> permissions;
  std::vector<std::pair<std::string, ApiAnswer>> jobs;  ///< by template
  ApiAnswer foreign;  ///< Jobs of Druid's own runner: druid.k8s.peons and not copse/owner
};

/// Takes at most a few api_deadlines. `origin` is filled in by the caller.
[[nodiscard]] ClusterFacts examine_cluster(kube::Transport& transport,
                                           const ClusterQuestions& questions);

[[nodiscard]] Rows judge_cluster(const ClusterFacts& facts);

}  // namespace copse::runner::doctor
