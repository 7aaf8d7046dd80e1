#include "runner/cli/strategy_publisher.hpp"

#include "grammar/druid_policy.hpp"
#include "runner/http/server.hpp"
#include "tests/runner/http/client.hpp"

#include <algorithm>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

using namespace copse;
using namespace copse::runner;
using copse::tests::await;

namespace {

// An Overlord that keeps a worker configuration, and may be away.
struct Overlord {
  explicit Overlord(boost::asio::io_context& io) {
    auto listening =
        http::Server::listen(io, {}, [this](const http::Request& asked, http::Responder to) {
          if (is_away) return to.send({.status = 503, .body = "no leader"});
          if (asked.method == "POST") {
            config = asked.body;
            ++publications;
          }
          to.send({.status = 200, .body = config});
        });
    REQUIRE(listening);
    server = std::move(*listening);
  }

  std::unique_ptr<http::Server> server;
  bool is_away = false;
  std::string config;
  int publications = 0;
};

cli::Published published(const std::string& strategy) {
  const engine::Source source{"strategy.json", strategy};
  const auto read = grammar::read_runner_strategy(source);
  REQUIRE(read);
  cli::Published what;
  what.runner = grammar::runner_policy(read->value, source);
  what.categories.copse = "copse";
  what.policy = "policy.json";
  what.version = "1";
  return what;
}

const std::string kafka_here =
    R"({"type":"taskType","default":"worker","overrides":{"index_kafka":"k8s"}})";
const std::string kafka_there =
    R"({"type":"taskType","default":"k8s","overrides":{"index_kafka":"worker"}})";

struct World {
  boost::asio::io_context io;
  Overlord overlord{io};
  overlord::OverlordClient client{
      io, {}, {"http://127.0.0.1:" + std::to_string(overlord.server->port())}};
  std::string strategy = kafka_here;
  std::vector<std::string> logged;
  cli::StrategyPublisher publisher{
      io, client, [this] { return published(strategy); },
      [this](const service::ServiceEvent& event) { logged.emplace_back(event.what); }};

  std::size_t times(const std::string& event) const {
    return static_cast<std::size_t>(std::count(logged.begin(), logged.end(), event));
  }
};

}  // namespace

TEST_CASE("a strategy is published once, and another one when it is looked for", "[cli]") {
  World world;
  world.publisher.look();
  await(world.io, [&] { return world.times("runner strategy published") == 1; });
  CHECK(world.overlord.config.find(R"("index_kafka":{"defaultCategory":"copse")") !=
        std::string::npos);
  // Nothing new to say: a look that finds what it would publish.
  world.publisher.look();
  world.strategy = kafka_there;
  world.publisher.look();
  await(world.io, [&] { return world.times("runner strategy published") == 2; });
  CHECK(world.overlord.publications == 2);
}

TEST_CASE("an Overlord that is away is told of once, and has the strategy soon after it is back",
          "[cli]") {
  World world;
  world.overlord.is_away = true;
  world.publisher.look();
  await(world.io, [&] { return world.times("runner strategy not published") == 1; });
  world.publisher.look();
  world.overlord.is_away = false;
  const auto begin = std::chrono::steady_clock::now();
  await(world.io, [&] { return world.times("runner strategy published") == 1; });
  CHECK(std::chrono::steady_clock::now() - begin < cli::worker_config_interval);
  CHECK(world.times("runner strategy not published") == 1);
}
