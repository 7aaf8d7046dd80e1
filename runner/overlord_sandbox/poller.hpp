#pragma once
// Drives one Syncer: one question at a time, the next as soon as the last was dealt with.

#include "runner/http/client.hpp"
#include "runner/overlord_sandbox/options.hpp"
#include "runner/overlord_sandbox/syncer.hpp"

#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace copse::runner::overlord_sandbox {

class Poller {
 public:
  /// What came of the question that was sent at `asked`. May destroy the Poller.
  using Answered = std::move_only_function<void(const Synced& answer, Time asked)>;

  /// Begins at once. `origin` is the worker's `http://host:port`.
  Poller(boost::asio::io_context& io, http::Client& client, std::string origin, const Times& times,
         std::function<double()> normal, Answered answered);
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  /// The open question is cut.
  ~Poller();

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace copse::runner::overlord_sandbox
