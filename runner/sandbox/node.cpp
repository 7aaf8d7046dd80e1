#include "runner/sandbox/node.hpp"

#include "runner/sandbox/deletion.hpp"
#include "runner/sandbox/json_text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

/// Counting starts at x.244.0.1, as pod networks often do.
constexpr std::uint32_t first_address = (244U << 16) + 1;

bool has_resources(const std::string& body) {
  return body.find("\"requests\":{\"") != std::string::npos ||
         body.find("\"limits\":{\"") != std::string::npos;
}

std::string node_status(const NodeOptions& options, Moment now) {
  const std::string at = timestamp(now);
  std::string conditions;
  const auto add = [&](std::string_view type, bool is_true, std::string_view reason,
                       std::string_view message) {
    if (!conditions.empty()) conditions += ',';
    conditions += fmt::format(
        R"({{"type":"{}","status":"{}","lastHeartbeatTime":"{}","lastTransitionTime":"{}","reason":"{}","message":"{}"}})",
        type, is_true ? "True" : "False", at, at, reason, message);
  };
  add("MemoryPressure", false, "KubeletHasSufficientMemory",
      "kubelet has sufficient memory available");
  add("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure");
  add("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available");
  add("Ready", true, "KubeletReady", "kubelet is posting ready status");
  return fmt::format(
      R"({{"capacity":{{"cpu":"1000","memory":"4Ti","pods":"100000"}},"allocatable":{{"cpu":"1000","memory":"4Ti","pods":"100000"}},)"
      R"("conditions":[{}],"addresses":[{{"type":"InternalIP","address":"127.0.0.1"}},{{"type":"Hostname","address":"{}"}}],)"
      R"("nodeInfo":{{"machineID":"","systemUUID":"","bootID":"","kernelVersion":"simulated","osImage":"copse sandbox","containerRuntimeVersion":"sandbox://1","kubeletVersion":"{}","kubeProxyVersion":"","operatingSystem":"linux","architecture":"amd64"}}}})",
      conditions, options.name, options.version);
}

std::string job_of(const Object& pod) {
  const Owner* owner = controller_of(pod);
  return owner != nullptr && owner->kind == "Job" ? owner->name : std::string{};
}

Script failing(std::string reason, std::string message) {
  Script script;
  script.obstacle = Obstacle{Obstacle::Kind::rejected, std::move(reason), std::move(message)};
  return script;
}

bool shows(const std::string& status, std::string_view part) {
  return status.find(part) != std::string::npos;
}

}  // namespace

Node::Node(Store& store, Recorder& recorder, NodeOptions options)
    : store_{store}, recorder_{recorder}, options_{std::move(options)} {}

void Node::join(Moment now) {
  Object node;
  node.resource = Resource::nodes;
  node.name = options_.name;
  node.created = now;
  Written written;
  put(written.labels, "kubernetes.io/hostname", options_.name);
  put(written.labels, "kubernetes.io/os", "linux");
  put(written.labels, "kubernetes.io/arch", "amd64");
  written.body = R"("spec":{})";
  node.written = std::make_shared<const Written>(std::move(written));
  node.status = node_status(options_, now);
  put(node.fields, "spec.unschedulable", "false");
  store_.add(std::move(node));
}

void Node::observe(const Change& change, Moment now) {
  const Object& pod = *change.object;
  if (pod.resource == Resource::configmaps && change.kind == ChangeKind::added) {
    // A copy: those whose ConfigMaps are all there now leave it.
    for (const std::string& uid : std::set<std::string>(awaiting_)) mount_if_there(uid, now);
  }
  if (pod.resource != Resource::pods || !options_.runs_pods) return;
  if (change.kind == ChangeKind::deleted) {
    agenda_.drop(pod.uid);
    awaiting_.erase(pod.uid);
    charges_.erase(pod.uid);
    return;
  }
  if (change.kind == ChangeKind::added || was_bound_by_others(change)) adopt(pod, now);
  const bool shorter = change.previous != nullptr && change.previous->deletion &&
                       pod.grace_seconds < change.previous->grace_seconds;
  if (!pod.deletion || (change.previous != nullptr && change.previous->deletion && !shorter))
    return;
  const auto at = charges_.find(pod.uid);
  if (at == charges_.end()) return;
  at->second.machine.stop(now, std::chrono::seconds{pod.grace_seconds});
  if (const auto due = at->second.machine.wake()) {
    agenda_.drop(pod.uid);
    agenda_.add(pod.uid, *due);
  }
}

/// A client has posted a binding for a pod that the node had yet to schedule.
bool Node::was_bound_by_others(const Change& change) {
  if (change.previous == nullptr || change.previous->written == change.object->written)
    return false;
  if (field(*change.object, "spec.nodeName").empty()) return false;
  const auto at = charges_.find(change.object->uid);
  if (at == charges_.end() || at->second.machine.is_scheduled()) return false;
  agenda_.drop(at->first);
  charges_.erase(at);
  return true;
}

