#include "runner/doctor/meeting.hpp"

#include "runner/overlord/discovery.hpp"

#include <algorithm>

namespace copse::runner::doctor {
namespace {

Row own_pod(const PodFacts& facts) {
  Row row{"own pod", Verdict::ok, "`" + facts.pod + "` has labels and annotations to add to"};
  if (!is_answered(facts.own_pod)) {
    return {"own pod", Verdict::error, why_not(facts.own_pod),
            "run the doctor in the pod that is to serve, with POD_NAME and POD_NAMESPACE set"};
  }
  const auto there = overlord::pod_metadata(**facts.own_pod);
  if (!there)
    return {"own pod", Verdict::error, "`" + facts.pod + "` was answered with no pod",
            "check what is behind the API server's address"};
  if (there->has_labels && there->has_annotations) return row;
  row.verdict = Verdict::note;
  row.found = "`" + facts.pod + "` has no " +
              (there->has_labels        ? "annotation"
               : there->has_annotations ? "label"
                                        : "label or annotation") +
              " yet";
  row.remedy = "give its template one: Druid's own services cannot be announced without";
  return row;
}

Row election(const PodFacts& facts) {
  if (const std::string leader = leader_of(facts); !leader.empty())
    return {"election", Verdict::ok, "`" + facts.election + "`: " + leader + " leads"};
  if (!is_answered(facts.config_map)) {
    return {"election", Verdict::error, why_not(facts.config_map),
            "check druid.discovery.k8s.clusterIdentifier and "
            "druid.discovery.k8s.overlordLeaderElectionConfigMapNamespace"};
  }
  return {"election", Verdict::error, "`" + facts.election + "` names no leading Overlord",
          "start the Overlord"};
}

}  // namespace

std::vector<std::string> server_addresses(const std::string& servers) {
  std::vector<std::string> found;
  const std::string_view hosts = std::string_view(servers).substr(0, servers.find('/'));
  for (std::size_t at = 0; at < hosts.size();) {
    const std::size_t comma = std::min(hosts.find(',', at), hosts.size());
    if (comma > at) found.emplace_back(hosts.substr(at, comma - at));
    at = comma + 1;
  }
  return found;
}

Row judge_zookeeper(const ZooKeeperFacts& facts) {
  std::vector<std::string> all;
  std::vector<std::string> silent;
  for (const ZooKeeperServer& each : facts.servers) {
    all.push_back(each.address);
    if (!each.accepts) silent.push_back(each.address);
  }
  Row row{"ZooKeeper", Verdict::ok, listed(all) + (all.size() == 1 ? " answers" : " answer")};
  if (silent.size() == all.size()) {
    return {"ZooKeeper", Verdict::error, "nobody answers at " + listed(all),
            "start it, or correct druid.zk.service.host"};
  }
  if (!facts.trouble.empty() && facts.leader.empty())
    return {"ZooKeeper", Verdict::error, facts.trouble,
            "check druid.zk.service.host, .acl, .user and .pwd, and druid.zk.paths.base"};
  if (!silent.empty()) {
    row.verdict = Verdict::warning;
    row.found = listed(silent) + (silent.size() == 1 ? " does" : " do") + " not answer, of " +
                std::to_string(all.size()) + " servers";
    row.remedy = "start what is down, or take it out of druid.zk.service.host";
  }
  if (!facts.leader.empty()) {
    row.found += "; " + facts.leader + " leads";
    return row;
  }
  row.verdict = Verdict::error;
  row.found += "; no Overlord stands in line below `" + facts.base + "`";
  row.remedy = "start the Overlord, or correct druid.zk.paths.base";
  return row;
}

Rows judge_pod(const PodFacts& facts) {
  return {own_pod(facts), election(facts)};
}

std::string leader_of(const PodFacts& facts) {
  if (!is_answered(facts.config_map)) return {};
  return overlord::leader_of_config_map(**facts.config_map).value_or("");
}

}  // namespace copse::runner::doctor
