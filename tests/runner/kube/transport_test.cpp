// The transport and the verbs against a real server on loopback that has every misfortune in its
// power.

#include "runner/kube/transport.hpp"

#include "runner/kube/cluster.hpp"
#include "tests/runner/kube/cluster_fake.hpp"

#include <optional>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace copse::runner::kube;
using namespace copse::tests;

namespace {

ClusterAccess access_to(const std::string& url) {
  ClusterAccess access;
  access.server.url = url;
  return access;
}

TransportOptions hasty() {
  TransportOptions options;
  options.deadlines.fill(100ms);
  return options;
}

std::string job_named(const std::string& name) {
  return R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":")" + name +
         R"("},"spec":{}})";
}

// A client, a server and the loop that both live on.
struct World {
  explicit World(TransportOptions options = {})
      : transport(io, access_to(fake.http().url()), options) {}

  boost::asio::io_context io;
  ClusterFake fake{io};
  Transport transport;
  Cluster cluster{transport};

  // The result of one asynchronous verb; a view is kept by what `keep` makes of it.
  template <class T, class Start, class Keep>
  auto await(Start start, Keep keep) {
    std::optional<std::expected<std::decay_t<decltype(keep(std::declval<const T&>()))>, Failure>>
        result;
    start(Reply<T>([&](std::expected<T, Failure> reply) {
      if (reply) {
        result = keep(*reply);
      } else {
        result = std::unexpected(reply.error());
      }
    }));
    REQUIRE(run_until(io, [&] { return result.has_value(); }));
    return *result;
  }

  std::expected<std::string, Failure> create(const std::string& name) {
    return await<JobView>(
        [&](Reply<JobView> reply) {
          cluster.create_job("druid", job_named(name), std::move(reply));
        },
        [](const JobView& job) { return std::string(job.meta.uid_text); });
  }

  std::expected<std::string, Failure> get(const std::string& name) {
    return await<JobView>(
        [&](Reply<JobView> reply) { cluster.get_job("druid", name, std::move(reply)); },
        [](const JobView& job) { return std::string(job.task_id); });
  }

  std::expected<Deletion, Failure> remove(const std::string& name, const std::string& uid) {
    return await<Deletion>(
        [&](Reply<Deletion> reply) {
          cluster.delete_job("druid", name, parse_uid(uid), Propagation::background,
                             std::move(reply));
        },
        [](Deletion deletion) { return deletion; });
  }
};

}  // namespace

TEST_CASE("a Job is created, read and deleted by its uid", "[transport]") {
  World world;
  const auto uid = world.create("j1");
  REQUIRE(uid);
  CHECK(world.get("j1") == "index_j1");
  CHECK(world.remove("j1", *uid) == Deletion::accepted);
  CHECK(world.fake.jobs.empty());
  CHECK(world.remove("j1", *uid) == Deletion::already_gone);
}

TEST_CASE("a delete asks for its pods to go in the background, and only for the uid that is meant",
          "[transport]") {
  World world;
  REQUIRE(world.create("j1"));
  const auto other = world.remove("j1", "11111111-1111-4111-8111-111111111111");
  REQUIRE_FALSE(other);
  CHECK(other.error().kind == FailureKind::conflict);
  CHECK(world.fake.jobs.contains("j1"));
  CHECK(world.fake.requests.back().body.find(R"("propagationPolicy":"Background")") !=
        std::string::npos);
}

TEST_CASE("the User-Agent is copse's, since servers pretty-print for curl", "[transport]") {
  World world;
  static_cast<void>(world.get("j1"));
  CHECK(world.fake.requests.back().header["user-agent"].starts_with("copse/"));
}

