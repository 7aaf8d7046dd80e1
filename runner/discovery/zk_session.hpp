#pragma once
// Keeps one ephemeral znode in being: a pure state machine. It does no I/O and knows no clock;
// whoever drives it feeds events with the time and carries out the actions that come back.
//
//     open -> connected -> create -> look -> announced      (Druid: CuratorDruidNodeAnnouncer)
//
// Only a look shows whose znode stands there: a lost answer, an `exists`, a reconnection and a
// watch that fires all end in one. What it may find:
//  * ours: announced;
//  * nothing: it is created;
//  * that of a predecessor, whose session has not ended yet: deleted and created anew, or it would
//    vanish under us with that session;
//  * after we had been announced, somebody else's: another process has our identity. It is left
//    alone and watched; were it deleted, the two would delete each other's for ever.
//
// Promises, each held by a test over all short histories:
//  * at most one request is under way;
//  * a znode is deleted only after a look has shown whose it is;
//  * `announced` is told only after a look in this session has shown ours with the document wanted;
//  * a withdrawal ends: when nothing of ours stands, or after withdraw_patience.

#include "runner/discovery/pause.hpp"
#include "runner/discovery/tell.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace copse::runner::discovery::zk {

/// From opening a handle to the first complaint that nobody answers (Druid: connectionTimeoutMs).
inline constexpr milliseconds connect_patience{15'000};

/// Longest wait for a withdrawal. A session that cannot be reached by then ends by itself.
inline constexpr milliseconds withdraw_patience{5'000};

/// A znode that is deleted sooner than this after it was announced is created again after a pause
/// only.
inline constexpr milliseconds calm{10'000};

/// An Overlord has so long to see what was announced before it may be cycled.
inline constexpr milliseconds cycle_patience{30'000};

/// What became of one request.
enum class Code : std::uint8_t {
  done,
  exists,
  missing,  ///< the node, or the parent of a node to be created
  lost,     ///< the connection broke before the answer: it may or may not have happened
  refused   ///< missing rights and the like: a person must change something
};

namespace event {

/// Once, first.
struct Start {};

/// `path` is the same each time; another document replaces the first.
struct Announce {
  std::string path;
  std::string document;
};

struct Withdraw {};

/// The Overlord does not know us: delete and create anew.
struct Cycle {};

/// For the first time, again in the same session, or in a new one.
struct Connected {
  std::int64_t session = 0;
  milliseconds timeout{0};  ///< of the session, as the server has granted it
};

/// The session may live on.
struct Disconnected {};

/// The handle is of no use any more: no address was found, the session has expired.
struct Ended {
  std::string why;
  bool is_expired = false;
};

/// Of the request under way.
struct Answered {
  Code code = Code::done;
  std::int64_t owner = 0;  ///< of a look that has found something: the session; 0: of none
  std::string text{};      ///< the server's words
};

/// The znode looked at was created, changed or deleted.
struct Changed {};

/// The time that `due` gave has come.
struct Elapsed {};

}  // namespace event

using Event = std::variant<event::Start, event::Announce, event::Withdraw, event::Cycle,
                           event::Connected, event::Disconnected, event::Ended, event::Answered,
                           event::Changed, event::Elapsed>;

enum class Kind : std::uint8_t { persistent, ephemeral };

namespace action {

/// A new handle. Nothing of an older one is heard any more.
struct Open {
  bool operator==(const Open&) const = default;
};

/// Ends the session, if it can be reached.
struct Close {
  bool operator==(const Close&) const = default;
};

struct Create {
  std::string path;
  std::string document;
  Kind kind = Kind::ephemeral;
  bool operator==(const Create&) const = default;
};

/// Who owns it? And say so when it changes.
struct Look {
  std::string path;
  bool operator==(const Look&) const = default;
};

struct Remove {
  std::string path;
  bool operator==(const Remove&) const = default;
};

}  // namespace action

using Action =
    std::variant<action::Open, action::Close, action::Create, action::Look, action::Remove,
                 tell::Announced, tell::Lost, tell::Withdrawn, tell::Trouble>;

class Session {
 public:
  /// `servers`: as in ZooKeeperOptions, for texts.
  explicit Session(std::string servers) : servers_(std::move(servers)) {}

  /// What to do about `event`, in order. The reference is valid until the next step.
  const std::vector<Action>& step(const Event& event, Time now);

  /// When to step with Elapsed, unless something else happens before.
  [[nodiscard]] std::optional<Time> due() const;

 private:
  enum class Asked : std::uint8_t { nothing, create, parent, look, remove };
  enum class Znode : std::uint8_t { unknown, absent, ours, stale, rival };

  void on(const event::Start&, Time now);
  void on(const event::Announce&, Time now);
  void on(const event::Withdraw&, Time now);
  void on(const event::Cycle&, Time now);
  void on(const event::Connected&, Time now);
  void on(const event::Disconnected&, Time now);
  void on(const event::Ended&, Time now);
  void on(const event::Answered&, Time now);
  void on(const event::Changed&, Time now);
  void on(const event::Elapsed&, Time now);

  void proceed(Time now);
  void proceed_to_announce(Time now);
  void proceed_to_withdraw();
  void create();
  void remove();
  void created(Code code, Time now);
  void parent_created(Code code, Time now);
  void looked(const event::Answered& answer, Time now);
  void refused(const std::string& what, Time now);
  void rootless(Time now);
  void fail(std::string trouble, Time now);
  void gone(Time now);
  void forget_session();
  void open(Time now);
  void tell_announced(Time now);
  void tell_lost(std::string why);
  void tell_withdrawn();
  void tell_trouble(std::string text);

  std::string servers_;
  std::vector<Action> actions_;

  bool is_open_ = false;
  bool is_connected_ = false;
  std::int64_t session_ = 0;  // 0: none yet
  std::int64_t former_ = 0;   // the one before, whose znode may still be seen
  milliseconds timeout_{0};

  std::string path_;
  std::optional<std::string> wanted_;  // the document
  Asked asked_ = Asked::nothing;
  Znode znode_ = Znode::absent;
  std::string held_;        // the document of what was created last
  bool may_stand_ = false;  // something of ours may be there
  std::size_t parent_ = 0;  // parents below this one are known to exist; used while climbing
  bool is_climbing_ = false;
  bool renew_ = false;
  bool is_withdrawing_ = false;
  bool is_told_ = false;        // announced, as far as was told
  bool was_announced_ = false;  // since the start or the last withdrawal
  Time announced_at_{};
  std::string last_trouble_;

  Pause pause_;
  std::optional<Time> rest_until_;  // no request before
  std::optional<Time> doubt_at_;    // nobody answers
  std::optional<Time> lost_at_;     // the session has ended without us
  std::optional<Time> withdraw_by_;
};

/// The nodes above `path`, from the top: `/a`, `/a/b` for `/a/b/c`.
[[nodiscard]] std::vector<std::string> parents_of(std::string_view path);

}  // namespace copse::runner::discovery::zk
