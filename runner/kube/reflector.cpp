#include "runner/kube/reflector.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace copse::runner::kube {
namespace {

// Versions are integers on every server that stores in etcd; 0 stands for any other text.
std::uint64_t number_of(std::string_view version) {
  std::uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(version.data(), version.data() + version.size(), number);
  return error == std::errc() && end == version.data() + version.size() ? number : 0;
}

}  // namespace

std::chrono::milliseconds Backoff::next(Moment moment,
                                        std::optional<std::chrono::seconds> at_least) {
  if (is_rested(moment.now)) delay_ = start_;
  used_ = moment.now;
  const auto stretched = [](auto time, double factor) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::duration<double>(time) * factor);
  };
  const auto delay = stretched(delay_, 1.0 + moment.chance);
  delay_ = std::min(delay_ * 2, cap_);
  // WHY: Retry-After comes without jitter, the same for all who were refused.
  return at_least ? std::max(delay, stretched(*at_least, 1.0 + moment.chance / 2)) : delay;
}

bool Backoff::is_rested(std::chrono::steady_clock::time_point now) const {
  return !used_ || now - *used_ > reset_;
}

const std::vector<ReflectorAction>& Reflector::step(const ReflectorEvent& event, Moment moment) {
  actions_.clear();
  std::visit([&](const auto& e) { on(e, moment); }, event);
  return actions_;
}

// ---- lists ----

void Reflector::on(const event::Start&, Moment) {
  if (phase_ == Phase::idle) begin_list();
}

void Reflector::begin_list() {
  list_whole_ = list_fresh_ = false;
  ++figures_.lists;
  ask_list(version_unavailable_ ? "" : version_.empty() ? "0" : version_, false);
}

// A first page. WHY no limit with a real version: together they would bypass the server's watch
// cache.
void Reflector::ask_list(std::string version, bool whole) {
  phase_ = Phase::listing;
  ++list_;
  page_ = 1;
  list_version_.clear();
  list_asked_ = version;
  const bool paged = !whole && (version.empty() || version == "0" || server_pages_);
  actions_.emplace_back(action::SendList{std::move(version), paged ? page_limit : 0, {}});
}

void Reflector::on(const event::ItemSeen& item, Moment) {
  if (phase_ == Phase::listing) upsert(item.uid, item.version);
}

void Reflector::on(const event::PageEnded& end, Moment moment) {
  if (phase_ != Phase::listing) return;
  if (page_ == 1) list_version_ = end.version;
  if (!end.continue_token.empty()) {
    if (list_asked_ == "0") server_pages_ = true;
    ++page_;
    actions_.emplace_back(action::SendList{{}, page_limit, std::string(end.continue_token)});
    return;
  }
  const std::uint64_t number = number_of(list_version_);
  const bool steps_back = number != 0 && number < version_number_;
  if (list_version_.empty() || list_version_ == "0" || steps_back) {
    // A server that lags behind what was already seen, or speaks nonsense: ask for the newest,
    // after a pause.
    version_unavailable_ = steps_back;
    return rest(Phase::resting_before_list, moment);
  }
  finish_list(moment);
}

void Reflector::finish_list(Moment moment) {
  for (auto record = known_.begin(); record != known_.end();) {
    if (record->second.list == list_) {
      ++record;
      continue;
    }
    ++figures_.vanished;
    actions_.emplace_back(action::Vanished{record->first});
    record = known_.erase(record);
  }
  version_ = list_version_;
  version_number_ = number_of(version_);
  version_unavailable_ = false;
  actions_.emplace_back(action::Synced{});
  open_watch(moment);
}

void Reflector::on(const event::ListFailed& failed, Moment moment) {
  if (phase_ != Phase::listing) return;
  const bool is_expired = failed.kind == FailureKind::expired;
  if (is_expired && page_ > 1 && !std::exchange(list_whole_, true))
    return ask_list(list_asked_, true);
  if (is_expired || failed.kind == FailureKind::too_new) {
    version_unavailable_ = true;
    if (!std::exchange(list_fresh_, true)) return ask_list("", false);
  }
  rest(Phase::resting_before_list, moment, failed.retry_after);
}

// ---- the watch ----

void Reflector::open_watch(Moment moment) {
  phase_ = Phase::opening;
  opened_ = moment.now;
  watch_events_ = 0;
  probe_ = Probe::none;
  ++figures_.watches;
  const auto spread = std::chrono::duration<double>(watch_timeout_spread) * moment.chance;
  actions_.emplace_back(action::OpenWatch{
      version_, watch_timeout_least + std::chrono::duration_cast<std::chrono::seconds>(spread)});
}

void Reflector::close_watch() {
  actions_.emplace_back(action::CloseWatch{});
}

void Reflector::on(const event::WatchOpened&, Moment moment) {
  if (phase_ != Phase::opening) return;
  phase_ = Phase::watching;
  opened_ = heard_ = moment.now;
  actions_.emplace_back(action::SetTimer{moment.now + times_.watch_silence});
}

void Reflector::on(const event::WatchRefused& refused, Moment moment) {
  if (phase_ != Phase::opening) return;
  switch (refused.kind) {
    case FailureKind::unreachable:
    case FailureKind::throttled:
      return rest(Phase::resting_before_watch, moment, refused.retry_after);
    case FailureKind::interrupted:
      return ended_empty_or_not(moment);
    case FailureKind::expired:
      return list_soon(moment);
    default:
      return rest(Phase::resting_before_list, moment, refused.retry_after);
  }
}

