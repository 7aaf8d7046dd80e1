#pragma once
// A payload that is too long for an annotation, on its way into the task's pod without a task-log
// store: a ConfigMap holds it packed, and an init container unpacks it to where a peon looks first,
// TASK_DIR/task.json. Pure: it says what the Job must have and what the ConfigMap holds; creating
// the ConfigMap, owned by the Job, is the runner's business. Until it is there the pod waits.
//
// Why not a plain file mounted in place: a ConfigMap holds 1 MiB, which a task of a few thousand
// input files exceeds unpacked and not packed; and a mount into TASK_DIR makes the container
// runtime create that folder as root, where a peon that is another user could not write its status.
// So the init container does what Druid's peon.sh does with TASK_JSON, with the same tools (sh,
// mkdir, gzip) of the same image, as the same user: an image that runs an ordinary task runs this
// one. Its resources are the main container's, which adds nothing to what the pod asks for.
//
// The two share TASK_DIR by a volume: the one that the template mounts there or above, else an
// emptyDir at `druid.indexer.task.baseDir`.

#include "engine/diagnostic.hpp"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace copse::adapters {

/// Names of what the pod is given for it: an init container and a volume, and the emptyDir.
inline constexpr std::string_view payload_container_name = "copse-payload";
inline constexpr std::string_view payload_volume_name = "copse-payload";
inline constexpr std::string_view task_dir_volume_name = "copse-task-dir";

/// Bytes that a ConfigMap's values may have together (Kubernetes: MaxSecretSize).
inline constexpr std::size_t mounted_payload_limit = std::size_t{1} << 20U;

/// What the Job's pod waits for: a ConfigMap of the Job's namespace.
struct MountedPayload {
  /// Its name, from the Job's and a hash of the task: whichever ConfigMap of this name a pod may
  /// find, perhaps one that an earlier Job of the task has left, holds this very task.
  std::string config_map;
  std::string key;   ///< in its binaryData
  std::string data;  ///< the task's JSON, gzipped; at most mounted_payload_limit bytes

  bool operator==(const MountedPayload&) const = default;
};

/// The payload of a Job, from the task's JSON text. Fails with I0108 when it packs to more than a
/// ConfigMap holds.
[[nodiscard]] std::expected<MountedPayload, engine::Diagnostic> payload_of(
    const std::string& job_name, std::string_view task_json);

/// The Job `job_json`, which has no payload, with what it takes to find this one. Fails with C0136
/// when `base_dir` is no absolute path (nothing could be mounted there), with T0120 when the Job is
/// none that could be read.
[[nodiscard]] std::expected<std::string, engine::Diagnostic> mount_payload(
    std::string_view job_json, const MountedPayload& payload, const std::string& base_dir);

}  // namespace copse::adapters
