// HTTPS: certificates from files, client certificates, reload.

#include "runner/http/client.hpp"
#include "tests/runner/http/world.hpp"
#include "tests/runner/kube/certificates.hpp"
#include "tests/runner/kube/folder.hpp"

#include <filesystem>

using namespace copse::tests;

namespace {

const Authority& authority() {
  static const Authority one("copse test authority");
  return one;
}

// Certificate and key of the server in files, as a person would state them.
struct Papers {
  Papers() { renew("first"); }

  void renew(const std::string& name) {
    const Issued issued = authority().issue(name, "IP:127.0.0.1");
    folder.write("server.pem", issued.certificate_pem);
    folder.write("key.pem", issued.key_pem);
    folder.write("clients.pem", authority().certificate_pem());
  }

  [[nodiscard]] Options options(std::optional<ClientCertificates> clients = {}) const {
    Options options;
    TlsFiles& tls = options.tls.emplace();
    tls.certificate.path = folder.path("server.pem");
    tls.key.path = folder.path("key.pem");
    if (clients) {
      tls.client_authority = PemFile{folder.path("clients.pem"), "copse.tls.clientCa"};
      tls.clients = *clients;
    }
    return options;
  }

  Folder folder;
};

ClientPapers anonymous() {
  return {.authority_pem = authority().certificate_pem(), .certificate_pem = {}, .key_pem = {}};
}

ClientPapers named(const Authority& by, const std::string& name) {
  const Issued issued = by.issue(name);
  return {authority().certificate_pem(), issued.certificate_pem, issued.key_pem};
}

std::string failure_text(const Options& options) {
  boost::asio::io_context io;
  auto listening = Server::listen(io, options, [](const Request&, Responder) {});
  if (listening) return "listens";
  CHECK(listening.error().kind == Failure::Kind::certificate);
  return listening.error().text;
}

}  // namespace

TEST_CASE("over TLS requests are answered, also pipelined and streamed ones", "[http]") {
  const Papers papers;
  World world(papers.options());
  HttpClient client(world.io, world.port, anonymous());
  const std::string body(1U << 20U, 'a');
  client.send(post("/x", body) + get("/hold") + get("/last", "Connection: close\r\n"));
  CHECK(client.answer().body == "POST /x " + body);
  world.holds(1);
  world.held[0].begin({.body = "one"});
  world.held[0].write(body);
  world.held[0].end();
  CHECK(client.answer().body == "one" + body);
  CHECK(client.answer().body == "GET /last ");
  client.closed();
  CHECK(world.subject.empty());
}

TEST_CASE("over TLS a client that goes away frees its poll", "[http]") {
  const Papers papers;
  World world(papers.options());
  {
    HttpClient client(world.io, world.port, anonymous());
    client.send(get("/hold"));
    world.holds(1);
  }
  await(world.io, [&] { return world.gone == 1; });
}

TEST_CASE("over TLS a refused body is heard out, and its client reads why", "[http]") {
  const Papers papers;
  Options options = papers.options();
  options.limits.body_bytes = 1000;
  World world(options);
  HttpClient client(world.io, world.port, anonymous());
  client.send(post("/x", std::string(4U << 20U, 'a')));
  CHECK(client.answer().status == 413);
  client.closed();
}

TEST_CASE("a client that speaks no TLS, or does not go on with it, is cut", "[http]") {
  const Papers papers;
  Options options = papers.options();
  options.limits.handshake = 20ms;
  World world(options);
  HttpClient plain(world.io, world.port), silent(world.io, world.port);
  plain.send(get("/x"));
  plain.closed();
  silent.closed();
  CHECK(world.seen.empty());
  CHECK(world.server->counters().cut == 1);
}

TEST_CASE("the subject of a client's certificate reaches the handler", "[http]") {
  const Papers papers;
  World world(papers.options(ClientCertificates::required));
  HttpClient client(world.io, world.port, named(authority(), "overlord, the first"));
  client.send(get("/x", "Authorization: Basic dTpw\r\n"));
  CHECK(client.answer().status == 200);
  CHECK(world.subject == "CN=overlord\\, the first");
  CHECK(world.authorization == "Basic dTpw");
}

TEST_CASE(
    "where certificates are required, a client without one or with a foreign one is not heard",
    "[http]") {
  const Papers papers;
  World world(papers.options(ClientCertificates::required));
  const Authority foreign("another authority");
  const bool has_one = GENERATE(false, true);
  HttpClient client(world.io, world.port, has_one ? named(foreign, "overlord") : anonymous());
  client.closed();
  CHECK(world.seen.empty());
}

