// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it inlines `post`.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/service/worker.hpp"

#include "runner/service/ending.hpp"
#include "runner/service/journal_desk.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace copse::runner::service {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

store::Moment now() {
  return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
}

// A clock that was set back makes no time negative.
milliseconds since(store::Moment then) {
  return std::max(milliseconds{0}, now() - then);
}

// One task, from its acceptance to its acknowledgement.
struct Held {
  TaskHead head;
  std::string document;  // until its Job is launched
  duty::State state;
  std::vector<Assigned> waiting;  // assignments to be answered
  store::Moment accepted_at{};
  std::optional<Launchable> launch;  // until it is launched
  std::optional<TaskIndex> job;
  store::Moment last_event{};
  bool placed = false;  // the journal knows, or will soon, that it has a Job
};

store::Ended record_of(const std::string& id, const duty::End& end,
                       const overlord::TaskLocation& location) {
  store::Ended record;
  record.task_id = id;
  record.status = end.state == overlord::TaskState::success ? store::Ended::Status::success
                                                            : store::Ended::Status::failed;
  record.error = end.text;
  record.duration = milliseconds(end.duration_ms);
  record.location = {location.host, location.port, location.tls_port, location.pod};
  return record;
}

duty::End end_of(const store::Ended& record) {
  return {record.status == store::Ended::Status::success ? overlord::TaskState::success
                                                         : overlord::TaskState::failed,
          record.error, record.duration.count()};
}

// What the job machine needs to find a Job again; without a document it cannot create one.
TaskSpec trace_of(const store::Decided& decided, std::string task_label) {
  return {.id = decided.task_id,
          .job_name = decided.job_name,
          .task_label = std::move(task_label),
          .job_json = "",
          .begin = {.is_resumed = true, .was_placed = true}};
}

}  // namespace

struct Worker::Core : std::enable_shared_from_this<Core> {
  Core(asio::io_context& loop, kube::Transport& transport, store::Journal opened,
       overlord::History& told, RunnerOptions options, std::optional<LogStore> log_store,
       WorkerPorts given)
      : io(loop),
        journal(loop, std::move(opened), journal_events()),
        history(told),
        ports(std::move(given)),
        runner(loop, transport, std::move(options), runner_events()) {
    if (log_store) logs.emplace(loop, transport, std::move(*log_store), log_events());
  }

  asio::io_context& io;
  JournalDesk journal;
  overlord::History& history;
  WorkerPorts ports;
  bool stopped = false;
  std::unordered_map<std::string, Held> tasks;
  std::vector<std::string> by_job;  // task id by TaskIndex
  std::deque<std::pair<std::string, duty::Event>> queue;
  bool busy = false;
  bool is_recovered = false;
  std::vector<std::move_only_function<void()>> early;  // calls that came before
  TaskRunner runner;
  std::optional<TaskLogs> logs;

  RunnerEvents runner_events() {
    RunnerEvents events;
    events.ended = [this](TaskIndex job, const job::Outcome& outcome) {
      const std::string& id = by_job[static_cast<std::size_t>(job)];
      const auto at = tasks.find(id);
      // The Job of an end that is recorded already.
      if (at == tasks.end() || at->second.state.phase > duty::Phase::launched)
        return later([job](Core& core) { core.runner.release(job); });
      const duty::End end = ending_of(outcome, since(at->second.accepted_at));
      tell(TaskEvent::What::ended, id, at->second, overlord::name(end.state),
           end.text.empty() ? outcome.text : whole_error_text(outcome.reason, outcome.text),
           &outcome);
      feed(id, duty::event::Ended{end});
    };
    events.moved = [this](TaskIndex job, job::Phase phase) {
      if (phase == job::Phase::waiting) placed(by_job[static_cast<std::size_t>(job)]);
    };
    events.scheduled = [this](TaskIndex index, std::string_view node) {
      const std::string& id = by_job[static_cast<std::size_t>(index)];
      if (const auto at = tasks.find(id); at != tasks.end())
        tell(TaskEvent::What::scheduled, id, at->second, node);
    };
    events.pulled = [this](TaskIndex index) {
      const std::string& id = by_job[static_cast<std::size_t>(index)];
      if (const auto at = tasks.find(id); at != tasks.end())
        tell(TaskEvent::What::pulled, id, at->second);
    };
    events.blocked = [this](TaskIndex index, const job::GivenUp& why) {
      const std::string& id = by_job[static_cast<std::size_t>(index)];
      if (const auto at = tasks.find(id); at != tasks.end())
        tell(TaskEvent::What::waits, id, at->second, job::name(why.reason), why.text);
    };
    events.deaf = [this](const kube::Failure& failure) {
      trouble("why a pod cannot be created will not be told: " + failure.text);
    };
    events.located = [this](TaskIndex index, const job::PodPlace& place) {
      const std::string& id = by_job[static_cast<std::size_t>(index)];
      if (const auto at = tasks.find(id); at != tasks.end())
        tell(TaskEvent::What::located, id, at->second, place.ip);
      feed(id, duty::event::Located{location_of(place)});
    };
    events.started = [this](TaskIndex job, const job::PodLog& log) {
      const std::string& id = by_job[static_cast<std::size_t>(job)];
      const auto at = tasks.find(id);
      if (at == tasks.end() || at->second.state.phase != duty::Phase::launched) return;
      tell(TaskEvent::What::started, id, at->second, log.pod);
      if (!logs) return;
      logs->begin(id, {runner.namespace_of(job), log.pod, log.container});
      feed(id, duty::event::LogBegan{});
    };
    events.trouble = [this](const kube::Failure& failure) { trouble(failure.text); };
    return events;
  }

