#include "runner/discovery/settings.hpp"

#include "adapters/property_value.hpp"

#include <utility>

#include <boost/json.hpp>

namespace copse::runner::discovery {
namespace {

namespace json = boost::json;

constexpr std::string_view type_key = "copse.discovery.type";
constexpr std::string_view zk = "druid.zk.service.";
constexpr std::string_view k8s = "druid.discovery.k8s.";

std::string key_of(std::string_view prefix, std::string_view name) {
  return std::string(prefix) + std::string(name);
}

class Reader {
 public:
  Reader(const engine::Properties& properties, const Environment& environment)
      : properties_(properties), environment_(environment) {}

  std::expected<DiscoverySettings, engine::Diagnostics> run() {
    const std::string_view type = properties_.value(type_key).value_or("zookeeper");
    DiscoverySettings settings = NoDiscovery{};
    if (type == "zookeeper") {
      settings = zookeeper();
    } else if (type == "kubernetes") {
      settings = pod();
    } else if (type != "none") {
      refuse(type_key, "`zookeeper`, `kubernetes` or `none`");
    }
    if (!diagnostics_.empty()) return std::unexpected(std::move(diagnostics_));
    return settings;
  }

 private:
  ZooKeeperOptions zookeeper() {
    for (const auto& [key, value] : {std::pair{key_of(zk, "enabled"), "false"},
                                     std::pair{std::string("druid.discovery.type"), "k8s"}}) {
      if (properties_.value(key) == value)
        report("C0603", key, "`" + key + "` says that this Druid does without ZooKeeper",
               "set `copse.discovery.type=kubernetes`");
    }
    ZooKeeperOptions options;
    options.servers = zookeeper_servers(text(key_of(zk, "host"), "localhost"));
    options.base = text("druid.zk.paths.base", options.base);
    if (!options.base.starts_with('/') || options.base.ends_with('/'))
      refuse("druid.zk.paths.base", "a path such as `/druid`");
    options.session = session();
    options.acl = flag(key_of(zk, "acl"));
    options.auth_scheme = text(key_of(zk, "authScheme"), options.auth_scheme);
    const std::string user = text(key_of(zk, "user"), "");
    options.password = password();
    if (!options.password.empty()) options.user = user;  // as Druid: both, or nobody
    if (options.acl && options.user.empty())
      report("C0602", key_of(zk, "acl"), "`druid.zk.service.acl` lacks the user it is for",
             "set `druid.zk.service.user` and `druid.zk.service.pwd`");
    return options;
  }

  PodOptions pod() {
    PodOptions options;
    options.cluster_identifier = text(key_of(k8s, "clusterIdentifier"), "");
    if (options.cluster_identifier.empty()) {
      report("C0602", "", "`druid.discovery.k8s.clusterIdentifier` is not set",
             "set it to what the other services of this Druid have");
    } else if (!is_cluster_identifier(options.cluster_identifier)) {
      refuse(key_of(k8s, "clusterIdentifier"), "what matches `[a-z0-9][a-z0-9-]*[a-z0-9]`");
    }
    options.pod = variable("podNameEnvKey", "POD_NAME", "metadata.name");
    options.pod_namespace = variable("podNamespaceEnvKey", "POD_NAMESPACE", "metadata.namespace");
    options.leader_namespace = text(key_of(k8s, "overlordLeaderElectionConfigMapNamespace"), "");
    return options;
  }

  std::string text(const std::string& key, const std::string& otherwise) const {
    const auto value = properties_.value(key);
    return value && !value->empty() ? std::string(*value) : otherwise;
  }

  bool flag(const std::string& key) {
    const auto value = properties_.value(key);
    if (!value) return false;
    const auto flag = adapters::boolean_property(*value);
    if (!flag) refuse(key, flag.error());
    return flag.value_or(false);
  }

  milliseconds session() {
    const std::string key = key_of(zk, "sessionTimeoutMs");
    const auto value = properties_.value(key);
    if (!value) return default_session;
    const auto number = adapters::int_property(*value);
    const milliseconds session{number.value_or(0)};
    if (session >= shortest_session && session <= longest_session) return session;
    refuse(key, "milliseconds from " + std::to_string(shortest_session.count()) + " to " +
                    std::to_string(longest_session.count()));
    return default_session;
  }

  // Druid's PasswordProvider: the password itself, or a JSON object that says where it is.
  kube::Secret password() {
    const std::string key = key_of(zk, "pwd");
    const std::string value = text(key, "");
    if (!value.starts_with('{')) return kube::Secret(value);
    json::error_code fault;
    const json::value parsed = json::parse(value, fault);
    const auto member = [&](std::string_view name) -> std::string {
      const json::value* found =
          fault || !parsed.is_object() ? nullptr : parsed.get_object().if_contains(name);
      return found == nullptr || !found->is_string() ? "" : std::string(found->get_string());
    };
    if (member("type") == "default") return kube::Secret(member("password"));
    if (member("type") == "environment") return kube::Secret(environment_(member("variable")));
    // WHY without the value: it may hold the password.
    report("C0601", key, "`" + key + "` names no way to a password that copse knows",
           R"(allowed is the password itself, `{"type":"default","password":…}` or )"
           R"(`{"type":"environment","variable":…}`)");
    return {};
  }

  std::string variable(std::string_view name, const std::string& usual, const std::string& field) {
    const std::string variable = text(key_of(k8s, name), usual);
    std::string value = environment_(variable);
    if (value.empty())
      report("C0604", key_of(k8s, name), "the environment variable `" + variable + "` is not set",
             "give it to copse's container, with `valueFrom.fieldRef.fieldPath: " + field + "`");
    return value;
  }

  void refuse(std::string_view key, const std::string& allowed) {
    const std::string value(properties_.value(key).value_or(""));
    report("C0601", key, "`" + std::string(key) + "` cannot be `" + value + "`",
           "allowed is " + allowed);
  }

  void report(std::string code, std::string_view key, std::string title, std::string help) {
    engine::Diagnostic diagnostic;
    diagnostic.code = std::move(code);
    diagnostic.title = std::move(title);
    if (const auto* property = properties_.find(key)) diagnostic.place = property->place;
    diagnostic.help = std::move(help);
    diagnostics_.push_back(std::move(diagnostic));
  }

  const engine::Properties& properties_;
  const Environment& environment_;
  engine::Diagnostics diagnostics_;
};

}  // namespace

std::expected<DiscoverySettings, engine::Diagnostics> read_discovery(
    const engine::Properties& properties, const Environment& environment) {
  return Reader(properties, environment).run();
}

}  // namespace copse::runner::discovery
