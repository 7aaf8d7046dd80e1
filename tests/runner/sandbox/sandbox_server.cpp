// Starts one sandbox and keeps it up until its standard input ends: for black-box suites and for
// trying kubectl by hand.
//
//     sandbox_server [--port N] [--tls] [--token T] [--speed F] [--kubeconfig FILE] [--files DIR]
//     [--forever]
//
// Prints the kubeconfig (or writes it to FILE) and then one line `ready URL`.

#include "runner/sandbox/sandbox.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

namespace {

using namespace copse::runner::sandbox;

struct Wishes {
  SandboxOptions options;
  std::string kubeconfig;
  bool for_ever = false;
};

Wishes read_arguments(int count, char** arguments) {
  Wishes wishes;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = arguments[i];
    const std::string value = i + 1 < count ? arguments[i + 1] : "";
    if (word == "--tls") {
      wishes.options.tls = true;
    } else if (word == "--forever") {
      wishes.for_ever = true;
    } else if (word == "--no-pods") {
      wishes.options.runs_pods = false;
    } else {
      ++i;
      if (word == "--port") wishes.options.port = static_cast<std::uint16_t>(std::stoi(value));
      if (word == "--token") wishes.options.tokens.push_back({value, "sandbox-admin", true, true});
      if (word == "--speed") wishes.options.speed = std::stod(value);
      if (word == "--kubeconfig") wishes.kubeconfig = value;
      if (word == "--files") wishes.options.files = value;
    }
  }
  return wishes;
}

}  // namespace

int main(int count, char** arguments) {
  const Wishes wishes = read_arguments(count, arguments);
  const auto sandbox = Sandbox::start(wishes.options);
  if (!sandbox) {
    std::cerr << sandbox.error().text << '\n';
    return EXIT_FAILURE;
  }
  if (wishes.kubeconfig.empty()) {
    std::cout << sandbox->kubeconfig();
  } else {
    std::ofstream{wishes.kubeconfig} << sandbox->kubeconfig();
  }
  std::cout << "ready " << sandbox->url() << std::endl;
  if (wishes.for_ever) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    int signal = 0;
    sigwait(&signals, &signal);
    return EXIT_SUCCESS;
  }
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  return EXIT_SUCCESS;
}