TEST_CASE("a patch is sent as a JSON patch, and what is sent after it as JSON again",
          "[transport]") {
  World world;
  std::vector<std::string> sent;
  HttpFake server(world.io, [&](const FakeRequest& request, const std::shared_ptr<Wire>& wire) {
    sent.push_back(request.method + " " + request.path + " " + request.header.at("content-type") +
                   " " + request.body);
    wire->answer(200, "{}");
  });
  Transport transport(world.io, access_to(server.url()));
  for (const Request& request :
       {Request{Verb::patch, "/api/v1/namespaces/druid/pods/p", "[]"},
        Request{Verb::create, "/apis/batch/v1/namespaces/druid/jobs", "{}"},
        Request{Verb::remove, "/apis/batch/v1/namespaces/druid/jobs/j", "{}"}}) {
    bool is_done = false;
    transport.send(request, [&](const auto& answer) { is_done = answer.has_value(); });
    REQUIRE(run_until(world.io, [&] { return is_done; }));
  }
  CHECK(sent == std::vector<std::string>{
                    "PATCH /api/v1/namespaces/druid/pods/p application/json-patch+json []",
                    "POST /apis/batch/v1/namespaces/druid/jobs application/json {}",
                    "DELETE /apis/batch/v1/namespaces/druid/jobs/j application/json {}"});
}

TEST_CASE("a name that is taken is told apart from one that is still being deleted",
          "[transport]") {
  World world;
  REQUIRE(world.create("j1"));
  CHECK(world.create("j1").error().kind == FailureKind::already_exists);
  world.fake.jobs["j1"].is_terminating = true;
  CHECK(world.create("j1").error().kind == FailureKind::being_deleted);
}

TEST_CASE("a reset after the commit is an unknown outcome, and a GET shows that the Job is there",
          "[transport]") {
  World world;
  world.fake.next("create", resets_after(world.fake));
  const auto lost = world.create("j1");
  REQUIRE_FALSE(lost);
  CHECK(lost.error().kind == FailureKind::unknown_outcome);
  CHECK(recourse(lost.error().kind) == Recourse::look);
  CHECK(world.get("j1") == "index_j1");
}

TEST_CASE(
    "a reset after the commit on a kept connection is sent again by itself, and met by our own Job",
    "[transport]") {
  World world;
  REQUIRE_FALSE(world.get("j1"));
  world.fake.next("create", resets_after(world.fake));
  const auto again = world.create("j1");
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == FailureKind::already_exists);
  CHECK(world.fake.jobs.size() == 1);
}

TEST_CASE("a reset while reading is only an interruption", "[transport]") {
  World world;
  world.fake.next("get", resets());
  CHECK(world.get("j1").error().kind == FailureKind::interrupted);
}

TEST_CASE("a connection that the server closed while it was idle costs nobody a failure",
          "[transport]") {
  World world;
  REQUIRE(world.create("j1"));
  world.fake.http().stop();
  world.fake.http().resume();
  CHECK(world.get("j1") == "index_j1");
  CHECK(world.create("j2"));
}

TEST_CASE("a server that says nothing is given up at the verb's deadline", "[transport]") {
  World world(hasty());
  world.fake.next("create", says_nothing(world.fake));
  world.fake.next("get", says_nothing(world.fake));
  const auto create = world.create("j1");
  CHECK(create.error().kind == FailureKind::unknown_outcome);
  CHECK_THAT(create.error().text, Catch::Contains("had no answer within"));
  CHECK(world.get("j1").error().kind == FailureKind::interrupted);
}

TEST_CASE("a stream whose header does not come is given up after that long", "[transport]") {
  World world(hasty());
  world.fake.next("watch", says_nothing(world.fake));
  std::optional<Failure> failure;
  StreamHandlers handlers;
  handlers.chunk = [](auto) {};
  handlers.closed = [&](std::optional<Failure> why) { failure = std::move(why); };
  world.transport.open({Verb::watch, "/apis/batch/v1/namespaces/d/jobs?watch=1", {}},
                       std::move(handlers), {});
  REQUIRE(run_until(world.io, [&] { return failure.has_value(); }));
  CHECK(failure->kind == FailureKind::interrupted);
  CHECK_THAT(failure->text, Catch::Contains("had no answer within 1"));
}

