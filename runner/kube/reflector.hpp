#pragma once
// What to ask an API server next so that one's picture of a collection stays true: list, watch,
// resume, relist.
//
// A pure state machine: `step` takes what happened and when, and returns what to do. It does no
// I/O, knows no clock and no chance (both are passed in), and holds of each object only its uid,
// its version and the list it was last seen in. The rules are those of client-go's reflector; where
// they differ here the enumerators say so.
//
// INVARIANTS
// * An object is never delivered in a version older than one delivered before, and never after its
// removal (but see Memory::nothing).
// * What is delivered is true when it is delivered. That something is *gone* is concluded only from
// a watch event
//   or from a complete list; a list that breaks off concludes nothing.
// * Between two errors the watch resumes from the last version applied: no event is lost, and no
// list is sent.
// * At most one list per step of the backoff.
//
// The driver (reflection.hpp) performs actions in order, and reports only about requests that are
// still wanted: after CloseWatch nothing more is heard of that watch, after SendList nothing of an
// older list.

#include "runner/kube/failure.hpp"
#include "runner/kube/uid.hpp"
#include "runner/kube/watch_event.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace copse::runner::kube {

/// Objects asked for at a time. Servers with a watch cache ignore it for version 0 and answer
/// whole.
inline constexpr std::uint32_t page_limit = 500;

inline constexpr std::chrono::seconds watch_timeout_least{
    300};  ///< a watch is asked to end after 5 to 10 minutes
inline constexpr std::chrono::seconds watch_timeout_spread{300};

