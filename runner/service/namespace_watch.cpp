#include "runner/service/namespace_watch.hpp"

#include "runner/kube/query.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace copse::runner::service {
namespace {

job::Time now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

struct NamespaceWatch::Core : std::enable_shared_from_this<Core> {
  Core(boost::asio::io_context& io, kube::Transport& transport, std::string given_name,
       std::string given_selector, std::chrono::milliseconds given_catch_up,
       NamespaceEvents given_events)
      : link(transport),
        name(std::move(given_name)),
        selector(std::move(given_selector)),
        catch_up(given_catch_up),
        events(std::move(given_events)),
        hold_timer(io) {}

  kube::Transport& link;
  std::string name;
  std::string selector;
  std::chrono::milliseconds catch_up;
  NamespaceEvents events;
  std::optional<kube::Reflection> jobs;
  std::optional<kube::Reflection> pods;
  std::optional<EventWatch> told;
  bool jobs_synced = false;
  bool pods_synced = false;
  bool in_step = false;
  HeldEnds held_ends;
  boost::asio::steady_timer hold_timer;

  void open() {
    kube::Sink<kube::JobView> job_sink;
    job_sink.upsert = [this](const kube::JobView& view) { events.job(view); };
    job_sink.removed = [this](const kube::JobView& view) { events.lost(view); };
    job_sink.vanished = [this](kube::Uid uid) { events.vanished(uid); };
    job_sink.synced = [this] { synced(jobs_synced); };
    job_sink.trouble = [this](const kube::Failure& failure) { events.trouble(failure); };
    jobs.emplace(link, kube::Collection{kube::jobs_path(name), selector, ""}, std::move(job_sink));
    kube::Sink<kube::PodView> pod_sink;
    pod_sink.upsert = [this](const kube::PodView& view) { events.pod(view); };
    pod_sink.synced = [this] { synced(pods_synced); };
    pod_sink.trouble = [this](const kube::Failure& failure) { events.trouble(failure); };
    pods.emplace(link, kube::Collection{kube::pods_path(name), selector, ""}, std::move(pod_sink));
  }

  void synced(bool& which) {
    which = true;
    if (in_step || !jobs_synced || !pods_synced) return;
    in_step = true;
    listen_to_events();
    events.in_step();
  }

  // Not before: the list that it begins with tells of tasks that are known by now to have a Job.
  void listen_to_events() {
    EventWatchEvents heard;
    heard.told = [this](TaskIndex task, const job::event::Told& event) {
      events.told(task, event);
    };
    heard.deaf = [this](const kube::Failure& failure) { events.deaf(failure); };
    told.emplace(link, name, std::move(heard));
  }

  [[nodiscard]] PodWatch pod_watch() const {
    return {in_step, pods_synced, pods->reflector().watching_since(), catch_up};
  }

  void hold(HeldEnd end) {
    const bool is_first = held_ends.empty();
    held_ends.hold(std::move(end));
    if (is_first) look_at_held();
  }

  void look_at_held() {
    hold_timer.expires_after(held_end_look);
    hold_timer.async_wait([weak = weak_from_this()](const auto& error) {
      const auto core = weak.lock();
      if (error || !core || !core->pods) return;
      for (const HeldEnd& end : core->held_ends.due(core->pod_watch(), now())) {
        core->events.due(end);
        if (!core->pods) return;
      }
      if (!core->held_ends.empty()) core->look_at_held();
    });
  }

  void stop() {
    jobs.reset();
    pods.reset();
    told.reset();
    hold_timer.cancel();
  }
};

NamespaceWatch::NamespaceWatch(boost::asio::io_context& io, kube::Transport& transport,
                               std::string name, std::string selector,
                               std::chrono::milliseconds catch_up, NamespaceEvents events)
    : core_(std::make_shared<Core>(io, transport, std::move(name), std::move(selector), catch_up,
                                   std::move(events))) {}

NamespaceWatch::~NamespaceWatch() {
  core_->stop();
}

void NamespaceWatch::open() {
  core_->open();
}

const std::string& NamespaceWatch::name() const {
  return core_->name;
}

bool NamespaceWatch::is_in_step() const {
  return core_->in_step;
}

void NamespaceWatch::waits(TaskIndex task, std::string_view job_name) {
  if (core_->told) core_->told->waits(task, job_name);
}

void NamespaceWatch::waits_no_more(TaskIndex task, std::string_view job_name) {
  if (core_->told) core_->told->waits_no_more(task, job_name);
}

void NamespaceWatch::hold(HeldEnd end) {
  core_->hold(std::move(end));
}

PodWatch NamespaceWatch::pod_watch() const {
  return core_->pod_watch();
}

void NamespaceWatch::stop() {
  core_->stop();
}

WatchFigures NamespaceWatch::figures() const {
  WatchFigures seen;
  const auto age = [](const kube::Reflection& of) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now() -
                                                                 of.reflector().last_heard());
  };
  if (core_->jobs && core_->jobs_synced) seen.jobs_age = age(*core_->jobs);
  if (core_->pods && core_->pods_synced) seen.pods_age = age(*core_->pods);
  if (core_->told) seen.event_lists = core_->told->reflector().figures().lists;
  if (core_->jobs) seen.job_lists = core_->jobs->reflector().figures().lists;
  if (core_->pods) seen.pod_lists = core_->pods->reflector().figures().lists;
  return seen;
}

}  // namespace copse::runner::service