TEST_CASE("a stream that outlives its lifetime is cut", "[transport]") {
  World world;
  std::optional<Failure> failure;
  StreamHandlers handlers;
  handlers.chunk = [](auto) {};
  handlers.closed = [&](std::optional<Failure> why) { failure = std::move(why); };
  world.transport.open({Verb::watch, "/apis/batch/v1/namespaces/d/jobs?watch=1", {}},
                       std::move(handlers), 50ms);
  REQUIRE(run_until(world.io, [&] { return failure.has_value(); }));
  CHECK(failure->kind == FailureKind::interrupted);
}

TEST_CASE("an answer that stops in the middle is no answer", "[transport]") {
  World world;
  world.fake.next("get", [](const FakeRequest&, const std::shared_ptr<Wire>& wire) {
    wire->raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"kind\":\"Job\",");
    wire->cut();
  });
  CHECK(world.get("j1").error().kind == FailureKind::interrupted);
}

TEST_CASE("an answer that is no Kubernetes object says so", "[transport]") {
  World world;
  world.fake.next("get", answers(200, "<html>It works!</html>"));
  const auto page = world.get("j1");
  CHECK(page.error().kind == FailureKind::malformed);
  CHECK_THAT(page.error().text, Catch::Contains("is this a Kubernetes API server?"));
  world.fake.next("create", answers(201, R"({"kind":"Job")"));
  CHECK(world.create("j1").error().kind == FailureKind::unknown_outcome);
}

TEST_CASE(
    "a throttled request carries the server's wish, and the next one of its kind waits for it",
    "[transport]") {
  World world;
  world.fake.next("create", answers(429, "Too many requests, please try again later.\n",
                                    {{"Retry-After", "1"}}));
  const auto throttled = world.create("j1");
  REQUIRE(throttled.error().kind == FailureKind::throttled);
  CHECK(throttled.error().retry_after == 1s);
  std::optional<std::expected<JobView, Failure>> second;
  world.cluster.create_job("druid", job_named("j1"),
                           [&](auto reply) { second = std::move(reply); });
  CHECK(world.get("j1").error().kind == FailureKind::not_found);  // reads are not held up
  CHECK(world.fake.seen["create"] == 1);
  REQUIRE(run_until(world.io, [&] { return second.has_value(); }));
  CHECK(second->has_value());
}

TEST_CASE("while the server knows nobody by our token, what waits asks one after the other",
          "[transport]") {
  World world;
  world.fake.next("create", answers(401, R"({"kind":"Status","reason":"Unauthorized"})"));
  CHECK(world.create("j1").error().kind == FailureKind::unauthorized);
  std::optional<std::expected<JobView, Failure>> second;
  world.cluster.create_job("druid", job_named("j1"),
                           [&](auto reply) { second = std::move(reply); });
  CHECK(world.get("j1").error().kind == FailureKind::not_found);  // reads are not held up
  CHECK(world.fake.seen["create"] == 1);
  REQUIRE(run_until(world.io, [&] { return second.has_value(); }));
  CHECK(second->has_value());
}

TEST_CASE("nobody listening is reported with the address, and nothing was sent", "[transport]") {
  World world;
  world.fake.http().stop();
  const auto create = world.create("j1");
  CHECK(create.error().kind == FailureKind::unreachable);
  CHECK_THAT(create.error().text,
             Catch::Contains(world.fake.http().url()) && Catch::Contains("check the address"));
}

