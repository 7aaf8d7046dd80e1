#include "runner/service/task_runner.hpp"

#include "runner/kube/cluster.hpp"
#include "runner/logs/status_file.hpp"
#include "runner/service/complaints.hpp"
#include "runner/service/ending.hpp"
#include "runner/service/live_task.hpp"
#include "runner/service/namespace_watch.hpp"
#include "runner/service/observe.hpp"
#include "runner/service/wakes.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <queue>
#include <unordered_map>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

namespace copse::runner::service {

namespace asio = boost::asio;
using kube::Uid;
using std::chrono::sys_seconds;

namespace {

std::optional<sys_seconds> known(sys_seconds time) {
  return time == sys_seconds{} ? std::nullopt : std::optional(time);
}

job::Time now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

std::string selector_of(const std::string& owner) {
  return "druid.k8s.peons=true,copse/owner=" + owner;
}

struct TaskRunner::Core : std::enable_shared_from_this<Core> {
  Core(asio::io_context& io_context, kube::Transport& transport, RunnerOptions given,
       RunnerEvents given_events)
      : io(io_context),
        link(transport),
        cluster(transport),
        options(std::move(given)),
        events(std::move(given_events)),
        timer(io) {
    for (const std::string& name : options.namespaces) space_of(name);
  }

  asio::io_context& io;
  kube::Transport& link;
  kube::Cluster cluster;
  RunnerOptions options;
  RunnerEvents events;
  std::vector<LiveTask> records;
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> free_slots;
  std::unordered_map<Uid, TaskIndex> by_label;  // hash of copse/task
  std::vector<std::unique_ptr<NamespaceWatch>> spaces;
  bool is_open = false;
  bool stopped = false;
  std::size_t unfinished = 0;
  Wakes wakes;
  asio::steady_timer timer;
  Complaints complaints;
  asio::thread_pool readers{1};

  LiveTask& record(TaskIndex task) { return records[static_cast<std::size_t>(task)]; }

  NamespaceWatch& space(TaskIndex task) { return *spaces[record(task).space]; }

  // Which namespace it is; one that is not watched yet is from now on.
  std::uint32_t space_of(const std::string& name) {
    const auto at = std::find_if(spaces.begin(), spaces.end(),
                                 [&](const auto& each) { return each->name() == name; });
    const auto number = static_cast<std::uint32_t>(at - spaces.begin());
    if (at != spaces.end()) return number;
    spaces.push_back(std::make_unique<NamespaceWatch>(io, link, name, selector_of(options.owner),
                                                      options.pods_catch_up, seen_in(number)));
    if (is_open) spaces.back()->open();
    return number;
  }

  NamespaceEvents seen_in(std::uint32_t number) {
    NamespaceEvents seen;
    seen.job = [this, number](const kube::JobView& view) { saw_job(number, view); };
    seen.lost = [this, number](const kube::JobView& view) { lost_job(number, view); };
    seen.vanished = [this](Uid uid) { job_vanished(uid); };
    seen.pod = [this, number](const kube::PodView& view) { saw_pod(number, view); };
    seen.in_step = [this, number] { in_step(number); };
    seen.due = [this](const HeldEnd& end) {
      if (record(end.task).generation == end.generation) feed(end.task, end.seen);
    };
    seen.told = [this](TaskIndex task, const job::event::Told& event) { feed(task, event); };
    seen.trouble = [this](const kube::Failure& failure) { trouble(failure); };
    seen.deaf = [this](const kube::Failure& failure) {
      if (events.deaf) events.deaf(failure);
    };
    return seen;
  }

  // Wraps an answer's handler: nothing reaches a runner that has let go.
  auto answer(TaskIndex task, auto handle) {
    const std::uint32_t generation = record(task).generation;
    return [weak = weak_from_this(), task, generation, handle](auto result) {
      const auto core = weak.lock();
      if (core && !core->stopped && core->record(task).generation == generation)
        core->feed(task, handle(*core, result));
    };
  }