  LogEvents log_events() {
    LogEvents events;
    events.done = [this](const std::string& id, const std::string& note) {
      if (!note.empty()) trouble("the log of " + id + ": " + note);
      feed(id, duty::event::LogEnded{});
    };
    events.trouble = [this](const std::string& text) { trouble(text); };
    return events;
  }

  void trouble(const std::string& text) {
    if (ports.trouble) ports.trouble(text);
  }

  // WHY nobody waits for it: were it lost in a crash, the Job itself would have to vanish in the
  // same outage to be missed.
  void placed(const std::string& id) {
    const auto at = tasks.find(id);
    if (at == tasks.end() || std::exchange(at->second.placed, true)) return;
    journal.note(store::Placed{id});
    tell(TaskEvent::What::created, id, at->second,
         runner.job_name(at->second.job.value_or(TaskIndex{})));
  }

  // Not from within the runner's own callbacks.
  void later(auto work) {
    asio::post(io, [weak = weak_from_this(), work] {
      const auto core = weak.lock();
      if (core && !core->stopped) work(*core);
    });
  }

  // Events wait their turn: an action may cause the next event.
  void feed(const std::string& id, duty::Event event) {
    queue.emplace_back(id, std::move(event));
    if (std::exchange(busy, true)) return;
    while (!queue.empty() && !stopped) {
      const auto [task, next] = std::move(queue.front());
      queue.pop_front();
      const auto at = tasks.find(task);
      if (at == tasks.end()) continue;
      perform_all(task, at->second, duty::step(at->second.state, next));
      if (at->second.state.phase == duty::Phase::done) tasks.erase(at);
    }
    busy = false;
  }

  void perform_all(const std::string& id, Held& held, const std::vector<duty::Action>& actions) {
    for (const duty::Action& action : actions)
      std::visit([&](const auto& each) { perform(id, held, each); }, action);
  }

  void perform(const std::string& id, Held& held, const duty::action::Write& write) {
    using What = duty::action::Write::What;
    switch (write.what) {
      case What::acceptance:
        return journal.append(id, store::Accepted{id, held.document, held.accepted_at});
      case What::decision:
        // WHY soon: the Overlord has its answer, and its next assignment comes along.
        return journal.append(id, held.launch->decided, store::Urgency::soon);
      case What::end:
        return journal.append(id, record_of(id, write.end, held.state.location));
      case What::forgotten:
        // Nobody waits for it: a task that comes back after a crash is acknowledged again.
        return journal.note(store::Forgotten{id});
    }
  }

  void tell(TaskEvent::What what, const std::string& id, Held& held, std::string_view detail = {},
            std::string_view more = {}, const job::Outcome* outcome = nullptr) {
    if (!ports.happened) return;
    const store::Moment before =
        held.last_event == store::Moment{} ? held.accepted_at : held.last_event;
    if (what != TaskEvent::What::waits) held.last_event = now();
    ports.happened({what, id, held.head.type, held.head.data_source, detail, more, outcome,
                    since(held.accepted_at), since(before)});
  }

