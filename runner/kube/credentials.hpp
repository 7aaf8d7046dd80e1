#pragma once
// Where a cluster is, how it is trusted, and who copse is towards it: values, and how they are
// found.
//
// Three forms name a cluster: `kubeconfig[:FILE[#CONTEXT]]`, `in-cluster`, and nothing (the usual
// places in turn). Loading reads files once and yields plain values; certificates and keys stay in
// memory and are handed to libcurl as blobs, never written to disk. What may change while the
// program runs (a token file, what an exec plugin says) is named here and read again by login.hpp.
// No message ever contains a Secret.
//
// The subset of kubeconfig is the one that current clients use; basic authentication, auth-provider
// and impersonation are refused or ignored with a diagnostic, not half supported.

#include "engine/diagnostic.hpp"

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace copse::runner::kube {

/// A text that must not reach a log: it has no stream operator and no formatter, and is read by
/// name only.
class Secret {
 public:
  Secret() = default;

  explicit Secret(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] const std::string& reveal() const { return text_; }

  [[nodiscard]] bool empty() const { return text_.empty(); }

  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
};

struct Server {
  std::string url;              ///< `https://host:port[/prefix]`, without a slash at the end
  std::string authority_pem;    ///< certificates to trust; empty: those of the system
  bool insecure = false;        ///< insecure-skip-tls-verify
  std::string tls_server_name;  ///< name to verify and to send as SNI; empty: the host of `url`
  std::string proxy_url;        ///< empty: what the environment says (HTTPS_PROXY, NO_PROXY)
  bool compress = true;         ///< false: disable-compression
};

/// A client certificate with its key, both PEM.
struct Certificate {
  std::string chain_pem;
  Secret key_pem;

  bool operator==(const Certificate&) const = default;
};

/// A bearer token in a file that somebody renews (a projected service account token).
struct TokenFile {
  std::string path;
};

/// A program that prints an ExecCredential.
struct ExecPlugin {
  std::string command;  ///< a path, or a name to be found in PATH
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;  ///< added to copse's own
  std::string api_version;   ///< client.authentication.k8s.io/v1 or /v1beta1
  std::string install_hint;  ///< shown when the command is not there
  std::string cluster_info;  ///< `spec.cluster` as JSON when provideClusterInfo is set; else empty
};

/// monostate: no bearer token.
using Token = std::variant<std::monostate, Secret, TokenFile, ExecPlugin>;

/// A pair of files that make a Certificate; read again while the program runs.
struct CertificateFiles {
  std::string chain_path;
  std::string key_path;
};

/// Everything needed to speak to one cluster.
struct ClusterAccess {
  std::string origin;  ///< how a person would name it: "context `prod` of /home/x/.kube/config"
  Server server;
  std::optional<Certificate> certificate;
  std::optional<CertificateFiles>
      certificate_files;                      ///< where `certificate` came from, if from files
  std::optional<std::string> authority_file;  ///< where `authority_pem` came from, if from a file
  Token token;
  std::string default_namespace;  ///< of the context or the pod; `default` when neither says
};

/// The outside facts that loading depends on.
struct Environment {
  std::string kubeconfig;    ///< KUBECONFIG: paths joined by `:`; empty when unset
  std::string home;          ///< HOME
  std::string service_host;  ///< KUBERNETES_SERVICE_HOST
  std::string service_port;  ///< KUBERNETES_SERVICE_PORT
  std::string service_account = "/var/run/secrets/kubernetes.io/serviceaccount";

  [[nodiscard]] static Environment of_process();
};

using AccessResult = std::expected<ClusterAccess, engine::Diagnostics>;

/// The access that `form` (the value of `--cluster` or `copse.cluster`) names. An empty form means:
/// KUBECONFIG if set, else in-cluster when the environment says so, else `~/.kube/config`. Fails
/// with codes C05xx: file, line, key and remedy. Reads files; cost: milliseconds.
[[nodiscard]] AccessResult load_access(std::string_view form, const Environment& environment);

/// The context `context` (empty: the current one) of the kubeconfig files merged in order: the
/// first file that defines a name or current-context wins. Files that do not exist are passed over
/// unless all are missing.
[[nodiscard]] AccessResult load_kubeconfig(const std::vector<std::string>& files,
                                           std::string_view context);

/// What a pod is given: service environment and service account files.
[[nodiscard]] AccessResult load_in_cluster(const Environment& environment);

/// The whole of a small file. Fails with the operating system's reason.
[[nodiscard]] std::expected<std::string, std::string> read_small_file(const std::string& path);

/// Bytes above which a credential file or kubeconfig is refused: nobody writes such a one on
/// purpose.
inline constexpr std::size_t credential_file_limit = 4U << 20U;

}  // namespace copse::runner::kube