  TaskIndex add(TaskSpec spec) {
    const Uid label = kube::parse_uid(spec.task_label);
    const std::uint32_t at = spec.namespace_name.empty() ? 0 : space_of(spec.namespace_name);
    TaskIndex task{static_cast<std::uint32_t>(records.size())};
    if (free_slots.empty()) {
      records.emplace_back(std::move(spec), at, label, 0);
    } else {
      task = TaskIndex{free_slots.top()};
      free_slots.pop();
      record(task) = LiveTask(std::move(spec), at, label, record(task).generation);
    }
    by_label.emplace(label, task);
    ++unfinished;
    // Later: the caller has to know the index first.
    if (spaces[at]->is_in_step()) {
      const auto begin = [task](Core& core, int) -> job::Event { return core.record(task).begin; };
      asio::post(io, [begin = answer(task, begin)] { begin(0); });
    }
    return task;
  }

  void start() {
    is_open = true;
    for (const auto& each : spaces) each->open();
  }

  void trouble(const kube::Failure& failure) {
    if (events.trouble) events.trouble(failure);
  }

  // A task that waits until its request is taken says nothing of it itself.
  void not_created(const kube::Failure& failure) {
    // A matter of seconds, and nobody's fault.
    if (failure.kind == kube::FailureKind::being_deleted) return;
    const kube::Recourse recourse = job::recourse_of_create(failure.kind, options.rules);
    if (recourse == kube::Recourse::later || recourse == kube::Recourse::operators)
      complain(kube::Verb::create, failure);
  }

  // Where that is final each Job that is left is told of; else it is asked for again and again.
  void not_deleted(const kube::Failure& failure) {
    if (options.rules.forbidden_is_final) return trouble(failure);
    complain(kube::Verb::remove, failure);
  }

  // One task speaks for all.
  void complain(kube::Verb verb, const kube::Failure& failure) {
    if (complaints.is_news(verb, failure.kind, now())) trouble(failure);
  }

  void in_step(std::uint32_t number) {
    for (std::uint32_t i = 0; i < records.size(); ++i) {
      if (records[i].space == number) feed(TaskIndex{i}, records[i].begin);
    }
    if (unfinished == 0) done();
  }

  // The task of a Job or pod that was seen in that namespace.
  std::optional<TaskIndex> find(std::uint32_t number, std::string_view task_label) {
    const auto at = by_label.find(kube::parse_uid(task_label));
    const bool is_there = at != by_label.end() && record(at->second).space == number;
    return is_there ? std::optional<TaskIndex>(at->second) : std::nullopt;
  }

  void saw_job(std::uint32_t number, const kube::JobView& view) {
    const auto task = find(number, view.task);
    if (!task) return;
    if (view.meta.created) record(*task).job_created = *view.meta.created;
    job::event::JobSeen seen = job_seen(view);
    if (!seen.end || space(*task).pod_watch().shows_pods(now())) return feed(*task, seen);
    hold(*task, std::move(seen));
  }

  void hold(TaskIndex task, job::event::JobSeen seen) {
    space(task).hold({task, record(task).generation, std::move(seen), now()});
  }

  void lost_job(std::uint32_t number, const kube::JobView& view) {
    if (const auto task = find(number, view.task)) feed(*task, job::event::JobGone{view.meta.uid});
  }

  // Rare: a Job that was there before a break of the watch is not in the list after it.
  void job_vanished(Uid uid) {
    for (std::uint32_t i = 0; i < records.size(); ++i) {
      if (records[i].state.job == uid) feed(TaskIndex{i}, job::event::JobGone{uid});
    }
  }

  void saw_pod(std::uint32_t number, const kube::PodView& view) {
    if (const auto task = find(number, view.task)) feed(*task, pod_seen(view));
  }

  void feed(TaskIndex task, const job::Event& event) {
    if (stopped || !record(task).is_used()) return;
    for (job::Action& action : job::step(record(task).state, event, now(), options.rules)) {
      std::visit([&](auto& each) { perform(task, each); }, action);
      if (stopped) return;
    }
  }

  void perform(TaskIndex task, job::action::Create&) {
    cluster.create_job(
        space(task).name(), *record(task).document,
        answer(task, [task](Core& core, auto& result) -> job::Event {
          if (!result) {
            const kube::Failure& failure = result.error();
            core.not_created(failure);
            return job::event::CreateFailed{failure.kind, refusal_text(failure),
                                            failure.retry_after.value_or(std::chrono::seconds{0})};
          }
          core.record(task).job_created = result->meta.created.value_or(sys_seconds{});
          return job::event::Created{result->meta.uid};
        }));
  }

