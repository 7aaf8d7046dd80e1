// Staying welcome: tokens that rotate and expire, plugins, certificates, and TLS itself.

#include "runner/kube/cluster.hpp"
#include "runner/kube/exec_plugin.hpp"
#include "tests/runner/kube/certificates.hpp"
#include "tests/runner/kube/cluster_fake.hpp"
#include "tests/runner/kube/folder.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace copse::runner::kube;
using namespace copse::tests;

namespace {

const std::string credential_head =
    R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":)";

// The result of asking for the server's version.
std::expected<std::string, Failure> ask(boost::asio::io_context& io, Transport& transport) {
  std::optional<std::expected<std::string, Failure>> result;
  transport.send({Verb::version, "/version", {}}, [&](std::expected<Answer, Failure> answer) {
    result = answer ? std::expected<std::string, Failure>(answer->body)
                    : std::unexpected(answer.error());
  });
  REQUIRE(run_until(io, [&] { return result.has_value(); }));
  return *result;
}

ExecPlugin plugin(const std::string& command) {
  ExecPlugin plugin;
  plugin.command = command;
  plugin.api_version = "client.authentication.k8s.io/v1";
  return plugin;
}

struct World {
  explicit World(std::optional<FakeTls> tls = {}) : fake(io, std::move(tls)) {
    access.server.url = fake.http().url();
  }

  Transport& connect() {
    transport = std::make_unique<Transport>(io, access, options);
    return *transport;
  }

  std::expected<std::string, Failure> ask() {
    return ::ask(io, transport ? *transport : connect());
  }

  boost::asio::io_context io;
  ClusterFake fake;
  ClusterAccess access;
  TransportOptions options;
  std::unique_ptr<Transport> transport;
  Folder folder;
};

std::expected<ExecCredential, Failure> run(const ExecPlugin& what,
                                           std::chrono::milliseconds deadline = 5s) {
  boost::asio::io_context io;
  std::optional<std::expected<ExecCredential, Failure>> result;
  const PluginRun run(io, what, deadline, [&](std::expected<ExecCredential, Failure> credential) {
    result = std::move(credential);
  });
  CHECK_FALSE(result.has_value());
  REQUIRE(run_until(io, [&] { return result.has_value(); }));
  return std::move(*result);
}

}  // namespace

TEST_CASE("a token file is read again at once after a 401, and the request is sent again",
          "[login]") {
  World world;
  world.access.token = TokenFile{world.folder.write("token", "one\n")};
  world.fake.token = "one";
  CHECK(world.ask());
  world.fake.token = "two";
  world.folder.write("token", "two\n");
  CHECK(world.ask());
  CHECK(world.fake.seen["version"] == 3);
  CHECK(world.transport->counters().repeats == 1);
}

TEST_CASE("a create that met a 401 is sent again too: the server has done nothing", "[login]") {
  World world;
  world.access.token = TokenFile{world.folder.write("token", "old")};
  world.fake.token = "new";
  Cluster cluster(world.connect());
  bool created = false;
  cluster.get_job("d", "x", [&](auto) { world.folder.write("token", "new"); });
  REQUIRE(run_until(world.io, [&] { return world.fake.seen["get"] == 2; }));
  cluster.create_job("d", R"({"metadata":{"name":"j"}})",
                     [&](auto reply) { created = reply.has_value(); });
  REQUIRE(run_until(world.io, [&] { return created; }));
}

TEST_CASE("a token file is read again when what was read is old", "[login]") {
  World world;
  world.options.token_reread = 0ms;
  world.access.token = TokenFile{world.folder.write("token", "one")};
  CHECK(world.ask());
  world.folder.write("token", "two");
  CHECK(world.ask());
  CHECK(world.fake.requests.back().header["authorization"] == "Bearer two");
}

