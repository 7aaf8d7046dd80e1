#include "runner/discovery/settings.hpp"

#include "runner/discovery/election.hpp"

#include <initializer_list>
#include <map>
#include <utility>

#include <catch2/catch.hpp>

using namespace copse::runner;
using namespace std::chrono_literals;
using discovery::PodOptions;
using discovery::ZooKeeperOptions;
using Pairs = std::initializer_list<std::pair<std::string, std::string>>;

namespace {

auto read(Pairs pairs, const std::map<std::string, std::string>& environment = {}) {
  copse::engine::Properties properties;
  for (const auto& [key, value] : pairs) properties.set({key, value, {}});
  return discovery::read_discovery(properties, [&](const std::string& name) {
    return environment.contains(name) ? environment.at(name) : std::string();
  });
}

template <class Options>
Options options(Pairs pairs, const std::map<std::string, std::string>& environment = {}) {
  const auto settings = read(pairs, environment);
  REQUIRE(settings);
  REQUIRE(std::holds_alternative<Options>(*settings));
  return std::get<Options>(*settings);
}

// Title and help of the only fault.
std::string fault(Pairs pairs, const std::map<std::string, std::string>& environment = {}) {
  const auto settings = read(pairs, environment);
  REQUIRE_FALSE(settings);
  REQUIRE(settings.error().size() == 1);
  return settings.error().front().code + " " + settings.error().front().title + ": " +
         settings.error().front().help;
}

const std::map<std::string, std::string> in_a_pod{{"POD_NAME", "copse-0"},
                                                  {"POD_NAMESPACE", "druid"}};

}  // namespace

TEST_CASE("without a word ZooKeeper is where Druid would look for it, and nobody logs in",
          "[settings]") {
  const auto found = options<ZooKeeperOptions>({});
  CHECK(found.servers == "localhost:2181");
  CHECK(found.base == "/druid");
  CHECK(found.session == 10s);
  CHECK_FALSE(found.acl);
  CHECK(found.user.empty());
}

TEST_CASE("Druid's properties of ZooKeeper apply", "[settings]") {
  const auto found = options<ZooKeeperOptions>({{"druid.zk.service.host", "a, b:2182/root"},
                                                {"druid.zk.paths.base", "/prod/druid"},
                                                {"druid.zk.service.sessionTimeoutMs", "30000"},
                                                {"druid.zk.service.acl", "true"},
                                                {"druid.zk.service.user", "druid"},
                                                {"druid.zk.service.pwd", "word"}});
  CHECK(found.servers == "a:2181,b:2182/root");
  CHECK(found.base == "/prod/druid");
  CHECK(found.session == 30s);
  CHECK(found.acl);
  CHECK(found.auth_scheme == "digest");
  CHECK(found.user == "druid");
  CHECK(found.password.reveal() == "word");
}

TEST_CASE("a password may be told in Druid's ways, and no text shows it", "[settings]") {
  const auto with = [](const std::string& word) {
    return options<ZooKeeperOptions>(
               {{"druid.zk.service.user", "u"}, {"druid.zk.service.pwd", word}},
               {{"ZK_WORD", "from the environment"}})
        .password.reveal();
  };
  CHECK(with(R"({"type":"default","password":"plain"})") == "plain");
  CHECK(with(R"({"type":"environment","variable":"ZK_WORD"})") == "from the environment");
  const auto text = fault({{"druid.zk.service.pwd", R"({"type":"vault","password":"hush"})"}});
  CHECK(text.starts_with("C0601 `druid.zk.service.pwd` names no way"));
  CHECK(text.find("hush") == std::string::npos);
}

TEST_CASE("hosts of ZooKeeper get a port where they have none, and lose brackets and blanks",
          "[settings]") {
  using discovery::zookeeper_servers;
  CHECK(zookeeper_servers("zk") == "zk:2181");
  CHECK(zookeeper_servers(" a:1 ,b,, [::1] ,[fe80::2]:9/") == "a:1,b:2181,::1:2181,fe80::2:9");
  CHECK(zookeeper_servers("a,b/druid/x") == "a:2181,b:2181/druid/x");
}

