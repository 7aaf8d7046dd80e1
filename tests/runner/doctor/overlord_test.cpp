#include "runner/doctor/overlord.hpp"

#include "runner/http/server.hpp"
#include "tests/runner/doctor/rows.hpp"

#include <algorithm>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

using namespace copse::runner;
using namespace copse::runner::doctor;
using copse::tests::row_of;
using copse::tests::says;
using Kind = overlord::OverlordFailure::Kind;

namespace {

const OwnSide own{"copse:8091", "0", "/druid", "", "/logs"};

OverlordAnswer failed(Kind kind, int status = 0) {
  return std::unexpected(overlord::OverlordFailure{kind, status, "why"});
}

const OverlordProperties sound{{"druid.indexer.runner.type", "httpRemote"},
                               {"druid.indexer.runner.pendingTasksRunnerNumThreads", "10"},
                               {"druid.indexer.runner.maxPercentageBlacklistWorkers", "0"},
                               {"druid.indexer.runner.taskCleanupTimeout", "PT30M"},
                               {"druid.indexer.storage.type", "metadata"},
                               {"druid.indexer.logs.type", "file"},
                               {"druid.indexer.logs.directory", "/logs"}};

Row judged(const std::string& check, const std::string& key, const std::string& value,
           const OwnSide& side = own) {
  OverlordProperties properties = sound;
  properties[key] = value;
  return row_of(judge_overlord_properties(properties, side), check);
}

OverlordFacts facts_of(OverlordAnswer status, OverlordAnswer workers, OverlordAnswer properties) {
  return {"http://o:8090", std::move(status), std::move(workers), std::move(properties)};
}

constexpr auto version = R"({"version":"37.0.0","modules":[]})";

}  // namespace

TEST_CASE("an Overlord with good settings is well throughout", "[doctor]") {
  for (const Row& row : judge_overlord_properties(sound, own)) {
    CAPTURE(row.check, row.found);
    CHECK(row.verdict == Verdict::ok);
  }
}

TEST_CASE("Druid's defaults are judged like settings", "[doctor]") {
  const Rows rows = judge_overlord_properties({{"druid.host", "o"}}, own);
  CHECK(row_of(rows, "runner type").verdict == Verdict::ok);
  CHECK(row_of(rows, "assignment").verdict == Verdict::warning);
  CHECK(row_of(rows, "blacklisting").verdict == Verdict::note);
  CHECK(row_of(rows, "restarts").verdict == Verdict::note);
  CHECK(row_of(rows, "task storage").verdict == Verdict::warning);
  CHECK(row_of(rows, "meeting place").verdict == Verdict::ok);
  for (const Row& row : rows) CHECK(row.remedy.empty() == (row.verdict == Verdict::ok));
}

TEST_CASE("an Overlord that runs tasks otherwise hands none over", "[doctor]") {
  for (const char* type : {"k8s", "k8sAndWorker", "remote", "local", "x"}) {
    const Row row = judged("runner type", "druid.indexer.runner.type", type);
    CHECK(row.verdict == Verdict::error);
    CHECK(says(row.remedy, "druid.indexer.runner.type=httpRemote"));
  }
  CHECK(says(judged("runner type", "druid.indexer.runner.type", "k8s").found,
             "runs tasks on Kubernetes itself"));
}

TEST_CASE("one assignment thread is one too few", "[doctor]") {
  const auto verdict = [](const std::string& threads) {
    return judged("assignment", "druid.indexer.runner.pendingTasksRunnerNumThreads", threads)
        .verdict;
  };
  CHECK(verdict("1") == Verdict::warning);
  CHECK(verdict("2") == Verdict::ok);
  CHECK(verdict("x") == Verdict::warning);
}

TEST_CASE("the time for a restart is compared, however it is written", "[doctor]") {
  const auto verdict = [](const std::string& timeout) {
    return judged("restarts", "druid.indexer.runner.taskCleanupTimeout", timeout).verdict;
  };
  CHECK(verdict("PT29M59S") == Verdict::note);
  CHECK(verdict("PT1800S") == Verdict::ok);
  CHECK(verdict("PT1H") == Verdict::ok);
  CHECK(verdict("soon") == Verdict::note);
}

TEST_CASE("both sides have to meet at one place", "[doctor]") {
  OwnSide in_kubernetes = own;
  in_kubernetes.zookeeper_base.clear();
  in_kubernetes.cluster_identifier = "prod";
  CHECK(says(judged("meeting place", "druid.zk.paths.base", "/other").remedy,
             "druid.zk.paths.base=/other"));
  CHECK(says(judged("meeting place", "druid.discovery.type", "k8s").remedy,
             "copse.discovery.type=kubernetes"));
  CHECK(says(judged("meeting place", "druid.host", "o", in_kubernetes).remedy,
             "copse.discovery.type=zookeeper"));
  OverlordProperties properties = sound;
  properties["druid.discovery.type"] = "k8s";
  const auto verdict = [&](const std::string& identifier) {
    properties["druid.discovery.k8s.clusterIdentifier"] = identifier;
    return row_of(judge_overlord_properties(properties, in_kubernetes), "meeting place").verdict;
  };
  CHECK(verdict("prod") == Verdict::ok);
  CHECK(verdict("test") == Verdict::error);
  OwnSide nowhere = own;
  nowhere.zookeeper_base.clear();
  CHECK(judged("meeting place", "druid.host", "o", nowhere).verdict == Verdict::skipped);
}

