#include "adapters/mounted_payload.hpp"

#include "adapters/job_name.hpp"
#include "adapters/payload.hpp"
#include "engine/json_fault.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json.hpp>

namespace copse::adapters {
namespace {

namespace json = boost::json;

constexpr std::string_view mount_path = "/copse/payload";
constexpr std::string_view packed_name = "task.json.gz";

// What the init container has in common with the main one: with these it is the same user with the
// same rights, sees the same folders and counts for nothing beside it. The environment because
// mounts may refer to it (subPathExpr), and because TASK_DIR is in it.
constexpr std::array shared_members{
    std::string_view("image"),       std::string_view("imagePullPolicy"),
    std::string_view("env"),         std::string_view("envFrom"),
    std::string_view("resources"),   std::string_view("securityContext"),
    std::string_view("volumeMounts")};

std::unexpected<engine::Diagnostic> failure(std::string code, std::string title, std::string help) {
  engine::Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.title = std::move(title);
  diagnostic.help = std::move(help);
  return std::unexpected(std::move(diagnostic));
}

// A list member; it is made where it is missing or null.
json::array& list_at(json::object& parent, std::string_view name) {
  json::value& member = parent[name];
  return member.is_array() ? member.get_array() : member.emplace_array();
}

// True when `folder` is `path` or above it. A root mount (`/`) is above all.
bool covers(std::string_view folder, std::string_view path) {
  while (folder.ends_with('/')) folder.remove_suffix(1);
  return path.starts_with(folder) &&
         (path.size() == folder.size() || path[folder.size()] == '/' || folder.empty());
}

bool is_on_a_volume(const json::object& container, std::string_view path) {
  const json::value* mounts = container.if_contains("volumeMounts");
  if (mounts == nullptr || !mounts->is_array()) return false;
  return std::any_of(
      mounts->get_array().begin(), mounts->get_array().end(), [&](const json::value& mount) {
        const json::object* object = mount.if_object();
        const json::value* at = object == nullptr ? nullptr : object->if_contains("mountPath");
        return at != nullptr && at->is_string() && covers(at->get_string(), path);
      });
}

json::object unpacking(const json::object& main, const MountedPayload& payload) {
  json::object init{{"name", payload_container_name}};
  for (const std::string_view member : shared_members) {
    if (const json::value* found = main.if_contains(member)) init[member] = *found;
  }
  const std::string packed = std::string(mount_path) + "/" + payload.key;
  init["command"] = {
      "sh", "-c", "mkdir -p \"$TASK_DIR\" && gzip -d < " + packed + " > \"$TASK_DIR/task.json\""};
  list_at(init, "volumeMounts")
      .push_back({{"name", payload_volume_name}, {"mountPath", mount_path}, {"readOnly", true}});
  return init;
}

}  // namespace

std::expected<MountedPayload, engine::Diagnostic> payload_of(const std::string& job_name,
                                                             std::string_view task_json) {
  MountedPayload made{job_name + "-payload-" + task_hash(task_json), std::string(packed_name),
                      gzip(task_json)};
  if (made.data.size() <= mounted_payload_limit) return made;
  return failure("I0108",
                 "the task has " + std::to_string(made.data.size()) +
                     " bytes after gzip, and a ConfigMap holds " +
                     std::to_string(mounted_payload_limit),
                 "split it, or name its inputs by a pattern or folder instead of one by one");
}

std::expected<std::string, engine::Diagnostic> mount_payload(std::string_view job_json,
                                                             const MountedPayload& payload,
                                                             const std::string& base_dir) {
  if (!base_dir.starts_with('/')) {
    return failure("C0136",
                   "`druid.indexer.task.baseDir` is `" + base_dir +
                       "`, which is no absolute path: a payload cannot be mounted there",
                   "give the path from the root, e.g. `/tmp`");
  }
  json::parse_options options;
  options.max_depth = engine::json_depth_limit;
  json::error_code fault;
  json::value job = json::parse(job_json, fault, {}, options);
  if (fault) return failure("T0120", "the Job cannot be read: " + fault.message(), "");
  json::value* spec = job.find_pointer("/spec/template/spec", fault);
  json::value* first = job.find_pointer("/spec/template/spec/containers/0", fault);
  if (first == nullptr || !first->is_object())
    return failure("T0120", "the Job's pod has no container that could be read", "");
  json::object& pod = spec->get_object();
  json::object& main = first->get_object();
  if (!is_on_a_volume(main, base_dir)) {
    list_at(main, "volumeMounts")
        .push_back({{"name", task_dir_volume_name}, {"mountPath", base_dir}});
    list_at(pod, "volumes")
        .push_back({{"name", task_dir_volume_name}, {"emptyDir", json::object()}});
  }
  list_at(pod, "volumes")
      .push_back({{"name", payload_volume_name}, {"configMap", {{"name", payload.config_map}}}});
  // The last one: others may prepare the volume.
  list_at(pod, "initContainers").push_back(unpacking(main, payload));
  return json::serialize(job);
}

}  // namespace copse::adapters
