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
  const std::string patch = announcing_patch(node, "prod");
  CHECK(patch.starts_with(
      R"([{"op":"add","path":"/metadata/labels/druidDiscoveryAnnouncement-middleManager","value":"true"},)"
      R"({"op":"add","path":"/metadata/labels/druidDiscoveryAnnouncement-id-hash","value":"1429561393"},)"
      R"({"op":"add","path":"/metadata/labels/druidDiscoveryAnnouncement-cluster-identifier","value":"prod"},)"
      R"({"op":"add","path":"/metadata/annotations/druidNodeInfo-middleManager","value":"{\"druidNode\":)"));
  CHECK(
      withdrawing_patch() ==
      R"([{"op":"remove","path":"/metadata/labels/druidDiscoveryAnnouncement-middleManager"},)"
      R"({"op":"remove","path":"/metadata/labels/druidDiscoveryAnnouncement-id-hash"},)"
      R"({"op":"remove","path":"/metadata/labels/druidDiscoveryAnnouncement-cluster-identifier"},)"
      R"({"op":"remove","path":"/metadata/annotations/druidNodeInfo-middleManager"}])");
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
}
