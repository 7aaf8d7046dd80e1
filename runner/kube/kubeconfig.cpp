// Kubeconfig files, merged: from a context to a cluster and a user, with every fault at its place.

#include "runner/kube/base64.hpp"
#include "runner/kube/credentials.hpp"
#include "runner/kube/kubeconfig_document.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <boost/json.hpp>

namespace copse::runner::kube {
namespace {

using engine::Diagnostic;
using engine::Diagnostics;

// Relative paths in a kubeconfig mean: relative to the file.
std::string beside(const Section& section, const std::string& path) {
  const std::filesystem::path target(path);
  if (path.empty() || target.is_absolute()) return path;
  return (std::filesystem::path(section.file()).parent_path() / target).string();
}

bool looks_like_pem(std::string_view text) {
  return text.find("-----BEGIN ") != std::string_view::npos;
}

// All files, seen as one: the first that says something wins.
class Merged {
 public:
  explicit Merged(std::vector<Section> files) : files_(std::move(files)) {}

  struct Named {
    Section entry;  // { name: …, cluster|user|context: { … } }
    std::string name;
  };

  [[nodiscard]] std::vector<Named> all(std::string_view list, Diagnostics& diagnostics) const {
    std::vector<Named> found;
    for (const Section& file : files_) {
      for (const Section& entry : file.sections(list, diagnostics)) {
        found.push_back({entry, entry.text("name", diagnostics)});
      }
    }
    return found;
  }

  [[nodiscard]] std::optional<Named> find(std::string_view list, std::string_view name,
                                          Diagnostics& diagnostics) const {
    for (const Named& named : all(list, diagnostics)) {
      if (named.name == name) return named;
    }
    return {};
  }

  // The first file's current-context, with the file that says so.
  [[nodiscard]] std::optional<std::pair<Section, std::string>> current(
      Diagnostics& diagnostics) const {
    for (const Section& file : files_) {
      std::string name = file.text("current-context", diagnostics);
      if (!name.empty()) return std::pair(file, std::move(name));
    }
    return {};
  }

  [[nodiscard]] const Section& first() const { return files_.front(); }

