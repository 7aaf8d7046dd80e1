#pragma once
// Requests to workers that are tried again until they are answered with 200, a few times (Druid:
// RetryUtils around assignTask and shutdown).

#include "runner/http/client.hpp"
#include "runner/overlord_sandbox/options.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace copse::runner::overlord_sandbox {

/// What becomes of a call. Each may be empty.
struct CallEvents {
  std::move_only_function<void(Time sent)> sent = {};  ///< an attempt
  /// Its answer; `status` 0: none, and `fault` says why.
  std::move_only_function<void(int status, Time sent, const std::string& fault)> answered = {};
  std::move_only_function<void()> done = {};  ///< 200, or there will be no other attempt
};

class RepeatedCalls {
 public:
  /// `normal` draws from the standard normal distribution.
  RepeatedCalls(boost::asio::io_context& io, http::Client& client, const Options& options,
                std::function<double()> normal);
  RepeatedCalls(const RepeatedCalls&) = delete;
  RepeatedCalls& operator=(const RepeatedCalls&) = delete;
  /// Nothing is called any more.
  ~RepeatedCalls();

  void send(http::Call call, CallEvents events);

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace copse::runner::overlord_sandbox
