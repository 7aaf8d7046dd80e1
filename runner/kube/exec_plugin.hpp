#pragma once
// Running an exec plugin (client.authentication.k8s.io) and reading what it prints.
//
// The plugin runs as a child process with an empty standard input, so that it can never ask anybody
// anything; its output is gathered on the io_context while it runs, and it is killed with its
// children at the deadline. The last lines of its standard error go into the failure: that is where
// plugins say what is wrong.

#include "runner/kube/credentials.hpp"
#include "runner/kube/failure.hpp"

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace boost::asio {
class io_context;
}

namespace copse::runner::kube {

/// What an ExecCredential grants. At least one of token and certificate is there.
struct ExecCredential {
  Secret token;
  std::optional<Certificate> certificate;
  std::optional<std::chrono::system_clock::time_point>
      expires;  ///< nothing: until the server refuses it
};

/// Reads an ExecCredential document; `api_version` is the one that was asked for.
/// Fails with a text that says what is missing and never repeats the document.
[[nodiscard]] std::expected<ExecCredential, std::string> read_exec_credential(
    std::string_view json, std::string_view api_version);

/// The value of KUBERNETES_EXEC_INFO for a plugin.
[[nodiscard]] std::string exec_info(const ExecPlugin& plugin);

/// One run. Destroying it kills the process and calls nobody back.
class PluginRun {
 public:
  using Done = std::move_only_function<void(std::expected<ExecCredential, Failure>)>;

  /// Starts the plugin; `done` is called once from the io_context, never from here.
  PluginRun(boost::asio::io_context& io, const ExecPlugin& plugin,
            std::chrono::milliseconds deadline, Done done);

  PluginRun(const PluginRun&) = delete;
  PluginRun& operator=(const PluginRun&) = delete;
  ~PluginRun();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Bytes that a plugin may print before it is taken for broken.
inline constexpr std::size_t plugin_output_limit = 1U << 20U;

}  // namespace copse::runner::kube
