#include "runner/sandbox/table_cells.hpp"

#include "runner/sandbox/json_text.hpp"

#include <algorithm>
#include <cctype>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

namespace json = boost::json;

template <typename Visit>
void each(const json::object& object, std::string_view path, Visit visit) {
  const json::value* list = member(object, path);
  if (list == nullptr || !list->is_array()) return;
  for (const json::value& item : list->get_array()) {
    if (item.is_object()) visit(item.get_object());
  }
}

bool has_condition(const json::object& document, std::string_view type) {
  bool found = false;
  each(document, "status.conditions", [&](const json::object& condition) {
    found = found || (text_at(condition, "type") == type && text_at(condition, "status") == "True");
  });
  return found;
}

std::string or_none(std::string_view text) {
  return quoted(text.empty() ? "<none>" : text);
}

std::string age_since(Moment moment, Moment now) {
  return human_duration(now - moment);
}

std::string age_at(const json::object& document, std::string_view path, Moment now) {
  const auto moment = parse_timestamp(text_at(document, path));
  return moment ? age_since(*moment, now) : "<unknown>";
}

std::string_view job_state(const Object& job, const json::object& document) {
  if (has_condition(document, "Complete")) return "Complete";
  if (has_condition(document, "Failed")) return "Failed";
  if (job.deletion) return "Terminating";
  for (const std::string_view type : {"Suspended", "FailureTarget", "SuccessCriteriaMet"}) {
    if (has_condition(document, type)) return type;
  }
  return "Running";
}

std::string completions_of(const json::object& document) {
  const std::int64_t succeeded = number_at(document, "status.succeeded", 0);
  const std::int64_t wanted = number_at(document, "spec.completions", -1);
  if (wanted >= 0) return fmt::format("{}/{}", succeeded, wanted);
  const std::int64_t parallelism = number_at(document, "spec.parallelism", 0);
  return parallelism > 1 ? fmt::format("{}/1 of {}", succeeded, parallelism)
                         : fmt::format("{}/1", succeeded);
}

std::string joined(const json::object& document, std::string_view list,
                   std::string_view member_name) {
  std::string text;
  each(document, list, [&](const json::object& item) {
    if (!text.empty()) text += ',';
    text += text_at(item, member_name);
  });
  return text;
}

std::string selector_of(const json::object& document) {
  const json::value* labels = member(document, "spec.selector.matchLabels");
  std::string text;
  if (labels == nullptr || !labels->is_object()) return "<none>";
  for (const auto& [key, value] : labels->get_object()) {
    if (!text.empty()) text += ',';
    text += fmt::format("{}={}", std::string_view{key},
                        value.is_string() ? std::string_view{value.get_string()} : "");
  }
  return text;
}

/// Reason of a container that waits or has ended; empty while it runs.
std::string container_reason(const json::object& container) {
  std::string reason{text_at(container, "state.waiting.reason")};
  if (!reason.empty()) return reason;
  if (member(container, "state.terminated") == nullptr) return {};
  reason = text_at(container, "state.terminated.reason");
  if (reason.empty())
    reason = fmt::format("ExitCode:{}", number_at(container, "state.terminated.exitCode", 0));
  return reason;
}

struct PodSummary {
  std::string reason;
  std::size_t ready = 0, total = 0;
  std::int64_t restarts = 0;
};

PodSummary summarise(const Object& pod, const json::object& document) {
  PodSummary summary{.reason = std::string{text_at(document, "status.phase")}};
  const std::string_view own = text_at(document, "status.reason");
  if (!own.empty()) summary.reason = own;
  each(document, "spec.containers", [&](const json::object&) { ++summary.total; });
  std::size_t initialised = 0, init_total = 0;
  each(document, "status.initContainerStatuses", [&](const json::object& container) {
    ++init_total;
    if (member(container, "state.terminated") != nullptr) ++initialised;
  });
  if (initialised < init_total) {
    summary.reason = fmt::format("Init:{}/{}", initialised, init_total);
  } else {
    std::vector<std::string> reasons;
    bool runs = false;
    each(document, "status.containerStatuses", [&](const json::object& container) {
      summary.restarts += number_at(container, "restartCount", 0);
      reasons.push_back(container_reason(container));
      if (!flag_at(container, "ready") || member(container, "state.running") == nullptr) return;
      ++summary.ready;
      runs = true;
    });
    // The first container that has a reason decides: the real printer walks backwards and
    // overwrites.
    const auto first = std::find_if(reasons.begin(), reasons.end(),
                                    [](const std::string& reason) { return !reason.empty(); });
    if (first != reasons.end()) summary.reason = *first;
    if (summary.reason == "Completed" && runs)
      summary.reason = has_condition(document, "Ready") ? "Running" : "NotReady";
  }
  const std::string_view phase = text_at(document, "status.phase");
  if (pod.deletion && phase != "Succeeded" && phase != "Failed") summary.reason = "Terminating";
  return summary;
}

