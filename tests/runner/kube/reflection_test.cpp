// List and watch over a real connection: the picture stays the server's, whatever happens to the
// connection.

#include "runner/kube/reflection.hpp"

#include "runner/kube/query.hpp"
#include "tests/runner/kube/cluster_fake.hpp"

#include <map>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace copse::runner::kube;
using namespace copse::tests;

namespace {

// Short enough for a test, long enough to tell apart what happens at once and what after a pause.
ReflectorTimes quick() {
  ReflectorTimes times;
  times.backoff_start = 10ms;
  times.short_watch = 5ms;
  times.watch_silence = 50ms;
  times.doubt_grace = 20ms;
  return times;
}

ClusterAccess access_to(const std::string& url) {
  ClusterAccess access;
  access.server.url = url;
  return access;
}

struct World {
  explicit World(int jobs = 0, const ReflectorTimes& times = quick(),
                 std::chrono::milliseconds deadline = 200ms)
      : transport(io, access_to(fake.http().url()), options(deadline)) {
    for (int i = 0; i < jobs; ++i) fake.touch("j" + std::to_string(i));
    prepared = times;
  }

  static TransportOptions options(std::chrono::milliseconds deadline) {
    TransportOptions options;
    options.deadlines.fill(deadline);
    return options;
  }

  void start() {
    Sink<JobView> sink;
    sink.upsert = [this](const JobView& job) {
      picture[std::string(job.meta.name)] = std::string(job.meta.resource_version);
      finished[std::string(job.meta.name)] = job.is_finished();
      ++told;
    };
    sink.removed = [this](const JobView& job) { picture.erase(std::string(job.meta.name)); };
    sink.vanished = [this](Uid uid) {
      ++vanished;
      for (const auto& [name, known] : uids) {
        if (known == uid) picture.erase(name);
      }
    };
    sink.synced = [this] { ++synced; };
    sink.trouble = [this](const Failure& failure) { troubles.push_back(failure); };
    reflection = std::make_unique<Reflection>(
        transport, Collection{jobs_path("druid"), "copse/owner=o1", {}}, std::move(sink), prepared);
  }

  // Synced, and the watch is there.
  void settle() {
    start();
    REQUIRE(run_until(io, [&] { return synced == 1 && fake.watches() == 1; }));
    remember();
  }

  void remember() {
    for (const auto& [name, job] : fake.jobs) uids[name] = parse_uid(job.uid);
  }

  bool is_true() const {
    std::map<std::string, std::string> truth;
    for (const auto& [name, job] : fake.jobs) truth[name] = std::to_string(job.version);
    return picture == truth;
  }

  bool becomes_true() {
    return run_until(io, [&] { return is_true(); });
  }

  bool watches_again(int times) {
    return run_until(io, [&] { return fake.seen["watch"] >= times && fake.watches() == 1; });
  }

  boost::asio::io_context io;
  ClusterFake fake{io};
  Transport transport;
  ReflectorTimes prepared;
  std::unique_ptr<Reflection> reflection;
  std::map<std::string, std::string> picture;
  std::map<std::string, bool> finished;
  std::map<std::string, Uid> uids;
  std::vector<Failure> troubles;
  int told = 0;
  int vanished = 0;
  int synced = 0;
};

}  // namespace

TEST_CASE("what is there is listed compressed, and what happens is watched from the list's version",
          "[reflection]") {
  World world(3);
  world.settle();
  CHECK(world.is_true());
  world.fake.touch("j3");
  world.fake.touch("j1", R"({"conditions":[{"type":"Complete","status":"True"}]})");
  world.fake.remove("j0");
  CHECK(world.becomes_true());
  CHECK(world.finished["j1"]);
  CHECK(world.fake.seen["list"] == 1);
  const FakeRequest& list = world.fake.requests.front();
  CHECK(list.query.at("labelSelector") == "copse/owner=o1");
  CHECK(list.query.at("resourceVersion") == "0");
  CHECK(list.header.at("accept-encoding") == "gzip");
  const FakeRequest& watch = world.fake.requests.back();
  CHECK(watch.query.at("allowWatchBookmarks") == "true");
  CHECK(watch.query.at("resourceVersion") == "103");
}

