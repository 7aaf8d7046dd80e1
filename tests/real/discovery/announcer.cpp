// An announcer of copse as a program, for suites that meddle with what it stands on.
//
//     announcer zookeeper SERVERS BASE SESSION_MS [USER PASSWORD]    with a user: acl=true
//     announcer pod KUBECONFIG NAMESPACE POD CLUSTER
//
// Takes commands on standard input (`announce HOST PORT CAPACITY`, `withdraw`, `cycle`) and prints
// its news, a line each: `announced`, `lost WHY`, `leader URL`, `trouble TEXT`, `withdrawn`. It
// ends with its input, the announcer being destroyed first.

#include "runner/discovery/announcer.hpp"

#include <csignal>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <unistd.h>

namespace {

using namespace copse::runner;
namespace asio = boost::asio;

void say(const std::string& line) {
  std::cout << line << std::endl;
}

discovery::News news() {
  return {[] { say("announced"); }, [](const std::string& why) { say("lost " + why); },
          [](const std::string& url) { say("leader " + url); },
          [](const std::string& text) { say("trouble " + text); }};
}

discovery::ZooKeeperOptions zookeeper_options(const std::vector<std::string>& words) {
  discovery::ZooKeeperOptions options;
  options.servers = discovery::zookeeper_servers(words.at(2));
  options.base = words.at(3);
  options.session = std::chrono::milliseconds(std::stoi(words.at(4)));
  if (words.size() < 7) return options;
  options.acl = true;
  options.user = words[5];
  options.password = kube::Secret(words[6]);
  return options;
}

discovery::PodOptions pod_options(const std::vector<std::string>& words) {
  discovery::PodOptions options;
  options.cluster_identifier = words.at(5);
  options.pod = words.at(4);
  options.pod_namespace = words.at(3);
  options.leader_poll = std::chrono::milliseconds(200);
  return options;
}

// Reads commands until the input ends, which ends everything.
class Commands {
 public:
  Commands(asio::io_context& io, std::unique_ptr<discovery::Announcer> announcer)
      : input_(io, ::dup(STDIN_FILENO)), announcer_(std::move(announcer)) {
    read();
  }

 private:
  void read() {
    asio::async_read_until(input_, buffer_, '\n', [this](const auto& error, std::size_t) {
      if (error) {
        announcer_.reset();
        return;
      }
      std::istream stream(&buffer_);
      std::string line;
      std::getline(stream, line);
      obey(std::istringstream(line));
      read();
    });
  }

  void obey(std::istringstream line) {
    std::string command;
    line >> command;
    if (command == "withdraw") announcer_->withdraw([] { say("withdrawn"); });
    if (command == "cycle") announcer_->cycle();
    if (command != "announce") return;
    overlord::WorkerNode node;
    node.start_time = "2026-01-01T00:00:00.000Z";
    line >> node.host >> node.port >> node.capacity;
    announcer_->announce(node);
  }

  asio::posix::stream_descriptor input_;
  asio::streambuf buffer_;
  std::unique_ptr<discovery::Announcer> announcer_;
};

}  // namespace

int main(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string> words(arguments, arguments + count);
  asio::io_context io;
  std::unique_ptr<kube::Transport> transport;
  std::unique_ptr<discovery::Announcer> announcer;
  if (words.size() >= 5 && words[1] == "zookeeper") {
    announcer = std::make_unique<discovery::Announcer>(
        std::make_unique<discovery::ZooKeeperAnnouncer>(io, zookeeper_options(words), news()));
  } else if (words.size() == 6 && words[1] == "pod") {
    auto access = kube::load_access("kubeconfig:" + words[2], kube::Environment::of_process());
    if (!access) return 2;
    transport = std::make_unique<kube::Transport>(io, std::move(*access));
    announcer = std::make_unique<discovery::Announcer>(
        std::make_unique<discovery::PodAnnouncer>(*transport, pod_options(words), news()));
  } else {
    return 2;
  }
  const Commands commands(io, std::move(announcer));
  io.run();
}