TEST_CASE("a token file that vanishes leaves the token in force; one that never was is a failure",
          "[login]") {
  World world;
  world.options.token_reread = 0ms;
  world.access.token = TokenFile{world.folder.write("token", "one")};
  CHECK(world.ask());
  std::filesystem::remove(world.folder.path("token"));
  CHECK(world.ask());
  world.access.token = TokenFile{world.folder.path("nowhere")};
  world.transport.reset();
  const auto refused = world.ask();
  CHECK(refused.error().kind == FailureKind::credentials);
  CHECK_THAT(refused.error().text, Catch::Contains("nowhere` cannot be read: No such file"));
}

TEST_CASE("a fixed token that is refused is refused once", "[login]") {
  World world;
  world.access.token = Secret("stale");
  world.fake.token = "fresh";
  const auto refused = world.ask();
  CHECK(refused.error().kind == FailureKind::unauthorized);
  CHECK_THAT(refused.error().text, Catch::Contains("not expired") && !Catch::Contains("stale"));
  CHECK(world.fake.seen["version"] == 1);
}

TEST_CASE("a plugin runs once for many requests, and again after a 401", "[login]") {
  World world;
  const std::string script = world.folder.write_script(
      "login", "echo x >> " + world.folder.path("runs") + "\ntoken=$(cat " +
                   world.folder.path("token") + ")\nprintf '" + credential_head +
                   R"sh({"token":"%s"}}' "$token")sh");
  world.folder.write("token", "one");
  world.access.token = plugin(script);
  world.fake.token = "one";
  world.connect();
  int done = 0;
  for (int i = 0; i < 20; ++i)
    world.transport->send({Verb::version, "/version", {}},
                          [&](auto answer) { done += answer ? 1 : 0; });
  REQUIRE(run_until(world.io, [&] { return done == 20; }));
  CHECK(read_small_file(world.folder.path("runs")) == "x\n");
  world.fake.token = "two";
  world.folder.write("token", "two");
  CHECK(world.ask());
  CHECK(read_small_file(world.folder.path("runs")) == "x\nx\n");
  SECTION("but not in a loop when it hands out refused tokens") {
    world.fake.token = "three";
    CHECK(world.ask().error().kind == FailureKind::unauthorized);
    CHECK(world.ask().error().kind == FailureKind::unauthorized);
    CHECK(read_small_file(world.folder.path("runs")) == "x\nx\n");
  }
}

TEST_CASE("a credential that has expired is renewed, but one that is born expired is used",
          "[login]") {
  World world;
  const std::string expired =
      credential_head + R"({"token":"t","expirationTimestamp":"2020-01-01T00:00:00Z"}})";
  world.access.token = plugin(world.folder.write_script(
      "login", "echo x >> " + world.folder.path("runs") + "\necho '" + expired + "'\n"));
  const auto runs = [&] {
    return read_small_file(world.folder.path("runs")).value_or("").size() / 2;
  };
  SECTION("at once") {
    for (int i = 0; i < 5; ++i) CHECK(world.ask());
    CHECK(runs() == 1);
  }
  SECTION("after a pause") {
    world.options.plugin_pause = 20ms;
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    while (runs() < 3 && std::chrono::steady_clock::now() < deadline) REQUIRE(world.ask());
    CHECK(runs() >= 3);
  }
}

TEST_CASE("a plugin that fails makes the waiting requests fail with what it said", "[login]") {
  World world;
  world.access.token =
      plugin(world.folder.write_script("login", "echo 'please log in first' >&2\nexit 3\n"));
  const auto refused = world.ask();
  CHECK(refused.error().kind == FailureKind::credentials);
  CHECK_THAT(refused.error().text,
             Catch::Contains("exit code 3") && Catch::Contains("please log in first"));
  CHECK(world.fake.seen["version"] == 0);
}

