// The announcer on a pod of the sandbox, over real HTTP.
#include "runner/discovery/announcer.hpp"
#include "runner/sandbox/sandbox.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace copse::runner;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

constexpr auto patience = 20s;
const std::string pods = "/api/v1/namespaces/default/pods";
const std::string maps = "/api/v1/namespaces/default/configmaps";
const std::string announced =
    "?labelSelector=druidDiscoveryAnnouncement-cluster-identifier%3Dprod%2C"
    "druidDiscoveryAnnouncement-middleManager%3Dtrue";

overlord::WorkerNode worker(std::uint32_t capacity) {
  overlord::WorkerNode node;
  node.host = "copse-0.copse";
  node.capacity = capacity;
  return node;
}

// A cluster with one pod, and a copse in it.
struct World {
  explicit World(const std::string& metadata = R"("labels":{"app":"copse"})") {
    ask({kube::Verb::create, pods,
         R"({"metadata":{"name":"copse-0",)" + metadata +
             R"(},"spec":{"containers":[{"name":"copse","image":"copse"}]}})"});
    restart();
  }

  void restart() {
    discovery::PodOptions options;
    options.cluster_identifier = "prod";
    options.pod = "copse-0";
    options.pod_namespace = "default";
    options.leader_poll = 20ms;
    discovery::News told;
    told.announced = [this] { news.emplace_back("announced"); };
    told.lost = [this](const std::string&) { news.emplace_back("lost"); };
    told.leader = [this](const std::string& url) { news.push_back("leader " + url); };
    told.trouble = [this](const std::string& text) { news.push_back("trouble " + text); };
    announcer = std::make_unique<discovery::Announcer>(
        std::make_unique<discovery::PodAnnouncer>(*transport, options, std::move(told)));
  }

  bool until(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!holds() && std::chrono::steady_clock::now() < deadline) {
      io.restart();
      io.run_one_for(10ms);
    }
    return holds();
  }

  bool hear(const std::string& what) {
    return until([&] { return !news.empty() && news.back() == what; });
  }

  json::value ask(kube::Request request) {
    std::optional<std::string> body;
    transport->send(std::move(request), [&](const auto& answer) {
      body = answer ? answer->body : "\"" + answer.error().text + "\"";
    });
    REQUIRE(until([&] { return body.has_value(); }));
    return json::parse(*body);
  }

  // What an Overlord finds: the workers' documents.
  std::vector<std::string> documents() {
    std::vector<std::string> found;
    const json::value list = ask({kube::Verb::list, pods + announced, {}});
    for (const json::value& pod : list.at("items").as_array())
      found.emplace_back(
          pod.at("metadata").at("annotations").at("druidNodeInfo-middleManager").as_string());
    return found;
  }

  std::vector<std::string> documents_of(std::uint32_t capacity) {
    return {overlord::discovery_document(worker(capacity))};
  }

  void withdraw() {
    bool is_done = false;
    announcer->withdraw([&] { is_done = true; });
    REQUIRE(until([&] { return is_done; }));
  }

  void elect(kube::Verb verb, const std::string& holder) {
    json::object record{{"holderIdentity", holder}, {"leaseDurationSeconds", 60}};
    const std::string text = json::serialize(record);
    if (verb == kube::Verb::create) {
      const json::object map{
          {"metadata",
           {{"name", "prod-leaderelection-overlord"},
            {"annotations", {{"control-plane.alpha.kubernetes.io/leader", text}}}}}};
      ask({verb, maps, json::serialize(map)});
      return;
    }
    const json::array patch{
        {{"op", "replace"},
         {"path", "/metadata/annotations/control-plane.alpha.kubernetes.io~1leader"},
         {"value", text}}};
    ask({verb, maps + "/prod-leaderelection-overlord", json::serialize(patch)});
  }

  static sandbox::Sandbox start() {
    sandbox::SandboxOptions options;
    options.speed = 0;
    return std::move(*sandbox::Sandbox::start(std::move(options)));
  }

  std::unique_ptr<kube::Transport> connect() {
    kube::ClusterAccess access;
    access.server.url = cluster.url();
    return std::make_unique<kube::Transport>(io, std::move(access));
  }

  sandbox::Sandbox cluster = start();
  boost::asio::io_context io;
  std::unique_ptr<kube::Transport> transport = connect();
  std::vector<std::string> news;
  std::unique_ptr<discovery::Announcer> announcer;
};

}  // namespace

TEST_CASE("a worker is announced on its pod, replaced and withdrawn", "[announcer]") {
  World world;
  CHECK(world.documents().empty());
  world.announcer->announce(worker(5));
  REQUIRE(world.hear("announced"));
  CHECK(world.documents() == world.documents_of(5));
  world.news.clear();
  world.announcer->announce(worker(6));
  REQUIRE(world.hear("announced"));
  CHECK(world.documents() == world.documents_of(6));
  world.withdraw();
  CHECK(world.documents().empty());
  const json::value pod = world.ask({kube::Verb::get, pods + "/copse-0", {}});
  CHECK(pod.at("metadata").at("labels").as_object().size() == 1);
}

TEST_CASE("a pod without labels or annotations can be announced too", "[announcer]") {
  World world(R"("generateName":"none-")");
  world.announcer->announce(worker(5));
  REQUIRE(world.hear("announced"));
  CHECK(world.documents() == world.documents_of(5));
}

TEST_CASE("what a predecessor left on the pod is replaced", "[announcer]") {
  World world;
  world.announcer->announce(worker(5));
  REQUIRE(world.hear("announced"));
  world.announcer.reset();
  CHECK(world.documents() == world.documents_of(5));
  world.news.clear();
  world.restart();
  world.announcer->announce(worker(7));
  REQUIRE(world.hear("announced"));
  CHECK(world.documents() == world.documents_of(7));
}

TEST_CASE("the leader is told as soon as one is elected, and when it is another", "[announcer]") {
  World world;
  CHECK(world.announcer->leader().empty());
  world.elect(kube::Verb::create, "http://overlord-0:8090");
  REQUIRE(world.hear("leader http://overlord-0:8090"));
  CHECK(world.announcer->leader() == "http://overlord-0:8090");
  world.elect(kube::Verb::patch, "http://overlord-1:8090");
  REQUIRE(world.hear("leader http://overlord-1:8090"));
  CHECK(world.news.size() == 2);
}

TEST_CASE("a pod that is not there is told as trouble", "[announcer]") {
  World world;
  world.ask({kube::Verb::remove, pods + "/copse-0", R"({"gracePeriodSeconds":0})"});
  world.announcer->announce(worker(5));
  REQUIRE(world.until([&] { return !world.news.empty(); }));
  CHECK(
      world.news.front().starts_with("trouble reading `/api/v1/namespaces/default/pods/copse-0`"));
  world.withdraw();
}

TEST_CASE("an announcer may be destroyed at any time, also by its own news", "[announcer]") {
  World world;
  world.announcer->announce(worker(5));
  world.announcer->withdraw([] { FAIL("called after the end"); });
  world.announcer.reset();
  world.restart();
  world.announcer->announce(worker(5));
  discovery::PodOptions options{"prod", "copse-0", "default", "", 20ms};
  std::unique_ptr<discovery::Announcer> brief;
  discovery::News told;
  told.announced = [&] { brief.reset(); };
  brief = std::make_unique<discovery::Announcer>(
      std::make_unique<discovery::PodAnnouncer>(*world.transport, options, std::move(told)));
  brief->announce(worker(5));
  CHECK(world.until([&] { return brief == nullptr; }));
}