/// How long to wait for what. The defaults are client-go's, and our own for the silence.
struct ReflectorTimes {
  std::chrono::milliseconds backoff_start{800};
  std::chrono::milliseconds backoff_cap{30'000};  ///< before jitter, which adds up to as much again
  std::chrono::milliseconds backoff_reset{
      120'000};                                  ///< so long without an error forgets the backoff
  std::chrono::milliseconds short_watch{1'000};  ///< a watch that ends sooner and empty is an error
  /// Bookmarks come each minute or so; a watch that says nothing for longer than this is doubted.
  std::chrono::milliseconds watch_silence{90'000};
  /// After a probe has shown that the server is ahead, the watch may have been about to say so.
  std::chrono::milliseconds doubt_grace{5'000};
};

/// What is passed in beside an event.
struct Moment {
  std::chrono::steady_clock::time_point now;
  double chance = 0;  ///< uniform in [0, 1)
};

namespace event {

/// Begin. Once, first.
struct Start {};

/// One object of the list under way.
struct ItemSeen {
  Uid uid;
  std::string_view version;
};

/// A list or page came to its end in order.
struct PageEnded {
  std::string_view version;
  std::string_view continue_token;  ///< empty: the last page
};

struct ListFailed {
  FailureKind kind;
  std::optional<std::chrono::seconds> retry_after = std::nullopt;
};

/// The watch's header came.
struct WatchOpened {};

/// No header came, or one that refuses.
struct WatchRefused {
  FailureKind kind;
  std::optional<std::chrono::seconds> retry_after = std::nullopt;
};

/// One event of the watch.
struct Changed {
  EventType type;  ///< not `error`
  Uid uid;
  std::string_view version;
};

/// The watch said ERROR.
struct WatchError {
  FailureKind kind;
  std::optional<std::chrono::seconds> retry_after = std::nullopt;
};

/// The watch said something that cannot be read.
struct WatchGarbled {};

/// The watch's stream ended, in order or broken: both resume.
struct WatchEnded {};

/// The time of the last SetTimer has come.
struct TimerFired {};

struct ProbeAnswered {
  std::string_view version;
};

struct ProbeFailed {};

}  // namespace event

using ReflectorEvent =
    std::variant<event::Start, event::ItemSeen, event::PageEnded, event::ListFailed,
                 event::WatchOpened, event::WatchRefused, event::Changed, event::WatchError,
                 event::WatchGarbled, event::WatchEnded, event::TimerFired, event::ProbeAnswered,
                 event::ProbeFailed>;

namespace action {

/// GET of the collection.
struct SendList {
  std::string version;         ///< empty: leave the parameter out (the newest there is)
  std::uint32_t limit = 0;     ///< 0: leave it out
  std::string continue_token;  ///< when set, `version` is empty
  bool operator==(const SendList&) const = default;
};

/// GET with watch=1 and bookmarks.
struct OpenWatch {
  std::string version;
  std::chrono::seconds timeout;
  bool operator==(const OpenWatch&) const = default;
};

struct CloseWatch {
  bool operator==(const CloseWatch&) const = default;
};

/// Replaces an earlier one.
struct SetTimer {
  std::chrono::steady_clock::time_point at;
  bool operator==(const SetTimer&) const = default;
};

/// A list of one object on a fresh connection.
struct SendProbe {
  bool operator==(const SendProbe&) const = default;
};

/// The object of the event at hand is news.
struct Deliver {
  bool operator==(const Deliver&) const = default;
};

/// The object of the event at hand is gone; this is its last state.
struct DeliverRemoval {
  bool operator==(const DeliverRemoval&) const = default;
};

/// An object is gone, and its last state was not seen.
struct Vanished {
  Uid uid;
  bool operator==(const Vanished&) const = default;
};

/// The picture is complete as of a list that has just ended.
struct Synced {
  bool operator==(const Synced&) const = default;
};

}  // namespace action

using ReflectorAction = std::variant<action::SendList, action::OpenWatch, action::CloseWatch,
                                     action::SetTimer, action::SendProbe, action::Deliver,
                                     action::DeliverRemoval, action::Vanished, action::Synced>;

/// Monotone counts, for metrics.
struct ReflectorFigures {
  std::uint64_t lists = 0;    ///< begun, not counting further pages
  std::uint64_t watches = 0;  ///< opened
  std::uint64_t delivered = 0;
  std::uint64_t stale = 0;  ///< events and items passed over since something newer was known
  std::uint64_t vanished = 0;
  std::uint64_t probes = 0;
};

/// A delay that doubles, with jitter, and is forgotten after a quiet time.
class Backoff {
 public:
  explicit Backoff(const ReflectorTimes& times)
      : start_(times.backoff_start),
        cap_(times.backoff_cap),
        reset_(times.backoff_reset),
        delay_(start_) {}

  [[nodiscard]] std::chrono::milliseconds next(Moment moment,
                                               std::optional<std::chrono::seconds> at_least);

  /// True when nothing has gone wrong for ReflectorTimes::backoff_reset.
  [[nodiscard]] bool is_rested(std::chrono::steady_clock::time_point now) const;

 private:
  std::chrono::milliseconds start_;
  std::chrono::milliseconds cap_;
  std::chrono::milliseconds reset_;
  std::chrono::milliseconds delay_;
  std::optional<std::chrono::steady_clock::time_point> used_;
};

/// What is remembered of the objects.
enum class Memory : std::uint8_t {
  whole,   ///< uid and version of each
  nothing  ///< each version is delivered, old ones too after a list, and no removal
};

class Reflector {
 public:
  explicit Reflector(const ReflectorTimes& times = {}, Memory memory = Memory::whole)
      : times_(times), memory_(memory), backoff_(times) {}

  /// What to do about `event`, in order. The reference is valid until the next step.
  [[nodiscard]] const std::vector<ReflectorAction>& step(const ReflectorEvent& event,
                                                         Moment moment);

  /// The version up to which everything is applied; empty before the first list has ended.
  [[nodiscard]] const std::string& version() const { return version_; }

  /// Objects known.
  [[nodiscard]] std::size_t size() const { return known_.size(); }

  /// When the watch last said something, or a probe found that there was nothing to say.
  [[nodiscard]] std::chrono::steady_clock::time_point last_heard() const { return heard_; }

  /// Since when the watch has been open; nothing: it is not.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> watching_since() const {
    return phase_ == Phase::watching ? std::optional(opened_) : std::nullopt;
  }

  [[nodiscard]] const ReflectorFigures& figures() const { return figures_; }

 private:
  enum class Phase { idle, listing, resting_before_list, opening, watching, resting_before_watch };
  enum class Probe { none, asked, doubted };

  struct Record {
    std::uint64_t version;  // 0: not a number
    std::uint32_t list;     // the last list that showed it, or that was current when the watch did
  };

  void on(const event::Start&, Moment);
  void on(const event::ItemSeen&, Moment);
  void on(const event::PageEnded&, Moment);
  void on(const event::ListFailed&, Moment);
  void on(const event::WatchOpened&, Moment);
  void on(const event::WatchRefused&, Moment);
  void on(const event::Changed&, Moment);
  void on(const event::WatchError&, Moment);
  void on(const event::WatchGarbled&, Moment);
  void on(const event::WatchEnded&, Moment);
  void on(const event::TimerFired&, Moment);
  void on(const event::ProbeAnswered&, Moment);
  void on(const event::ProbeFailed&, Moment);

  void begin_list();
  void ask_list(std::string version, bool whole);
  void finish_list(Moment moment);
  void open_watch(Moment moment);
  void close_watch();
  void rest(Phase next, Moment moment, std::optional<std::chrono::seconds> at_least = std::nullopt);
  void list_soon(Moment moment);
  void ended_empty_or_not(Moment moment);
  void upsert(Uid uid, std::string_view version);
  void deliver();
  void remove(Uid uid, std::string_view version);
  void advance(std::string_view version);
  void check_silence(Moment moment);

  ReflectorTimes times_;
  Memory memory_;
  std::vector<ReflectorAction> actions_;
  std::unordered_map<Uid, Record> known_;
  std::string version_;
  std::uint64_t version_number_ = 0;  // of version_; 0: none, or not a number
  bool version_unavailable_ =
      false;  // the server no longer has, or does not have yet, what version_ names
  bool server_pages_ = false;  // it cut a list at version 0: it has no watch cache

  Phase phase_ = Phase::idle;
  Backoff backoff_;
  std::uint32_t list_ = 0;    // number of the list under way or last done
  std::string list_asked_;    // the version that the list under way was begun with
  std::string list_version_;  // what its first page said
  std::uint32_t page_ = 0;
  bool list_whole_ = false;    // the fallback without pages has been used
  bool list_fresh_ = false;    // the fallback without a version has been used
  std::uint32_t garbled_ = 0;  // in a row, without anything readable between

  std::chrono::steady_clock::time_point opened_{};  // asked for, then: header seen
  std::chrono::steady_clock::time_point heard_{};
  std::uint64_t watch_events_ = 0;
  Probe probe_ = Probe::none;
  std::chrono::steady_clock::time_point doubted_{};
  ReflectorFigures figures_;
};

}  // namespace copse::runner::kube