  void perform(TaskIndex task, job::action::LookUp&) {
    cluster.get_job(
        space(task).name(), record(task).job_name(),
        answer(task, [task](Core& core, auto& result) -> job::Event {
          using Found = job::event::LookedUp::Found;
          if (result) {
            core.record(task).job_created = result->meta.created.value_or(sys_seconds{});
            auto looked = looked_up(*result, core.options.owner, core.record(task).label);
            if (auto end = end_to_hold(looked, core.space(task).pod_watch(), now()))
              core.hold(task, std::move(*end));
            return looked;
          }
          const bool nothing = result.error().kind == kube::FailureKind::not_found;
          return job::event::LookedUp{nothing ? Found::nothing : Found::unclear, {}, {}};
        }));
  }

  void perform(TaskIndex task, job::action::CreatePayload& wanted) {
    const LiveTask& of = record(task);
    const adapters::MountedPayload& map = of.payload->map;
    cluster.create_config_map(space(task).name(),
                              {map.config_map, options.owner, of.payload->task_label,
                               std::string(of.job_name()), wanted.job, map.key, map.data},
                              answer(task, [task](Core& core, auto& result) -> job::Event {
                                if (result) {
                                  core.record(task).payload.reset();
                                  return job::event::PayloadCreated{};
                                }
                                core.not_created(result.error());
                                return job::event::PayloadFailed{
                                    result.error().kind, refusal_text(result.error()),
                                    result.error().retry_after.value_or(std::chrono::seconds{0})};
                              }));
  }

  void perform(TaskIndex task, job::action::LookUpPayload& wanted) {
    cluster.get_config_map(
        space(task).name(), record(task).payload->map.config_map,
        answer(task, [task, job = wanted.job](Core& core, auto& result) -> job::Event {
          using Found = job::event::PayloadLookedUp::Found;
          if (result)
            return payload_looked_up(*result, core.options.owner, core.record(task).label, job);
          const bool nothing = result.error().kind == kube::FailureKind::not_found;
          return job::event::PayloadLookedUp{nothing ? Found::nothing : Found::unclear};
        }));
  }

  void perform(TaskIndex task, job::action::Delete& wanted) {
    const auto propagation =
        wanted.with_pods ? kube::Propagation::foreground : kube::Propagation::background;
    cluster.delete_job(space(task).name(), record(task).job_name(), wanted.job, propagation,
                       answer(task, [](Core& core, auto& result) -> job::Event {
                         if (!result) {
                           const kube::Failure& failure = result.error();
                           if (kube::recourse(failure.kind) == kube::Recourse::operators)
                             core.not_deleted(failure);
                           return job::event::DeleteFailed{failure.kind};
                         }
                         return job::event::Deleted{*result == kube::Deletion::already_gone};
                       }));
  }

  void perform(TaskIndex task, job::action::ReadStatus&) {
    asio::post(readers, [read = answer(task,
                                       [](Core&, job::StatusReport& report) -> job::Event {
                                         return job::event::StatusRead{std::move(report)};
                                       }),
                         &context = io, directory = options.log_directory, id = record(task).id(),
                         created = record(task).job_created] {
      job::StatusReport report;
      if (!directory.empty()) report = logs::read_status_file(directory, id, known(created));
      asio::post(context,
                 [read, report = std::move(report)]() mutable { read(std::move(report)); });
    });
  }

  void perform(TaskIndex task, job::action::Wake& wake) {
    if (wakes.set(task, wake.at)) arm();
  }

  void perform(TaskIndex task, job::action::Moved& moved) {
    if (moved.phase == job::Phase::waiting) record(task).document.reset();
    if (moved.phase > job::Phase::waiting) record(task).payload.reset();
    if (moved.phase == job::Phase::waiting) space(task).waits(task, record(task).job_name());
    if (moved.phase > job::Phase::waiting) space(task).waits_no_more(task, record(task).job_name());
    if (events.moved) events.moved(task, moved.phase);
  }