TEST_CASE("a cancelled request is never answered, before it was sent or after", "[transport]") {
  World world;
  bool called = false;
  const auto queued = world.cluster.get_job("druid", "j1", [&](auto) { called = true; });
  world.cluster.cancel(queued);
  REQUIRE_FALSE(world.get("j2"));
  std::shared_ptr<Wire> held;
  world.fake.next("get",
                  [&](const FakeRequest&, const std::shared_ptr<Wire>& wire) { held = wire; });
  const auto sent = world.cluster.get_job("druid", "j1", [&](auto) { called = true; });
  REQUIRE(run_until(world.io, [&] { return held != nullptr; }));
  world.cluster.cancel(sent);
  held->answer(200, "{}");
  REQUIRE_FALSE(world.get("j2"));
  CHECK_FALSE(called);
}

TEST_CASE("a destroyed transport calls nobody back", "[transport]") {
  boost::asio::io_context io;
  ClusterFake fake(io);
  int calls = 0;
  std::shared_ptr<Wire> held;
  {
    Transport transport(io, access_to(fake.http().url()));
    Cluster cluster(transport);
    fake.next("get", [&](const FakeRequest&, const std::shared_ptr<Wire>& wire) { held = wire; });
    cluster.get_job("druid", "a", [&](auto) { ++calls; });
    cluster.follow_log("druid", "p", {}, {[&](auto) {}, [&](auto) { ++calls; }});
    REQUIRE(run_until(io, [&] { return held != nullptr && fake.seen["log"] == 1; }));
    cluster.get_job("druid", "b", [&](auto) { ++calls; });  // still queued
  }
  held->answer(200, "{}");
  REQUIRE(run_until(io, [&] { return fake.http().open_connections() == 0; }));
  CHECK(calls == 0);
}

TEST_CASE("a transport may be destroyed by the callback of its own request", "[transport]") {
  boost::asio::io_context io;
  ClusterFake fake(io);
  auto transport = std::make_unique<Transport>(io, access_to(fake.http().url()));
  int others = 0;
  transport->send({Verb::version, "/version", {}}, [&](auto) { transport.reset(); });
  transport->send({Verb::get, "/apis/batch/v1/namespaces/d/jobs/x", {}}, [&](auto) { ++others; });
  REQUIRE(run_until(io, [&] { return transport == nullptr; }));
  REQUIRE(run_until(io, [&] { return fake.http().open_connections() == 0; }));
  CHECK(others <= 1);
}

TEST_CASE("a thousand requests at once share a constant number of sockets", "[transport]") {
  World world;
  int done = 0;
  for (int i = 0; i < 1000; ++i) {
    world.cluster.create_job("druid", job_named("j" + std::to_string(i)),
                             [&](auto reply) { done += reply ? 1 : 0; });
  }
  REQUIRE(run_until(world.io, [&] { return done == 1000; }));
  CHECK(world.fake.jobs.size() == 1000);
  CHECK(world.fake.http().connections() <= 16);
  CHECK(world.transport.counters().requests[static_cast<std::size_t>(Verb::create)] == 1000);
}

TEST_CASE("creates that hang do not keep deletes and reads from being sent", "[transport]") {
  World world;
  REQUIRE(world.create("j1"));
  for (int i = 0; i < 100; ++i) {
    world.fake.next("create", says_nothing(world.fake));
    world.cluster.create_job("druid", job_named("hang"), [](auto) {});
  }
  CHECK(world.get("j1"));
  CHECK(world.remove("j1", "00000000-0000-4000-8000-000000000001") == Deletion::accepted);
  CHECK(world.transport.queued(Verb::create) > 0);
}

TEST_CASE("a queue that is full refuses at once and says why", "[transport]") {
  TransportOptions options;
  options.queue_limit = 10;
  World world(options);
  int refused = 0;
  int created = 0;
  for (int i = 0; i < 30; ++i) {
    world.cluster.create_job("druid", job_named("j" + std::to_string(i)), [&](auto reply) {
      if (reply) return void(++created);
      CHECK(reply.error().kind == FailureKind::overloaded);
      ++refused;
    });
  }
  REQUIRE(run_until(world.io, [&] { return refused + created == 30; }));
  CHECK(refused == 20);
}