TEST_CASE("the worker's version is compared as Druid compares it: as a text", "[doctor]") {
  OwnSide nine = own;
  nine.worker_version = "9";
  constexpr auto key = "druid.indexer.runner.minWorkerVersion";
  CHECK(judged("worker version", key, "10", nine).verdict == Verdict::ok);
  CHECK(judged("worker version", key, "1").verdict == Verdict::error);
  CHECK(judged("worker version", key, "0").verdict == Verdict::ok);
}

TEST_CASE("logs have to be where the Overlord reads them", "[doctor]") {
  CHECK(judged("task logs", "druid.indexer.logs.type", "s3").verdict == Verdict::error);
  CHECK(judged("task logs", "druid.indexer.logs.directory", "/mnt/logs").verdict == Verdict::note);
}

TEST_CASE("an Overlord that cannot be reached is away, one that refuses is not", "[doctor]") {
  for (const Kind kind : {Kind::unknown, Kind::away}) {
    const Rows rows = judge_overlord(facts_of(failed(kind), {}, {}), own);
    CHECK(rows.size() == 1);
    CHECK(rows.front().is_away);
  }
  CHECK(judge_overlord(facts_of({}, {}, {}), own).front().is_away);
  const Row row = judge_overlord(facts_of(failed(Kind::unauthorized, 401), {}, {}), own).front();
  CHECK_FALSE(row.is_away);
  CHECK(says(row.remedy, "copse.overlord.auth.user"));
}

TEST_CASE("the release is told, and said when it is odd", "[doctor]") {
  const auto row = [](const char* status) {
    return row_of(judge_overlord(facts_of(status, "[]", {}), own), "Overlord");
  };
  CHECK(row(version).found == "37.0.0 at http://o:8090, leads");
  CHECK(row(version).verdict == Verdict::ok);
  CHECK(row(R"({"version":"29.0.1"})").verdict == Verdict::note);
  CHECK(row("{}").verdict == Verdict::note);
  CHECK(says(row("{}").remedy, "copse.druid.version"));
}

TEST_CASE("without a leader nobody hands tasks over", "[doctor]") {
  const auto verdict = [](OverlordAnswer workers) {
    return row_of(judge_overlord(facts_of(version, std::move(workers), {}), own), "Overlord")
        .verdict;
  };
  CHECK(verdict(failed(Kind::leaderless, 503)) == Verdict::error);
  CHECK(verdict(failed(Kind::unauthorized, 403)) == Verdict::error);
  CHECK(verdict({}) == Verdict::error);
  CHECK(verdict(failed(Kind::trouble, 500)) == Verdict::ok);
}

TEST_CASE("a worker of our own address may be another copse", "[doctor]") {
  const auto row = [](const char* workers) {
    return row_of(judge_overlord(facts_of(version, workers, {}), own), "workers");
  };
  CHECK(row("[]").verdict == Verdict::ok);
  CHECK(row(R"([{"worker":{"host":"mm:8091"}}])").found == "1 is announced");
  CHECK(row(R"([{"worker":{"host":"mm:8091"}},{"worker":{"host":"copse:8091"}}])").verdict ==
        Verdict::note);
}

TEST_CASE("settings that are not shown are named instead", "[doctor]") {
  for (const OverlordAnswer& answer : {OverlordAnswer(failed(Kind::unauthorized, 403)),
                                       OverlordAnswer("<html>"), OverlordAnswer()}) {
    const Row row =
        row_of(judge_overlord(facts_of(version, "[]", answer), own), "Overlord's settings");
    CHECK(row.verdict == Verdict::skipped);
    CHECK(says(row.remedy, "httpRemote"));
  }
}

TEST_CASE("a follower's word leads to the leader, whose settings count", "[doctor]") {
  boost::asio::io_context io;
  const auto listen = [&](http::Handler handler) {
    auto server = http::Server::listen(io, {}, std::move(handler));
    REQUIRE(server);
    return std::move(*server);
  };
  const auto url_of = [](const http::Server& server) {
    return "http://127.0.0.1:" + std::to_string(server.port());
  };
  const auto leader = listen([](const http::Request& asked, http::Responder to) {
    const bool is_list = asked.path == "/druid/indexer/v1/workers";
    to.send({.body = is_list ? "[]" : R"({"druid.indexer.runner.type":"k8s"})"});
  });
  const auto follower = listen([&](const http::Request& asked, http::Responder to) {
    if (asked.path == "/status") return to.send({.body = version});
    to.send(
        {.status = 307, .headers = {{"Location", url_of(*leader) + std::string(asked.target)}}});
  });
  overlord::OverlordClient client(io, {}, {url_of(*follower)});
  const OverlordFacts facts = examine_overlord(io, client);
  CHECK(facts.url == url_of(*leader));
  CHECK(row_of(judge_overlord(facts, own), "runner type").verdict == Verdict::error);
}
