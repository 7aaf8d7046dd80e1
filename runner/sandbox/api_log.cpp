// GET …/pods/x/log: whose log, from where, and why there is none.
#include "runner/sandbox/api.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

/// Options of a log that cannot be what was meant (ValidatePodLogOptions).
std::vector<Cause> log_faults(const Target& target) {
  std::vector<Cause> causes;
  const auto check = [&](const char* option, std::int64_t least, std::string_view rule) {
    const std::string_view text = target.get(option);
    std::int64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || fault != std::errc{} || value >= least) return;
    causes.push_back(
        {"FieldValueInvalid", fmt::format("Invalid value: {}: {}", value, rule), option});
  };
  check("tailLines", 0, "must be greater than or equal to 0");
  check("limitBytes", 1, "must be greater than 0");
  check("sinceSeconds", 1, "must be greater than 0");
  return causes;
}

/// The container whose log is meant: the only one, or one of that name.
std::expected<std::string, Refusal> container_of(const Object& pod, std::string_view asked) {
  const auto& containers = pod.written->containers;
  const auto& init_containers = pod.written->init_containers;
  if (asked.empty() && containers.size() == 1) return containers.front().name;
  std::vector<std::string_view> names;
  for (const auto* list : {&init_containers, &containers}) {
    for (const ContainerFacts& one : *list) names.push_back(one.name);
  }
  if (asked.empty()) {
    return std::unexpected{bad_request(
        fmt::format("a container name must be specified for pod {}, choose one of: [{}]", pod.name,
                    fmt::join(names, " ")))};
  }
  if (std::find(names.begin(), names.end(), asked) != names.end()) return std::string{asked};
  return std::unexpected{
      bad_request(fmt::format("container {} is not valid for pod {}", asked, pod.name))};
}

/// What the kubelet says of a container that has printed nothing yet.
std::string_view why_no_log(std::string_view waiting_reason) {
  const bool pulls = waiting_reason == "ErrImagePull" || waiting_reason == "ImagePullBackOff";
  return pulls ? "trying and failing to pull image" : waiting_reason;
}

}  // namespace

Answer Api::log(const Call& call) {
  const Target& target = call.target;
  auto causes = log_faults(target);
  if (!causes.empty())
    return reply_of(invalid_kind("PodLogOptions", target.name, std::move(causes)));
  const ObjectPtr pod = cluster_.store().find(Resource::pods, target.ns, target.name);
  if (pod == nullptr) return reply_of(not_found(Resource::pods, target.name));
  const auto container = container_of(*pod, target.get("container"));
  if (!container) return reply_of(container.error());
  // A pod without a node has no log and nobody to ask for it: an empty answer.
  if (field(*pod, "spec.nodeName").empty()) return Reply{.code = 204, .body = {}, .warnings = {}};
  const PodMachine* machine = cluster_.node().machine(pod->uid);
  if (machine == nullptr) return reply_of(internal_error("the node does not know the pod"));
  if (!machine->has_log()) {
    return reply_of(
        bad_request(fmt::format("container \"{}\" in pod \"{}\" is waiting to start: {}",
                                *container, target.name, why_no_log(machine->waiting_reason()))));
  }
  LogRequest request{.pod_uid = pod->uid, .tail_lines = {}, .since = {}, .limit_bytes = {}};
  request.follow = target.flag("follow");
  request.timestamps = target.flag("timestamps");
  request.tail_lines = target.number("tailLines");
  request.limit_bytes = target.number("limitBytes");
  request.since = parse_timestamp(target.get("sinceTime"));
  if (const auto seconds = target.number("sinceSeconds"))
    request.since = cluster_.now() - std::chrono::seconds{*seconds};
  if (*container != machine->facts().containers.front().name)
    request.tail_lines = 0;  // only the first container prints
  return std::make_unique<LogStream>(cluster_.node(), std::move(request));
}

}  // namespace copse::runner::sandbox
