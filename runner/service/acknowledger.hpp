#pragma once
// Asks the Overlord which ended tasks it knows, so that they need not be announced any more: the
// driver around overlord/Acknowledgement. All on the io_context's one thread.

#include "runner/overlord/acknowledgement.hpp"
#include "runner/overlord/overlord_client.hpp"

#include <functional>
#include <memory>
#include <string>

namespace copse::runner::service {

class Acknowledger {
 public:
  /// `io` and `client` outlive it. `known` is called for each task that need not be announced any
  /// more; `trouble` with the first of several failures of one kind, and with nothing once the
  /// Overlord answers again. `first`: from a task's end to the first question.
  Acknowledger(boost::asio::io_context& io, overlord::OverlordClient& client,
               std::move_only_function<void(const std::string& task_id)> known,
               std::move_only_function<void(const overlord::OverlordFailure*)> trouble,
               std::chrono::milliseconds first = overlord::first_question);
  Acknowledger(const Acknowledger&) = delete;
  Acknowledger& operator=(const Acknowledger&) = delete;
  ~Acknowledger();

  /// The end of a task was announced.
  void ended(const std::string& task_id);

  /// Ended tasks of which it is not known that the Overlord knows.
  [[nodiscard]] std::size_t waiting() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace copse::runner::service