void Node::adopt(const Object& pod, Moment now) {
  const std::string_view phase = field(pod, "status.phase");
  if (phase == "Succeeded" || phase == "Failed") return;
  PodFacts facts{.ns = pod.ns,
                 .name = pod.name,
                 .uid = pod.uid,
                 .node = std::string{field(pod, "spec.nodeName")},
                 .containers = pod.written->containers,
                 .init_containers = pod.written->init_containers,
                 .config_maps = pod.written->config_maps,
                 .qos_class = has_resources(pod.written->body) ? "Burstable" : "BestEffort"};
  Placement placement{.node = options_.name, .host_ip = "127.0.0.1", .pod_ip = next_address()};
  const auto charge =
      charges_
          .emplace(pod.uid,
                   Charge{pod.ns, pod.name,
                          PodMachine{std::move(facts), script_for(pod), std::move(placement), now}})
          .first;
  if (const auto due = charge->second.machine.wake()) agenda_.add(pod.uid, *due);
  if (!charge->second.machine.awaits_volumes()) return;
  awaiting_.insert(pod.uid);
  mount_if_there(pod.uid, now);
}

void Node::mount_if_there(const std::string& uid, Moment now) {
  const auto at = charges_.find(uid);
  if (at == charges_.end()) return;
  PodMachine& machine = at->second.machine;
  const auto& wanted = machine.facts().config_maps;
  const bool all = std::all_of(wanted.begin(), wanted.end(), [&](const ConfigMapVolume& volume) {
    return store_.find(Resource::configmaps, at->second.ns, volume.config_map) != nullptr;
  });
  if (!all) return;
  awaiting_.erase(uid);
  machine.mount(now);
  const auto due = machine.wake();
  if (!due) return;
  agenda_.drop(uid);
  agenda_.add(uid, *due);
}

Script Node::script_for(const Object& pod) const {
  if (const std::string* text = find(pod.written->annotations, script_annotation)) {
    auto script = parse_script(*text);
    if (script) return std::move(*script);
    return failing("InvalidScript", fmt::format("annotation {}, line {}: {}", script_annotation,
                                                script.error().line, script.error().text));
  }
  if (options_.choose_script) {
    const PodView view{
        pod.ns,           pod.name, job_of(pod), pod.written->labels, pod.written->annotations,
        pod.written->body};
    if (auto script = options_.choose_script(view)) return std::move(*script);
  }
  return Script{};
}

std::string Node::next_address() {
  const std::uint32_t host = first_address + addresses_++;
  return fmt::format("{}.{}.{}.{}", options_.pod_network, (host >> 16) & 255, (host >> 8) & 255,
                     host & 255);
}

bool Node::run_one(Moment now) {
  const auto uid = agenda_.take(now);
  if (!uid) return false;
  const auto at = charges_.find(*uid);
  if (at == charges_.end()) return true;
  Charge& charge = at->second;
  const auto reaction = charge.machine.step(now);
  if (const auto due = charge.machine.wake()) agenda_.add(*uid, *due);
  if (reaction) carry_out(*uid, charge, *reaction);
  return true;
}

void Node::carry_out(const std::string& uid, Charge& charge, const Reaction& reaction) {
  ObjectPtr pod = store_.find(Resource::pods, charge.ns, charge.name);
  if (pod == nullptr || pod->uid != uid) return;
  if (options_.write_file) {
    for (const ScriptFile& file : reaction.files) options_.write_file(file);
  }
  if (reaction.started) {
    const std::string job = job_of(*pod);
    ledger_.push_back(
        {key_of(pod->ns, job.empty() ? pod->name : job), pod->name, uid, reaction.at});
  }
  for (const PodNotice& notice : reaction.notices) {
    recorder_.record(*pod,
                     {notice.from_scheduler ? "default-scheduler" : "kubelet", notice.warning,
                      notice.reason, notice.message, notice.container},
                     reaction.at);
  }
  if (reaction.status) pod = write(pod, reaction);
  if (reaction.remove)
    delete_object(store_, pod, {.grace_seconds = 0, .propagation = Propagation::background},
                  reaction.at);
}

ObjectPtr Node::write(const ObjectPtr& pod, const Reaction& reaction) {
  Object next = *pod;
  next.status = *reaction.status;
  const auto phase_at = next.status.find("\"phase\":\"") + 9;
  put(next.fields, "status.phase",
      std::string_view{next.status}.substr(phase_at, next.status.find('"', phase_at) - phase_at));
  put(next.fields, "ready",
      shows(next.status, R"("type":"Ready","status":"True")") ? "true" : "false");
  if (const auto ip = next.status.find("\"podIP\":\""); ip != std::string::npos) {
    put(next.fields, "status.podIP",
        std::string_view{next.status}.substr(ip + 9, next.status.find('"', ip + 9) - ip - 9));
  }
  if (reaction.bind) {
    Written written = *pod->written;
    const std::string opening = R"("spec":{)";
    const auto spec = written.body.find(opening);
    if (spec != std::string::npos)
      written.body.insert(spec + opening.size(), "\"nodeName\":" + quoted(options_.name) + ",");
    next.written = std::make_shared<const Written>(std::move(written));
    put(next.fields, "spec.nodeName", options_.name);
  }
  const ObjectPtr left = store_.replace(pod, std::move(next));
  return left == nullptr ? pod : left;
}

const PodMachine* Node::machine(const std::string& uid) const {
  const auto at = charges_.find(uid);
  return at == charges_.end() ? nullptr : &at->second.machine;
}

}  // namespace copse::runner::sandbox
