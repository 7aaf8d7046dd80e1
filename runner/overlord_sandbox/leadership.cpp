#include "runner/overlord_sandbox/leadership.hpp"

#include "runner/overlord_sandbox/alarm.hpp"
#include "runner/overlord_sandbox/poller.hpp"
#include "runner/overlord_sandbox/task_queue.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <utility>

namespace copse::runner::overlord_sandbox {
namespace {

// `druid.global.http.numConnections`
constexpr long connections_to_a_worker = 20;

constexpr std::size_t suffix_length = 8;  // of a made-up task id

Time now() {
  return std::chrono::steady_clock::now();
}

Moment wall_now() {
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

std::string origin_of(const overlord::WorkerNode& worker) {
  return (worker.tls ? "https://" : "http://") + worker.host_port();
}

http::ClientOptions client_options(http::ClientOptions options) {
  options.connections = connections_to_a_worker;
  return options;
}

}  // namespace

struct Leadership::Core {
  Core(const Surroundings& given, std::move_only_function<void()> on_giving_up)
      : around(given),
        gave_up(std::move(on_giving_up)),
        runner(given.metadata, given.options),
        queue(given.metadata, runner, given.options),
        random(given.options.seed),
        lead_by(now() + given.options.times.lead),
        alarm(given.io),
        client(given.io, client_options(given.options.client)),
        requests(given, client, [this] { return normal(random); }) {}

  Surroundings around;
  std::move_only_function<void()> gave_up;
  TaskRunner runner;
  TaskQueue queue;
  std::mt19937_64 random;
  std::normal_distribution<double> normal;
  std::set<std::string> awaited;  // workers that were not heard of yet, at the beginning
  Time lead_by;
  bool busy = false;
  Alarm alarm;
  http::Client client;
  WorkerRequests requests;
  std::map<Stream, Poller> pollers;

  void begin(const std::vector<overlord::WorkerNode>& workers) {
    for (const overlord::WorkerNode& worker : workers) {
      awaited.insert(worker.host_port());
      add_worker(worker);
    }
    start_queue();
    act();
  }

  void start_queue() {
    if (awaited.empty() && !queue.is_started()) queue.start(now());
  }

  void add_worker(const overlord::WorkerNode& worker) {
    runner.add_worker(worker);
    poll(worker, 0);
    if (around.misbehaviour.two_pollers) poll(worker, 1);
  }

  void remove_worker(const std::string& host) {
    for (const std::uint32_t poller : {0U, 1U}) pollers.erase({host, poller});
    awaited.erase(host);
    runner.remove_worker(host, now());
    start_queue();
    act();
  }

  void set_pollers() {
    for (const auto& [host, worker] : runner.workers()) {
      if (around.misbehaviour.two_pollers) {
        poll(worker.node(), 1);
      } else {
        pollers.erase({host, 1});
      }
    }
  }

  void poll(const overlord::WorkerNode& worker, std::uint32_t number) {
    const Stream stream{worker.host_port(), number};
    if (pollers.contains(stream)) return;
    pollers.try_emplace(
        stream, around.io, client, origin_of(worker), around.options.times,
        [this] { return normal(random); },
        [this, stream](const Synced& answer, Time asked) { synced(stream, answer, asked); });
  }

  void synced(const Stream& stream, const Synced& answer, Time asked) {
    const Time at = now();
    around.witness.synced(stream, answer, asked, at);
    const bool is_full = answer.kind == Synced::Kind::full;
    if (stream.poller != 0 || (!is_full && answer.kind != Synced::Kind::delta)) return;
    runner.synced(stream.worker, is_full, answer.items, at);
    awaited.erase(stream.worker);
    start_queue();
    act();
  }

  std::expected<std::string, Refusal> submit(std::string_view json) {
    std::string suffix;
    std::uniform_int_distribution<int> letter('a', 'p');
    while (suffix.size() < suffix_length) suffix += static_cast<char>(letter(random));
    auto task = read_submitted(json, suffix, wall_now());
    if (!task) return std::unexpected(task.error());
    std::string id = task->id;
    if (auto added = queue.add(std::move(*task), wall_now(), now()); !added)
      return std::unexpected(added.error());
    show(id);
    act();
    return id;
  }

  void kill(const std::string& id) {
    queue.shutdown(id, now());
    show(id);
    act();
  }

