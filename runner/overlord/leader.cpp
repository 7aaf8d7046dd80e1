#include "runner/overlord/leader.hpp"

#include <utility>

namespace copse::runner::overlord {

Leader::Leader(std::vector<std::string> urls) : urls_(std::move(urls)) {
  for (std::string& url : urls_) {
    while (url.ends_with('/')) url.pop_back();
  }
}

const std::string& Leader::current() const {
  if (!known_.empty()) return known_;
  return next_ < urls_.size() ? urls_[next_] : found_;
}

bool Leader::redirected(std::string_view location) {
  std::string origin = origin_of(location);
  if (origin.empty() || origin == current() || ++redirects_ > leader_redirect_limit) {
    failed();
    return false;
  }
  known_ = std::move(origin);
  return true;
}

void Leader::failed() {
  redirects_ = 0;
  // The leader that was known is forgotten first; the list goes on where it stood.
  if (!std::exchange(known_, {}).empty() || size() == 0) return;
  next_ = (next_ + 1) % size();
}

void Leader::found(std::string url) {
  found_ = std::move(url);
  next_ = urls_.size();
  known_.clear();
  redirects_ = 0;
}

std::string origin_of(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return {};
  const std::string_view scheme = url.substr(0, scheme_end);
  if (scheme != "http" && scheme != "https") return {};
  std::string_view authority = url.substr(scheme_end + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  authority.remove_prefix(authority.find('@') + 1);  // npos + 1: nothing
  if (authority.empty()) return {};
  return std::string(scheme) + "://" + std::string(authority);
}

}  // namespace copse::runner::overlord
