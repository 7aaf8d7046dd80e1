// The sandbox's kubelet as the one node (scheduler included) of a real API server.
//
//     sandbox_node --kubeconfig FILE [--files DIR] [--name NODE]
//
// Registers the node, plays every pod by its annotation `copse.sandbox/script` (without one: runs
// for 1 s and exits 0), and serves logs. Prints `ready` once the node is registered; ends when its
// standard input does.

#include "runner/kube/credentials.hpp"
#include "tests/real/node_client.hpp"
#include "tests/real/node_logs.hpp"
#include "tests/real/node_pods.hpp"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

namespace {

using namespace copse::tests::real;
namespace kube = copse::runner::kube;

struct Wishes {
  std::string kubeconfig;
  NodeOptions node;
};

Wishes read_arguments(int count, char** arguments) {
  Wishes wishes;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view word = arguments[i];
    if (word == "--kubeconfig") wishes.kubeconfig = arguments[i + 1];
    if (word == "--files") wishes.node.files = arguments[i + 1];
    if (word == "--name") wishes.node.name = arguments[i + 1];
  }
  return wishes;
}

bool register_node(NodeClient& client, const std::string& name, std::uint16_t port) {
  const Reply created = client.ask(
      {"POST", "/api/v1/nodes",
       fmt::format(R"({{"apiVersion":"v1","kind":"Node","metadata":{{"name":"{}"}}}})", name)});
  const std::string status = fmt::format(
      R"({{"status":{{"capacity":{{"cpu":"1000","memory":"4Ti","pods":"100000"}},)"
      R"("addresses":[{{"type":"InternalIP","address":"127.0.0.1"}},{{"type":"Hostname","address":"{}"}}],)"
      R"("daemonEndpoints":{{"kubeletEndpoint":{{"Port":{}}}}},)"
      R"("conditions":[{{"type":"Ready","status":"True","reason":"KubeletReady","message":"kubelet is posting ready status"}}]}}}})",
      name, port);
  const Reply patched = client.ask(
      {"PATCH", "/api/v1/nodes/" + name + "/status", status, "application/merge-patch+json"});
  if (patched.status == 200) return true;
  std::cerr << "the node cannot be registered: " << created.status << ", " << patched.status << ' '
            << patched.body << '\n';
  return false;
}

// Pods that exist and all that come, again and again.
void watch_pods(NodeClient& client, boost::asio::io_context& io, NodePods& pods,
                const std::atomic<bool>& stop) {
  while (!stop) {
    client.follow(
        "/api/v1/pods?watch=true&timeoutSeconds=300",
        [&](std::string_view line) {
          boost::asio::post(io, [&pods, text = std::string(line)] { pods.see(text); });
        },
        stop);
  }
}

int serve(const Wishes& wishes, kube::ClusterAccess access) {
  NodeClient client(std::move(access));
  boost::asio::io_context io(1);
  NodePods pods(io, client, wishes.node);
  auto logs = NodeLogs::listen(
      io, [&](std::string_view ns, std::string_view name) { return pods.find(ns, name); });
  if (!logs) {
    std::cerr << logs.error() << '\n';
    return EXIT_FAILURE;
  }
  pods.stepped = [&] { logs->look(); };
  if (!register_node(client, wishes.node.name, logs->port())) return EXIT_FAILURE;
  std::atomic<bool> stop = false;
  std::thread machinery([&] { io.run(); });
  std::thread watching([&] { watch_pods(client, io, pods, stop); });
  std::cout << "ready" << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  stop = true;
  io.stop();
  machinery.join();
  watching.join();
  return EXIT_SUCCESS;
}

}  // namespace

int main(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  const Wishes wishes = read_arguments(count, arguments);
  auto access =
      kube::load_access("kubeconfig:" + wishes.kubeconfig, kube::Environment::of_process());
  if (!access) {
    for (const auto& one : access.error()) std::cerr << one.title << '\n';
    return EXIT_FAILURE;
  }
  return serve(wishes, std::move(*access));
}
