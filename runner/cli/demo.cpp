// copse demo: the whole loop in one process. A shipped policy decides real tasks, each becomes a
// Job in the sandbox over real HTTP, is tracked by list and watch, and ends as its status file
// says.
#include "engine/json_writer.hpp"
#include "runner/cli/board.hpp"
#include "runner/cli/demo_files.hpp"
#include "runner/cli/demo_overlord.hpp"
#include "runner/cli/demo_tasks.hpp"
#include "runner/cli/execution.hpp"
#include "runner/cli/sandbox_access.hpp"
#include "runner/cli/scratch.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/verbs.hpp"

#include <csignal>
#include <cstdio>
#include <fstream>
#include <map>
#include <utility>

#include <unistd.h>

namespace copse::runner::cli {
namespace {

constexpr std::string_view demo_identity = "copse demo";
constexpr double demo_speed = 20;

std::string_view demo_file(std::string_view name) {
  for (const DemoFile& file : demo_files()) {
    if (file.name == name) return file.text;
  }
  return {};
}

// What the pod of each task does. Cluster time runs demo_speed times faster than ours.
sandbox::Script script_for(const DemoTask& task, std::size_t number) {
  using namespace std::chrono_literals;
  const std::string& id = task.task.id;
  sandbox::Script script = succeeding(id);
  script.log_file.clear();  // copse stores it
  const auto spread = std::chrono::milliseconds(number * 7919 % 6000);
  script.schedule = 200ms + spread / 4;
  script.actions = {sandbox::Print{"task " + id + " of type " + task.task.type + " has started"},
                    sandbox::Pause{6s + 4 * spread}, sandbox::Print{"task " + id + " ends"}};
  switch (task.fate) {
    case Fate::succeed:
    case Fate::worker:
      break;
    case Fate::fail:
      script.files = {
          {id + ".status.json", std::string(demo_file("outcomes/bad_rows.status.json"))}};
      break;
    case Fate::no_image:
      script.obstacle = sandbox::Obstacle{sandbox::Obstacle::Kind::image, "ErrImagePull",
                                          "manifest for apache/druid:38.0.0-missing not found"};
      break;
    case Fate::out_of_memory:
      script.exit_code = 137;
      script.reason = "OOMKilled";
      script.files.clear();
      break;
    case Fate::evicted:
      script.eviction = "the node was low on resource: memory";
      script.files.clear();
      break;
    case Fate::no_status:
      script.files.clear();
      break;
  }
  return script;
}

bool as_planned(Fate fate, const std::optional<job::Outcome>& outcome) {
  if (!outcome) return fate == Fate::worker;
  switch (fate) {
    case Fate::succeed:
      return outcome->status == job::Outcome::Status::success;
    case Fate::fail:
      return outcome->status == job::Outcome::Status::failed &&
             outcome->reason == job::Reason::task;
    case Fate::no_image:
      return outcome->reason == job::Reason::image;
    case Fate::worker:
      return false;
    case Fate::out_of_memory:
      return outcome->reason == job::Reason::oom;
    case Fate::evicted:
      return outcome->reason == job::Reason::evicted;
    case Fate::no_status:
      return outcome->status == job::Outcome::Status::unknown;
  }
  return false;
}

class Demo {
 public:
  Demo(const Arguments& arguments, Scratch files, Scratch logs)
      : arguments_(arguments),
        files_(std::move(files)),
        logs_(std::move(logs)),
        colour_(is_terminal(STDOUT_FILENO) ? engine::Colour::on : engine::Colour::off) {}

  int run() {
    if (!write_demo_files(files_.path())) {
      std::fprintf(stderr, "the demo's files cannot be written to %s\n", files_.path().c_str());
      return exit_world;
    }
    Arguments given = arguments_;
    given.policy = files_.path() + "/policy.json";
    given.properties = {files_.path() + "/runtime.properties"};
    given.templates = files_.path() + "/templates";
    auto basis = load_basis(given, Purpose::make_jobs);
    if (!basis) {
      show(basis.error().said, false);
      return basis.error().exit_code;
    }
    plan(*basis);
    if (!start_sandbox(*basis)) return exit_world;
    const OverlordOutcome done = carry_out(*basis, given);
    const int exit_code = finish(done);
    if (arguments_.keep && !done.execution.interrupted && !done.fault) keep();
    return exit_code;
  }

