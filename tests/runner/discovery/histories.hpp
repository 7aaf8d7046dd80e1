#pragma once
// Lets a world live through all short histories: every sequence of happenings up to a length, each
// followed by calm, after which the world is as it should be.

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace copse::tests {

/// `make` gives a world at the start of a history. A happening that cannot happen answers false;
/// the history without it is another one.
template <class World, std::size_t count>
void run_histories(const std::string& title, const std::function<World()>& make,
                   const std::array<bool (World::*)(), count>& happenings, std::size_t longest) {
  std::vector<std::size_t> history;
  const std::function<void()> extend = [&] {
    World world = make();
    for (const std::size_t each : history) {
      if (!(world.*happenings[each])()) return;
    }
    CAPTURE(title, history);
    if (history.size() < longest) {
      for (std::size_t next = 0; next < count; ++next) {
        history.push_back(next);
        extend();
        history.pop_back();
      }
    }
    world.calm_down();
    world.check_rest();
  };
  extend();
}

}  // namespace copse::tests
