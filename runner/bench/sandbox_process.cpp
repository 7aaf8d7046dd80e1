#include "runner/bench/sandbox_process.hpp"

#include "runner/sandbox/sandbox.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace copse::runner::bench {
namespace {

// The child: says where the sandbox is, and lives until the other end is closed.
[[noreturn]] void serve(int line, double speed, const std::string& namespace_name) {
  sandbox::SandboxOptions options;
  options.speed = speed;
  options.namespaces = {namespace_name};
  options.script = [](const sandbox::PodView&) {
    sandbox::Script script;
    script.actions = {sandbox::Pause{std::chrono::minutes(2)}};
    return std::optional(std::move(script));
  };
  const auto started = sandbox::Sandbox::start(std::move(options));
  const std::string said = started ? started->url() : "!" + started.error().text;
  char nothing = 0;
  const bool told = write(line, said.data(), said.size()) == static_cast<ssize_t>(said.size());
  if (told) static_cast<void>(read(line, &nothing, 1));
  _exit(0);
}

}  // namespace

std::expected<SandboxProcess, std::string> SandboxProcess::start(
    double speed, const std::string& namespace_name) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return std::unexpected("no socket pair for the sandbox's process");
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    serve(ends[1], speed, namespace_name);
  }
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    return std::unexpected("no process for the sandbox");
  }
  SandboxProcess made(child, ends[0]);
  std::array<char, 512> said{};
  const ssize_t size = read(made.life_line_, said.data(), said.size());
  made.url_.assign(said.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  if (!made.url_.starts_with("http"))
    return std::unexpected("the sandbox does not start: " + made.url_);
  return made;
}

kube::ClusterAccess SandboxProcess::access() const {
  kube::ClusterAccess access;
  access.origin = "the sandbox";
  access.server.url = url_;
  return access;
}

SandboxProcess::SandboxProcess(SandboxProcess&& other) noexcept
    : child_(std::exchange(other.child_, -1)),
      life_line_(std::exchange(other.life_line_, -1)),
      url_(std::move(other.url_)) {}

SandboxProcess::~SandboxProcess() {
  if (child_ < 0) return;
  close(life_line_);
  waitpid(child_, nullptr, 0);
}

}  // namespace copse::runner::bench
