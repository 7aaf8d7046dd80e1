// copse run: tasks as Jobs, without an Overlord.
#include "engine/json_writer.hpp"
#include "runner/cli/board.hpp"
#include "runner/cli/execution.hpp"
#include "runner/cli/sandbox_access.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/task_input.hpp"
#include "runner/cli/verbs.hpp"

#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

#include <unistd.h>

namespace copse::runner::cli {
namespace {

// Who the Jobs of `copse run` belong to: the same on every run, so that a run after Ctrl-C takes
// over what the one before has left in the cluster.
constexpr std::string_view run_identity = "copse run";

class Run {
 public:
  Run(const Arguments& arguments, Basis& basis)
      : arguments_(arguments),
        basis_(basis),
        colour_(is_terminal(STDOUT_FILENO) ? engine::Colour::on : engine::Colour::off) {}

  int run() {
    read();
    // What no Job can be made with is no matter of single tasks.
    if (const auto fault = jobs_fault(basis_); fault && plan_.wants_jobs) {
      show({*fault}, arguments_.format == Format::json);
      return std::max(plan_.input_exit_code, exit_findings);
    }
    for (const LeftOut& task : plan_.left_out) print(task);
    auto cluster = reach_cluster(arguments_, basis_);
    if (!cluster) {
      show(cluster.error(), arguments_.format == Format::json);
      return exit_unreadable;
    }
    if (plan_.tasks.empty()) return finish({});
    ExecutionOptions options{
        .access = cluster->access,
        .runner = runner_options(basis_, cluster->access, owner_label(run_identity)),
        .on_interrupt = arguments_.cancel ? OnInterrupt::cancel : OnInterrupt::leave};
    if (arguments_.trust_exit_code) options.runner.rules.exit_codes = job::ExitCodes::trusted;
    if (cluster->log_directory) options.runner.log_directory = *cluster->log_directory;
    Board board(plan_);
    ExecutionEvents events;
    events.moved = [&](std::size_t task, job::Phase phase) { board.moved(task, phase); };
    events.ended = [&](std::size_t task, const job::Outcome& outcome) {
      board.ended(task, outcome);
      board.close();
      print(plan_.tasks[task], outcome, board.seconds(task));
      board.draw();
    };
    events.blocked = [&](std::size_t task, const job::GivenUp& why) { board.blocked(task, why); };
    events.trouble = [&](const kube::Failure& failure) { board.trouble(failure); };
    events.interrupted = [&] {
      board.say(
          arguments_.cancel
              ? "cancelling: deleting the Jobs and waiting for their pods; Ctrl-C again leaves them"
              : "interrupted");
    };
    events.tick = [&] { board.draw(); };
    usual_namespace_ = options.runner.namespaces.front();
    Execution done = execute(plan_, std::move(options), std::move(events));
    board.close();
    return finish(done);
  }

 private:
  void read() {
    Decider decider(basis_);
    const std::string owner = owner_label(run_identity);
    read_tasks(arguments_, [&](auto task) {
      if (task) return plan_.add(*task, decider, owner);
      show(task.error().said, arguments_.format == Format::json);
      plan_.input_exit_code = std::max(plan_.input_exit_code, task.error().exit_code);
    });
  }

  void print(const LeftOut& task) {
    if (!task.is_for_worker) failed_ = true;
    if (arguments_.format == Format::json) {
      engine::JsonWriter out;
      out.begin_object().member("task", task.id).member("type", task.type);
      out.member("status", task.is_for_worker ? "WORKER" : "FAILED")
          .member("reason", task.is_for_worker ? "worker" : "launch");
      out.member("message", task.reason).key("job").null().end_object();
      std::puts(out.take().c_str());
      return;
    }
    const std::string head = task.is_for_worker ? paint(Hue::dim, "WORKER ", colour_)
                                                : paint(Hue::bad, "FAILED ", colour_);
    std::printf("%s  %s: %s\n", head.c_str(), task.id.c_str(), task.reason.c_str());
  }