 private:
  std::vector<Section> files_;
};

std::string nearest_name(std::string_view name, const std::vector<Merged::Named>& known) {
  std::vector<std::string_view> names;
  for (const auto& entry : known) names.push_back(entry.name);
  const std::string_view near = engine::nearest(name, names);
  if (!near.empty()) return "did you mean `" + std::string(near) + "`?";
  std::string list;
  for (const std::string_view one : names)
    list += (list.empty() ? "`" : ", `") + std::string(one) + "`";
  return list.empty() ? "none is defined" : "defined: " + list;
}

// `KEY-data` (base64), else the file at `KEY`. `kept` gets the file's path when it is one.
std::string read_pem(const Section& section, const std::string& key,
                     std::optional<std::string>& kept, Diagnostics& diagnostics) {
  const std::string data_key = key + "-data";
  const std::string data = section.text(data_key, diagnostics);
  if (!data.empty()) {
    auto pem = decode_base64(data);
    if (pem && looks_like_pem(*pem)) return std::move(*pem);
    diagnostics.push_back(section.fault("C0508", "`" + data_key + "` is not base64 of a PEM text",
                                        data_key, "(not shown)",
                                        "it should begin with LS0tLS1; was it cut when copied?"));
    return {};
  }
  const std::string path = beside(section, section.text(key, diagnostics));
  if (path.empty()) return {};
  auto pem = read_small_file(path);
  if (!pem) {
    diagnostics.push_back(section.fault("C0509", "`" + path + "` cannot be read: " + pem.error(),
                                        key, path, "paths are relative to the kubeconfig"));
    return {};
  }
  if (!looks_like_pem(*pem)) {
    diagnostics.push_back(
        section.fault("C0508", "`" + path + "` is not a PEM file", key, path, ""));
    return {};
  }
  kept = path;
  return std::move(*pem);
}

void read_cluster(const Section& cluster, ClusterAccess& access, Diagnostics& diagnostics) {
  Server& server = access.server;
  const std::size_t faults_before = diagnostics.size();
  server.url = cluster.text("server", diagnostics);
  while (server.url.ends_with('/')) server.url.pop_back();
  const bool has_scheme = server.url.starts_with("https://") || server.url.starts_with("http://");
  if (diagnostics.size() > faults_before) return;
  if (server.url.empty()) {
    diagnostics.push_back(cluster.fault("C0507", "the cluster has no `server`", "server", "",
                                        "add `server: https://HOST:6443`"));
  } else if (!has_scheme) {
    diagnostics.push_back(cluster.fault("C0507", "`server` must be a URL with https:// or http://",
                                        "server", server.url,
                                        "write `https://" + server.url + "`"));
  } else if (server.url.find('@') != std::string::npos) {
    diagnostics.push_back(cluster.fault("C0507", "`server` must not contain a user name", "server",
                                        "(not shown)", ""));
  }
  server.insecure = cluster.flag("insecure-skip-tls-verify", diagnostics);
  server.tls_server_name = cluster.text("tls-server-name", diagnostics);
  server.proxy_url = cluster.text("proxy-url", diagnostics);
  server.compress = !cluster.flag("disable-compression", diagnostics);
  server.authority_pem =
      read_pem(cluster, "certificate-authority", access.authority_file, diagnostics);
  if (server.insecure && !server.authority_pem.empty()) {
    diagnostics.push_back(cluster.fault(
        "C0507", "a certificate authority and `insecure-skip-tls-verify` exclude each other",
        "insecure-skip-tls-verify", "true", "remove one of them"));
  }
}

// `spec.cluster` of an ExecCredential, for plugins that ask for it.
std::string cluster_info(const Server& server) {
  namespace json = boost::json;
  json::object info{{"server", server.url}};
  if (!server.tls_server_name.empty()) info["tls-server-name"] = server.tls_server_name;
  if (server.insecure) info["insecure-skip-tls-verify"] = true;
  if (!server.authority_pem.empty())
    info["certificate-authority-data"] = encode_base64(server.authority_pem);
  if (!server.proxy_url.empty()) info["proxy-url"] = server.proxy_url;
  return json::serialize(info);
}

ExecPlugin read_exec(const Section& exec, const Server& server, Diagnostics& diagnostics) {
  ExecPlugin plugin;
  plugin.command = exec.text("command", diagnostics);
  if (plugin.command.find('/') != std::string::npos) plugin.command = beside(exec, plugin.command);
  plugin.arguments = exec.texts("args", diagnostics);
  plugin.api_version = exec.text("apiVersion", diagnostics);
  plugin.install_hint = exec.text("installHint", diagnostics);
  for (const Section& variable : exec.sections("env", diagnostics)) {
    plugin.environment.emplace_back(variable.text("name", diagnostics),
                                    variable.text("value", diagnostics));
  }
  if (exec.flag("provideClusterInfo", diagnostics)) plugin.cluster_info = cluster_info(server);
  if (plugin.command.empty()) {
    diagnostics.push_back(exec.fault("C0511", "`exec` has no `command`", "command", "", ""));
  }
  if (plugin.api_version != "client.authentication.k8s.io/v1" &&
      plugin.api_version != "client.authentication.k8s.io/v1beta1") {
    diagnostics.push_back(exec.fault(
        "C0511", "exec plugins of this version cannot be used", "apiVersion", plugin.api_version,
        "write `client.authentication.k8s.io/v1`, if the plugin knows it"));
  }
  if (exec.text("interactiveMode", diagnostics) == "Always") {
    diagnostics.push_back(exec.fault(
        "C0511", "an exec plugin that must ask a person cannot be used here", "interactiveMode",
        "Always", "log in by hand and use the token, or use a service account"));
  }
  return plugin;
}

void read_user(const Section& user, ClusterAccess& access, Diagnostics& diagnostics) {
  for (const std::string_view key : {"auth-provider", "username", "password"}) {
    if (!user.has(key)) continue;
    diagnostics.push_back(
        user.fault("C0511", "`" + std::string(key) + "` is of no use: API servers have dropped it",
                   key, "", "use a client certificate, a token or an exec plugin"));
  }
  std::optional<std::string> chain_path;
  std::optional<std::string> key_path;
  std::string chain = read_pem(user, "client-certificate", chain_path, diagnostics);
  std::string key = read_pem(user, "client-key", key_path, diagnostics);
  const bool wants_chain = user.has("client-certificate") || user.has("client-certificate-data");
  const bool wants_key = user.has("client-key") || user.has("client-key-data");
  if (wants_chain != wants_key) {
    const std::string_view missing = wants_chain ? "client-key" : "client-certificate";
    diagnostics.push_back(
        user.fault("C0510", "a client certificate needs its key, and the key its certificate",
                   missing, "", "add `" + std::string(missing) + "-data`"));
  }
  if (!chain.empty() && !key.empty()) {
    access.certificate = Certificate{std::move(chain), Secret(std::move(key))};
    if (chain_path && key_path) access.certificate_files = CertificateFiles{*chain_path, *key_path};
  }
  const std::string file = beside(user, user.text("tokenFile", diagnostics));
  std::string token = user.text("token", diagnostics);
  if (!file.empty()) {
    access.token = TokenFile{file};
  } else if (!token.empty()) {
    access.token = Secret(std::move(token));
  } else if (const auto exec = user.section("exec", diagnostics)) {
    access.token = read_exec(*exec, access.server, diagnostics);
  }
}

Diagnostic no_context(const Merged& files, std::string_view asked, Diagnostics& diagnostics) {
  const auto contexts = files.all("contexts", diagnostics);
  if (!asked.empty()) {
    return files.first().fault("C0505", "there is no context `" + std::string(asked) + "`",
                               "contexts", "", nearest_name(asked, contexts));
  }
  return files.first().fault("C0505", "no context is chosen", "current-context", "",
                             "set `current-context`, or name one as `kubeconfig:FILE#CONTEXT`; " +
                                 nearest_name("", contexts));
}

// The cluster or user that a context names.
std::optional<Section> resolve(const Merged& files, const Section& context, const std::string& list,
                               const std::string& key, Diagnostics& diagnostics) {
  const std::string name = context.text(key, diagnostics);
  if (name.empty() && key == "user") return {};  // anonymous
  const auto named = files.find(list, name, diagnostics);
  if (named) {
    if (auto section = named->entry.section(key, diagnostics)) return section;
    if (key == "user") return {};
  }
  diagnostics.push_back(context.fault("C0506",
                                      "the context names a " + key + " that is not defined", key,
                                      name, nearest_name(name, files.all(list, diagnostics))));
  return {};
}

// The same list is looked through more than once, and complains each time.
std::unexpected<Diagnostics> refuse(const Diagnostics& diagnostics) {
  Diagnostics distinct;
  for (const Diagnostic& one : diagnostics) {
    if (std::find(distinct.begin(), distinct.end(), one) == distinct.end()) distinct.push_back(one);
  }
  return std::unexpected(std::move(distinct));
}

AccessResult read_access(const Merged& files, std::string_view asked) {
  Diagnostics diagnostics;
  const auto current = files.current(diagnostics);
  const std::string name = !asked.empty() ? std::string(asked) : current ? current->second : "";
  const auto named = name.empty() ? std::nullopt : files.find("contexts", name, diagnostics);
  const auto context = named ? named->entry.section("context", diagnostics) : std::nullopt;
  if (!context) {
    if (diagnostics.empty()) diagnostics.push_back(no_context(files, name, diagnostics));
    return refuse(diagnostics);
  }
  ClusterAccess access;
  access.origin = "context `" + name + "` of " + context->file();
  access.default_namespace = context->text("namespace", diagnostics);
  if (access.default_namespace.empty()) access.default_namespace = "default";
  if (const auto cluster = resolve(files, *context, "clusters", "cluster", diagnostics)) {
    read_cluster(*cluster, access, diagnostics);
  }
  if (const auto user = resolve(files, *context, "users", "user", diagnostics))
    read_user(*user, access, diagnostics);
  if (!diagnostics.empty()) return refuse(diagnostics);
  return access;
}

}  // namespace

AccessResult load_kubeconfig(const std::vector<std::string>& files, std::string_view context) {
  std::vector<Section> sections;
  Diagnostics missing;
  for (const std::string& path : files) {
    auto section = read_kubeconfig(path);
    if (section) {
      sections.push_back(std::move(*section));
    } else if (std::filesystem::exists(path)) {
      return std::unexpected(std::move(section.error()));
    } else {
      missing.insert(missing.end(), section.error().begin(), section.error().end());
    }
  }
  if (sections.empty()) return std::unexpected(std::move(missing));
  return read_access(Merged(std::move(sections)), context);
}

}  // namespace copse::runner::kube
