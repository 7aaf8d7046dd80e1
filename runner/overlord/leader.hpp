#pragma once
// Which Overlord to speak to. Pure: a list of addresses and what came of the last try.
//
// Only the leader answers; a follower redirects to it (307), one without a leader says 503. So the
// address that was redirected to is asked first from then on, until it fails; then the next of the
// list is asked, round and round. Whoever finds the leader elsewhere (ZooKeeper, ConfigMap) says so
// with `found`: that address is asked first, and is one more of the list from then on, since an
// Overlord that restarts is found at the same address and not told again.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::overlord {

/// Redirects that are followed for one request: from a follower to the leader, and once more when
/// the lead has changed meanwhile.
inline constexpr std::uint32_t leader_redirect_limit = 3;

class Leader {
 public:
  /// `urls` as `http://host:8090`, without a path; at least one, or `found` comes first.
  explicit Leader(std::vector<std::string> urls);

  /// Whom to ask; empty: nobody is known.
  [[nodiscard]] const std::string& current() const;

  /// The one that was asked answered with `Location: location`. False: that leads nowhere, or round
  /// in a circle; it counts as a failure then.
  [[nodiscard]] bool redirected(std::string_view location);

  /// It did not answer, or says that there is no leader.
  void failed();

  /// It answered: the next redirect begins a new count.
  void answered() { redirects_ = 0; }

  /// Somebody else knows the leader.
  void found(std::string url);

 private:
  [[nodiscard]] std::size_t size() const { return urls_.size() + (found_.empty() ? 0U : 1U); }

  std::vector<std::string> urls_;
  std::string found_;  // elsewhere; behind the list
  std::size_t next_ = 0;
  std::string known_;  // by a redirect; empty: ask those of the list
  std::uint32_t redirects_ = 0;
};

/// `scheme://host:port` of a URL, without user, path and query; empty when it is none of http or
/// https.
[[nodiscard]] std::string origin_of(std::string_view url);

}  // namespace copse::runner::overlord
