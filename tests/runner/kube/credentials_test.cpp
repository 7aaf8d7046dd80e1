// Finding a cluster: kubeconfig files, pods, and what is said when one of them is wrong.

#include "runner/kube/credentials.hpp"

#include "runner/kube/base64.hpp"
#include "tests/runner/kube/folder.hpp"

#include <catch2/catch.hpp>

using namespace copse::runner::kube;
using copse::engine::Diagnostics;
using copse::engine::render;
using copse::tests::Folder;

namespace {

const std::string pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const std::string key_pem = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n";

// A whole file with one context `prod`; `cluster` and `user` are the lines of the two maps.
std::string config(const std::string& cluster, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: prod\ncontexts:\n- name: prod\n  context: "
         "{cluster: c1, user: u1, namespace: druid}\n"
         "clusters:\n- name: c1\n  cluster:\n    " +
         cluster + "\nusers:\n- name: u1\n  user:\n    " + user + "\n";
}

const std::string good_cluster = "server: https://10.0.0.1:6443/";

std::string all(const Diagnostics& diagnostics) {
  std::string text;
  for (const auto& diagnostic : diagnostics) text += render(diagnostic);
  return text;
}

AccessResult load(const Folder& folder, const std::string& text, std::string_view context = {}) {
  return load_kubeconfig({folder.write("config", text)}, context);
}

// The one diagnostic of a broken file.
std::string complaint(const std::string& text, std::string_view context = {}) {
  const Folder folder;
  const AccessResult access = load(folder, text, context);
  REQUIRE_FALSE(access);
  REQUIRE(access.error().size() == 1);
  return render(access.error().front());
}

}  // namespace

TEST_CASE("a context leads to its cluster and its user", "[credentials]") {
  const Folder folder;
  const auto access =
      load(folder, config(good_cluster + "\n    certificate-authority-data: " + encode_base64(pem) +
                              "\n    tls-server-name: kube\n    proxy-url: http://proxy:3128\n    "
                              "disable-compression: true",
                          "client-certificate-data: " + encode_base64(pem) +
                              "\n    client-key-data: " + encode_base64(key_pem)));
  REQUIRE(access);
  CHECK(access->server.url == "https://10.0.0.1:6443");
  CHECK(access->server.authority_pem == pem);
  CHECK(access->server.tls_server_name == "kube");
  CHECK(access->server.proxy_url == "http://proxy:3128");
  CHECK_FALSE(access->server.compress);
  REQUIRE(access->certificate);
  CHECK(access->certificate->key_pem.reveal() == key_pem);
  CHECK(access->default_namespace == "druid");
  CHECK_THAT(access->origin, Catch::Contains("`prod`") && Catch::Contains(folder.path("config")));
}

TEST_CASE("files named in a kubeconfig are looked for beside it", "[credentials]") {
  const Folder folder;
  folder.write("pki/ca.crt", pem);
  folder.write("me.crt", pem);
  folder.write("me.key", key_pem);
  const auto access =
      load(folder, config(good_cluster + "\n    certificate-authority: pki/ca.crt",
                          "client-certificate: me.crt\n    client-key: " + folder.path("me.key")));
  REQUIRE(access);
  CHECK(access->server.authority_pem == pem);
  CHECK(access->authority_file == folder.path("pki/ca.crt"));
  REQUIRE(access->certificate_files);
  CHECK(access->certificate_files->chain_path == folder.path("me.crt"));
}

TEST_CASE("a token file goes before a token, and both before an exec plugin", "[credentials]") {
  const Folder folder;
  const std::string exec =
      "\n    exec: {apiVersion: client.authentication.k8s.io/v1, command: ./login, args: [a, b], "
      "env: [{name: A, value: B}]}";
  const auto file = load(folder, config(good_cluster, "token: abc\n    tokenFile: t" + exec));
  REQUIRE(file);
  CHECK(std::get<TokenFile>(file->token).path == folder.path("t"));
  const auto token = load(folder, config(good_cluster, "token: abc" + exec));
  CHECK(std::get<Secret>(token->token).reveal() == "abc");
  const auto plugin = load(folder, config(good_cluster, "x: y" + exec));
  REQUIRE(plugin);
  const auto& command = std::get<ExecPlugin>(plugin->token);
  CHECK(command.command == folder.path("./login"));
  CHECK(command.arguments == std::vector<std::string>{"a", "b"});
  CHECK(command.environment.front() == std::pair<std::string, std::string>("A", "B"));
}

