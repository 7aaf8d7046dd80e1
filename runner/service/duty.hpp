#pragma once
// What copse owes the Overlord for one task that it has taken: a pure state machine. It does no
// I/O; whoever drives it feeds events and carries out the actions that come back.
//
//     recording -> deciding -> committing -> launched -> closing -> closed -> done
//        |            |            |            |          the end is in the journal,
//     accepted,    no Job can   killed       a Job       then the Job may go
//     not durable  be built
//
// Promises, each held by a test over all short histories:
//  * an assignment is answered once the task is durable, or once it is clear that it cannot be; it
//    is never refused: what cannot be taken is announced FAILED (the Overlord's only assignment
//    thread would wait for minutes);
//  * RUNNING is announced with the answer, before anything else is known;
//  * a decision is durable before its Job is launched, and is never taken again;
//  * the end is announced only when the task's log is whole, or nothing more of it will come;
//  * the end is announced once, and the Job is released only when the end is durable: a crash in
//    between finds the Job and judges it again;
//  * a task that was killed ends FAILED, whatever it was about to do.

#include "runner/overlord/announcement.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace copse::runner::service {

namespace duty {

enum class Phase : std::uint8_t {
  recording,   ///< its acceptance is being written
  deciding,    ///< no decision yet
  committing,  ///< the decision is being written
  launched,    ///< its Job is the job machine's
  closing,     ///< its end is being written
  closed,      ///< waits until the Overlord says that it knows the end
  done
};

/// How a task ended.
struct End {
  overlord::TaskState state = overlord::TaskState::failed;
  std::string text;  ///< why; empty for a success
  std::int64_t duration_ms = 0;

  bool operator==(const End&) const = default;
};

namespace event {

/// The Overlord hands the task over; it may do so again.
struct Assigned {};

/// The last Write is durable, or cannot be.
struct Written {
  std::string fault;  ///< empty: it is durable
};

/// There is a decision, and a Job for it.
struct Decided {};

/// There is none and will be none: the rule that fails it, a template that cannot be used.
struct Refused {
  std::string text;
};

/// The task's peon has an address.
struct Located {
  overlord::TaskLocation location;
};

/// There is a log of it, and it is being stored.
struct LogBegan {};

/// Nothing more will come of it.
struct LogEnded {};

/// The job machine has judged.
struct Ended {
  End end;
};

/// The Overlord wants it stopped.
struct Kill {};

/// The Overlord knows that it has ended, or does not know the task at all.
struct Acknowledged {};

/// Time to try again what could not be written.
struct Retry {};

}  // namespace event

using Event = std::variant<event::Assigned, event::Written, event::Decided, event::Refused,
                           event::Located, event::LogBegan, event::LogEnded, event::Ended,
                           event::Kill, event::Acknowledged, event::Retry>;

namespace action {

/// Append to the journal; Written comes back for acceptance, decision and end.
struct Write {
  enum class What : std::uint8_t { acceptance, decision, end, forgotten };
  What what = What::acceptance;
  End end;  ///< of What::end
  bool operator==(const Write&) const = default;
};

/// Answer every assignment of this task that waits: 200.
struct Answer {
  bool operator==(const Answer&) const = default;
};

struct Decide {
  bool operator==(const Decide&) const = default;
};

struct Launch {
  bool operator==(const Launch&) const = default;
};

/// The task has ended: LogEnded comes back.
struct FinishLog {
  bool operator==(const FinishLog&) const = default;
};

/// Stop the Job; Ended comes back.
struct Cancel {
  bool operator==(const Cancel&) const = default;
};

struct Announce {
  End end;  ///< `running` until it has ended
  overlord::TaskLocation location;
  bool operator==(const Announce&) const = default;
};

/// The Job may be deleted.
struct Release {
  bool operator==(const Release&) const = default;
};

/// Speak no more of the task, and drop its state.
struct Forget {
  bool operator==(const Forget&) const = default;
};

}  // namespace action

using Action =
    std::variant<action::Write, action::Answer, action::Decide, action::Launch, action::FinishLog,
                 action::Cancel, action::Announce, action::Release, action::Forget>;

struct State {
  Phase phase = Phase::recording;
  bool killed = false;
  bool writing = false;   ///< a Write is under way
  bool launched = false;  ///< there may be a Job
  bool recorded = true;   ///< false: the journal does not know the task
  bool announced_end = false;
  bool log_open = false;   ///< its log is being stored
  bool has_ended = false;  ///< waits for its log
  overlord::TaskLocation location;
  End end;
};

/// How a task of the journal goes on after a restart, by the last thing that is known of it.
/// Nothing is announced by the actions alone: the caller answers no poll before all tasks are back.
[[nodiscard]] State recovered(Phase phase, bool killed, End end, overlord::TaskLocation location);

/// What a recovered task begins with.
[[nodiscard]] std::vector<Action> resume(State& state);

/// What to do about `event`, in order; `state` becomes what it leads to.
[[nodiscard]] std::vector<Action> step(State& state, const Event& event);

inline constexpr std::string_view killed_text = "killed by the Overlord";

}  // namespace duty
}  // namespace copse::runner::service