void Reflector::on(const event::Changed& change, Moment moment) {
  if (phase_ != Phase::watching) return;
  heard_ = moment.now;
  ++watch_events_;
  garbled_ = 0;
  switch (change.type) {
    case EventType::added:
    case EventType::modified:
      upsert(change.uid, change.version);
      break;
    case EventType::removed:
      remove(change.uid, change.version);
      break;
    case EventType::bookmark:
      break;
    case EventType::error:
    case EventType::unknown:
      return;
  }
  advance(change.version);
}

void Reflector::on(const event::WatchError& error, Moment moment) {
  if (phase_ != Phase::watching) return;
  close_watch();
  switch (error.kind) {
    case FailureKind::expired:
      return list_soon(moment);
    case FailureKind::throttled:
      return rest(Phase::resting_before_watch, moment, error.retry_after);
    default:
      return rest(Phase::resting_before_list, moment, error.retry_after);
  }
}

// Once: the line was damaged under way. Again at the same place: the server means it, so go round
// it.
void Reflector::on(const event::WatchGarbled&, Moment moment) {
  if (phase_ != Phase::watching) return;
  close_watch();
  rest(++garbled_ == 1 ? Phase::resting_before_watch : Phase::resting_before_list, moment);
}

void Reflector::on(const event::WatchEnded&, Moment moment) {
  if (phase_ == Phase::watching) ended_empty_or_not(moment);
}

void Reflector::ended_empty_or_not(Moment moment) {
  if (watch_events_ == 0 && moment.now - opened_ < times_.short_watch)
    return rest(Phase::resting_before_list, moment);
  open_watch(moment);
}

// ---- waiting ----

void Reflector::rest(Phase next, Moment moment, std::optional<std::chrono::seconds> at_least) {
  phase_ = next;
  actions_.emplace_back(action::SetTimer{moment.now + backoff_.next(moment, at_least)});
}

// An expired version is an ordinary event of a long life: the first time nobody waits. (client-go
// always does.)
void Reflector::list_soon(Moment moment) {
  if (!backoff_.is_rested(moment.now)) return rest(Phase::resting_before_list, moment);
  static_cast<void>(backoff_.next(moment, std::nullopt));
  begin_list();
}

void Reflector::on(const event::TimerFired&, Moment moment) {
  switch (phase_) {
    case Phase::resting_before_list:
      return begin_list();
    case Phase::resting_before_watch:
      return open_watch(moment);
    case Phase::watching:
      return check_silence(moment);
    case Phase::idle:
    case Phase::listing:
    case Phase::opening:
      return;
  }
}

void Reflector::check_silence(Moment moment) {
  const auto due = heard_ + times_.watch_silence;
  if (moment.now < due) {
    probe_ = Probe::none;
    actions_.emplace_back(action::SetTimer{due});
  } else if (probe_ == Probe::doubted && heard_ < doubted_) {
    close_watch();
    open_watch(moment);
  } else if (probe_ != Probe::asked) {
    probe_ = Probe::asked;
    ++figures_.probes;
    actions_.emplace_back(action::SendProbe{});
  }
}

void Reflector::on(const event::ProbeAnswered& answer, Moment moment) {
  if (phase_ != Phase::watching || probe_ != Probe::asked) return;
  const std::uint64_t number = number_of(answer.version);
  const bool is_ahead =
      number != 0 && version_number_ != 0 ? number > version_number_ : answer.version != version_;
  if (moment.now - heard_ < times_.watch_silence || !is_ahead) {
    probe_ = Probe::none;
    if (!is_ahead) heard_ = moment.now;
    actions_.emplace_back(action::SetTimer{heard_ + times_.watch_silence});
    return;
  }
  probe_ = Probe::doubted;
  doubted_ = moment.now;
  actions_.emplace_back(action::SetTimer{moment.now + times_.doubt_grace});
}

void Reflector::on(const event::ProbeFailed&, Moment moment) {
  if (phase_ != Phase::watching || probe_ != Probe::asked) return;
  if (moment.now - heard_ < times_.watch_silence) {
    probe_ = Probe::none;
    actions_.emplace_back(action::SetTimer{heard_ + times_.watch_silence});
    return;
  }
  close_watch();
  rest(Phase::resting_before_watch, moment);
}

// ---- what is known ----

void Reflector::upsert(Uid uid, std::string_view version) {
  if (memory_ == Memory::nothing) return deliver();
  const std::uint64_t number = number_of(version);
  const auto known = known_.find(uid);
  if (known != known_.end()) {
    known->second.list = list_;
    if (number != 0 && number <= known->second.version) {
      ++figures_.stale;
      return;
    }
    known->second.version = number;
  } else {
    // On the watch everything up to version_ has been applied: an unknown object from before is one
    // that is gone.
    if (phase_ == Phase::watching && number != 0 && number <= version_number_) {
      ++figures_.stale;
      return;
    }
    known_.emplace(uid, Record{number, list_});
  }
  deliver();
}

void Reflector::deliver() {
  ++figures_.delivered;
  actions_.emplace_back(action::Deliver{});
}

void Reflector::remove(Uid uid, std::string_view version) {
  const auto known = known_.find(uid);
  const std::uint64_t number = number_of(version);
  if (known == known_.end() || (number != 0 && number < known->second.version)) {
    ++figures_.stale;
    return;
  }
  known_.erase(known);
  ++figures_.delivered;
  actions_.emplace_back(action::DeliverRemoval{});
}

void Reflector::advance(std::string_view version) {
  if (version.empty()) return;
  const std::uint64_t number = number_of(version);
  if (number != 0 && number < version_number_) return;
  version_ = version;
  version_number_ = number;
}

}  // namespace copse::runner::kube
