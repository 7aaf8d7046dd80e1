#include "runner/doctor/cluster.hpp"

#include "runner/cli/sandbox_access.hpp"
#include "runner/doctor/meeting.hpp"
#include "runner/kube/cluster.hpp"
#include "runner/kube/transport.hpp"
#include "tests/runner/doctor/rows.hpp"
#include "tests/runner/http/client.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

using namespace copse::runner;
using namespace copse::runner::doctor;
using copse::tests::row_of;
using copse::tests::says;

namespace {

ApiAnswer failed(kube::FailureKind kind, std::string message, int status = 0) {
  kube::Failure failure;
  failure.kind = kind;
  failure.text = message;
  failure.message = std::move(message);
  failure.http_status = status;
  return std::unexpected(std::move(failure));
}

ClusterFacts sound() {
  ClusterFacts facts;
  facts.server = "https://api:6443";
  facts.origin = "context `prod`";
  facts.namespace_name = "druid";
  facts.version = R"({"gitVersion":"v1.34.4"})";
  facts.user = R"({"status":{"userInfo":{"username":"copse"}}})";
  facts.name_space = R"({"status":{"phase":"Active"}})";
  facts.permissions = {{{"batch", "jobs", "create", "druid"}, Answer::granted}};
  facts.jobs = {{"base", "{}"}};
  facts.foreign = R"({"items":[]})";
  return facts;
}

std::string job_text(const std::string& name, const std::string& status) {
  return R"({"metadata":{"name":")" + name + R"("},"status":)" + status + "}";
}

constexpr auto complete = R"({"conditions":[{"type":"Complete","status":"True"}]})";

}  // namespace

TEST_CASE("a sound cluster is well throughout", "[doctor]") {
  const Rows rows = judge_cluster(sound());
  for (const Row& row : rows) CHECK(row.verdict == Verdict::ok);
  CHECK(row_of(rows, "API server").found ==
        "v1.34.4 at https://api:6443 (context `prod`), as `copse`");
}

TEST_CASE("a server that cannot be reached ends the questions, and one that refuses is not away",
          "[doctor]") {
  ClusterFacts facts = sound();
  SECTION("no answer in time") {
    facts.version.reset();
    CHECK(judge_cluster(facts).front().is_away);
  }
  SECTION("no connection") {
    facts.version = failed(kube::FailureKind::unreachable, "nobody listens");
    CHECK(judge_cluster(facts).front().is_away);
    CHECK(judge_cluster(facts).front().found == "nobody listens");
  }
  SECTION("refused") {
    facts.version = failed(kube::FailureKind::unauthorized, "401", 401);
    CHECK_FALSE(judge_cluster(facts).front().is_away);
  }
  SECTION("open to all but not to this credential") {
    facts.user = failed(kube::FailureKind::unauthorized, "401", 401);
    CHECK_FALSE(judge_cluster(facts).front().is_away);
  }
  CHECK(judge_cluster(facts).size() == 1);
  CHECK(judge_cluster(facts).front().verdict == Verdict::error);
}

TEST_CASE("an old server does not say who we are", "[doctor]") {
  ClusterFacts facts = sound();
  facts.user = failed(kube::FailureKind::not_found, "no such resource", 404);
  CHECK(row_of(judge_cluster(facts), "API server").verdict == Verdict::ok);
}

TEST_CASE("a namespace that lacks is noticed also by who may not look at it", "[doctor]") {
  ClusterFacts facts = sound();
  const auto verdict = [&] { return row_of(judge_cluster(facts), "namespace").verdict; };
  facts.name_space = failed(kube::FailureKind::not_found, "not found", 404);
  CHECK(verdict() == Verdict::error);
  facts.name_space = failed(kube::FailureKind::forbidden, "forbidden", 403);
  CHECK(verdict() == Verdict::ok);
  facts.jobs = {{"base", failed(kube::FailureKind::not_found, "namespaces not found", 404)}};
  CHECK(verdict() == Verdict::error);
  facts.jobs = {{"base", failed(kube::FailureKind::forbidden, "forbidden", 403)}};
  CHECK(verdict() == Verdict::skipped);
  facts.name_space = R"({"status":{"phase":"Terminating"}})";
  CHECK(verdict() == Verdict::error);
  facts.namespace_name.clear();
  CHECK(verdict() == Verdict::error);
}

