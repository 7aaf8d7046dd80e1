#pragma once
// A sandbox in a process of its own, so that heap and threads of this one are the runner's alone.

#include "runner/kube/credentials.hpp"

#include <expected>
#include <string>

namespace copse::runner::bench {

class SandboxProcess {
 public:
  /// Starts a cluster whose time passes `speed` times faster and whose pods run two minutes of it.
  /// It has `namespace_name` beside `default`. To be called while this process has one thread.
  [[nodiscard]] static std::expected<SandboxProcess, std::string> start(
      double speed, const std::string& namespace_name = "default");

  SandboxProcess(SandboxProcess&& other) noexcept;
  SandboxProcess& operator=(SandboxProcess&&) = delete;
  ~SandboxProcess();

  [[nodiscard]] const std::string& url() const { return url_; }

  [[nodiscard]] kube::ClusterAccess access() const;

 private:
  SandboxProcess(int child, int life_line) : child_(child), life_line_(life_line) {}

  int child_;      // its process id
  int life_line_;  // the child ends when this is closed, however this process ends
  std::string url_;
};

}  // namespace copse::runner::bench