TEST_CASE("what ZooKeeper cannot be is refused with what is allowed", "[settings]") {
  CHECK(fault({{"druid.zk.paths.base", "druid/"}}) ==
        "C0601 `druid.zk.paths.base` cannot be `druid/`: allowed is a path such as `/druid`");
  for (const std::string value : {"999", "600001", "soon"}) {
    CHECK(fault({{"druid.zk.service.sessionTimeoutMs", value}}) ==
          "C0601 `druid.zk.service.sessionTimeoutMs` cannot be `" + value +
              "`: allowed is milliseconds from 1000 to 600000");
  }
  CHECK(fault({{"druid.zk.service.acl", "true"}}) ==
        "C0602 `druid.zk.service.acl` lacks the user it is for: set `druid.zk.service.user` and "
        "`druid.zk.service.pwd`");
  CHECK(fault({{"druid.zk.service.enabled", "false"}}) ==
        "C0603 `druid.zk.service.enabled` says that this Druid does without ZooKeeper: set "
        "`copse.discovery.type=kubernetes`");
  CHECK(fault({{"copse.discovery.type", "curator"}}) ==
        "C0601 `copse.discovery.type` cannot be `curator`: allowed is `zookeeper`, `kubernetes` or "
        "`none`");
}

TEST_CASE("Druid's properties of Kubernetes discovery apply, and the pod's own environment",
          "[settings]") {
  const auto found = options<PodOptions>(
      {{"copse.discovery.type", "kubernetes"}, {"druid.discovery.k8s.clusterIdentifier", "prod-1"}},
      in_a_pod);
  CHECK(found.cluster_identifier == "prod-1");
  CHECK(found.pod == "copse-0");
  CHECK(found.pod_namespace == "druid");
  CHECK(found.leader_namespace.empty());
  const auto named = options<PodOptions>(
      {{"copse.discovery.type", "kubernetes"},
       {"druid.discovery.k8s.clusterIdentifier", "prod"},
       {"druid.discovery.k8s.podNameEnvKey", "ME"},
       {"druid.discovery.k8s.overlordLeaderElectionConfigMapNamespace", "lords"}},
      {{"ME", "copse-1"}, {"POD_NAMESPACE", "druid"}});
  CHECK(named.pod == "copse-1");
  CHECK(named.leader_namespace == "lords");
}

TEST_CASE("what Kubernetes discovery lacks is named", "[settings]") {
  CHECK(fault({{"copse.discovery.type", "kubernetes"}}, in_a_pod) ==
        "C0602 `druid.discovery.k8s.clusterIdentifier` is not set: set it to what the other "
        "services of this Druid have");
  for (const std::string value : {"a", "Prod", "-prod", "prod-", "p_d"}) {
    CHECK(fault({{"copse.discovery.type", "kubernetes"},
                 {"druid.discovery.k8s.clusterIdentifier", value}},
                in_a_pod)
              .starts_with("C0601"));
  }
  CHECK(fault({{"copse.discovery.type", "kubernetes"},
               {"druid.discovery.k8s.clusterIdentifier", "prod"}},
              {{"POD_NAMESPACE", "druid"}}) ==
        "C0604 the environment variable `POD_NAME` is not set: give it to copse's container, with "
        "`valueFrom.fieldRef.fieldPath: metadata.name`");
}

TEST_CASE("none is none", "[settings]") {
  options<discovery::NoDiscovery>({{"copse.discovery.type", "none"}});
}

namespace {

std::string map_of(const std::string& holder) {
  return R"({"metadata":{"annotations":{"control-plane.alpha.kubernetes.io/leader":)"
         R"("{\"holderIdentity\":\")" +
         holder + R"(\"}"}}})";
}

}  // namespace

TEST_CASE("an election is told when another Overlord leads, and its troubles once a kind",
          "[election]") {
  namespace tell = discovery::tell;
  using Told = discovery::pod::Election::Told;
  discovery::pod::Election election("druid/prod-leaderelection-overlord");
  const auto failure = [](kube::FailureKind kind, const std::string& text) {
    return kube::local_failure(kind, text);
  };
  CHECK(election.failed(failure(kube::FailureKind::not_found, "none yet")) == Told{});
  CHECK(election.failed(failure(kube::FailureKind::forbidden, "no right")) ==
        Told{tell::Trouble{"no right"}});
  CHECK(election.failed(failure(kube::FailureKind::forbidden, "no right, 3 ms")) == Told{});
  CHECK(election.answered(map_of("http://a:8090")) == Told{tell::Leader{"http://a:8090"}});
  CHECK(election.leader() == "http://a:8090");
  CHECK(election.answered(map_of("http://a:8090")) == Told{});
  CHECK(election.answered(map_of("")) ==
        Told{tell::Trouble{"ConfigMap `druid/prod-leaderelection-overlord` names no leading "
                           "Overlord (``)"}});
  CHECK(election.answered("{}") == Told{});
  CHECK(election.answered(map_of("https://b:8290")) == Told{tell::Leader{"https://b:8290"}});
  CHECK(election.failed(failure(kube::FailureKind::forbidden, "no right")) ==
        Told{tell::Trouble{"no right"}});
}
