#pragma once
// What an announcer tells: whether the announcement stands, and which Overlord leads.
//
// All are called on the io_context's thread, never from inside a call of the announcer, never after
// its destructor; they may destroy it. Each may be empty.

#include <chrono>
#include <functional>
#include <string>

namespace copse::runner::discovery {

using Time = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

struct News {
  /// The announcement stands; again after it was lost, replaced or cycled.
  std::move_only_function<void()> announced;

  /// It stood and does so no more, though it should; why. It is put up again where that is allowed.
  std::move_only_function<void(const std::string&)> lost;

  /// Another Overlord leads than was told last: `http://host:port`. That nobody leads is not told.
  std::move_only_function<void(const std::string&)> leader;

  /// Something for an operator, one line; told once until it changes. It is tried again.
  std::move_only_function<void(const std::string&)> trouble;
};

}  // namespace copse::runner::discovery
