#include "runner/doctor/permissions.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace copse::runner::doctor;

namespace {

std::vector<Reviewed> all_granted(std::optional<DiscoveryNamespaces> discovery = {}) {
  std::vector<Reviewed> all;
  for (const Permission& each : needed_permissions({"druid"}, discovery))
    all.push_back({each, Answer::granted});
  return all;
}

void refuse(std::vector<Reviewed>& all, const std::string& verb, const std::string& resource) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const Reviewed& each) {
    return each.permission.verb == verb && each.permission.resource == resource;
  });
  REQUIRE(at != all.end());
  at->answer = Answer::refused;
}

}  // namespace

TEST_CASE("discovery by Kubernetes needs rights where the pod and the election are", "[doctor]") {
  const auto without = needed_permissions({"druid"}, std::nullopt);
  const auto with = needed_permissions({"druid"}, DiscoveryNamespaces{"copse", "overlords"});
  const auto has = [](const auto& all, Permission wanted) {
    return std::find(all.begin(), all.end(), wanted) != all.end();
  };
  CHECK_FALSE(has(without, {"", "pods", "patch", "copse"}));
  CHECK(has(with, {"", "pods", "patch", "copse"}));
  CHECK(has(with, {"", "configmaps", "get", "overlords"}));
  CHECK(has(with, {"batch", "jobs", "delete", "druid"}));
}

TEST_CASE("a right that is needed twice is asked for once", "[doctor]") {
  const auto apart = needed_permissions({"druid"}, DiscoveryNamespaces{"druid", "elsewhere"});
  const auto together = needed_permissions({"druid"}, DiscoveryNamespaces{"druid", "druid"});
  CHECK(together.size() + 1 == apart.size());
}

TEST_CASE("a review names the subresource apart", "[doctor]") {
  CHECK(review_of({"", "pods/log", "get", "druid"}) ==
        R"({"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":)"
        R"({"resourceAttributes":{"namespace":"druid","verb":"get","group":"","resource":"pods",)"
        R"("subresource":"log"}}})");
  CHECK(review_of({"batch", "jobs", "list", "druid"}).find("subresource") == std::string::npos);
}

TEST_CASE("an answer is granted, refused or none", "[doctor]") {
  CHECK(reviewed(R"({"status":{"allowed":true}})") == Answer::granted);
  CHECK(reviewed(R"({"status":{"allowed":false,"denied":true}})") == Answer::refused);
  for (const char* text : {"", "{}", "[]", R"({"status":{"allowed":"yes"}})", "<html>"})
    CHECK(reviewed(text) == Answer::unknown);
}

TEST_CASE("what lacks is named, with the rules that grant it", "[doctor]") {
  auto all = all_granted();
  CHECK(judge_permissions(all).verdict == Verdict::ok);
  refuse(all, "delete", "jobs");
  refuse(all, "create", "jobs");
  refuse(all, "get", "pods/log");
  const Row row = judge_permissions(all);
  CHECK(row.verdict == Verdict::error);
  CHECK(row.found == "may not create jobs, delete jobs and get pods/log");
  CHECK(row.remedy ==
        "grant by a Role in `druid`: {apiGroups: [\"\"], resources: [pods/log], verbs: [get]}, "
        "{apiGroups: [batch], resources: [jobs], verbs: [create, delete]}");
}

TEST_CASE("without Events tasks run, so that right is only missed", "[doctor]") {
  auto all = all_granted();
  refuse(all, "list", "events");
  refuse(all, "watch", "events");
  const Row row = judge_permissions(all);
  CHECK(row.verdict == Verdict::warning);
  CHECK(row.found == "may not list events and watch events");
  CHECK(row.remedy.find("resources: [events], verbs: [list, watch]") != std::string::npos);
  refuse(all, "watch", "pods");
  CHECK(judge_permissions(all).verdict == Verdict::error);
}

TEST_CASE("each namespace has its own Role", "[doctor]") {
  auto all = all_granted(DiscoveryNamespaces{"copse", "copse"});
  refuse(all, "list", "pods");
  refuse(all, "patch", "pods");
  CHECK(judge_permissions(all).remedy ==
        "grant by a Role in `copse`: {apiGroups: [\"\"], resources: [pods], verbs: [patch]}, "
        "in `druid`: {apiGroups: [\"\"], resources: [pods], verbs: [list]}");
}

TEST_CASE("reviews without an answer are no rights", "[doctor]") {
  auto all = all_granted();
  all.back().answer = Answer::unknown;
  CHECK(judge_permissions(all).verdict == Verdict::warning);
  refuse(all, "list", "pods");
  CHECK(judge_permissions(all).verdict == Verdict::error);
}
