// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it inlines `post`.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/service/task_logs.hpp"

#include "runner/kube/cluster.hpp"
#include "runner/logs/log_file.hpp"
#include "runner/logs/log_follow.hpp"

#include <chrono>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

namespace copse::runner::service {
namespace {

namespace asio = boost::asio;
namespace follow = logs::follow;
using logs::LogFile;
using logs::LogFollow;

follow::Time now() {
  return std::chrono::steady_clock::now();
}

// The log of one task. It is made anew for each try to store it: what comes for an earlier one
// finds nobody.
struct Log {
  Log(asio::io_context& io, std::string of, LogSource from)
      : task_id(std::move(of)), source(std::move(from)), timer(io) {}

  std::string task_id;
  LogSource source;
  asio::steady_timer timer;
  LogFollow machine;
  std::shared_ptr<LogFile> file;  // the writer's
  std::optional<kube::RequestId> stream;
  bool is_live = false;  // counts as followed
  bool has_ended = false;
  unsigned tries = 0;
};

using LogPtr = std::shared_ptr<Log>;

}  // namespace

struct TaskLogs::Core : std::enable_shared_from_this<Core> {
  Core(asio::io_context& loop, kube::Transport& transport, LogStore given, LogEvents wanted)
      : io(loop), cluster(transport), store(std::move(given)), events(std::move(wanted)) {}

  asio::io_context& io;
  kube::Cluster cluster;
  LogStore store;
  LogEvents events;
  std::unordered_map<std::string, LogPtr> logs;
  std::deque<std::string> waiting;  // ids of logs that are not followed yet
  std::size_t live = 0;
  std::size_t unwritten = 0;
  bool stopped = false;
  asio::thread_pool writer{1};

  // On the writer's thread; `then` is told on ours, if the log is still the one.
  void write(const LogPtr& log, auto work, auto then) {
    asio::post(writer, [weak = weak_from_this(), &loop = io, log, work, then]() mutable {
      auto result = work();
      asio::post(loop, [weak, log, then, result = std::move(result)]() mutable {
        const auto core = weak.lock();
        if (core && !core->stopped && core->is_current(log)) then(*core, std::move(result));
      });
    });
  }

  bool is_current(const LogPtr& log) const {
    const auto at = logs.find(log->task_id);
    return at != logs.end() && at->second == log;
  }

  void begin(const std::string& id, LogSource source) {
    if (logs.contains(id)) return;
    logs.emplace(id, std::make_shared<Log>(io, id, std::move(source)));
    waiting.push_back(id);
    admit();
  }

  // As many as may be followed.
  void admit() {
    while (live < store.live_limit && !waiting.empty()) {
      const std::string id = std::move(waiting.front());
      waiting.pop_front();
      const auto at = logs.find(id);
      if (at == logs.end() || at->second->is_live || at->second->has_ended) continue;
      at->second->is_live = true;
      ++live;
      open_file(at->second);
    }
  }

  void open_file(const LogPtr& log) {
    const auto work = [path = logs::log_path(store.directory, log->task_id),
                       position = logs::log_path(store.positions, log->task_id + ".position")] {
      auto opened = LogFile::open(path, position);
      return opened ? std::expected<std::shared_ptr<LogFile>, std::string>(
                          std::make_shared<LogFile>(std::move(*opened)))
                    : std::unexpected(opened.error());
    };
    write(log, work, [log](Core& core, auto opened) {
      if (!opened) return core.again(log, opened.error());
      log->file = std::move(*opened);
      log->machine = LogFollow(log->file->position());
      core.act(log, log->machine.begin());
      if (log->has_ended) core.act(log, log->machine.pod_ended(now()));
    });
  }

  void act(const LogPtr& log, const follow::Actions& actions) {
    for (const follow::Action& action : actions) {
      if (!is_current(log)) return;
      std::visit([&](const auto& each) { perform(log, each); }, action);
    }
  }