TEST_CASE("a log is read with its options, and followed as it grows to its end", "[transport]") {
  World world;
  world.fake.log = "one\r\ntwo\nthr";
  LogOptions options;
  options.container = "main";
  options.tail_lines = 7;
  const auto whole = world.await<std::string>(
      [&](Reply<std::string> reply) {
        world.cluster.read_log("druid", "p1", options, std::move(reply));
      },
      [](const std::string& text) { return text; });
  CHECK(whole == world.fake.log);
  CHECK(world.fake.requests.back().query["container"] == "main");
  CHECK(world.fake.requests.back().query["tailLines"] == "7");

  std::string seen;
  bool closed = false;
  std::shared_ptr<Wire> stream;
  world.fake.next("log", [&](const FakeRequest& request, const std::shared_ptr<Wire>& wire) {
    stream = wire;
    world.fake.serve(request, wire);
  });
  world.cluster.follow_log("druid", "p1", {},
                           {[&](std::string_view bytes) { seen += bytes; },
                            [&](std::optional<Failure> failure) { closed = !failure; }});
  REQUIRE(run_until(world.io, [&] { return seen == world.fake.log; }));
  stream->chunk("ee\n");
  REQUIRE(run_until(world.io, [&] { return seen.ends_with("ee\n"); }));
  stream->chunk("end");
  stream->end();
  REQUIRE(run_until(world.io, [&] { return closed; }));
  CHECK(seen == "one\r\ntwo\nthree\nend");
}

TEST_CASE("a log that cannot be had yet is refused with the server's reason", "[transport]") {
  World world;
  world.fake.next(
      "log",
      answers(400, ClusterFake::status(400, "BadRequest",
                                       "container \"main\" is waiting to start: PodInitializing")));
  const auto log = world.await<std::string>(
      [&](Reply<std::string> reply) {
        world.cluster.read_log("druid", "p1", {}, std::move(reply));
      },
      [](const std::string& text) { return text; });
  CHECK(log.error().kind == FailureKind::invalid);
  CHECK_THAT(log.error().text, Catch::Contains("is waiting to start"));
}

TEST_CASE("the server's version is read, also a vendor's", "[transport]") {
  World world;
  const auto version = world.await<ServerVersion>(
      [&](Reply<ServerVersion> reply) { world.cluster.server_version(std::move(reply)); },
      [](const ServerVersion& v) { return v; });
  REQUIRE(version);
  CHECK(version->git_version == "v1.34.4");
  CHECK(version->minor == 34);
}

TEST_CASE("the pods of a Job are asked for by the Job's uid", "[transport]") {
  World world;
  world.fake.pods = R"({"kind":"PodList","metadata":{"resourceVersion":"7"},"items":[
    {"metadata":{"name":"p1","uid":"aaaaaaaa-0000-4000-8000-000000000001","resourceVersion":"5"},"status":{"phase":"Running","podIP":"10.0.0.9"}},
    {"metadata":{"name":"p2","uid":"aaaaaaaa-0000-4000-8000-000000000002","resourceVersion":"6"},"status":{"phase":"Failed"}}]})";
  const Uid job = parse_uid("bbbbbbbb-0000-4000-8000-000000000001");
  const auto names = world.await<std::vector<PodView>>(
      [&](Reply<std::vector<PodView>> reply) {
        world.cluster.pods_of_job("druid", job, std::move(reply));
      },
      [](const std::vector<PodView>& pods) {
        std::vector<std::string> seen;
        for (const PodView& pod : pods)
          seen.push_back(std::string(pod.meta.name) + " " + std::string(pod.phase));
        return seen;
      });
  CHECK(names == std::vector<std::string>{"p1 Running", "p2 Failed"});
  CHECK(world.fake.requests.back().query["labelSelector"] ==
        "controller-uid=bbbbbbbb-0000-4000-8000-000000000001");
}
