#pragma once
// Which rights copse needs in the cluster, how each is reviewed (SelfSubjectAccessReview), and what
// it means when one lacks. Pure.
//
// deploy/ grants the same; tests/real/rights.py holds the suites to them.

#include "runner/doctor/row.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::doctor {

/// Where a review is posted to.
inline constexpr std::string_view review_path =
    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

struct Permission {
  std::string group;     ///< `batch`; empty: the core
  std::string resource;  ///< `jobs`, `pods/log`
  std::string verb;
  std::string namespace_name;

  bool operator==(const Permission&) const = default;
};

/// Of discovery by Kubernetes: where our own pod is, and where the Overlords' election.
struct DiscoveryNamespaces {
  std::string pod;
  std::string leader;
};

[[nodiscard]] std::vector<Permission> needed_permissions(
    const std::vector<std::string>& task_namespaces,
    const std::optional<DiscoveryNamespaces>& discovery);

/// The body of a review.
[[nodiscard]] std::string review_of(const Permission& permission);

enum class Answer : std::uint8_t {
  granted,
  refused,
  unknown  ///< the review itself got no answer, or one that makes no sense
};

[[nodiscard]] Answer reviewed(std::string_view json);

struct Reviewed {
  Permission permission;
  Answer answer = Answer::unknown;
};

/// One row for all; the remedy is the rules that lack, as they stand in a Role.
[[nodiscard]] Row judge_permissions(const std::vector<Reviewed>& all);

}  // namespace copse::runner::doctor