 private:
  void plan(Basis& basis) {
    tasks_ = demo_tasks(arguments_.demo_tasks, arguments_.faults);
    Decider decider(basis);
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      plan_.add(tasks_[i].task, decider, owner_label(demo_identity));
      by_id_.emplace(tasks_[i].task.id, i);
    }
    if (arguments_.format == Format::text) {
      std::printf("%s %s tasks by rules/demo/policy.json: %zu become Jobs\n",
                  paint(Hue::bold, "copse demo", colour_).c_str(), grouped(tasks_.size()).c_str(),
                  plan_.tasks.size());
      std::fflush(stdout);
    }
  }

  bool start_sandbox(const Basis& basis) {
    sandbox::SandboxOptions options;
    options.speed = demo_speed;
    options.start =
        std::chrono::time_point_cast<sandbox::Moment::duration>(std::chrono::system_clock::now()) -
        std::chrono::hours(24);
    options.namespaces = basis.namespaces;
    options.files = logs_.path();
    options.script = [this](const sandbox::PodView& pod) -> std::optional<sandbox::Script> {
      const auto at = by_id_.find(annotation(pod, "task.id"));
      if (at == by_id_.end()) return std::nullopt;
      return script_for(tasks_[at->second], at->second);
    };
    auto started = sandbox::Sandbox::start(std::move(options));
    if (!started) {
      std::fprintf(stderr, "%s\n", started.error().text.c_str());
      return false;
    }
    sandbox_ = std::move(*started);
    return true;
  }

  OverlordOutcome carry_out(const Basis& basis, Arguments given) {
    OverlordRun options{
        .access = access_of(*sandbox_),
        .runner = runner_options(basis, access_of(*sandbox_), owner_label(demo_identity)),
        .state_folder = files_.path() + "/state",
        .arguments = std::move(given)};
    options.runner.rules.hold_until_released = true;
    options.runner.log_directory = logs_.path();
    options.runner.rules.patience.image = std::chrono::milliseconds(1500);
    options.runner.rules.patience.status_retry = std::chrono::milliseconds(100);
    options.runner.rules.keep_jobs = arguments_.keep;
    Board board(plan_);
    ExecutionEvents events;
    events.moved = [&](std::size_t task, job::Phase phase) { board.moved(task, phase); };
    events.ended = [&](std::size_t task, const job::Outcome& outcome) {
      board.ended(task, outcome);
      if (outcome.status == job::Outcome::Status::success || arguments_.format == Format::json)
        return;
      board.say(painted(outcome.status, colour_) + "  " + plan_.tasks[task].id + "  " +
                std::string(job::name(outcome.reason)) + ": " + outcome.text);
    };
    events.tick = [&] { board.draw(); };
    std::vector<const engine::Task*> tasks;
    for (const PlannedTask& task : plan_.tasks) tasks.push_back(&tasks_[by_id_.at(task.id)].task);
    OverlordOutcome done = run_behind_overlord(tasks, plan_, std::move(options), std::move(events));
    board.close();
    return done;
  }

