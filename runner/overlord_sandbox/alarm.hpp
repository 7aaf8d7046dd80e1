#pragma once
// One moment to be called at: a timer without Asio in its header.

#include "runner/overlord_sandbox/options.hpp"

#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace copse::runner::overlord_sandbox {

class Alarm {
 public:
  explicit Alarm(boost::asio::io_context& io);
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  /// Nothing is called any more.
  ~Alarm();

  /// Calls once, from the loop; replaces an earlier call. `rings` may destroy the Alarm.
  void set(Time at, std::move_only_function<void()> rings);

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace copse::runner::overlord_sandbox
