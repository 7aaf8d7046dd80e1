#pragma once
// The sandbox's one node: drives a PodMachine for every pod in the store and writes down what ran.
//
// It takes the place of scheduler and kubelet; all decisions about a pod are the machine's. The
// ledger of started pods is never forgotten while the sandbox lives (about 150 bytes a pod): it is
// what "no task runs twice" is judged by.

#include "runner/sandbox/agenda.hpp"
#include "runner/sandbox/kubelet.hpp"
#include "runner/sandbox/recorder.hpp"
#include "runner/sandbox/store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace copse::runner::sandbox {

/// A pod as a script is chosen for it.
struct PodView {
  std::string ns;
  std::string name;
  std::string job;  ///< name of the Job that owns it; empty for a bare pod
  Pairs labels;
  Pairs annotations;
  /// The pod's spec as JSON members (`"spec":{…}`), for callbacks that look at arguments or
  /// environment.
  std::string_view body;
};

struct NodeOptions {
  /// False: the node exists, but pods are left to a client that plays scheduler and kubelet.
  bool runs_pods = true;
  std::string name = "sandbox-1";
  std::string version = "v1.34.4";
  /// Chooses the script of a pod that has no annotation; nothing chosen: run for 1 s and exit 0.
  std::function<std::optional<Script>(const PodView&)> choose_script;
  /// Writes a file that a container leaves.
  std::function<void(const ScriptFile&)> write_file;
  /// First octet of pod addresses: 10, or 127 for addresses that exist on this machine.
  std::uint8_t pod_network = 10;
};

/// One container start.
struct PodStart {
  std::string job;  ///< `namespace/name` of the owning Job, or of the pod itself
  std::string pod;
  std::string uid;
  Moment at{};
};

class Node {
 public:
  Node(Store& store, Recorder& recorder, NodeOptions options);

  /// Puts the Node object into the cluster.
  void join(Moment now);

  void observe(const Change& change, Moment now);

  [[nodiscard]] std::optional<Moment> wake() const { return agenda_.wake(); }

  /// Takes one due step of one pod. False: none is due.
  bool run_one(Moment now);

  /// The machine of a pod, or null.
  [[nodiscard]] const PodMachine* machine(const std::string& uid) const;

  [[nodiscard]] const std::vector<PodStart>& ledger() const { return ledger_; }

 private:
  struct Charge {
    std::string ns, name;
    PodMachine machine;
  };

  void adopt(const Object& pod, Moment now);
  void mount_if_there(const std::string& uid, Moment now);
  [[nodiscard]] bool was_bound_by_others(const Change& change);
  [[nodiscard]] Script script_for(const Object& pod) const;
  [[nodiscard]] std::string next_address();
  void carry_out(const std::string& uid, Charge& charge, const Reaction& reaction);
  ObjectPtr write(const ObjectPtr& pod, const Reaction& reaction);

  Store& store_;
  Recorder& recorder_;
  NodeOptions options_;
  Agenda agenda_;
  std::unordered_map<std::string, Charge> charges_;  ///< by uid
  std::set<std::string> awaiting_;                   ///< uids of pods that want a ConfigMap
  std::vector<PodStart> ledger_;
  std::uint32_t addresses_ = 0;
};

}  // namespace copse::runner::sandbox
