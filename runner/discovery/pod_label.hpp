#pragma once
// Keeps the marks of a worker on the own pod: a pure state machine. It does no I/O and knows no
// clock; whoever drives it feeds events with the time and carries out the actions that come back.
//
//     look -> patch (off what is wrong) -> patch (on) -> announced -> look, now and then
//
// An Overlord's watch takes notice of a pod that comes into its selection or leaves it, and ignores
// one that changes: marks that are not as they should be are taken off first.
//
// Promises, each held by a test over all short histories:
//  * at most one request is under way;
//  * a patch puts on all marks or takes off all that are there, never some;
//  * `announced` is told only when the pod was last seen with the marks wanted;
//  * a withdrawal is told: when the pod was seen without marks, or is gone, or after
//    withdraw_patience, and then it is gone on with.

#include "runner/discovery/pause.hpp"
#include "runner/discovery/tell.hpp"
#include "runner/kube/failure.hpp"
#include "runner/overlord/discovery.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace copse::runner::discovery::pod {

/// Between two looks at a pod that is announced: somebody may take its marks off.
inline constexpr milliseconds look_interval{30'000};

/// Longest wait for a withdrawal.
inline constexpr milliseconds withdraw_patience{10'000};

/// An Overlord has so long to see what was announced before it may be cycled. Its watch may sleep
/// for 10 s after an error.
inline constexpr milliseconds cycle_patience{30'000};

/// Failures in a row before trouble is told, where trying again can help.
inline constexpr std::uint32_t quiet_failures = 3;

namespace event {

struct Announce {
  overlord::PodMarks marks;
};

struct Withdraw {};

/// The Overlord does not know us: take the marks off and put them on again.
struct Cycle {};

/// The pod as a look or the answer to a patch shows it.
struct Seen {
  overlord::PodMetadata pod;
};

/// The look or patch under way.
struct Failed {
  kube::FailureKind kind{};
  std::string text;
};

/// The time that `due` gave has come.
struct Elapsed {};

}  // namespace event

using Event = std::variant<event::Announce, event::Withdraw, event::Cycle, event::Seen,
                           event::Failed, event::Elapsed>;

namespace action {

/// GET of the pod.
struct Look {
  bool operator==(const Look&) const = default;
};

/// JSON patch of the pod.
struct Patch {
  std::string operations;
  bool operator==(const Patch&) const = default;
};

}  // namespace action

using Action = std::variant<action::Look, action::Patch, tell::Announced, tell::Lost,
                            tell::Withdrawn, tell::Trouble>;

class PodLabel {
 public:
  /// `pod`: for texts.
  explicit PodLabel(std::string pod) : pod_(std::move(pod)) {}

  /// What to do about `event`, in order. The reference is valid until the next step.
  const std::vector<Action>& step(const Event& event, Time now);

  /// When to step with Elapsed, unless something else happens before.
  [[nodiscard]] std::optional<Time> due() const;

 private:
  void on(const event::Announce&, Time now);
  void on(const event::Withdraw&, Time now);
  void on(const event::Cycle&, Time now);
  void on(const event::Seen&, Time now);
  void on(const event::Failed&, Time now);
  void on(const event::Elapsed&, Time now);

  void proceed(Time now);
  void ask(Action request);
  void tell_announced(Time now);
  void cleared();
  void tell_withdrawn();

  std::string pod_;
  std::vector<Action> actions_;

  std::optional<overlord::PodMarks> wanted_;
  std::optional<overlord::PodMetadata> seen_;  // nothing: has to be looked at
  bool is_asking_ = false;
  bool renew_ = false;
  bool is_clearing_ = false;                // marks are to go, or have gone unseen
  bool is_withdrawing_ = false;             // somebody waits to be told of it
  std::optional<overlord::PodMarks> told_;  // announced, as far as was told
  Time announced_at_{};
  std::uint32_t failures_ = 0;                // in a row
  std::optional<kube::FailureKind> trouble_;  // told last
  Pause pause_;
  std::optional<Time> rest_until_;  // no request before
  std::optional<Time> look_at_;
  std::optional<Time> withdraw_by_;
};

}  // namespace copse::runner::discovery::pod