  int finish(const OverlordOutcome& outcome) {
    if (outcome.fault) {
      std::fprintf(stderr, "%s\n", outcome.fault->c_str());
      return exit_world;
    }
    const Execution& done = outcome.execution;
    std::size_t unplanned = outcome.overlord.violations.size();
    for (const std::string& violation : outcome.overlord.violations)
      std::fprintf(stderr, "not as the protocol says: %s\n", violation.c_str());
    if (!done.interrupted) unplanned += disagreements(outcome);
    for (std::size_t i = 0; i < plan_.tasks.size(); ++i) {
      const DemoTask& task = tasks_[by_id_.at(plan_.tasks[i].id)];
      if (as_planned(task.fate, done.outcomes[i])) continue;
      ++unplanned;
      std::fprintf(stderr, "not as planned: %s\n", task.task.id.c_str());
    }
    for (const LeftOut& task : plan_.left_out) unplanned += task.is_for_worker ? 0U : 1U;
    arguments_.format == Format::json ? print_json(outcome, unplanned)
                                      : print_text(outcome, unplanned);
    return unplanned == 0 && !done.interrupted ? exit_fine : exit_findings;
  }

  // Ends that the Overlord knows otherwise: an outcome that is unknown is a failure to it.
  static std::size_t disagreements(const OverlordOutcome& outcome) {
    std::size_t succeeded = 0;
    for (const auto& end : outcome.execution.outcomes)
      succeeded += end && end->status == job::Outcome::Status::success ? 1U : 0U;
    return outcome.overlord.other + (succeeded == outcome.overlord.succeeded ? 0U : 1U);
  }

  using Counts = std::map<std::string, std::array<std::size_t, 3>>;

  Counts by_template(const Execution& done) const {
    Counts counts;
    for (std::size_t i = 0; i < plan_.tasks.size(); ++i) {
      if (done.outcomes[i])
        ++counts[plan_.tasks[i].template_key][static_cast<std::size_t>(done.outcomes[i]->status)];
    }
    return counts;
  }

  [[nodiscard]] double decision_ns() const {
    return static_cast<double>(plan_.deciding.count()) /
           static_cast<double>(std::max<std::size_t>(plan_.decided, 1));
  }

  [[nodiscard]] double requests_a_task(const Execution& done) const {
    return static_cast<double>(done.requests) /
           static_cast<double>(std::max<std::size_t>(plan_.tasks.size(), 1));
  }

  void print_text(const OverlordOutcome& outcome, std::size_t unplanned) const {
    const Execution& done = outcome.execution;
    Table table({"TEMPLATE", "TASKS", "SUCCEEDED", "FAILED", "UNKNOWN"});
    for (const std::size_t column : {1U, 2U, 3U, 4U}) table.right(column);
    std::array<std::size_t, 3> all{};
    const auto cells = [](const std::string& head, const std::array<std::size_t, 3>& n) {
      return std::vector<std::string>{head, grouped(n[0] + n[1] + n[2]), grouped(n[0]),
                                      grouped(n[1]), grouped(n[2])};
    };
    for (const auto& [key, counts] : by_template(done)) {
      table.add(cells(key, counts));
      for (std::size_t i = 0; i < all.size(); ++i) all[i] += counts[i];
    }
    table.add(cells("all", all));
    std::printf("\n%s", table.text(colour_).c_str());
    for (const LeftOut& task : plan_.left_out) {
      std::printf("%s  %s: %s\n", task.is_for_worker ? "not run" : "failed", task.id.c_str(),
                  task.reason.c_str());
    }
    const OverlordsView& told = outcome.overlord;
    std::printf(
        "\n%-22s %s SUCCESS, %s FAILED; an assignment is answered, fsync included, in %.1f ms (p99 "
        "%.1f ms)\n",
        "the Overlord says", grouped(told.succeeded).c_str(), grouped(told.failed).c_str(),
        milliseconds(told.assign_median), milliseconds(told.assign_p99));
    std::printf("%-22s %.1f us a task: its document read and decided\n", "decision",
                decision_ns() / 1000);
    std::printf(
        "%-22s %.2f a task, %s in all: a create, a log%s each, three lists and three watches\n",
        "API requests", requests_a_task(done), grouped(done.requests).c_str(),
        arguments_.keep ? "" : " and a delete");
    std::printf("%-22s %.0f Jobs a second\n", "launch rate",
                done.launch_seconds > 0
                    ? static_cast<double>(plan_.tasks.size()) / done.launch_seconds
                    : 0.0);
    std::printf("%-22s %.1f s; the sandbox's clock runs %.0f times faster\n", "wall time",
                done.seconds, demo_speed);
    std::printf("%s\n", unplanned == 0
                            ? paint(Hue::good, "all ended as planned", colour_).c_str()
                            : paint(Hue::bad, std::to_string(unplanned) + " did not end as planned",
                                    colour_)
                                  .c_str());
    if (arguments_.keep) return;
    std::puts("\ntry next, from a clone:");
    std::puts(
        "  ./copse dry-run rules/demo/policy.json rules/demo/tasks --properties "
        "rules/demo/runtime.properties --templates rules/demo/templates");
    std::puts(
        "  ./copse explain rules/demo/policy.json rules/demo/tasks/index.json --templates "
        "rules/demo/templates");
    std::puts("  ./copse demo --keep        a cluster for kubectl");
  }

