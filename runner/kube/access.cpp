// Which of the ways to name a cluster is meant, and the one inside a pod.

#include "runner/kube/credentials.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace copse::runner::kube {
namespace {

using engine::Diagnostic;
using engine::Diagnostics;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::unexpected<Diagnostics> refuse(std::string code, std::string title, std::string file,
                                    std::string help) {
  Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.title = std::move(title);
  diagnostic.place = engine::whole_file(file);
  diagnostic.help = std::move(help);
  return std::unexpected(Diagnostics{std::move(diagnostic)});
}

// The files of KUBECONFIG, else the user's own.
std::vector<std::string> usual_files(const Environment& environment) {
  std::vector<std::string> files;
  std::istringstream list(environment.kubeconfig);
  for (std::string path; std::getline(list, path, ':');) {
    if (!path.empty()) files.push_back(path);
  }
  if (files.empty()) files.push_back(environment.home + "/.kube/config");
  return files;
}

}  // namespace

Environment Environment::of_process() {
  Environment environment;
  environment.kubeconfig = variable("KUBECONFIG");
  environment.home = variable("HOME");
  environment.service_host = variable("KUBERNETES_SERVICE_HOST");
  environment.service_port = variable("KUBERNETES_SERVICE_PORT");
  return environment;
}

std::expected<std::string, std::string> read_small_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return std::unexpected("it is a folder");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(std::string(std::strerror(errno == 0 ? ENOENT : errno)));
  std::string text;
  std::string block(64U << 10U, '\0');
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0) {
    text.append(block, 0, static_cast<std::size_t>(file.gcount()));
    if (text.size() > credential_file_limit) return std::unexpected("it is larger than 4 MiB");
  }
  return text;
}

AccessResult load_in_cluster(const Environment& environment) {
  if (environment.service_host.empty() || environment.service_port.empty()) {
    return refuse("C0513",
                  "this is not a pod of a cluster: KUBERNETES_SERVICE_HOST and "
                  "KUBERNETES_SERVICE_PORT are not set",
                  "", "use `--cluster kubeconfig`, or run copse in a pod");
  }
  const bool is_ipv6 = environment.service_host.find(':') != std::string::npos;
  const std::string host =
      is_ipv6 ? "[" + environment.service_host + "]" : environment.service_host;
  ClusterAccess access;
  access.origin = "the pod's service account";
  access.server.url = "https://" + host + ":" + environment.service_port;
  const std::string authority = environment.service_account + "/ca.crt";
  const std::string token = environment.service_account + "/token";
  auto pem = read_small_file(authority);
  if (!pem) {
    return refuse("C0509", "`" + authority + "` cannot be read: " + pem.error(), authority,
                  "does the pod have automountServiceAccountToken: false?");
  }
  if (const auto text = read_small_file(token); !text) {
    return refuse("C0509", "`" + token + "` cannot be read: " + text.error(), token,
                  "does the pod have automountServiceAccountToken: false?");
  }
  access.server.authority_pem = std::move(*pem);
  access.authority_file = authority;
  access.token = TokenFile{token};
  access.default_namespace =
      read_small_file(environment.service_account + "/namespace").value_or("");
  while (!access.default_namespace.empty() && access.default_namespace.back() == '\n')
    access.default_namespace.pop_back();
  if (access.default_namespace.empty()) access.default_namespace = "default";
  return access;
}

AccessResult load_access(std::string_view form, const Environment& environment) {
  if (form == "in-cluster") return load_in_cluster(environment);
  if (form.empty()) {
    const bool is_pod = environment.kubeconfig.empty() && !environment.service_host.empty();
    return is_pod ? load_in_cluster(environment) : load_kubeconfig(usual_files(environment), "");
  }
  if (form == "kubeconfig") return load_kubeconfig(usual_files(environment), "");
  if (!form.starts_with("kubeconfig:")) {
    const std::string_view near = engine::nearest(form, {"kubeconfig", "in-cluster"});
    std::string help = near.empty() ? "" : "did you mean `" + std::string(near) + "`? ";
    return refuse("C0501", "`" + std::string(form) + "` names no cluster", "",
                  help + "write `kubeconfig[:FILE[#CONTEXT]]` or `in-cluster`");
  }
  form.remove_prefix(std::string_view("kubeconfig:").size());
  const std::size_t mark = form.find('#');
  const std::string file(form.substr(0, mark));
  const std::string_view context =
      mark == std::string_view::npos ? std::string_view() : form.substr(mark + 1);
  return load_kubeconfig(file.empty() ? usual_files(environment) : std::vector{file}, context);
}

}  // namespace copse::runner::kube
