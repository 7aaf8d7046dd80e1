// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it is inlined.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/doctor/waiting.hpp"

#include <boost/asio/io_context.hpp>

namespace copse::runner::doctor {

bool run_until(boost::asio::io_context& io, const std::function<bool()>& is_done,
               milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  io.restart();
  while (!is_done() && std::chrono::steady_clock::now() < end) {
    if (io.run_one_until(end) == 0 && io.stopped()) break;
  }
  return is_done();
}

}  // namespace copse::runner::doctor
