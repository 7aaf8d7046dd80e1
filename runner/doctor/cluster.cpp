#include "runner/doctor/cluster.hpp"

#include "runner/doctor/json_at.hpp"

#include <algorithm>

namespace copse::runner::doctor {
namespace {

using kube::FailureKind;

constexpr std::string_view no_answer = "no answer in time";

const kube::Failure* failure_of(const ApiAnswer& answer) {
  return answer && !*answer ? &answer->error() : nullptr;
}

Row api_server(const ClusterFacts& facts) {
  Row row{"API server", Verdict::ok, {}};
  const std::string place = facts.server + " (" + facts.origin + ")";
  if (!is_answered(facts.version)) {
    const kube::Failure* failure = failure_of(facts.version);
    row.verdict = Verdict::error;
    row.found = failure == nullptr ? place + ": " + std::string(no_answer) : failure->text;
    row.remedy = "check copse.cluster (here " + facts.origin + ") and the way to " + facts.server;
    // A server that refuses is reached.
    row.is_away = failure == nullptr || failure->http_status == 0;
    return row;
  }
  row.found = text_at(json_of(**facts.version), "/gitVersion").value_or("of unknown version") +
              " at " + place;
  const kube::Failure* refused = failure_of(facts.user);
  if (refused != nullptr && refused->kind == FailureKind::unauthorized) {
    row.verdict = Verdict::error;
    row.found += " refuses the credential";
    row.remedy = refused->text;
  } else if (is_answered(facts.user)) {
    // Servers before 1.28 do not tell.
    if (const auto user = text_at(json_of(**facts.user), "/status/userInfo/username"))
      row.found += ", as `" + *user + "`";
  }
  return row;
}

bool is_namespace_missing(const ClusterFacts& facts) {
  const auto is_missing = [](const ApiAnswer& answer) {
    const kube::Failure* failure = failure_of(answer);
    return failure != nullptr && failure->kind == FailureKind::not_found;
  };
  return is_missing(facts.name_space) ||
         std::any_of(facts.jobs.begin(), facts.jobs.end(),
                     [&](const auto& job) { return is_missing(job.second); });
}

// Who may not look at namespaces still learns it when a Job is posted.
Row name_space(const ClusterFacts& facts) {
  const std::string name = "`" + facts.namespace_name + "`";
  Row row{"namespace", Verdict::ok, name + " exists"};
  if (is_namespace_missing(facts)) {
    row.verdict = Verdict::error;
    row.found = name + " does not exist";
    row.remedy = "create it, or correct druid.indexer.runner.namespace";
    return row;
  }
  if (is_answered(facts.name_space)) {
    if (text_at(json_of(**facts.name_space), "/status/phase") != "Terminating") return row;
    row.verdict = Verdict::error;
    row.found = name + " is being deleted: no Job is taken there any more";
    row.remedy = "create it anew when it is gone, or name another";
    return row;
  }
  const bool takes_jobs = std::any_of(facts.jobs.begin(), facts.jobs.end(),
                                      [](const auto& job) { return is_answered(job.second); });
  if (takes_jobs) {
    row.found = name + " takes Jobs";
    return row;
  }
  row.verdict = Verdict::skipped;
  row.found = "copse may not look at " + name + ", which serving does not need either";
  return row;
}

Row trial_jobs(const ClusterFacts& facts) {
  Row row{"Jobs", Verdict::ok, {}};
  if (facts.jobs.empty()) {
    row.verdict = Verdict::skipped;
    row.found = "none was tried: the errors of properties, policy and templates come first";
    return row;
  }
  std::vector<std::string> taken;
  for (const auto& [key, answer] : facts.jobs) {
    const kube::Failure* failure = failure_of(answer);
    const std::string what = "one of template `" + key + "`";
    if (is_answered(answer)) {
      taken.push_back("`" + key + "`");
      continue;
    }
    row.verdict = Verdict::error;
    row.found += row.found.empty() ? "" : "; ";
    if (failure == nullptr) {
      row.found += what + ": " + std::string(no_answer);
      continue;
    }
    // Many templates fail alike, and the server's words are long.
    const bool is_known = row.found.find(failure->message) != std::string::npos;
    row.found += what + " is refused" + (is_known ? " too" : ": " + failure->message);
  }
  if (row.verdict == Verdict::ok) {
    row.found = "the API server takes one of " + listed(taken) + " (dry run)";
  } else {
    row.remedy =
        "what the server says is about the Job as it was posted: permissions, quota, "
        "admission policies, or the template";
  }
  return row;
}

bool has_ended(const boost::json::value& job) {
  const boost::json::value* conditions = json_at(job, "/status/conditions");
  if (conditions == nullptr || !conditions->is_array()) return false;
  const auto& all = conditions->get_array();
  return std::any_of(all.begin(), all.end(), [](const boost::json::value& each) {
    const auto type = text_at(each, "/type");
    return text_at(each, "/status") == "True" && (type == "Complete" || type == "Failed");
  });
}

// It takes each Job with its label for its own at its start, and cleans up (Druid:
// KubernetesTaskRunner).
Row other_runners(const ClusterFacts& facts) {
  Row row{"other runners", Verdict::ok,
          "no Job of another runner in `" + facts.namespace_name + "`"};
  if (!is_answered(facts.foreign)) {
    const kube::Failure* failure = failure_of(facts.foreign);
    row.verdict = Verdict::skipped;
    row.found = failure == nullptr ? std::string(no_answer) : "Jobs cannot be listed";
    return row;
  }
  std::vector<std::string> names;
  std::size_t running = 0;
  const boost::json::value answer = json_of(**facts.foreign);
  const boost::json::value* items = json_at(answer, "/items");
  if (items != nullptr && items->is_array()) {
    for (const boost::json::value& job : items->get_array()) {
      if (names.size() < 3) names.push_back(text_at(job, "/metadata/name").value_or("?"));
      running += has_ended(job) ? 0U : 1U;
    }
    if (items->get_array().size() > names.size()) names.emplace_back("more");
  }
  if (names.empty()) return row;
  if (running == 0) {
    row.verdict = Verdict::note;
    row.found = "a stock Kubernetes runner has left ended Jobs: " + listed(names);
    row.remedy = "no Overlord of type k8s or k8sAndWorker may still use `" + facts.namespace_name +
                 "`; these Jobs go by their ttl";
    return row;
  }
  row.verdict = Verdict::warning;
  row.found = "a stock Kubernetes runner has Jobs here: " + listed(names) +
              "; at its start it takes copse's for its own, and deletes them";
  row.remedy =
      "give copse a namespace of its own (druid.indexer.runner.namespace), or stop the "
      "other Overlord first";
  return row;
}

}  // namespace

std::string why_not(const ApiAnswer& answer) {
  const kube::Failure* failure = failure_of(answer);
  return failure == nullptr ? std::string(no_answer) : failure->text;
}

Rows judge_cluster(const ClusterFacts& facts) {
  Rows rows{api_server(facts)};
  if (rows.front().verdict != Verdict::ok) return rows;
  if (facts.namespace_name.empty()) {
    rows.push_back({"namespace", Verdict::error, "none is given for task pods",
                    "set druid.indexer.runner.namespace"});
    return rows;
  }
  rows.push_back(name_space(facts));
  rows.push_back(judge_permissions(facts.permissions));
  rows.push_back(trial_jobs(facts));
  rows.push_back(other_runners(facts));
  return rows;
}

}  // namespace copse::runner::doctor