TEST_CASE("of several files the first that says something wins, and missing ones are passed over",
          "[credentials]") {
  const Folder folder;
  const std::string first = folder.write(
      "first", "current-context: b\nclusters: [{name: c1, cluster: {server: 'https://first'}}]\n");
  const std::string second = folder.write(
      "second",
      "current-context: a\nclusters: [{name: c1, cluster: {server: 'https://second'}}, {name: c2, "
      "cluster: {server: 'https://two'}}]\n"
      "contexts: [{name: a, context: {cluster: c2}}, {name: b, context: {cluster: c1}}]\n");
  Environment environment;
  environment.kubeconfig = folder.path("none") + ":" + first + "::" + second;
  CHECK(load_access("kubeconfig", environment)->server.url == "https://first");
  CHECK(load_access("", environment)->server.url == "https://first");
  CHECK(load_access("kubeconfig:#a", environment)->server.url == "https://two");
  CHECK(load_access("kubeconfig:" + second + "#b", environment)->server.url == "https://second");
  CHECK(load_access("kubeconfig:" + second, environment)->server.url == "https://two");
}

TEST_CASE("without KUBECONFIG a pod's own account is used, else the user's file", "[credentials]") {
  const Folder folder;
  folder.write("sa/ca.crt", pem);
  folder.write("sa/token", "t1\n");
  folder.write("sa/namespace", "druid\n");
  folder.write(".kube/config", config(good_cluster, "token: abc"));
  Environment environment;
  environment.home = folder.path();
  environment.service_account = folder.path("sa");
  CHECK(load_access("", environment)->server.url == "https://10.0.0.1:6443");
  environment.service_host = "fd00::1";
  environment.service_port = "443";
  const auto pod = load_access("", environment);
  REQUIRE(pod);
  CHECK(pod->server.url == "https://[fd00::1]:443");
  CHECK(pod->default_namespace == "druid");
  CHECK(std::get<TokenFile>(pod->token).path == folder.path("sa/token"));
  CHECK(pod->authority_file == folder.path("sa/ca.crt"));
  std::filesystem::remove(folder.path("sa/token"));
  CHECK_THAT(all(load_access("in-cluster", environment).error()),
             Catch::Contains("automountServiceAccountToken"));
}

TEST_CASE("a wrong --cluster says what may stand there", "[credentials]") {
  const Environment environment;
  CHECK_THAT(all(load_access("in-custer", environment).error()),
             Catch::Contains("did you mean `in-cluster`?"));
  CHECK_THAT(all(load_access("https://host", environment).error()),
             Catch::Contains("kubeconfig[:FILE[#CONTEXT]]"));
  CHECK_THAT(all(load_access("in-cluster", environment).error()),
             Catch::Contains("not a pod of a cluster"));
  CHECK_THAT(all(load_access("kubeconfig:/no/such/file", environment).error()),
             Catch::Contains("No such file or directory"));
}

TEST_CASE("a context that is not there is answered with the nearest, or with all",
          "[credentials]") {
  CHECK_THAT(
      complaint(config(good_cluster, "token: a"), "prd"),
      Catch::Contains("there is no context `prd`") && Catch::Contains("did you mean `prod`?"));
  CHECK_THAT(complaint(config(good_cluster, "token: a"), "staging"),
             Catch::Contains("defined: `prod`"));
  CHECK_THAT(complaint("contexts: []\n"),
             Catch::Contains("no context is chosen") && Catch::Contains("none is defined"));
}

