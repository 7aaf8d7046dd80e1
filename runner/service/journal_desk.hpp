#pragma once
// The journal as the worker writes to it: answers come back to the io_context's thread, and a disk
// that takes nothing is told once, tried again, and told when it is well again.

#include "runner/store/journal.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace copse::runner::service {

/// Pause before what the journal could not take is written again.
inline constexpr std::chrono::milliseconds journal_retry{5'000};

struct JournalEvents {
  /// The record of this task is durable, or why not.
  std::function<void(const std::string& task_id, const std::string& fault)> written;

  /// Some time has passed since a failure: what is owed may be written again.
  std::function<void()> retry;

  /// The journal takes nothing (the text says why), or takes something again (no text).
  std::function<void(const std::string& fault)> state;

  /// An append was answered, after so long.
  std::function<void(std::chrono::microseconds took)> journaled;
};

class JournalDesk {
 public:
  /// `io` outlives it.
  JournalDesk(boost::asio::io_context& io, store::Journal journal, JournalEvents events);
  JournalDesk(const JournalDesk&) = delete;
  JournalDesk& operator=(const JournalDesk&) = delete;
  ~JournalDesk();

  /// `written` comes back.
  void append(const std::string& task_id, store::Record record,
              store::Urgency urgency = store::Urgency::now);

  /// Nobody waits for it: it shares the sync of the next that is urgent.
  void note(store::Record record);

  [[nodiscard]] store::Figures figures() const;

  /// No event comes any more.
  void stop();

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace copse::runner::service
