#pragma once
// A Kubernetes cluster inside this process: API server, Job controller, garbage collector and one
// node, speaking HTTP/1.1 on loopback from one thread of its own. Faithful enough for kubectl and
// for copse's runner; see README.md for what it does and what it leaves out.
//
// All functions may be called from any thread; each waits for the sandbox's thread. Callbacks in
// the options run on that thread and must not call the sandbox.

#include "runner/sandbox/api.hpp"
#include "runner/sandbox/failure.hpp"
#include "runner/sandbox/node.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::sandbox {

struct SandboxOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free port
  /// HTTPS with an authority made at the start. Clients show the certificate of `access` or a
  /// token.
  bool tls = false;
  /// Bearer tokens. None and no TLS: everyone may do everything.
  std::vector<TokenUser> tokens;
  /// Cluster time passes this much faster than real time; 0: only `advance` moves it.
  double speed = 1;
  /// Cluster time at the start; absent: now.
  std::optional<Moment> start;
  std::string version = "v1.34.4";
  std::vector<std::string> namespaces = {};  ///< that exist from the start, beside `default`
  std::size_t history = 32'768;              ///< changes kept per resource
  std::uint64_t watch_backlog = 4096;        ///< changes during one write that end a watch
  std::uint64_t seed = 1;                    ///< of uids and name suffixes
  bool events = true;                        ///< write Event objects
  bool runs_pods = true;                     ///< false: a client plays scheduler and kubelet
  std::uint8_t pod_network = 10;  ///< first octet of pod addresses; 127: addresses of this machine
  /// The script of a pod without the annotation `copse.sandbox/script`; nothing: run 1 s, exit 0.
  std::function<std::optional<Script>(const PodView&)> script;
  /// Folder for the files that containers leave (a `file` task-log store); empty: they are dropped.
  std::string files;
};

/// How a client reaches the sandbox as its administrator. Empty members do not apply.
struct Access {
  std::string url;
  std::string authority;                       ///< PEM
  std::string client_certificate, client_key;  ///< PEM
  std::string token;                           ///< the first of the options' tokens
};

class Sandbox {
 public:
  /// Listens and starts the thread. Fails when the address cannot be listened on.
  [[nodiscard]] static std::expected<Sandbox, Failure> start(SandboxOptions options);
  Sandbox(Sandbox&&) noexcept;
  Sandbox& operator=(Sandbox&&) noexcept;
  /// Closes all connections and joins the thread.
  ~Sandbox();

  /// `http://127.0.0.1:PORT` or `https://…`.
  [[nodiscard]] std::string url() const;
  [[nodiscard]] const Access& access() const;
  /// A kubeconfig with everything inside, for the administrator.
  [[nodiscard]] std::string kubeconfig() const;

  [[nodiscard]] Moment now() const;
  /// Moves cluster time forward, visiting every moment at which something is due.
  void advance(std::chrono::milliseconds step);
  /// Waits until the machinery has reacted to everything that was written so far.
  void settle();
  /// Forgets all history: older watches and list tokens get 410.
  void compact();

  /// All requests so far.
  [[nodiscard]] RequestCounts requests() const;
  /// Of one verb and resource: `requests("create", "jobs")`.
  [[nodiscard]] std::uint64_t requests(std::string_view verb, std::string_view resource) const;
  /// Every container start, oldest first.
  [[nodiscard]] std::vector<PodStart> ledger() const;

 private:
  struct Running;
  explicit Sandbox(std::unique_ptr<Running> running);

  std::unique_ptr<Running> running_;
};

}  // namespace copse::runner::sandbox