TEST_CASE("a fault names the file, the line, the key and the remedy", "[credentials]") {
  const Folder folder;
  const auto access = load(folder, config("server: 10.0.0.1:6443", "token: a"));
  REQUIRE_FALSE(access);
  CHECK(render(access.error().front()) ==
        "error[C0507]: `server` must be a URL with https:// or http://\n"
        "  --> " +
            folder.path("config") +
            ":10:5\n"
            "   |\n"
            "10 | server: 10.0.0.1:6443\n"
            "   |         ^^^^^^^^^^^^^\n"
            "   = help: write `https://10.0.0.1:6443`\n");
}

TEST_CASE("each way to be wrong has words of its own", "[credentials]") {
  const std::string b64 = encode_base64(pem);
  CHECK_THAT(complaint(config("x: y", "token: a")), Catch::Contains("no `server`"));
  CHECK_THAT(complaint(config("server: [a]", "token: a")),
             Catch::Contains("must be a text and is a list"));
  CHECK_THAT(
      complaint(config(good_cluster + "\n    certificate-authority-data: '%%%'", "token: a")),
      Catch::Contains("not base64 of a PEM"));
  CHECK_THAT(
      complaint(config(good_cluster + "\n    certificate-authority: nowhere.crt", "token: a")),
      Catch::Contains("nowhere.crt` cannot be read"));
  CHECK_THAT(
      complaint(config(good_cluster + "\n    insecure-skip-tls-verify: perhaps", "token: a")),
      Catch::Contains("must be true or false"));
  CHECK_THAT(complaint(config(
                 good_cluster +
                     "\n    insecure-skip-tls-verify: true\n    certificate-authority-data: " + b64,
                 "token: a")),
             Catch::Contains("exclude each other"));
  CHECK_THAT(complaint(config(good_cluster, "client-certificate-data: " + b64)),
             Catch::Contains("needs its key"));
  CHECK_THAT(complaint(config(good_cluster, "username: me")),
             Catch::Contains("API servers have dropped it"));
  CHECK_THAT(complaint(config(good_cluster, "auth-provider: {name: gcp}")),
             Catch::Contains("`auth-provider` is of no use"));
  CHECK_THAT(
      complaint(config(good_cluster,
                       "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}")),
      Catch::Contains("of this version"));
  CHECK_THAT(complaint(config(good_cluster,
                              "exec: {apiVersion: client.authentication.k8s.io/v1, command: x, "
                              "interactiveMode: Always}")),
             Catch::Contains("must ask a person"));
  CHECK_THAT(complaint("current-context: x\ncontexts: [{name: x, context: {cluster: "
                       "c}}]\nclusters: [{name: d, cluster: {server: 'https://x'}}]"),
             Catch::Contains("names a cluster that is not defined"));
  CHECK_THAT(complaint("a: [1,\nb: }"), Catch::Contains("is not YAML") && Catch::Contains(":2:4"));
  CHECK_THAT(complaint("- a\n"), Catch::Contains("holds no map"));
  CHECK_THAT(complaint("contexts: {a: b}\n", "a"), Catch::Contains("must be a list of maps"));
}

TEST_CASE("no message ever shows what stands in the file beside a fault", "[credentials]") {
  const std::string secret = "s3cr3t";
  const std::vector<std::string> files{
      config("server: x", "token: " + secret),
      config("{server: x, certificate-authority: nowhere, token: " + secret + "}",
             "{token: " + secret + ", username: " + secret + ", password: " + secret + "}"),
      config("server: https://me:" + secret + "@host", "token: " + secret),
      config(good_cluster, "token: {a: " + secret + "}"),
      config(good_cluster, "client-key-data: " + secret),
      config(good_cluster, "token: " + secret + "\n    : }"),
      "{users: [{name: u, user: {token: " + secret + "}}], contexts: 7}",
  };
  for (const std::string& text : files) {
    const Folder folder;
    const auto access = load(folder, text);
    REQUIRE_FALSE(access);
    CHECK_THAT(all(access.error()), !Catch::Contains(secret));
  }
}
