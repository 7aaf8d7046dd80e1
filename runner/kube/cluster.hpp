#pragma once
// The verbs that the runner performs on a cluster, in its own terms: Jobs, Pods and logs instead of
// paths and JSON.
//
// Each is one request (but see transport.hpp on 401); nothing is retried, polled or remembered
// here: whoever calls knows what a failure means for the task. Callbacks run on the io_context's
// thread, once, never from inside the call; views in them live until they return.

#include "runner/kube/failure.hpp"
#include "runner/kube/transport.hpp"
#include "runner/kube/views.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::kube {

template <class T>
using Reply = std::move_only_function<void(std::expected<T, Failure>)>;

/// What happens to the pods of a deleted Job. Never left to the server: its default for Jobs
/// orphans them.
enum class Propagation {
  background,  ///< the Job is gone at once, its pods soon after
  foreground   ///< the Job stays, terminating, until its pods are gone; its name cannot be used
               ///< meanwhile
};

enum class Deletion {
  accepted,     ///< the server has deleted it or has begun to
  already_gone  ///< there was none of this name
};

struct LogOptions {
  std::string container;  ///< empty: the server's choice, which fails for several containers
  std::optional<std::uint32_t> tail_lines;   ///< nothing: from the start
  std::optional<std::uint64_t> limit_bytes;  ///< nothing: whole, up to answer_limit
  std::string since_time;                    ///< RFC 3339; empty: from the start
  bool with_timestamps = false;              ///< each line begins with its time and a blank
};

struct LogHandlers {
  std::move_only_function<void(std::string_view)> bytes;  ///< as they come, lines cut anywhere
  std::move_only_function<void(std::optional<Failure>)>
      closed;  ///< nothing: the stream ended in order
};

/// A ConfigMap that belongs to a Job and goes with it.
struct OwnedConfigMap {
  std::string name;
  std::string owner;  ///< value of the label copse/owner
  std::string task;   ///< value of the label copse/task
  std::string job_name;
  Uid job;
  std::string key;
  std::string_view data;  ///< any bytes, at most 1 MiB; read before the call returns
};

struct ServerVersion {
  std::string git_version;  ///< e.g. `v1.34.4`
  int major = 0;            ///< 0: not a number
  int minor = 0;
};

class Cluster {
 public:
  /// `transport` outlives the Cluster and its requests.
  explicit Cluster(Transport& transport) : transport_(transport) {}

  /// POST of a batch/v1 Job; `json` names it. The view is the Job as the server stored it.
  RequestId create_job(std::string_view namespace_name, std::string json, Reply<JobView> reply);

  RequestId get_job(std::string_view namespace_name, std::string_view name, Reply<JobView> reply);

  /// DELETE of the Job `name` if its uid is `uid`: another one of that name is left alone
  /// (FailureKind::conflict).
  RequestId delete_job(std::string_view namespace_name, std::string_view name, Uid uid,
                       Propagation propagation, Reply<Deletion> reply);

  /// POST of a ConfigMap. The Job may be gone by then: the garbage collector removes it in that
  /// case.
  RequestId create_config_map(std::string_view namespace_name, const OwnedConfigMap& map,
                              Reply<void> reply);

  /// Whose ConfigMap that is.
  RequestId get_config_map(std::string_view namespace_name, std::string_view name,
                           Reply<OwnedView> reply);

  /// The pods that belong to a Job, by the label that its controller gives them.
  RequestId pods_of_job(std::string_view namespace_name, Uid job,
                        Reply<std::vector<PodView>> reply);

  /// The log of a container as it is now. FailureKind::invalid: it has not started yet; not_found:
  /// the pod is gone.
  RequestId read_log(std::string_view namespace_name, std::string_view pod,
                     const LogOptions& options, Reply<std::string> reply);

  /// The log as it grows, on a connection of its own. It may end in order before the container does
  /// (log rotation, kubelet restart): resume by since_time.
  RequestId follow_log(std::string_view namespace_name, std::string_view pod,
                       const LogOptions& options, LogHandlers handlers);

  RequestId server_version(Reply<ServerVersion> reply);

  /// See Transport::cancel.
  void cancel(RequestId id) { transport_.cancel(id); }

 private:
  Transport& transport_;
};

}  // namespace copse::runner::kube
