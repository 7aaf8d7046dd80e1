#include "runner/doctor/probe.hpp"

#include "runner/doctor/json_at.hpp"

#include <algorithm>
#include <initializer_list>

namespace copse::runner::doctor {
namespace {

namespace json = boost::json;

constexpr std::string_view no_tool = "no-tool";

bool is_plain(std::string_view address) {
  return !address.empty() && std::all_of(address.begin(), address.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
  });
}

// `reach HOST PORT` by what an image has: bash, nc, or nothing. One line an address, in order.
// WHY a watcher of its own: a packet that is dropped holds bash's connect for minutes, and not
// every image has `timeout`.
std::string script(const std::vector<Target>& targets) {
  const std::string seconds = std::to_string(probe_connect_seconds);
  std::string text =
      "if command -v bash >/dev/null 2>&1; then\n"
      "  reach() { bash -c \"exec 3<>/dev/tcp/$1/$2\" >/dev/null 2>&1 & }\n"
      "elif command -v nc >/dev/null 2>&1; then\n"
      "  reach() { nc -w " +
      seconds +
      " $1 $2 </dev/null >/dev/null 2>&1 & }\n"
      "else\n"
      "  echo " +
      std::string(no_tool) +
      " >/dev/termination-log; exit 0\n"
      "fi\n"
      "try() {\n"
      "  reach $1 $2; tried=$!\n"
      "  (sleep " +
      seconds +
      "; kill -9 $tried) >/dev/null 2>&1 & watcher=$!\n"
      "  if wait $tried 2>/dev/null; then said=yes; else said=no; fi\n"
      "  kill $watcher 2>/dev/null\n"
      "  echo $said >>/dev/termination-log\n"
      "}\n";
  for (const Target& target : targets) {
    const std::size_t colon = target.address.rfind(':');
    std::string host = target.address.substr(0, colon);
    std::erase_if(host, [](char c) { return c == '[' || c == ']'; });
    text += "try " + host + " " + target.address.substr(colon + 1) + "\n";
  }
  return text + "exit 0\n";
}

json::object container_of(const json::value& first, const std::vector<Target>& targets) {
  json::object made = first.get_object();
  for (const char* gone : {"args", "lifecycle", "livenessProbe", "readinessProbe", "startupProbe",
                           "ports", "resources", "workingDir"})
    made.erase(gone);
  made["command"] = {"sh", "-c", script(targets)};
  made["terminationMessagePath"] = "/dev/termination-log";
  made["terminationMessagePolicy"] = "File";
  const json::object small{{"cpu", "100m"}, {"memory", "64Mi"}};
  made["resources"] = {{"requests", small}, {"limits", small}};
  return made;
}

}  // namespace

std::optional<std::string> probe_job(std::string_view document, const std::string& name,
                                     const std::string& owner, const std::vector<Target>& targets) {
  const bool are_plain = std::all_of(targets.begin(), targets.end(), [](const Target& target) {
    return is_plain(target.address) && target.address.find(':') != std::string::npos;
  });
  json::value pod = json_of(document);
  const json::value* first = json_at(pod, "/spec/containers/0");
  if (!are_plain || first == nullptr || !first->is_object()) return std::nullopt;
  json::array containers{container_of(*first, targets)};
  json::object& spec = pod.get_object()["spec"].get_object();
  spec["containers"] = std::move(containers);
  spec.erase("initContainers");
  spec["restartPolicy"] = "Never";
  spec["terminationGracePeriodSeconds"] = 1;

  // WHY not druid.k8s.peons: neither copse's watches nor another runner may take it for a task.
  const json::object labels{{"app.kubernetes.io/name", "copse-doctor"}, {"copse/owner", owner}};
  return json::serialize(json::object{{"apiVersion", "batch/v1"},
                                      {"kind", "Job"},
                                      {"metadata", {{"name", name}, {"labels", labels}}},
                                      {"spec",
                                       {{"backoffLimit", 0},
                                        {"activeDeadlineSeconds", probe_active_seconds},
                                        {"ttlSecondsAfterFinished", probe_ttl_seconds},
                                        {"template", std::move(pod)}}}});
}

Row judge_probe(const ProbeFacts& facts) {
  Row row{"pods", Verdict::ok, {}};
  if (!facts.trouble.empty()) {
    return {"pods", Verdict::warning, "a pod could not be asked: " + facts.trouble,
            "look at it with kubectl, or try again without --probe"};
  }
  if (facts.message.starts_with(no_tool)) {
    return {"pods", Verdict::skipped, "the image has neither bash nor nc to try with",
            "try from a pod of another image in the same namespace"};
  }
  std::vector<std::string> reached;
  std::vector<std::string> not_reached;
  std::string_view rest = facts.message;
  for (const Target& target : facts.targets) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string name = target.what + " at " + target.address;
    (rest.substr(0, end) == "yes" ? reached : not_reached).push_back(name);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (not_reached.empty()) {
    row.found = "a pod of the task namespace reaches " + listed(reached);
    return row;
  }
  row.verdict = Verdict::error;
  row.found = "a pod of the task namespace does not reach " + listed(not_reached);
  row.remedy =
      "peons need both: let NetworkPolicies and firewalls pass them, and give names that "
      "pods can resolve";
  return row;
}

}  // namespace copse::runner::doctor
