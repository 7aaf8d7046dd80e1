// Starts one sandbox and keeps it up until its standard input ends: for black-box suites and for
// trying kubectl by hand.
//
//     sandbox_server [--port N] [--tls] [--token T] [--speed F] [--kubeconfig FILE] [--files DIR]
//     [--user NAME=TOKEN] [--reader NAME=TOKEN] [--certificate FILE] [--forever]
//
// --user and --reader may be repeated; a reader may change nothing. --certificate (with --tls)
// writes the kubeconfig of a user with a client certificate. Prints the kubeconfig (or writes it to
// FILE) and then one line `ready URL`.

#include "runner/sandbox/kubeconfig.hpp"
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
  std::string kubeconfig, certificate;
  bool for_ever = false;
};

// `name_and_token` is NAME=TOKEN.
TokenUser user_of(const std::string& name_and_token, bool may_write) {
  const std::size_t at = name_and_token.find('=');
  return {name_and_token.substr(at + 1), name_and_token.substr(0, at), true, may_write};
}

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
      if (word == "--user") wishes.options.tokens.push_back(user_of(value, true));
      if (word == "--reader") wishes.options.tokens.push_back(user_of(value, false));
      if (word == "--certificate") wishes.certificate = value;
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
  if (!wishes.certificate.empty()) {
    Access access = sandbox->access();
    access.token.clear();
    std::ofstream{wishes.certificate} << kubeconfig_text(access);
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