  JournalEvents journal_events() {
    JournalEvents events;
    events.written = [this](const std::string& id, const std::string& fault) {
      feed(id, duty::event::Written{fault});
    };
    events.retry = [this] { write_again(); };
    events.state = [this](const std::string& fault) {
      if (ports.journal) ports.journal(fault);
    };
    events.journaled = [this](std::chrono::microseconds took) {
      if (ports.journaled) ports.journaled(took);
    };
    return events;
  }

  // Ends that could not be recorded.
  void write_again() {
    std::vector<std::string> ids;
    for (const auto& [id, held] : tasks) {
      if (held.state.phase == duty::Phase::closing) ids.push_back(id);
    }
    for (const std::string& id : ids) feed(id, duty::event::Retry{});
  }

  void perform(const std::string& id, Held& held, const duty::action::Answer&) {
    if (held.state.phase <= duty::Phase::deciding && held.last_event == store::Moment{})
      tell(TaskEvent::What::accepted, id, held);
    for (Assigned& answer : std::exchange(held.waiting, {})) answer({});
  }

  void perform(const std::string& id, Held& held, const duty::action::Decide&) {
    auto decided = ports.decide(held.document);
    if (!decided) {
      tell(TaskEvent::What::refused, id, held, decided.error());
      return feed(id, duty::event::Refused{decided.error()});
    }
    held.launch = std::move(*decided);
    tell(TaskEvent::What::decided, id, held, held.launch->decided.rule,
         held.launch->decided.template_key);
    feed(id, duty::event::Decided{});
  }

  void perform(const std::string& id, Held& held, const duty::action::Launch&) {
    launch(id, held, std::move(held.launch->spec));
    held.launch.reset();
    // WHY a swap: an assignment would keep its room, which is most of what a task takes.
    std::string().swap(held.document);
  }

  void launch(const std::string& id, Held& held, TaskSpec spec) {
    held.job = runner.add(std::move(spec));
    const auto index = static_cast<std::size_t>(*held.job);
    if (by_job.size() <= index) by_job.resize(index + 1);
    by_job[index] = id;
  }

  void perform(const std::string& id, Held&, const duty::action::FinishLog&) { logs->finish(id); }

  void perform(const std::string&, Held& held, const duty::action::Cancel&) {
    if (held.job) later([job = *held.job](Core& core) { core.runner.cancel(job); });
  }

  void perform(const std::string& id, Held& held, const duty::action::Announce& announce) {
    overlord::Announcement said;
    said.id = id;
    said.type = held.head.type;
    said.data_source = held.head.data_source;
    said.required_capacity = held.head.required_capacity;
    said.state = announce.end.state;
    said.duration_ms = announce.end.duration_ms;
    said.error = announce.end.text;
    said.location = announce.location;
    history.update(std::move(said));
    ports.news();
    if (announce.end.state == overlord::TaskState::running) return;
    tell(TaskEvent::What::announced, id, held);
    ports.ended(id);
  }

  void perform(const std::string&, Held& held, const duty::action::Release&) {
    if (held.job) later([job = *held.job](Core& core) { core.runner.release(job); });
  }

  void perform(const std::string& id, Held& held, const duty::action::Forget&) {
    tell(TaskEvent::What::acknowledged, id, held);
    history.remove(id);
    ports.news();
  }

  // WHY wait: a predecessor's announcement may still lead the Overlord here, and what it sends may
  // be about a task of the journal.
  void after_recovery(std::move_only_function<void()> call) {
    if (is_recovered) return call();
    early.push_back(std::move(call));
  }

  void assign(std::string document, Assigned answered) {
    auto head = ports.head(document);
    if (!head) return answered(std::unexpected(head.error()));
    const std::string id = head->id;
    const auto [at, is_new] = tasks.try_emplace(id);
    Held& held = at->second;
    held.waiting.push_back(std::move(answered));
    if (is_new) {
      held.head = std::move(*head);
      held.document = std::move(document);
      held.accepted_at = now();
    }
    feed(id, duty::event::Assigned{});
  }

