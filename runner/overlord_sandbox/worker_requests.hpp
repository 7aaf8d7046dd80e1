#pragma once
// What a leader asks of workers beside polls: take this task, end that one. Each is repeated until
// it is answered with 200, a few times, and written down.

#include "runner/http/client.hpp"
#include "runner/overlord_sandbox/metadata.hpp"
#include "runner/overlord_sandbox/options.hpp"
#include "runner/overlord_sandbox/repeated_calls.hpp"
#include "runner/overlord_sandbox/task_runner.hpp"
#include "runner/overlord_sandbox/witness.hpp"

#include <functional>
#include <string>

namespace boost::asio {
class io_context;
}

namespace copse::runner::overlord_sandbox {

/// What outlives a Leadership.
struct Surroundings {
  boost::asio::io_context& io;
  Metadata& metadata;
  Witness& witness;
  const Options& options;
  Misbehaviour& misbehaviour;
};

class WorkerRequests {
 public:
  using Callback = std::function<void()>;

  WorkerRequests(const Surroundings& around, http::Client& client, std::function<double()> normal);

  /// `origin` is the worker's `http://host:port`. `accepted` is called for each 200, `done` when
  /// the request and its repetitions are over.
  void assign(const std::string& origin, const action::Assign& assign, const Callback& accepted,
              Callback done);

  void kill(const std::string& origin, const action::Kill& kill, Callback done);

 private:
  [[nodiscard]] CallEvents events_of(const action::Assign& assign, Callback accepted);

  Surroundings around_;
  RepeatedCalls calls_;
};

}  // namespace copse::runner::overlord_sandbox
