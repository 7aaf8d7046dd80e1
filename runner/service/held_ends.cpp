#include "runner/service/held_ends.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace copse::runner::service {

std::optional<job::event::JobSeen> end_to_hold(job::event::LookedUp& looked, const PodWatch& watch,
                                               job::Time now) {
  using Found = job::event::LookedUp::Found;
  if (looked.found != Found::ours || !looked.end || watch.shows_pods(now)) return std::nullopt;
  return job::event::JobSeen{looked.job, false, std::exchange(looked.end, std::nullopt)};
}

std::vector<HeldEnd> HeldEnds::due(const PodWatch& watch, job::Time now) {
  const auto rest = watch.shows_pods(now)
                        ? held_.end()
                        : std::find_if(held_.begin(), held_.end(), [&](const HeldEnd& end) {
                            return now - end.since < held_end_limit;
                          });
  std::vector<HeldEnd> judged(std::make_move_iterator(held_.begin()),
                              std::make_move_iterator(rest));
  held_.erase(held_.begin(), rest);
  return judged;
}

}  // namespace copse::runner::service
