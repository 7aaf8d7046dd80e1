#include "runner/service/held_ends.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace copse::runner::service {

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
