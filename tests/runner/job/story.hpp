#pragma once
// Actions of the job machine as text, and events with short names: a story is a line an event.

#include "runner/job/step.hpp"

#include <string>

namespace copse::tests {

namespace job = runner::job;
namespace event = runner::job::event;

inline constexpr runner::kube::Uid job_uid{1, 1};
inline constexpr runner::kube::Uid other_job_uid{1, 2};
inline constexpr runner::kube::Uid pod_uid{2, 1};

inline std::string text(const job::Action& action, job::Time now) {
  struct Text {
    job::Time now;

    std::string operator()(const job::action::Create&) const { return "create"; }

    std::string operator()(const job::action::LookUp&) const { return "look up"; }

    std::string operator()(const job::action::CreatePayload& c) const {
      return std::string("create payload") + (c.job == job_uid ? "" : " of ANOTHER");
    }

    std::string operator()(const job::action::LookUpPayload& l) const {
      return std::string("look up payload") + (l.job == job_uid ? "" : " of ANOTHER");
    }

    std::string operator()(const job::action::ReadStatus&) const { return "read status"; }

    std::string operator()(const job::action::Delete& d) const {
      return std::string(d.with_pods ? "delete with pods" : "delete") +
             (d.job == job_uid ? "" : " ANOTHER");
    }

    std::string operator()(const job::action::Wake& w) const {
      const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(w.at - now).count();
      return "wake in " + std::to_string(ms) + "ms";
    }

    std::string operator()(const job::action::Moved& m) const { return std::string(name(m.phase)); }

    std::string operator()(const job::action::Scheduled& s) const { return "on " + s.node; }

    std::string operator()(const job::action::Pulled&) const { return "pulled"; }

    std::string operator()(const job::action::Blocked& b) const {
      return "waits: " + std::string(name(b.why.reason)) + ": " + b.why.text;
    }

    std::string operator()(const job::action::Located& l) const {
      return "at " + l.place.ip + " " + l.place.pod;
    }

    std::string operator()(const job::action::Started& s) const {
      return "log of " + s.log.pod + " " + s.log.container;
    }

    std::string operator()(const job::action::Conclude& c) const {
      std::string line =
          std::string(name(c.outcome.status)) + " " + std::string(name(c.outcome.reason));
      return c.outcome.text.empty() ? line : line + ": " + c.outcome.text;
    }

    std::string operator()(const job::action::Forget&) const { return "forget"; }
  };

  return std::visit(Text{now}, action);
}

/// One task and its clock.
class Story {
 public:
  explicit Story(job::Rules rules = {}) : rules_(rules) {}

  /// What happens, joined by commas.
  std::string operator()(const job::Event& event) {
    std::string line;
    for (const job::Action& action : job::step(state_, event, now_, rules_)) {
      line += (line.empty() ? "" : ", ") + text(action, now_);
    }
    return line;
  }

  std::string later(std::chrono::milliseconds time) {
    now_ += time;
    return (*this)(event::Woke{});
  }

  job::State& state() { return state_; }

 private:
  job::State state_;
  job::Rules rules_;
  job::Time now_{std::chrono::hours{1}};
};

inline event::StatusRead status(bool success, std::string message = {}) {
  return {{job::StatusReport::State::read, success, std::move(message)}};
}

inline event::StatusRead no_status() {
  return {};
}

inline event::JobSeen job_complete() {
  return {job_uid, false, job::JobEnd{}};
}

inline event::JobSeen job_failed(std::string reason) {
  return {job_uid, false, job::JobEnd{job::JobEnd::How::failed, std::move(reason), ""}};
}

inline event::PodSeen pod_running() {
  event::PodSeen seen;
  seen.pod = pod_uid;
  seen.job = job_uid;
  seen.is_running = true;
  return seen;
}

inline event::PodSeen pod_waits(std::string reason, std::string message = {}) {
  event::PodSeen seen;
  seen.pod = pod_uid;
  seen.job = job_uid;
  seen.waiting_reason = std::move(reason);
  seen.waiting_message = std::move(message);
  return seen;
}

inline event::Told no_pod(std::string text) {
  return {event::Told::What::no_pod, job_uid, std::move(text)};
}

inline event::Told pulled(runner::kube::Uid pod = pod_uid) {
  return {event::Told::What::pulled, pod, {}};
}

inline event::PodSeen pod_ended(std::int64_t exit_code, std::string reason = "Completed") {
  event::PodSeen seen;
  seen.pod = pod_uid;
  seen.job = job_uid;
  seen.end = job::PodEnd{};
  seen.end->exit_code = exit_code;
  seen.end->reason = std::move(reason);
  return seen;
}

}  // namespace copse::tests
