#include "runner/sandbox/pod_status.hpp"

#include "runner/sandbox/json_text.hpp"

namespace copse::runner::sandbox {
namespace {

struct Condition {
  std::string_view type;
  bool is_true = false;
  Moment since{};
  std::string_view reason, message;
};

void append_condition(std::string& out, const Condition& condition) {
  if (out.back() != '[') out += ',';
  ObjectText text{out};
  text.text("type", condition.type);
  text.text("status", condition.is_true ? "True" : "False");
  text.raw("lastProbeTime", "null");
  text.key("lastTransitionTime");
  out += '"';
  append_timestamp(out, condition.since);
  out += '"';
  if (!condition.reason.empty()) text.text("reason", condition.reason);
  if (!condition.message.empty()) text.text("message", condition.message);
  text.close();
}

std::string names_of(const std::vector<ContainerFacts>& containers) {
  std::string names = "containers with unready status: [";
  for (std::size_t i = 0; i < containers.size(); ++i)
    names.append(i > 0 ? " " : "").append(containers[i].name);
  return names += ']';
}

void append_conditions(std::string& out, const PodStatus& s) {
  out += '[';
  if (s.evicted_at) {
    append_condition(out,
                     {"DisruptionTarget", true, *s.evicted_at, "TerminationByKubelet", s.message});
  }
  if (s.admitted_at) {
    const bool ended = s.ended_at.has_value(), ready = s.started_at && !ended;
    const Moment since = s.ended_at ? *s.ended_at : s.started_at ? *s.started_at : *s.admitted_at;
    const bool completed = s.phase == "Succeeded";
    const std::string unready = completed || ready ? std::string{} : names_of(s.facts.containers);
    const std::string_view why = ready                 ? ""
                                 : completed           ? "PodCompleted"
                                 : s.phase == "Failed" ? "PodFailed"
                                                       : "ContainersNotReady";
    const std::string_view message =
        s.phase == "Failed" || ready ? std::string_view{} : std::string_view{unready};
    append_condition(out, {"PodReadyToStartContainers", ready, since, {}, {}});
    append_condition(out,
                     {"Initialized", true, *s.admitted_at, completed ? "PodCompleted" : "", {}});
    append_condition(out, {"Ready", ready, since, why, message});
    append_condition(out, {"ContainersReady", ready, since, why, message});
  }
  if (s.scheduled_at) {
    append_condition(out, {"PodScheduled", true, *s.scheduled_at, {}, {}});
  } else if (!s.unschedulable.empty()) {
    append_condition(out, {"PodScheduled", false, s.created_at, "Unschedulable", s.unschedulable});
  }
  out += ']';
}

void append_terminated(std::string& out, const PodStatus& s, const std::string& container_id,
                       bool is_main) {
  ObjectText terminated{out};
  terminated.number("exitCode", is_main ? s.exit_code : 0);
  terminated.text("reason", is_main ? s.end_reason : "Completed");
  if (is_main && !s.end_message.empty()) terminated.text("message", s.end_message);
  terminated.text("startedAt", timestamp(s.started_at.value_or(*s.ended_at)));
  terminated.text("finishedAt", timestamp(*s.ended_at));
  terminated.text("containerID", container_id);
  terminated.close();
}

void append_state(std::string& out, const PodStatus& s, const std::string& container_id,
                  bool is_main) {
  ObjectText state{out};
  if (s.ended_at) {
    state.key("terminated");
    append_terminated(out, s, container_id, is_main);
  } else if (s.started_at) {
    state.raw("running", "{\"startedAt\":\"" + timestamp(*s.started_at) + "\"}");
  } else {
    state.key("waiting");
    ObjectText waiting{out};
    waiting.text("reason", s.waiting);
    if (!s.waiting_message.empty()) waiting.text("message", s.waiting_message);
    waiting.close();
  }
  state.close();
}

void append_container(std::string& out, const PodStatus& s, std::size_t index) {
  const ContainerFacts& container = s.facts.containers[index];
  const bool running = s.started_at && !s.ended_at;
  const std::string id = "containerd://" + s.facts.uid + "-" + std::to_string(index);
  ObjectText text{out};
  text.text("name", container.name);
  text.key("state");
  append_state(out, s, id, index == 0);
  text.raw("lastState", "{}");
  text.boolean("ready", running);
  text.number("restartCount", 0);
  text.text("image", container.image);
  text.text("imageID", s.started_at ? container.image : std::string{});
  if (s.started_at) text.text("containerID", id);
  text.boolean("started", running);
  text.close();
}

void append_init_container(std::string& out, const PodStatus& s, std::size_t index) {
  const ContainerFacts& container = s.facts.init_containers[index];
  const std::string at = timestamp(s.started_at.value_or(*s.admitted_at));
  ObjectText text{out};
  text.text("name", container.name);
  if (s.started_at) {
    text.raw("state", "{\"terminated\":{\"exitCode\":0,\"reason\":\"Completed\",\"startedAt\":\"" +
                          at + "\",\"finishedAt\":\"" + at + "\"}}");
  } else {
    text.raw("state", R"({"waiting":{"reason":"PodInitializing"}})");
  }
  text.raw("lastState", "{}");
  text.boolean("ready", s.started_at.has_value());
  text.number("restartCount", 0);
  text.text("image", container.image);
  text.text("imageID", s.started_at ? container.image : std::string{});
  text.close();
}

using AppendOne = void (*)(std::string&, const PodStatus&, std::size_t);

void append_list(std::string& out, const PodStatus& s, std::size_t count, AppendOne append_one) {
  out += '[';
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    append_one(out, s, i);
  }
  out += ']';
}

void append_addresses(ObjectText& text, const PodStatus& s) {
  const auto listed = [](std::string_view name, std::string_view ip) {
    std::string list = "[{\"";
    return list.append(name).append("\":\"").append(ip).append("\"}]");
  };
  text.text("hostIP", s.placement.host_ip);
  text.raw("hostIPs", listed("ip", s.placement.host_ip));
  if (!s.started_at) return;
  text.text("podIP", s.placement.pod_ip);
  text.raw("podIPs", listed("ip", s.placement.pod_ip));
}

}  // namespace

std::string pod_status_text(const PodStatus& s) {
  std::string out;
  out.reserve(1536);
  ObjectText text{out};
  text.text("phase", s.phase);
  text.key("conditions");
  append_conditions(out, s);
  if (!s.message.empty()) text.text("message", s.message);
  if (!s.reason.empty()) text.text("reason", s.reason);
  if (s.admitted_at) {
    append_addresses(text, s);
    text.text("startTime", timestamp(*s.admitted_at));
    if (!s.waiting.empty() || s.started_at || s.ended_at) {
      if (!s.facts.init_containers.empty()) {
        text.key("initContainerStatuses");
        append_list(out, s, s.facts.init_containers.size(), append_init_container);
      }
      text.key("containerStatuses");
      append_list(out, s, s.facts.containers.size(), append_container);
    }
  }
  text.text("qosClass", s.facts.qos_class);
  text.close();
  return out;
}

}  // namespace copse::runner::sandbox
