#pragma once
// Writes core/v1 Events about objects, as client-go's recorder does (one Event a call, no
// aggregation), and removes them after an hour, as the API server does.

#include "runner/sandbox/store.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace copse::runner::sandbox {

struct Notice {
  std::string_view component;  ///< `job-controller`, `kubelet`, `default-scheduler`
  bool warning = false;
  std::string_view reason;
  std::string_view message;
  std::string_view container;  ///< sets involvedObject.fieldPath to `spec.containers{name}`
};

/// apiserver --event-ttl.
inline constexpr milliseconds event_lifetime = std::chrono::hours{1};

class Recorder {
 public:
  /// With `enabled` false nothing is ever written: for load tests.
  Recorder(Store& store, bool enabled, std::string node)
      : store_{store}, enabled_{enabled}, node_{std::move(node)} {}

  void record(const Object& about, const Notice& notice, Moment now);

  [[nodiscard]] std::optional<Moment> wake() const;
  /// Removes what is older than event_lifetime.
  void run(Moment now);

 private:
  Store& store_;
  bool enabled_;
  std::string node_;
  std::uint64_t count_ = 0;
  std::deque<std::pair<Moment, std::string>> expiry_;  ///< when, `namespace/name`
};

}  // namespace copse::runner::sandbox
