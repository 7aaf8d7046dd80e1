#include "runner/overlord/discovery.hpp"

#include <catch2/catch.hpp>

using namespace copse::runner::overlord;

namespace {

WorkerNode worker() {
  WorkerNode node;
  node.host = "copse-0.copse";
  node.capacity = 200;
  node.start_time = "2026-01-01T00:00:00.000Z";
  return node;
}

}  // namespace

TEST_CASE("a worker announces itself with every port written out", "[overlord]") {
  CHECK(
      discovery_document(worker()) ==
      R"({"druidNode":{"service":"druid/middlemanager","host":"copse-0.copse","bindOnHost":false,)"
      R"("port":-1,"plaintextPort":8091,"enablePlaintextPort":true,"tlsPort":-1,)"
      R"("enableTlsPort":false},"nodeType":"middleManager","services":{"workerNodeService":)"
      R"({"type":"workerNodeService","ip":"copse-0.copse","capacity":200,"version":"0",)"
      R"("category":"copse"}},"startTime":"2026-01-01T00:00:00.000Z"})");
  WorkerNode node = worker();
  node.tls = true;
  CHECK(
      discovery_document(node).find(
          R"("plaintextPort":-1,"enablePlaintextPort":false,"tlsPort":8091,"enableTlsPort":true)") !=
      std::string::npos);
}

TEST_CASE("in ZooKeeper the role is written in capitals and the name is host and port",
          "[overlord]") {
  CHECK(announcement_path("/druid", worker()) ==
        "/druid/internal-discovery/MIDDLE_MANAGER/copse-0.copse:8091");
  CHECK(leader_latch_path("/druid") == "/druid/overlord/_OVERLORD");
}

TEST_CASE("the Overlord with the lowest number leads, whatever its name begins with",
          "[overlord]") {
  CHECK(leading_participant({}).empty());
  CHECK(leading_participant({"_c_0-latch-0000000012", "_c_f-latch-0000000009"}) ==
        "_c_f-latch-0000000009");
}

TEST_CASE("in Kubernetes labels and annotation come in one patch and go in one", "[overlord]") {
  WorkerNode node = worker();
  node.host = "test-host";
  node.port = 80;
  const PodMarks marks = announcing_marks(node, "prod");
  const std::string patch = announcing_patch(marks, {});
  CHECK(patch.starts_with(
      R"([{"op":"add","path":"/metadata/labels/druidDiscoveryAnnouncement-middleManager","value":"true"},)"
      R"({"op":"add","path":"/metadata/labels/druidDiscoveryAnnouncement-id-hash","value":"1429561393"},)"
      R"({"op":"add","path":"/metadata/labels/druidDiscoveryAnnouncement-cluster-identifier","value":"prod"},)"
      R"({"op":"add","path":"/metadata/annotations/druidNodeInfo-middleManager","value":"{\"druidNode\":)"));
  CHECK(
      withdrawing_patch(marks) ==
      R"([{"op":"remove","path":"/metadata/labels/druidDiscoveryAnnouncement-middleManager"},)"
      R"({"op":"remove","path":"/metadata/labels/druidDiscoveryAnnouncement-id-hash"},)"
      R"({"op":"remove","path":"/metadata/labels/druidDiscoveryAnnouncement-cluster-identifier"},)"
      R"({"op":"remove","path":"/metadata/annotations/druidNodeInfo-middleManager"}])");
}

TEST_CASE("a pod without labels or annotations gets the object that holds them in the same patch",
          "[overlord]") {
  const PodMarks marks = announcing_marks(worker(), "prod");
  const auto bare = pod_metadata(R"({"metadata":{"name":"copse-0"}})");
  REQUIRE(bare);
  CHECK(bare->marks == PodMarks{});
  CHECK(announcing_patch(marks, *bare)
            .starts_with(R"([{"op":"test","path":"/metadata/labels","value":null},)"
                         R"({"op":"add","path":"/metadata/labels","value":{}},)"
                         R"({"op":"test","path":"/metadata/annotations","value":null},)"
                         R"({"op":"add","path":"/metadata/annotations","value":{}},)"
                         R"({"op":"add","path":"/metadata/labels/druidDiscovery)"));
  const auto labelled = pod_metadata(R"({"metadata":{"labels":{"app":"copse"}}})");
  REQUIRE(labelled);
  CHECK(announcing_patch(marks, *labelled)
            .starts_with(R"([{"op":"test","path":"/metadata/annotations","value":null},)"));
}

TEST_CASE("only what is there is taken off a pod", "[overlord]") {
  const auto half = pod_metadata(
      R"({"metadata":{"labels":{"app":"copse","druidDiscoveryAnnouncement-id-hash":"7"},)"
      R"("annotations":{"druidNodeInfo-middleManager":"{}","other":"1"}}})");
  REQUIRE(half);
  CHECK(half->marks == PodMarks{std::nullopt, "7", std::nullopt, "{}"});
  CHECK(withdrawing_patch(half->marks) ==
        R"([{"op":"remove","path":"/metadata/labels/druidDiscoveryAnnouncement-id-hash"},)"
        R"({"op":"remove","path":"/metadata/annotations/druidNodeInfo-middleManager"}])");
  CHECK_FALSE(pod_metadata("[]"));
  CHECK_FALSE(pod_metadata(R"({"metadata":7})"));
  CHECK_FALSE(pod_metadata("no JSON"));
}

TEST_CASE("a text's hash is Java's", "[overlord]") {
  CHECK(java_hash("") == 0);
  CHECK(java_hash("test-host:80") == -1'429'561'393);
  CHECK(java_hash("polygenelubricants") == INT32_MIN);
  CHECK(java_hash("é") == 233);
  CHECK(java_hash("😀") == 31 * 0xD83D + 0xDE00);
}

TEST_CASE("the leader is read out of the election's ConfigMap", "[overlord]") {
  CHECK(leader_config_map("prod") == "prod-leaderelection-overlord");
  CHECK(leader_of(R"({"holderIdentity":"http://10.0.0.7:8090","leaseDurationSeconds":60})") ==
        "http://10.0.0.7:8090");
  CHECK_FALSE(leader_of(R"({"holderIdentity":""})"));
  CHECK_FALSE(leader_of("nobody"));
  CHECK(leader_of_config_map(
            R"({"metadata":{"annotations":{"control-plane.alpha.kubernetes.io/leader":)"
            R"("{\"holderIdentity\":\"http://10.0.0.7:8090\"}"}}})") == "http://10.0.0.7:8090");
  CHECK_FALSE(leader_of_config_map(R"({"metadata":{"annotations":{"other":"1"}}})"));
  CHECK_FALSE(leader_of_config_map(R"({"metadata":{}})"));
  CHECK_FALSE(leader_of_config_map("[7]"));
  CHECK_FALSE(leader_of_config_map("nobody"));
}
