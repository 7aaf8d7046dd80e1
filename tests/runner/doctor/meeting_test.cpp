#include "runner/doctor/meeting.hpp"

#include "runner/doctor/waiting.hpp"
#include "tests/runner/doctor/rows.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch.hpp>

using namespace copse::runner;
using namespace copse::runner::doctor;
using copse::tests::row_of;
using copse::tests::says;

namespace {

ZooKeeperFacts three() {
  return {{{"a:2181", true}, {"b:2181", true}, {"c:2181", true}}, "/druid", "http://o:8090", ""};
}

constexpr auto leader_map =
    R"({"metadata":{"annotations":{"control-plane.alpha.kubernetes.io/leader":)"
    R"("{\"holderIdentity\":\"http://o:8090\"}"}}})";

}  // namespace

TEST_CASE("each server of ZooKeeper is named with its port", "[doctor]") {
  using Addresses = std::vector<std::string>;
  CHECK(server_addresses("a:2181,b:2182/chroot") == Addresses{"a:2181", "b:2182"});
  CHECK(server_addresses("a:2181") == Addresses{"a:2181"});
  CHECK(server_addresses("").empty());
}

TEST_CASE("a ZooKeeper that names a leader is well; one that is half down is a warning",
          "[doctor]") {
  ZooKeeperFacts facts = three();
  CHECK(judge_zookeeper(facts).verdict == Verdict::ok);
  CHECK(says(judge_zookeeper(facts).found, "http://o:8090 leads"));
  facts.servers[1].accepts = false;
  CHECK(judge_zookeeper(facts).verdict == Verdict::warning);
  CHECK(says(judge_zookeeper(facts).found, "b:2181 does not answer, of 3 servers"));
  for (auto& each : facts.servers) each.accepts = false;
  CHECK(judge_zookeeper(facts).verdict == Verdict::error);
}

TEST_CASE("without a leader the place or the Overlord is wrong", "[doctor]") {
  ZooKeeperFacts facts = three();
  facts.leader.clear();
  CHECK(says(judge_zookeeper(facts).remedy, "druid.zk.paths.base"));
  CHECK(judge_zookeeper(facts).verdict == Verdict::error);
  facts.trouble = "no authority";
  CHECK(judge_zookeeper(facts).found == "no authority");
}

TEST_CASE("trouble that did not keep us from the leader is none", "[doctor]") {
  ZooKeeperFacts facts = three();
  facts.trouble = "a server was left";
  CHECK(judge_zookeeper(facts).verdict == Verdict::ok);
}

TEST_CASE("our own pod needs labels and annotations, and the election a leader", "[doctor]") {
  PodFacts facts;
  facts.pod = "druid/copse-0";
  facts.election = "druid/prod-leaderelection-overlord";
  facts.own_pod = R"({"metadata":{"name":"copse-0","labels":{"a":"b"},"annotations":{"c":"d"}}})";
  facts.config_map = leader_map;
  CHECK(row_of(judge_pod(facts), "own pod").verdict == Verdict::ok);
  CHECK(row_of(judge_pod(facts), "election").verdict == Verdict::ok);
  CHECK(leader_of(facts) == "http://o:8090");
  facts.own_pod = R"({"metadata":{"name":"copse-0","labels":{"a":"b"}}})";
  CHECK(row_of(judge_pod(facts), "own pod").verdict == Verdict::note);
  CHECK(says(row_of(judge_pod(facts), "own pod").found, "no annotation"));
  facts.own_pod = "[]";
  CHECK(row_of(judge_pod(facts), "own pod").verdict == Verdict::error);
  facts.own_pod.reset();
  facts.config_map = "{}";
  CHECK(row_of(judge_pod(facts), "own pod").verdict == Verdict::error);
  CHECK(row_of(judge_pod(facts), "election").verdict == Verdict::error);
}

TEST_CASE("nobody at ZooKeeper's address is told at once", "[doctor]") {
  boost::asio::io_context io;
  discovery::ZooKeeperOptions options;
  options.servers = "127.0.0.1:1";
  const auto began = std::chrono::steady_clock::now();
  const ZooKeeperFacts facts = examine_zookeeper(io, options);
  CHECK(judge_zookeeper(facts).verdict == Verdict::error);
  CHECK(std::chrono::steady_clock::now() - began < connect_deadline);
}

TEST_CASE("a question that nobody answers ends with its deadline", "[doctor]") {
  boost::asio::io_context io;
  const auto work = boost::asio::make_work_guard(io);
  std::function<void(int)> late;
  const auto answer =
      answer_to<int>(io, milliseconds(20), [&](auto told) { late = std::move(told); });
  CHECK_FALSE(answer);
  late(1);  // and harms nobody
}

TEST_CASE("of several questions each answer is in its place, and what comes too late is dropped",
          "[doctor]") {
  boost::asio::io_context io;
  std::vector<std::function<void(int)>> told;
  const auto answers =
      answers_to<int>(io, milliseconds(20), 3, [&](std::size_t i, std::function<void(int)> tell) {
        if (i == 1) tell(7);
        told.push_back(std::move(tell));
      });
  CHECK(answers == std::vector<std::optional<int>>{{}, 7, {}});
  for (const auto& tell : told) tell(1);
}

TEST_CASE("a question that is dropped does not wait for its deadline", "[doctor]") {
  boost::asio::io_context io;
  const auto began = std::chrono::steady_clock::now();
  CHECK_FALSE(answer_to<int>(io, std::chrono::hours(1), [](auto) {}));
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::minutes(1));
}