TEST_CASE("where certificates are asked for, one may come without", "[http]") {
  const Papers papers;
  World world(papers.options(ClientCertificates::asked));
  HttpClient client(world.io, world.port, anonymous());
  client.send(get("/x"));
  CHECK(client.answer().status == 200);
  CHECK(world.subject.empty());
}

TEST_CASE("a reload serves new connections with the new certificate and keeps the old ones",
          "[http]") {
  Papers papers;
  World world(papers.options());
  HttpClient before(world.io, world.port, anonymous());
  const Authority other("the next authority");
  const Issued next = other.issue("second", "IP:127.0.0.1");
  papers.folder.write("server.pem", next.certificate_pem);

  const auto half_done = world.server->reload();
  REQUIRE_FALSE(half_done.has_value());
  CHECK_THAT(half_done.error().text, Catch::Contains("that fits the certificate of"));
  HttpClient still(world.io, world.port, anonymous());
  CHECK_FALSE(still.is_closed());

  papers.folder.write("key.pem", next.key_pem);
  REQUIRE(world.server->reload().has_value());
  const HttpClient distrusting(world.io, world.port, anonymous());
  CHECK(distrusting.is_closed());
  HttpClient trusting(world.io, world.port,
                      ClientPapers{other.certificate_pem(), std::string{}, std::string{}});
  trusting.send(get("/x"));
  CHECK(trusting.answer().status == 200);
  before.send(get("/x"));
  CHECK(before.answer().status == 200);
}

TEST_CASE("a certificate that cannot be used is named by its property and file", "[http]") {
  Papers papers;
  const Options options = papers.options(ClientCertificates::required);
  const std::string certificate = papers.folder.path("server.pem"),
                    key = papers.folder.path("key.pem");
  papers.folder.write("clients.pem", "nothing");
  CHECK_THAT(failure_text(options),
             Catch::StartsWith("copse.tls.clientCa: " + papers.folder.path("clients.pem") +
                               ": no PEM certificate of an authority is in it"));
  papers.folder.write("key.pem", authority().issue("another").key_pem);
  CHECK_THAT(failure_text(options),
             Catch::StartsWith("copse.tls.key: " + key +
                               ": no unencrypted PEM key is in it that fits the certificate of "
                               "copse.tls.certificate: " +
                               certificate));
  papers.folder.write("server.pem", "-----BEGIN NOTHING-----");
  CHECK_THAT(failure_text(options), Catch::StartsWith("copse.tls.certificate: " + certificate +
                                                      ": no PEM certificate is in it"));
  papers.folder.write("server.pem", std::string(2U << 20U, 'a'));
  CHECK(failure_text(options) ==
        "copse.tls.certificate: " + certificate + ": the file is too large to be a PEM file");
  std::filesystem::remove(certificate);
  CHECK(failure_text(options) == "copse.tls.certificate: " + certificate +
                                     ": cannot read the file: No such file or directory");
}

TEST_CASE("our own client trusts whom it is told to, and shows its certificate", "[http]") {
  const Papers papers;
  World world(papers.options(ClientCertificates::required));
  const Issued mine = authority().issue("copse");
  papers.folder.write("mine.pem", mine.certificate_pem);
  papers.folder.write("mine.key", mine.key_pem);
  ClientOptions options;
  options.authority_file = papers.folder.path("clients.pem");
  options.certificate_file = papers.folder.path("mine.pem");
  options.key_file = papers.folder.path("mine.key");
  std::optional<std::expected<Reply, std::string>> reply;
  const auto ask = [&](ClientOptions how) {
    reply.reset();
    Client client(world.io, std::move(how));
    client.send({.url = "https://127.0.0.1:" + std::to_string(world.port) + "/x"},
                [&](auto result) { reply = std::move(result); });
    await(world.io, [&] { return reply.has_value(); });
  };
  ask(options);
  REQUIRE(reply->has_value());
  CHECK((*reply)->status == 200);
  CHECK(world.subject == "CN=copse");
  ClientOptions stranger = options;
  stranger.certificate_file.clear();
  stranger.key_file.clear();
  ask(stranger);
  CHECK_FALSE(reply->has_value());
  ClientOptions distrusting = options;
  distrusting.authority_file = papers.folder.path("mine.pem");
  ask(distrusting);
  REQUIRE_FALSE(reply->has_value());
  CHECK(reply->error().find("certificate") != std::string::npos);
}