TEST_CASE("a list in pages is told page by page and concluded once", "[reflection]") {
  World world(25);
  world.fake.page_size = 10;
  world.settle();
  CHECK(world.is_true());
  CHECK(world.fake.seen["list"] == 3);
  CHECK(world.synced == 1);
}

TEST_CASE("a watch that the server ends a hundred times loses nothing and lists nothing",
          "[reflection]") {
  World world(1);
  world.settle();
  for (int i = 0; i < 100; ++i) {
    world.fake.touch("j" + std::to_string(i % 7));
    REQUIRE(world.becomes_true());
    if (i % 2 == 0) {
      world.fake.end_watches();
    } else {
      world.fake.cut_watches();
    }
    world.fake.touch("between" + std::to_string(i));  // while nobody is watching
    REQUIRE(world.watches_again(i + 2));
  }
  CHECK(world.becomes_true());
  CHECK(world.fake.seen["list"] == 1);
  CHECK(world.troubles.empty());
}

TEST_CASE("a watch that has expired is listed anew, and what was deleted meanwhile has vanished",
          "[reflection]") {
  World world(3);
  world.settle();
  world.fake.http().stop();
  world.fake.remove("j0");
  world.fake.touch("j9");
  world.fake.compact();
  world.fake.http().resume();
  CHECK(world.becomes_true());
  CHECK(world.vanished == 1);
  CHECK(world.fake.seen["list"] == 2);
}

TEST_CASE("a continue token that expires between two pages restarts the list and concludes nothing",
          "[reflection]") {
  World world(25);
  world.fake.page_size = 10;
  world.fake.next("list", [&](const FakeRequest& request, const std::shared_ptr<Wire>& wire) {
    world.fake.serve(request, wire);
    ++world.fake.version;
    world.fake.compact();
  });
  world.start();
  CHECK(world.becomes_true());
  REQUIRE(run_until(world.io, [&] { return world.synced == 1; }));
  CHECK(world.vanished == 0);
  CHECK(world.fake.seen["list"] == 3);
  CHECK_FALSE(world.fake.requests[2].query.contains("limit"));
}

TEST_CASE("a server that does not have the version yet is asked for its newest", "[reflection]") {
  World world(1);
  world.settle();
  world.fake.version = 50;  // a replica that lags behind
  world.fake.say(R"({"type":"ERROR","object":)" + ClusterFake::status(410, "Expired", "too old") +
                 "}\n");
  REQUIRE(run_until(world.io, [&] { return world.fake.seen["list"] >= 3; }));
  CHECK_FALSE(world.fake.requests.back().query.contains("resourceVersion"));
  CHECK(world.vanished == 0);
}

TEST_CASE("a garbled line drops the connection, and the stream goes on from the last good event",
          "[reflection]") {
  const auto line =
      GENERATE(as<std::string>{}, "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\n",
               "\x01\x02\xff\n", "{\"type\":\"MODIFIED\",\"object\":{}}\n", "[]\n", "null\n");
  World world(2);
  world.settle();
  world.fake.say(line);
  REQUIRE(world.watches_again(2));
  world.fake.touch("j5");
  CHECK(world.becomes_true());
  CHECK(world.fake.seen["list"] == 1);
  REQUIRE(world.troubles.size() == 1);
  CHECK(world.troubles[0].kind == FailureKind::malformed);
}

TEST_CASE("a line cut off by a broken connection is not taken for an event", "[reflection]") {
  World world(2);
  world.settle();
  world.fake.say(R"({"type":"DELETED","object":{"metadata":{"name":"j0")");
  world.fake.cut_watches();
  REQUIRE(world.watches_again(2));
  CHECK(world.becomes_true());
  CHECK(world.picture.size() == 2);
}