std::string roles_of(const Object& node) {
  constexpr std::string_view prefix = "node-role.kubernetes.io/";
  std::string roles;
  for (const auto& [key, value] : node.written->labels) {
    if (!key.starts_with(prefix)) continue;
    if (!roles.empty()) roles += ',';
    roles += key.substr(prefix.size());
  }
  return roles;
}

std::string address_of(const json::object& document, std::string_view type) {
  std::string address;
  each(document, "status.addresses", [&](const json::object& one) {
    if (text_at(one, "type") == type) address = text_at(one, "address");
  });
  return address;
}

}  // namespace

Cells job_cells(const Object& job, const json::object& document, Moment now) {
  std::string duration;
  if (const auto started = parse_timestamp(text_at(document, "status.startTime"))) {
    duration = human_duration(
        parse_timestamp(text_at(document, "status.completionTime")).value_or(now) - *started);
  }
  return {quoted(job.name),
          quoted(job_state(job, document)),
          quoted(completions_of(document)),
          quoted(duration),
          quoted(age_since(job.created, now)),
          quoted(joined(document, "spec.template.spec.containers", "name")),
          quoted(joined(document, "spec.template.spec.containers", "image")),
          quoted(selector_of(document))};
}

Cells pod_cells(const Object& pod, const json::object& document, Moment now) {
  const PodSummary summary = summarise(pod, document);
  return {quoted(pod.name),
          quoted(fmt::format("{}/{}", summary.ready, summary.total)),
          quoted(summary.reason),
          quoted(std::to_string(summary.restarts)),
          quoted(age_since(pod.created, now)),
          or_none(text_at(document, "status.podIP")),
          or_none(text_at(document, "spec.nodeName")),
          or_none(text_at(document, "status.nominatedNodeName")),
          quoted("<none>")};
}

Cells node_cells(const Object& node, const json::object& document, Moment now) {
  std::string state = has_condition(document, "Ready") ? "Ready" : "NotReady";
  if (flag_at(document, "spec.unschedulable")) state += ",SchedulingDisabled";
  const auto known = [&](std::string_view path) {
    const std::string_view text = text_at(document, path);
    return quoted(text.empty() ? "<unknown>" : text);
  };
  return {quoted(node.name),
          quoted(state),
          or_none(roles_of(node)),
          quoted(age_since(node.created, now)),
          quoted(text_at(document, "status.nodeInfo.kubeletVersion")),
          or_none(address_of(document, "InternalIP")),
          or_none(address_of(document, "ExternalIP")),
          known("status.nodeInfo.osImage"),
          known("status.nodeInfo.kernelVersion"),
          known("status.nodeInfo.containerRuntimeVersion")};
}

Cells event_cells(const Object& event, const json::object& document, Moment now) {
  std::string kind{text_at(document, "involvedObject.kind")};
  std::transform(kind.begin(), kind.end(), kind.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::string source{text_at(document, "source.component")};
  if (const std::string_view host = text_at(document, "source.host"); !host.empty())
    source.append(", ").append(host);
  return {quoted(age_at(document, "lastTimestamp", now)),
          quoted(text_at(document, "type")),
          quoted(text_at(document, "reason")),
          quoted(fmt::format("{}/{}", kind, text_at(document, "involvedObject.name"))),
          quoted(text_at(document, "involvedObject.fieldPath")),
          quoted(source),
          quoted(text_at(document, "message")),
          quoted(age_at(document, "firstTimestamp", now)),
          quoted(std::to_string(number_at(document, "count", 1))),
          quoted(event.name)};
}

}  // namespace copse::runner::sandbox