TEST_CASE("a plugin sees what it may know, and nobody to ask", "[plugin]") {
  const Folder folder;
  ExecPlugin what = plugin(folder.write_script(
      "login", "cat > " + folder.path("in") + "\necho \"$KUBERNETES_EXEC_INFO\" > " +
                   folder.path("info") + "\necho \"$1 $WHO\" > " + folder.path("args") +
                   "\necho '" + credential_head +
                   R"({"token":"t","expirationTimestamp":"2099-01-01T00:00:00Z"}}')"));
  what.arguments = {"one"};
  what.environment = {{"WHO", "copse"}};
  what.cluster_info = R"({"server":"https://x"})";
  const auto credential = run(what);
  REQUIRE(credential.has_value());
  CHECK(credential->token.reveal() == "t");
  CHECK(credential->expires.has_value());
  CHECK(read_small_file(folder.path("in")) == "");
  CHECK(read_small_file(folder.path("args")) == "one copse\n");
  CHECK_THAT(*read_small_file(folder.path("info")),
             Catch::Contains(R"("interactive":false)") &&
                 Catch::Contains(R"("cluster":{"server":"https://x"})"));
}

TEST_CASE("a plugin that is missing, hangs or floods is ended with words of its own", "[plugin]") {
  const Folder folder;
  ExecPlugin missing = plugin("copse-no-such-plugin");
  missing.install_hint = "install it from the cloud";
  const auto none = run(missing);
  CHECK_THAT(none.error().text,
             Catch::Contains("cannot be started") && Catch::Contains("install it from the cloud"));
  CHECK_THAT(run(plugin(folder.write_script("hang", "sleep 600 & wait\n")), 50ms).error().text,
             Catch::Contains("did not end in time"));
  CHECK_THAT(run(plugin(folder.write_script("flood", "head -c 3000000 /dev/zero\n"))).error().text,
             Catch::Contains("not a JSON object"));
}

TEST_CASE("an abandoned plugin is killed and tells nobody", "[plugin]") {
  const Folder folder;
  boost::asio::io_context io;
  bool told = false;
  {
    const PluginRun run(io, plugin(folder.write_script("hang", "sleep 600\n")), 5s,
                        [&](auto) { told = true; });
  }
  io.run_for(20ms);
  CHECK_FALSE(told);
}

TEST_CASE("an ExecCredential that lacks something says what, and never what it holds", "[plugin]") {
  const std::string v1 = "client.authentication.k8s.io/v1";
  const auto cause = [&](const std::string& text) {
    return read_exec_credential(text, v1).error();
  };
  CHECK_THAT(cause("token"), Catch::Contains("not a JSON object"));
  CHECK_THAT(cause("{}"), Catch::Contains("no ExecCredential"));
  CHECK_THAT(
      cause(R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1"})"),
      Catch::Contains("apiVersion"));
  CHECK_THAT(cause(R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"})"),
             Catch::Contains("no status"));
  CHECK_THAT(cause(credential_head + "{}}"), Catch::Contains("neither a token nor"));
  CHECK_THAT(cause(credential_head + R"({"clientCertificateData":"s3cret"}})"),
             Catch::Contains("without its key") && !Catch::Contains("s3cret"));
  CHECK_THAT(cause(credential_head + R"({"token":"s3cret","expirationTimestamp":"soon"}})"),
             Catch::Contains("not a time") && !Catch::Contains("s3cret"));
}

TEST_CASE("a server is trusted by its authority, and not by another", "[tls]") {
  const Authority authority("ca");
  const Authority stranger("stranger");
  const Issued server = authority.issue("server", "IP:127.0.0.1");
  World world(FakeTls{server.certificate_pem, server.key_pem, {}});
  world.access.server.authority_pem = authority.certificate_pem();
  CHECK(world.ask());
  world.transport.reset();
  world.access.server.authority_pem = stranger.certificate_pem();
  const auto refused = world.ask();
  CHECK(refused.error().kind == FailureKind::tls);
  CHECK_THAT(refused.error().text, Catch::Contains("certificate"));
  world.transport.reset();
  world.access.server.authority_pem.clear();
  world.access.server.insecure = true;
  CHECK(world.ask());
}

TEST_CASE("a server under another name is verified by tls-server-name", "[tls]") {
  const Authority authority("ca");
  const Issued server = authority.issue("server", "DNS:kubernetes.internal");
  World world(FakeTls{server.certificate_pem, server.key_pem, {}});
  world.access.server.authority_pem = authority.certificate_pem();
  CHECK(world.ask().error().kind == FailureKind::tls);
  world.transport.reset();
  world.access.server.tls_server_name = "kubernetes.internal";
  CHECK(world.ask());
  CHECK(world.fake.requests.back().header["host"] ==
        "127.0.0.1:" + std::to_string(world.fake.http().port()));
}

TEST_CASE("a client certificate from memory is shown to the server; without one it refuses",
          "[tls]") {
  const Authority authority("ca");
  const Issued server = authority.issue("server", "IP:127.0.0.1");
  const Issued client = authority.issue("copse");
  World world(FakeTls{server.certificate_pem, server.key_pem, authority.certificate_pem()});
  world.access.server.authority_pem = authority.certificate_pem();
  CHECK_FALSE(world.ask());
  world.transport.reset();
  world.access.certificate = Certificate{client.certificate_pem, Secret(client.key_pem)};
  CHECK(world.ask());
  CHECK(world.fake.requests.back().peer == "/CN=copse");
}

TEST_CASE("a client certificate that is replaced on disk is used from the next connection on",
          "[tls]") {
  const Authority authority("ca");
  const Issued server = authority.issue("server", "IP:127.0.0.1");
  const Issued first = authority.issue("first");
  const Issued second = authority.issue("second");
  World world(FakeTls{server.certificate_pem, server.key_pem, authority.certificate_pem()});
  world.options.certificate_reread = 0ms;
  world.access.server.authority_pem = authority.certificate_pem();
  world.access.certificate = Certificate{first.certificate_pem, Secret(first.key_pem)};
  world.access.certificate_files = CertificateFiles{
      world.folder.write("crt", first.certificate_pem), world.folder.write("key", first.key_pem)};
  CHECK(world.ask());
  CHECK(world.fake.requests.back().peer == "/CN=first");
  world.folder.write("crt", second.certificate_pem);
  world.folder.write("key", second.key_pem);
  CHECK(world.ask());
  CHECK(world.fake.requests.back().peer == "/CN=second");
}

TEST_CASE("an authority that is replaced on disk is trusted without a restart", "[tls]") {
  const Authority old_authority("old");
  const Authority new_authority("new");
  const Issued server = new_authority.issue("server", "IP:127.0.0.1");
  World world(FakeTls{server.certificate_pem, server.key_pem, {}});
  world.access.server.authority_pem = old_authority.certificate_pem();
  world.access.authority_file = world.folder.write("ca.crt", old_authority.certificate_pem());
  CHECK(world.ask().error().kind == FailureKind::tls);
  world.folder.write("ca.crt", new_authority.certificate_pem());
  CHECK(world.ask());
}

TEST_CASE("a watch over TLS has a connection of its own", "[tls]") {
  const Authority authority("ca");
  const Issued server = authority.issue("server", "IP:127.0.0.1");
  World world(FakeTls{server.certificate_pem, server.key_pem, {}});
  world.access.server.authority_pem = authority.certificate_pem();
  CHECK(world.ask());
  bool opened = false;
  StreamHandlers handlers;
  handlers.opened = [&] { opened = true; };
  handlers.chunk = [](auto) {};
  handlers.closed = [](auto) {};
  world.transport->open(
      {Verb::watch, "/apis/batch/v1/namespaces/d/jobs?watch=1&resourceVersion=0", {}},
      std::move(handlers), {});
  REQUIRE(run_until(world.io, [&] { return opened; }));
  CHECK(world.fake.http().connections() == 2);
  CHECK(world.ask());
  CHECK(world.fake.http().connections() == 2);
}