TEST_CASE("a watch that is silently dead is found out by a probe and resumed", "[reflection]") {
  World world(1);
  world.settle();
  world.fake.freeze(true);
  world.fake.touch("j7");
  REQUIRE(run_until(world.io, [&] { return world.reflection->reflector().figures().probes >= 1; }));
  world.fake.freeze(false);
  CHECK(world.becomes_true());
  CHECK(world.reflection->reflector().figures().lists == 1);
  const bool probed = std::any_of(
      world.fake.requests.begin(), world.fake.requests.end(), [](const FakeRequest& request) {
        return request.query.contains("limit") && request.query.at("limit") == "1";
      });
  CHECK(probed);
}

TEST_CASE("an API server that is away is waited for, and then nothing has been missed",
          "[reflection]") {
  World world(2);
  world.settle();
  world.fake.touch("j1");
  REQUIRE(world.becomes_true());
  world.fake.http().stop();
  world.fake.touch("j0");
  REQUIRE(run_until(world.io, [&] { return world.troubles.size() >= 2; }));
  CHECK(world.troubles.back().kind == FailureKind::unreachable);
  world.fake.http().resume();
  CHECK(world.becomes_true());
  CHECK(world.fake.seen["list"] == 1);
}

TEST_CASE("a list that is refused is tried again until it is granted, and each refusal is told",
          "[reflection]") {
  World world(1);
  const std::string refusal = ClusterFake::status(
      403, "Forbidden",
      R"(jobs.batch is forbidden: User "system:serviceaccount:a:b" cannot list resource "jobs")");
  for (int i = 0; i < 3; ++i) world.fake.next("list", answers(403, refusal));
  world.start();
  CHECK(world.becomes_true());
  REQUIRE(world.troubles.size() == 3);
  CHECK(world.troubles[0].kind == FailureKind::forbidden);
}

TEST_CASE("a list that is cut in the middle is asked for again", "[reflection]") {
  World world(3);
  world.fake.next(
      "list",
      answers(200,
              R"({"kind":"JobList","metadata":{"resourceVersion":"1"},"items":[{"metadata":)"));
  world.fake.next(
      "list",
      answers(200, R"({"kind":"JobList","metadata":{"resourceVersion":"1"},"items":[{"a":1}]})"));
  world.fake.next("list", answers(200, "<html>"));
  world.start();
  CHECK(world.becomes_true());
  CHECK(world.fake.seen["list"] == 4);
}

TEST_CASE("a destroyed reflection tells nothing more", "[reflection]") {
  World world(1);
  world.settle();
  world.reflection.reset();
  world.fake.touch("j0");
  REQUIRE(run_until(world.io, [&] { return world.fake.watches() == 0; }));
  CHECK(world.told == 1);
}

TEST_CASE("a watch that ends at once and empty, broken or in order, leads to a pause and a list",
          "[reflection]") {
  World world(1);
  world.prepared.short_watch = 1h;
  world.fake.next("watch", [](const FakeRequest&, const std::shared_ptr<Wire>& wire) {
    wire->begin(200);
    wire->cut();
  });
  world.fake.next("watch", [](const FakeRequest&, const std::shared_ptr<Wire>& wire) {
    wire->begin(200);
    wire->end();
  });
  world.fake.next("watch",
                  [](const FakeRequest&, const std::shared_ptr<Wire>& wire) { wire->begin(200); });
  world.start();
  REQUIRE(world.watches_again(4));
  CHECK(world.fake.seen["list"] == 4);
  CHECK(world.synced == 4);
}

TEST_CASE("ten thousand Jobs are listed through a handful of bytes", "[reflection]") {
  World world(10'000, quick(), 10s);
  world.start();
  REQUIRE(run_until(world.io, [&] { return world.synced == 1; }));
  CHECK(world.is_true());
  CHECK(world.reflection->reflector().size() == 10'000);
  CHECK(world.transport.counters().bytes_received < 1'000'000);
}
