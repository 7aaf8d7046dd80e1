#pragma once
// Watches what workers do, and writes down what they may not. Pure, and on nobody's side: it keeps
// its own view of every stream and knows nothing of the runner's.

#include "runner/overlord_sandbox/facts.hpp"
#include "runner/overlord_sandbox/metadata.hpp"
#include "runner/overlord_sandbox/syncer.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::runner::overlord_sandbox {

/// A poller of a worker. The first one's announcements go into the facts of the tasks.
struct Stream {
  std::string worker;
  std::uint32_t poller = 0;

  auto operator<=>(const Stream&) const = default;
};

class Witness {
 public:
  /// `metadata` outlives it: it says what was sent to whom.
  explicit Witness(const Metadata& metadata) : metadata_(metadata) {}

  [[nodiscard]] const Facts& facts() const { return facts_; }

  /// The answer to a poll that was sent at `asked`.
  void synced(const Stream& stream, const Synced& answer, Time asked, Time now);

  /// The Overlord was away: what it missed may have been told to another one.
  void interrupted();

  void assignment_sent(const std::string& worker, const std::string& task_id, Time now);
  /// `status` 0: no answer.
  void assignment_answered(const std::string& worker, const std::string& task_id, int status,
                           Time sent, Time now);
  void assignment_overdue(const std::string& worker, const std::string& task_id);
  void kill_sent(const std::string& task_id, Time now);
  void kill_answered(const std::string& worker, const std::string& task_id, int status);

  void failure(std::string text);

 private:
  struct Told {
    overlord::TaskState state = overlord::TaskState::running;
    bool is_stale = false;  // from before an interruption
  };

  // What one stream has said so far, by task.
  using View = std::map<std::string, Told>;

  void announced(const Stream& stream, const Announced& announced, Time now);
  void check_sense(const std::string& worker, const overlord::Announcement& task);
  void check_origin(const std::string& worker, const overlord::Announcement& task);
  void note_seen(const std::string& worker, const overlord::Announcement& task, Time now);
  void check_whole(const Stream& stream, const std::vector<ChangeItem>& items, Time asked);
  void removed(const Stream& stream, const std::string& task_id);
  void violation(const std::string& worker, const std::string& text);

  const Metadata& metadata_;
  Facts facts_;
  std::map<Stream, View> streams_;
};

}  // namespace copse::runner::overlord_sandbox