  static double milliseconds(std::chrono::microseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
  }

  void print_json(const OverlordOutcome& outcome, std::size_t unplanned) const {
    const Execution& done = outcome.execution;
    engine::JsonWriter out;
    out.begin_object()
        .key("tasks")
        .number(static_cast<std::int64_t>(tasks_.size()))
        .key("templates")
        .begin_object();
    for (const auto& [key, counts] : by_template(done)) {
      out.key(key).begin_object().key("succeeded").number(static_cast<std::int64_t>(counts[0]));
      out.key("failed")
          .number(static_cast<std::int64_t>(counts[1]))
          .key("unknown")
          .number(static_cast<std::int64_t>(counts[2]))
          .end_object();
    }
    out.end_object().key("overlord").begin_object();
    out.key("succeeded").number(static_cast<std::int64_t>(outcome.overlord.succeeded));
    out.key("failed").number(static_cast<std::int64_t>(outcome.overlord.failed));
    out.key("assignMilliseconds").decimal(milliseconds(outcome.overlord.assign_median));
    out.end_object().key("worker").number(static_cast<std::int64_t>(plan_.left_out.size()));
    out.key("decisionNanoseconds")
        .decimal(decision_ns())
        .key("requests")
        .number(static_cast<std::int64_t>(done.requests));
    out.key("requestsPerTask")
        .decimal(requests_a_task(done))
        .key("launchSeconds")
        .decimal(done.launch_seconds);
    out.key("seconds").decimal(done.seconds).key("asPlanned").boolean(unplanned == 0).end_object();
    std::puts(out.take().c_str());
  }

  // Stays up until a signal comes.
  void keep() {
    const std::string path = files_.path() + "/kubeconfig";
    std::ofstream(path) << sandbox_->kubeconfig();
    std::printf("\nthe sandbox stays up at %s until Ctrl-C\n\n  export KUBECONFIG=%s\n",
                sandbox_->url().c_str(), path.c_str());
    std::puts("  kubectl get jobs,pods -n druid -l druid.k8s.peons=true\n");
    std::fflush(stdout);
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGTERM);
    sigprocmask(SIG_BLOCK, &wanted, nullptr);
    int caught = 0;
    sigwait(&wanted, &caught);
  }

  const Arguments& arguments_;
  Scratch files_;
  Scratch logs_;
  engine::Colour colour_;
  std::vector<DemoTask> tasks_;
  std::map<std::string, std::size_t> by_id_;
  Plan plan_;
  std::optional<sandbox::Sandbox> sandbox_;
};

}  // namespace

int demo(const Arguments& arguments) {
  auto files = Scratch::make("copse-demo-");
  auto logs = Scratch::make("copse-demo-logs-");
  if (!files || !logs) {
    std::fprintf(stderr, "no folder for the demo: %s\n",
                 (files ? logs.error() : files.error()).c_str());
    return exit_world;
  }
  return Demo(arguments, std::move(*files), std::move(*logs)).run();
}

}  // namespace copse::runner::cli