  void print(const PlannedTask& task, const job::Outcome& outcome, double seconds) {
    if (arguments_.format == Format::json) {
      engine::JsonWriter out;
      out.begin_object()
          .member("task", task.id)
          .member("type", task.type)
          .member("status", name(outcome.status));
      out.member("reason", job::name(outcome.reason))
          .member("message", outcome.text)
          .member("template", task.template_key);
      out.member("job", task.job_name).key("seconds").decimal(seconds).end_object();
      std::puts(out.take().c_str());
      std::fflush(stdout);
      return;
    }
    std::string line = painted(outcome.status, colour_) + "  " + task.id + "  " +
                       paint(Hue::dim, task.template_key, colour_);
    if (!outcome.text.empty())
      line += "  " + std::string(job::name(outcome.reason)) + ": " + outcome.text;
    std::puts(line.c_str());
    std::fflush(stdout);
  }

  int finish(const Execution& done) {
    int exit_code = plan_.input_exit_code;
    if (done.world) {
      std::fprintf(stderr, "%s\n", done.world->text.c_str());
      return exit_world;
    }
    std::size_t succeeded = 0;
    for (const auto& outcome : done.outcomes)
      succeeded += outcome && outcome->status == job::Outcome::Status::success ? 1U : 0U;
    if (succeeded < done.outcomes.size() || failed_) exit_code = std::max(exit_code, exit_findings);
    if (done.interrupted) tell_what_is_left(done);
    if (arguments_.format == Format::text) {
      const auto for_workers =
          static_cast<std::size_t>(std::ranges::count_if(plan_.left_out, &LeftOut::is_for_worker));
      std::fprintf(stderr, "%zu of %zu tasks succeeded", succeeded,
                   plan_.tasks.size() + plan_.left_out.size() - for_workers);
      if (for_workers > 0) {
        std::fprintf(stderr, "; %zu more %s", for_workers,
                     for_workers == 1 ? "is for a worker" : "are for workers");
      }
      std::fputs("\n", stderr);
    }
    return exit_code;
  }

  [[nodiscard]] const std::string& namespace_of(std::size_t task) const {
    const std::string& own = plan_.tasks[task].namespace_name;
    return own.empty() ? usual_namespace_ : own;
  }

  void tell_what_is_left(const Execution& done) const {
    const std::size_t left = done.left_running.size();
    std::set<std::string> namespaces;
    for (const std::size_t task : done.left_running) namespaces.insert(namespace_of(task));
    std::string jobs = left == 1 ? "Job" : "Jobs";
    for (const std::string& name : namespaces)
      jobs += (name == *namespaces.begin() ? " in namespace `" : " and `") + name + "`";
    if (left > 0 && arguments_.cancel) {
      std::fprintf(stderr, "%zu %s %s being deleted, but %s pod may still run:\n", left,
                   jobs.c_str(), left == 1 ? "is" : "are", left == 1 ? "its" : "their");
    } else if (left > 0) {
      std::fprintf(stderr, "%zu %s %s on; a run of the same tasks takes %s over:\n", left,
                   jobs.c_str(), left == 1 ? "goes" : "go", left == 1 ? "it" : "them");
    }
    for (const std::size_t task : done.left_running) {
      const std::string where = namespaces.size() > 1 ? namespace_of(task) + "/" : "";
      std::fprintf(stderr, "  %s%s  %s\n", where.c_str(), plan_.tasks[task].job_name.c_str(),
                   plan_.tasks[task].id.c_str());
    }
    if (done.unanswered > 0) {
      std::fprintf(stderr,
                   "%zu more %s being created: whether there is a Job is not known; a run of the "
                   "same tasks finds out\n",
                   done.unanswered, done.unanswered == 1 ? "was" : "were");
    }
    const auto ended = static_cast<std::size_t>(
        std::count_if(done.outcomes.begin(), done.outcomes.end(),
                      [](const auto& outcome) { return outcome.has_value(); }));
    if (ended > 0 && !arguments_.cancel) {
      std::fprintf(stderr, "leave out the %zu that %s ended: %s would run again\n", ended,
                   ended == 1 ? "has" : "have", ended == 1 ? "it" : "they");
    }
  }

  const Arguments& arguments_;
  Basis& basis_;
  engine::Colour colour_;
  Plan plan_;
  std::string usual_namespace_;
  bool failed_ = false;
};

}  // namespace

int run(const Arguments& arguments) {
  auto basis = load_basis(arguments, Purpose::make_jobs, Needs::image);
  if (!basis) {
    show(basis.error().said, arguments.format == Format::json);
    return basis.error().exit_code;
  }
  show(basis->findings, arguments.format == Format::json);
  return Run(arguments, *basis).run();
}

}  // namespace copse::runner::cli