  // Carries out what the machines want, until they want nothing more.
  void act() {
    if (std::exchange(busy, true)) return;
    for (auto actions = runner.take_actions(); !actions.empty(); actions = runner.take_actions()) {
      for (const Action& action : actions)
        std::visit([this](const auto& each) { perform(each); }, action);
    }
    busy = false;
    set_alarm();
  }

  void set_alarm() {
    Time first = queue.is_started() ? Time::max() : lead_by;
    for (const std::optional<Time>& wake : {runner.wake(), queue.wake()}) {
      if (wake) first = std::min(first, *wake);
    }
    if (first != Time::max()) alarm.set(first, [this] { woke(); });
  }

  void woke() {
    const Time at = now();
    if (!queue.is_started() && lead_by <= at) {
      around.witness.failure("the lead is given up: no answer of " + *awaited.begin());
      auto leave = std::move(gave_up);
      return leave();
    }
    runner.woke(at);
    queue.woke(at);
    act();
  }

  std::string origin(const std::string& worker) const {
    const auto at = runner.workers().find(worker);
    // A worker that was removed meanwhile: nobody listens at port 0.
    return at == runner.workers().end() ? "http://127.0.0.1:0" : origin_of(at->second.node());
  }

  void perform(const action::Assign& assign) {
    requests.assign(
        origin(assign.worker), assign,
        [this, id = assign.task_id] { kill_at(id, KillMoment::accepted); },
        [this, worker = assign.worker] {
          runner.assign_returned(worker, now());
          act();
        });
    show(assign.task_id);
    kill_at(assign.task_id, KillMoment::assigned);
  }

  void perform(const action::Kill& kill) {
    requests.kill(origin(kill.worker), kill,
                  [this, kill] { runner.kill_returned(kill.worker, kill.task_id); });
  }

  void perform(const action::Complete& complete) {
    queue.completed(complete.status, now());
    show(complete.status.id);
  }

  void perform(const action::Overdue& overdue) {
    around.witness.assignment_overdue(overdue.worker, overdue.task_id);
  }

  void perform(const action::Moved& moved) {
    show(moved.task_id);
    const Item* item = runner.find(moved.task_id);
    if (item == nullptr) return;
    if (item->state == ItemState::pending) kill_at(moved.task_id, KillMoment::pending);
    if (item->state != ItemState::running) return;
    kill_at(moved.task_id, KillMoment::running);
    if (!item->location.host.empty()) kill_at(moved.task_id, KillMoment::located);
  }

  void kill_at(const std::string& id, KillMoment moment) {
    const auto at = around.misbehaviour.kills.find(id);
    if (at == around.misbehaviour.kills.end() || at->second != moment) return;
    around.misbehaviour.kills.erase(at);
    kill(id);
  }

  void show(const std::string& id) {
    if (around.options.changed) around.options.changed(id);
  }

  void ask_worker(const std::string& host, std::string_view method, std::string_view path,
                  http::Replied replied) {
    if (!runner.workers().contains(host))
      return replied(std::unexpected("Worker on host [" + host + "] does not exist"));
    client.send({.method = std::string(method), .url = origin(host) + std::string(path)},
                std::move(replied));
  }
};

Leadership::Leadership(Surroundings around, const std::vector<overlord::WorkerNode>& workers,
                       std::move_only_function<void()> gave_up)
    : core_(std::make_unique<Core>(around, std::move(gave_up))) {
  core_->begin(workers);
}

Leadership::~Leadership() = default;

bool Leadership::is_ready() const {
  return core_->queue.is_started();
}

void Leadership::add_worker(const overlord::WorkerNode& worker) {
  core_->add_worker(worker);
  core_->act();
}

void Leadership::remove_worker(const std::string& host) {
  core_->remove_worker(host);
}

std::expected<std::string, Refusal> Leadership::submit(std::string_view json) {
  return core_->submit(json);
}

void Leadership::kill(const std::string& task_id) {
  core_->kill(task_id);
}

const TaskRunner& Leadership::runner() const {
  return core_->runner;
}

void Leadership::ask_worker(const std::string& host, std::string_view method, std::string_view path,
                            http::Replied replied) {
  core_->ask_worker(host, method, path, std::move(replied));
}

void Leadership::set_pollers() {
  core_->set_pollers();
}

}  // namespace copse::runner::overlord_sandbox
