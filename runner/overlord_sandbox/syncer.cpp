#include "runner/overlord_sandbox/syncer.hpp"

#include <algorithm>
#include <utility>

namespace copse::runner::overlord_sandbox {
namespace {

constexpr int ok = 200;
constexpr int no_content = 204;
constexpr double spread = 0.2;
constexpr std::uint32_t most_doublings = 20;

}  // namespace

milliseconds retry_pause(std::uint32_t failures, double normal, const Times& times) {
  const std::uint32_t doublings = std::min(failures == 0 ? 0 : failures - 1, most_doublings);
  const milliseconds pause =
      std::min<milliseconds>(times.retry_limit, times.retry * (1LL << doublings));
  const double factor = std::clamp(1 + spread * normal, 0.0, 2.0);
  return milliseconds(static_cast<std::int64_t>(static_cast<double>(pause.count()) * factor));
}

std::string Syncer::target(milliseconds timeout) const {
  std::string path = "/druid-internal/v1/worker?counter=";
  if (counter_) {
    path += std::to_string(counter_->counter) + "&hash=" + std::to_string(counter_->hash);
  } else {
    path += "-1";
  }
  return path + "&timeout=" + std::to_string(timeout.count());
}

Synced Syncer::answered(int status, std::string_view body) {
  if (status == no_content) return {};
  if (status != ok) return unanswered("status " + std::to_string(status));
  auto snapshot = read_snapshot(body);
  if (!snapshot) {
    Synced failed = unanswered(std::move(snapshot.error()));
    failed.is_unreadable = true;
    return failed;
  }
  if (snapshot->is_reset) {
    counter_.reset();
    return {.kind = Synced::Kind::reset};
  }
  const Synced::Kind kind = counter_ ? Synced::Kind::delta : Synced::Kind::full;
  counter_ = snapshot->counter;
  failures_ = 0;
  return {.kind = kind, .items = std::move(snapshot->items)};
}

Synced Syncer::unanswered(std::string fault) {
  ++failures_;
  return {.kind = Synced::Kind::failed, .fault = std::move(fault)};
}

}  // namespace copse::runner::overlord_sandbox