  void perform(TaskIndex task, job::action::Located& located) {
    if (events.located) events.located(task, located.place);
  }

  void perform(TaskIndex task, job::action::Scheduled& scheduled) {
    if (events.scheduled) events.scheduled(task, scheduled.node);
  }

  void perform(TaskIndex task, job::action::Pulled&) {
    if (events.pulled) events.pulled(task);
  }

  void perform(TaskIndex task, job::action::Blocked& blocked) {
    if (events.blocked) events.blocked(task, blocked.why);
  }

  void perform(TaskIndex task, job::action::Started& started) {
    if (events.started) events.started(task, started.log);
  }

  void perform(TaskIndex task, job::action::Conclude& conclude) {
    if (events.ended) events.ended(task, conclude.outcome);
  }

  void perform(TaskIndex task, job::action::Forget&) {
    wakes.drop(task);
    leave(task);
    if (--unfinished == 0) done();
  }

  // The index is free for a later task; what may still come for this one is dropped.
  void leave(TaskIndex task) {
    LiveTask& left = record(task);
    by_label.erase(left.label);
    left.state = {};
    left.names = {};
    left.document.reset();
    left.payload.reset();
    ++left.generation;
    free_slots.push(static_cast<std::uint32_t>(task));
  }

  void done() {
    if (events.all_done) events.all_done();
  }

  void arm() {
    const auto next = wakes.next();
    if (!next) return;
    timer.expires_at(*next);
    timer.async_wait([weak = weak_from_this()](const auto& error) {
      const auto core = weak.lock();
      if (error || !core || core->stopped) return;
      for (const TaskIndex task : core->wakes.due(now())) core->feed(task, job::event::Woke{});
      if (!core->stopped) core->arm();
    });
  }

  void stop() {
    stopped = true;
    for (const auto& each : spaces) each->stop();
    timer.cancel();
  }
};

TaskRunner::TaskRunner(asio::io_context& io, kube::Transport& transport, RunnerOptions options,
                       RunnerEvents events)
    : core_(std::make_shared<Core>(io, transport, std::move(options), std::move(events))) {}

TaskRunner::~TaskRunner() {
  core_->stop();
  core_->readers.join();
}

TaskIndex TaskRunner::add(TaskSpec spec) {
  return core_->add(std::move(spec));
}

void TaskRunner::start() {
  core_->start();
}

void TaskRunner::cancel(TaskIndex task) {
  core_->feed(task, job::event::Cancel{});
}

void TaskRunner::release(TaskIndex task) {
  core_->feed(task, job::event::Release{});
}

void TaskRunner::cancel_all() {
  for (std::uint32_t i = 0; i < core_->records.size(); ++i)
    core_->feed(TaskIndex{i}, job::event::Cancel{});
}

void TaskRunner::stop() {
  core_->stop();
}

std::vector<TaskIndex> TaskRunner::live() const {
  std::vector<TaskIndex> found;
  for (std::uint32_t i = 0; i < core_->records.size(); ++i) {
    const job::State& state = core_->records[i].state;
    if (state.job != Uid{} && !state.concluded) found.push_back(TaskIndex{i});
  }
  return found;
}

std::size_t TaskRunner::unfinished() const {
  return core_->unfinished;
}

std::size_t TaskRunner::unanswered() const {
  return static_cast<std::size_t>(
      std::count_if(core_->records.begin(), core_->records.end(), [](const LiveTask& record) {
        return record.state.phase == job::Phase::creating ||
               record.state.phase == job::Phase::looking;
      }));
}

WatchFigures TaskRunner::watches() const {
  WatchFigures all;
  for (const auto& each : core_->spaces) {
    const WatchFigures seen = each->figures();
    all.jobs_age = std::max(all.jobs_age, seen.jobs_age);
    all.pods_age = std::max(all.pods_age, seen.pods_age);
    all.job_lists += seen.job_lists;
    all.pod_lists += seen.pod_lists;
    all.event_lists += seen.event_lists;
  }
  return all;
}

const std::string& TaskRunner::namespace_of(TaskIndex task) const {
  return core_->space(task).name();
}

std::string_view TaskRunner::job_name(TaskIndex task) const {
  return core_->record(task).job_name();
}

}  // namespace copse::runner::service
