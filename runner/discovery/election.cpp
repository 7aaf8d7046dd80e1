#include "runner/discovery/election.hpp"

#include "runner/overlord/discovery.hpp"
#include "runner/overlord/leader.hpp"

#include <utility>

namespace copse::runner::discovery::pod {

Election::Told Election::answered(std::string_view json) {
  const std::string holder = overlord::leader_of_config_map(json).value_or("");
  const std::string url = overlord::origin_of(holder);
  if (url.empty()) {
    if (std::exchange(trouble_, kube::FailureKind::malformed) == kube::FailureKind::malformed)
      return {};
    return tell::Trouble{"ConfigMap `" + config_map_ + "` names no leading Overlord (`" +
                         holder.substr(0, 200) + "`)"};
  }
  trouble_.reset();
  if (url == leader_) return {};
  leader_ = url;
  return tell::Leader{url};
}

Election::Told Election::failed(const kube::Failure& failure) {
  const auto before = std::exchange(trouble_, failure.kind);
  if (failure.kind == kube::FailureKind::not_found || before == failure.kind) return {};
  return tell::Trouble{failure.text};
}

}  // namespace copse::runner::discovery::pod