  void kill(const std::string& id) {
    if (const auto at = tasks.find(id); at != tasks.end()) {
      tell(TaskEvent::What::killed, id, at->second);
      journal.note(store::KillRequested{id});
      return feed(id, duty::event::Kill{});
    }
    if (history.find(id) != nullptr) return;
    overlord::Announcement said;
    said.id = id;
    said.type = "unknown";
    said.state = overlord::TaskState::failed;
    said.duration_ms = 0;
    said.error = "this worker does not know the task";
    history.update(std::move(said));
    ports.news();
    ports.ended(id);
  }

  void acknowledged(const std::string& id) {
    if (tasks.contains(id)) return feed(id, duty::event::Acknowledged{});
    history.remove(id);
    ports.news();
  }

  void recover(store::TaskEntries entries) {
    for (auto& [id, entry] : entries) {
      Held held;
      auto head = ports.head(entry.accepted.document);
      if (head) held.head = std::move(*head);
      held.document = std::move(entry.accepted.document);
      held.accepted_at = entry.accepted.accepted_at;
      held.placed = entry.placed;
      resume(id, std::move(held), entry);
    }
    is_recovered = true;
    for (auto& call : std::exchange(early, {})) call();
  }

  void resume(const std::string& id, Held held, store::TaskEntry& entry) {
    using duty::Phase;
    const Phase phase = entry.ended     ? Phase::closed
                        : entry.decided ? Phase::launched
                                        : Phase::deciding;
    overlord::TaskLocation location;
    if (entry.ended) {
      const store::Location& at = entry.ended->location;
      location = {at.host, at.port, at.tls_port, at.pod};
    }
    held.state = duty::recovered(phase, entry.kill_requested,
                                 entry.ended ? end_of(*entry.ended) : duty::End{}, location);
    if (phase == Phase::launched) {
      auto spec = ports.rebuild(held.document, *entry.decided);
      if (spec) {
        spec->begin = {.is_resumed = true, .was_placed = entry.placed};
        held.launch = Launchable{std::move(*spec), *entry.decided};
      } else {
        // There may be a Job all the same: it is looked for, and never created.
        held.launch = Launchable{trace_of(*entry.decided, label_of(id)), *entry.decided};
      }
    }
    Held& kept = tasks.insert_or_assign(id, std::move(held)).first->second;
    tell(TaskEvent::What::recovered, id, kept);
    if (phase == Phase::closed && entry.decided)
      launch(id, kept, trace_of(*entry.decided, label_of(id)));
    perform_all(id, kept, duty::resume(kept.state));
  }

  void stop() {
    stopped = true;
    journal.stop();
    logs.reset();
    runner.stop();
  }
};

Worker::Worker(asio::io_context& io, kube::Transport& transport, store::Journal journal,
               overlord::History& history, RunnerOptions options, std::optional<LogStore> logs,
               WorkerPorts ports)
    : core_(std::make_shared<Core>(io, transport, std::move(journal), history, std::move(options),
                                   std::move(logs), std::move(ports))) {}

Worker::~Worker() {
  core_->stop();
}

void Worker::recover(store::TaskEntries entries) {
  core_->recover(std::move(entries));
}

void Worker::start() {
  core_->runner.start();
}

void Worker::assign(std::string document, Assigned answered) {
  core_->after_recovery(
      [core = core_.get(), text = std::move(document), answer = std::move(answered)]() mutable {
        core->assign(std::move(text), std::move(answer));
      });
}

void Worker::kill(const std::string& task_id) {
  core_->after_recovery([core = core_.get(), task_id] { core->kill(task_id); });
}

void Worker::acknowledged(const std::string& task_id) {
  core_->acknowledged(task_id);
}

store::Figures Worker::journal() const {
  return core_->journal.figures();
}

bool Worker::knows(std::string_view task_id) const {
  return core_->tasks.contains(std::string(task_id));
}

std::size_t Worker::tasks() const {
  return core_->tasks.size();
}

WatchFigures Worker::watches() const {
  return core_->runner.watches();
}

bool Worker::is_idle() const {
  return core_->tasks.empty() && core_->runner.unfinished() == 0;
}

std::size_t Worker::open_logs() const {
  return core_->logs ? core_->logs->open() : 0;
}

std::vector<std::string> Worker::task_ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, held] : core_->tasks) ids.push_back(id);
  return ids;
}

}  // namespace copse::runner::service