TEST_CASE("a Job that is refused is said in the server's words, once", "[doctor]") {
  ClusterFacts facts = sound();
  facts.jobs.emplace_back("large", failed(kube::FailureKind::denied, "webhook says no", 403));
  facts.jobs.emplace_back("small", failed(kube::FailureKind::denied, "webhook says no", 403));
  const Row row = row_of(judge_cluster(facts), "Jobs");
  CHECK(row.verdict == Verdict::error);
  CHECK(row.found ==
        "one of template `large` is refused: webhook says no; one of template `small` is refused "
        "too");
  facts.jobs.clear();
  CHECK(row_of(judge_cluster(facts), "Jobs").verdict == Verdict::skipped);
}

TEST_CASE("Jobs of a stock runner are a warning while they run, a note afterwards", "[doctor]") {
  ClusterFacts facts = sound();
  facts.foreign = R"({"items":[)" + job_text("a", complete) + "]}";
  CHECK(row_of(judge_cluster(facts), "other runners").verdict == Verdict::note);
  for (const char* status :
       {R"({"active":1})", "{}", R"({"conditions":[{"type":"Suspended","status":"True"}]})"}) {
    facts.foreign = R"({"items":[)" + job_text("a", complete) + "," + job_text("b", status) + "]}";
    const Row row = row_of(judge_cluster(facts), "other runners");
    CHECK(row.verdict == Verdict::warning);
    CHECK(says(row.found, "a and b"));
  }
  facts.foreign.reset();
  CHECK(row_of(judge_cluster(facts), "other runners").verdict == Verdict::skipped);
}

TEST_CASE("answers that are no JSON harm nobody", "[doctor]") {
  ClusterFacts facts = sound();
  for (ApiAnswer* answer : {&facts.version, &facts.user, &facts.name_space, &facts.foreign})
    *answer = "<html>";
  CHECK(row_of(judge_cluster(facts), "other runners").verdict == Verdict::ok);
}

TEST_CASE("a cluster is examined without leaving anything in it", "[doctor]") {
  sandbox::SandboxOptions options;
  options.namespaces = {"druid"};
  auto cluster = sandbox::Sandbox::start(std::move(options));
  REQUIRE(cluster);
  boost::asio::io_context io;
  kube::Transport transport(io, cli::access_of(*cluster));
  kube::Cluster client(transport);
  const std::string pod =
      R"({"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"one"}]}})";
  const auto made = [&](const std::string& name, const std::string& labels) {
    return R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":")" + name +
           R"(","labels":)" + labels + R"(},"spec":{"template":)" + pod + "}}";
  };
  std::size_t created = 0;
  for (const auto& [name, labels] :
       {std::pair{"stock", R"({"druid.k8s.peons":"true"})"},
        std::pair{"ours", R"({"druid.k8s.peons":"true","copse/owner":"x"})"}}) {
    client.create_job("druid", made(name, labels), [&](auto job) { created += job ? 1U : 0U; });
  }
  copse::tests::await(io, [&] { return created == 2; });

  ClusterFacts facts =
      examine_cluster(transport, {"druid", {}, {}, {{"base", made("trial", "{}")}, {"bad", "{}"}}});
  const Rows rows = judge_cluster(facts);
  CHECK(row_of(rows, "API server").verdict == Verdict::ok);
  CHECK(row_of(rows, "namespace").verdict == Verdict::ok);
  CHECK(says(row_of(rows, "Jobs").found, "`bad` is refused"));
  CHECK_FALSE(says(row_of(rows, "Jobs").found, "`base`"));
  CHECK(says(row_of(rows, "other runners").found, "stock"));
  CHECK_FALSE(says(row_of(rows, "other runners").found, "ours"));
  const Rows pod_rows = judge_pod(examine_pod(transport, {"prod", "copse-0", "druid", ""}));
  CHECK(says(row_of(pod_rows, "own pod").found, "copse-0"));
  CHECK(row_of(pod_rows, "own pod").verdict == Verdict::error);
  CHECK(says(row_of(pod_rows, "election").found, "prod-leaderelection-overlord"));

  bool is_gone = false;
  client.get_job("druid", "trial", [&](auto job) {
    is_gone = !job && job.error().kind == kube::FailureKind::not_found;
  });
  copse::tests::await(io, [&] { return is_gone; });
}
