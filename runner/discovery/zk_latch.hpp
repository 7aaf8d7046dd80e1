#pragma once
// Which Overlord leads, by Curator's leader latch in ZooKeeper: a pure state machine.
//
// The Overlords stand in line as children of one node; the first leads and its data is its URL. A
// list also watches, so that each change makes a new list; a line that does not exist yet is waited
// for.

#include "runner/discovery/pause.hpp"
#include "runner/discovery/zk_session.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace copse::runner::discovery::zk {

namespace event {

struct Listed {
  Code code = Code::done;
  std::vector<std::string> names{};  ///< of the children
  std::string text{};                ///< the server's words
};

/// Of a wait: `missing` is its usual answer, and a change follows some day.
struct Awaited {
  Code code = Code::done;
  std::string text{};
};

struct Read {
  Code code = Code::done;
  std::string data{};
  std::string text{};
};

/// What was listed or waited for has changed.
struct LineChanged {};

}  // namespace event

using LatchEvent = std::variant<event::Connected, event::Disconnected, event::Ended, event::Listed,
                                event::Awaited, event::Read, event::LineChanged, event::Elapsed>;

namespace action {

/// The children, and say so when they change.
struct List {
  std::string path;
  bool operator==(const List&) const = default;
};

/// Say so when it appears.
struct Await {
  std::string path;
  bool operator==(const Await&) const = default;
};

struct Read {
  std::string path;
  bool operator==(const Read&) const = default;
};

}  // namespace action

using LatchAction =
    std::variant<action::List, action::Await, action::Read, tell::Leader, tell::Trouble>;

class Latch {
 public:
  /// `path`: overlord::leader_latch_path.
  explicit Latch(std::string path) : path_(std::move(path)) {}

  /// What to do about `event`, in order. The reference is valid until the next step.
  const std::vector<LatchAction>& step(const LatchEvent& event, Time now);

  [[nodiscard]] std::optional<Time> due() const { return rest_until_; }

 private:
  enum class Asked : std::uint8_t { nothing, list, wait, data };

  void on(const event::Connected&, Time now);
  void on(const event::Disconnected&, Time now);
  void on(const event::Ended&, Time now);
  void on(const event::Listed&, Time now);
  void on(const event::Awaited&, Time now);
  void on(const event::Read&, Time now);
  void on(const event::LineChanged&, Time now);
  void on(const event::Elapsed&, Time now);

  [[nodiscard]] bool failed(Code code, const std::string& text, Time now);
  void ask(Asked what, LatchAction action);

  std::string path_;
  std::vector<LatchAction> actions_;
  bool is_connected_ = false;
  bool is_stale_ = true;  // the line has to be listed
  Asked asked_ = Asked::nothing;
  std::string leader_;
  std::string last_trouble_;
  Pause pause_;
  std::optional<Time> rest_until_;  // no request before
};

}  // namespace copse::runner::discovery::zk
