#include "runner/doctor/permissions.hpp"

#include "engine/json_writer.hpp"
#include "runner/doctor/json_at.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <tuple>

namespace copse::runner::doctor {
namespace {

struct Rule {
  std::string_view group;
  std::string_view resource;
  std::initializer_list<std::string_view> verbs;
};

// Jobs, their pods and Events are listed and watched; configmaps hold payloads that are too long
// for a Job.
const std::initializer_list<Rule> task_rules{
    {"batch", "jobs", {"create", "get", "list", "watch", "delete"}},
    {"", "pods", {"list", "watch"}},
    {"", "pods/log", {"get"}},
    {"", "events", {"list", "watch"}},
    {"", "configmaps", {"create", "get"}}};

void add(std::vector<Permission>& to, const Rule& rule, const std::string& namespace_name) {
  for (const std::string_view verb : rule.verbs) {
    Permission permission{std::string(rule.group), std::string(rule.resource), std::string(verb),
                          namespace_name};
    if (std::find(to.begin(), to.end(), permission) == to.end())
      to.push_back(std::move(permission));
  }
}

// `in druid: {apiGroups: [batch], resources: [jobs], verbs: [delete]}`, as YAML has it in a Role.
std::string rules_of(const std::vector<Permission>& missing) {
  std::map<std::tuple<std::string, std::string, std::string>, std::vector<std::string>> verbs;
  for (const Permission& each : missing)
    verbs[{each.namespace_name, each.group, each.resource}].push_back(each.verb);
  std::string text;
  std::string last;
  for (const auto& [where, wanted] : verbs) {
    const auto& [namespace_name, group, resource] = where;
    text += text.empty() ? "" : ", ";
    if (std::exchange(last, namespace_name) != namespace_name)
      text += "in `" + namespace_name + "`: ";
    std::string all;
    for (const std::string& verb : wanted) all += (all.empty() ? "" : ", ") + verb;
    text += "{apiGroups: [" + (group.empty() ? "\"\"" : group) + "], resources: [" + resource +
            "], verbs: [" + all + "]}";
  }
  return text;
}

}  // namespace

std::vector<Permission> needed_permissions(const std::vector<std::string>& task_namespaces,
                                           const std::optional<DiscoveryNamespaces>& discovery) {
  std::vector<Permission> all;
  for (const std::string& name : task_namespaces) {
    for (const Rule& rule : task_rules) add(all, rule, name);
  }
  if (!discovery) return all;
  add(all, {"", "pods", {"get", "patch"}}, discovery->pod);
  add(all, {"", "configmaps", {"get"}}, discovery->leader);
  return all;
}

std::string review_of(const Permission& permission) {
  const std::size_t slash = permission.resource.find('/');
  engine::JsonWriter out;
  out.begin_object()
      .member("apiVersion", "authorization.k8s.io/v1")
      .member("kind", "SelfSubjectAccessReview")
      .key("spec")
      .begin_object()
      .key("resourceAttributes")
      .begin_object()
      .member("namespace", permission.namespace_name)
      .member("verb", permission.verb)
      .member("group", permission.group)
      .member("resource", permission.resource.substr(0, slash));
  if (slash != std::string::npos) out.member("subresource", permission.resource.substr(slash + 1));
  return out.end_object().end_object().end_object().take();
}

Answer reviewed(std::string_view json) {
  const boost::json::value answer = json_of(json);
  const boost::json::value* allowed = json_at(answer, "/status/allowed");
  if (allowed == nullptr || !allowed->is_bool()) return Answer::unknown;
  return allowed->get_bool() ? Answer::granted : Answer::refused;
}

Row judge_permissions(const std::vector<Reviewed>& all) {
  std::vector<Permission> missing;
  std::vector<std::string> words;
  std::size_t unknown = 0;
  for (const Reviewed& each : all) {
    if (each.answer == Answer::unknown) ++unknown;
    if (each.answer != Answer::refused) continue;
    missing.push_back(each.permission);
    words.push_back(each.permission.verb + " " + each.permission.resource);
  }
  Row row{"permissions", Verdict::ok, "all " + std::to_string(all.size()) + " that are needed"};
  if (unknown > 0) {
    row.verdict = Verdict::warning;
    row.found =
        std::to_string(unknown) + " of " + std::to_string(all.size()) + " could not be reviewed";
    row.remedy = "ask by hand: kubectl auth can-i --list";
  }
  if (missing.empty()) return row;
  // Without Events tasks run; only why a pod cannot be created is not told.
  const bool can_run = std::all_of(missing.begin(), missing.end(), [](const Permission& each) {
    return each.resource == "events";
  });
  row.verdict = can_run ? Verdict::warning : Verdict::error;
  row.found = "may not " + listed(words) + (unknown > 0 ? "; " + row.found : "");
  row.remedy = "grant by a Role " + rules_of(missing);
  return row;
}

}  // namespace copse::runner::doctor
