#pragma once
// An Overlord of the sandbox in a thread of its own, with a metadata store of its own: for programs
// that have another loop.
//
// All functions may be called from any thread but its own; each waits for the Overlord's thread.

#include "runner/http/failure.hpp"
#include "runner/overlord_sandbox/options.hpp"
#include "runner/overlord_sandbox/overlord_sandbox.hpp"

#include <expected>
#include <functional>
#include <memory>
#include <string>

namespace copse::runner::overlord_sandbox {

class HostedOverlord {
 public:
  /// Listens and starts the thread. `options.changed` is called on it, and must not call back.
  [[nodiscard]] static std::expected<HostedOverlord, http::Failure> start(Options options);
  HostedOverlord(HostedOverlord&&) noexcept;
  HostedOverlord& operator=(HostedOverlord&&) noexcept;
  /// Joins the thread.
  ~HostedOverlord();

  [[nodiscard]] const std::string& url() const;

  /// Does `work` on the Overlord's thread and waits for its end. What it brings out is copied.
  void call(const std::function<void(OverlordSandbox&)>& work) const;

 private:
  struct Running;
  explicit HostedOverlord(std::unique_ptr<Running> running);

  std::unique_ptr<Running> running_;
};

}  // namespace copse::runner::overlord_sandbox
