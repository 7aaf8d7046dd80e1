#pragma once
// Who copse is towards the server at this moment: keeps a token, a certificate and the trusted
// authorities fresh, and says when one of them has been replaced.
//
// A token file is read again when its content is older than `token_reread` and at once after a 401
// (the path is opened anew, so the swapped symlinks of projected volumes are followed). An exec
// plugin runs again 10 s before its credential expires and after a 401, the latter at most once in
// plugin_pause. Certificate and authority files are read again every `certificate_reread` and after
// a 401 or a TLS failure. A file that cannot be read leaves what is in force in force. The server's
// 401 is the truth about a token, not the clock.

#include "runner/kube/credentials.hpp"
#include "runner/kube/exec_plugin.hpp"
#include "runner/kube/failure.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>

namespace boost::asio {
class io_context;
}

namespace copse::runner::kube {

/// What a request carries. Replaced whole: `generation` grows with each change of anything in it.
struct Badge {
  std::uint64_t generation = 0;
  Secret bearer;
  std::shared_ptr<const Certificate> certificate;  ///< may be null
  Server server;
};

struct LoginOptions {
  std::chrono::milliseconds token_reread{60'000};
  std::chrono::milliseconds certificate_reread{300'000};
  std::chrono::milliseconds plugin_deadline{60'000};
  /// A plugin that hands out refused or expired credentials is not run more often than this.
  std::chrono::milliseconds plugin_pause{10'000};
};

/// A credential is renewed this long before it expires.
inline constexpr std::chrono::seconds expiry_leeway{10};

class Login {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Ready = std::move_only_function<void(std::expected<void, Failure>)>;

  Login(boost::asio::io_context& io, ClusterAccess access, LoginOptions options);

  /// Reads what is due. True: `badge` may be used; false: a plugin must run first, see `obtain`.
  /// Fails when there is no credential at all.
  [[nodiscard]] std::expected<bool, Failure> refresh(Time now);

  /// Runs the plugin; a call while it runs replaces the callback.
  void obtain(Ready ready);

  [[nodiscard]] const Badge& badge() const { return badge_; }

  /// The server answered 401 to a request that carried this generation. True when sending it again
  /// with the badge after the next `refresh` (and perhaps `obtain`) may do better.
  [[nodiscard]] bool rejected(std::uint64_t generation, Time now);

  /// TLS failed: certificate and authority files are read again at the next `refresh`.
  void suspect(Time now);

 private:
  void read_certificates();
  void wear(Secret bearer);

  boost::asio::io_context& io_;
  ClusterAccess access_;
  LoginOptions options_;
  Badge badge_;
  std::optional<Time> token_read_;
  Time certificates_read_;
  Time obtained_;                // when the plugin last gave a credential
  std::optional<Time> refused_;  // when a plugin's credential last got a 401
  bool plugin_valid_ = false;
  std::optional<std::chrono::system_clock::time_point> expires_;
  std::unique_ptr<PluginRun> run_;
  Ready ready_;
};

}  // namespace copse::runner::kube
