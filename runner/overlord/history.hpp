#pragma once
// What the Overlord is told, as a history that it follows by long poll (Druid:
// ChangeRequestHistory, WorkerResource). Pure: it knows no socket and no clock.
//
// A poller says the last counter that it saw; it gets what came after, or waits until something
// does. Without a counter (-1) it gets all that is true now. A counter of another process, or one
// that is too old, is answered with a reset, and the poller comes again without one. Any number of
// pollers: two Overlords may ask during a change of leader, and none takes anything from the other.

#include "runner/overlord/announcement.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace copse::runner::overlord {

/// Changes that are kept for pollers that lag behind.
inline constexpr std::size_t history_limit = 1000;

struct Counter {
  std::int64_t counter = 0;
  std::int64_t hash = 0;  ///< of the process: an old pair is never taken for a new one

  bool operator==(const Counter&) const = default;
};

namespace answer {

/// Everything (after -1) or what came after the poller's counter; empty when a wait has ended.
struct Changes {
  Counter counter;
  std::vector<Change> changes;
};

/// Forget the counter and ask again.
struct Reset {
  std::string cause;
};

/// Nothing is new: hold the answer back until there is, or until the poller's time is over.
struct Wait {};

}  // namespace answer

using Answer = std::variant<answer::Changes, answer::Reset, answer::Wait>;

class History {
 public:
  /// `hash` is drawn anew for each process, not negative.
  explicit History(std::int64_t hash) : hash_(hash) {}

  /// Says something of a task; nothing when that is what was said last.
  void update(Announcement task);

  /// Speaks no more of a task.
  void remove(const std::string& task_id);

  void set_disabled(bool disabled);

  [[nodiscard]] Answer poll(std::int64_t counter, std::int64_t hash) const;

  /// What was said last of a task; null when nothing.
  [[nodiscard]] const Announcement* find(const std::string& task_id) const;

  [[nodiscard]] bool disabled() const { return disabled_; }

  [[nodiscard]] Counter last() const { return {counter_, hash_}; }

  [[nodiscard]] std::size_t tasks() const { return tasks_.size(); }

 private:
  void push(Change change);

  std::int64_t hash_;
  std::int64_t counter_ = 0;
  bool disabled_ = false;
  std::map<std::string, std::shared_ptr<const Announcement>, std::less<>> tasks_;
  std::deque<Change> changes_;  // the newest has the number counter_
};

/// The answer as Druid's ChangeRequestsSnapshot in Smile. A poller whose time ends without news
/// gets Changes of its own counter without changes: the Overlord takes that for a success, a 204
/// only half.
[[nodiscard]] std::string to_smile(const answer::Changes& changes);
[[nodiscard]] std::string to_smile(const answer::Reset& reset);

}  // namespace copse::runner::overlord