  void perform(const LogPtr& log, const follow::action::Open& open) {
    kube::LogOptions options;
    options.container = log->source.container;
    options.since_time = open.since;
    options.with_timestamps = true;
    kube::LogHandlers handlers;
    handlers.bytes = [weak = weak_from_this(), log](std::string_view bytes) {
      const auto core = weak.lock();
      if (core && core->is_current(log)) core->act(log, log->machine.bytes(bytes));
    };
    handlers.closed = [weak = weak_from_this(), log](const std::optional<kube::Failure>& fault) {
      const auto core = weak.lock();
      if (!core || !core->is_current(log)) return;
      log->stream.reset();
      // WHY not one that is forbidden: an API server that has just started knows no rights yet.
      const bool is_final = fault && fault->kind == kube::FailureKind::not_found;
      core->act(log, log->machine.closed(fault ? fault->text : "", is_final, now()));
    };
    log->stream = cluster.follow_log(log->source.namespace_name, log->source.pod, options,
                                     std::move(handlers));
  }

  void perform(const LogPtr& log, const follow::action::Append& append) {
    const std::size_t size = append.bytes.size();
    unwritten += size;
    const auto work = [file = log->file, append] {
      return file->append(append.bytes, append.position);
    };
    asio::post(writer, [weak = weak_from_this(), &loop = io, log, work, size] {
      auto result = work();
      asio::post(loop, [weak, log, size, result = std::move(result)] {
        const auto core = weak.lock();
        if (!core || core->stopped) return;
        core->unwritten -= size;
        if (!result && core->is_current(log)) core->again(log, result.error());
      });
    });
    if (unwritten > unwritten_log_limit) again(log, "the store is slower than the task's log");
  }

  void perform(const LogPtr& log, const follow::action::Wake& wake) {
    log->timer.expires_at(wake.at);
    log->timer.async_wait([weak = weak_from_this(), log](const auto& error) {
      const auto core = weak.lock();
      if (!error && core && core->is_current(log)) core->act(log, log->machine.woke());
    });
  }

  void perform(const LogPtr& log, const follow::action::Done& done) {
    write(
        log,
        [file = log->file] {
          file->finish();
          return true;
        },
        [log, note = done.note](Core& core, bool) { core.over(log, note); });
  }

  void over(const LogPtr& log, const std::string& note) {
    logs.erase(log->task_id);
    leave(log);
    events.done(log->task_id, note);
  }

  void leave(const LogPtr& log) {
    log->timer.cancel();
    if (log->stream) cluster.cancel(*std::exchange(log->stream, {}));
    if (std::exchange(log->is_live, false)) --live;
    admit();
  }

  // The store did not take it: a new try from where it stands, after a pause.
  void again(const LogPtr& log, const std::string& fault) {
    if (events.trouble) events.trouble("the log of " + log->task_id + ": " + fault);
    if (log->tries + 1 >= log_store_tries && log->has_ended)
      return over(log, "it is not stored whole: " + fault);
    const auto next = std::make_shared<Log>(io, log->task_id, log->source);
    next->has_ended = log->has_ended;
    next->tries = log->tries + 1;
    next->is_live = std::exchange(log->is_live, false);
    logs[log->task_id] = next;
    leave(log);
    next->timer.expires_after(std::chrono::milliseconds(log_store_pause_ms));
    next->timer.async_wait([weak = weak_from_this(), next](const auto& error) {
      const auto core = weak.lock();
      if (!error && core && core->is_current(next)) core->open_file(next);
    });
  }

  void finish(const std::string& id) {
    const auto at = logs.find(id);
    if (at == logs.end()) return;
    const LogPtr log = at->second;
    log->has_ended = true;
    if (log->file) return act(log, log->machine.pod_ended(now()));
    if (log->is_live || log->tries > 0) return;  // its file is being opened
    log->tries = 1;  // it does not wait in line any more, and is none of those that are followed
    open_file(log);
  }

  void stop() {
    stopped = true;
    for (auto& [id, log] : logs) {
      log->timer.cancel();
      if (log->stream) cluster.cancel(*std::exchange(log->stream, {}));
    }
    logs.clear();
  }
};

TaskLogs::TaskLogs(asio::io_context& io, kube::Transport& transport, LogStore store,
                   LogEvents events)
    : core_(std::make_shared<Core>(io, transport, std::move(store), std::move(events))) {}

TaskLogs::~TaskLogs() {
  core_->stop();
  core_->writer.join();
}

void TaskLogs::begin(const std::string& task_id, LogSource source) {
  core_->begin(task_id, std::move(source));
}

void TaskLogs::finish(const std::string& task_id) {
  core_->finish(task_id);
}

std::size_t TaskLogs::open() const {
  return core_->logs.size();
}

}  // namespace copse::runner::service
