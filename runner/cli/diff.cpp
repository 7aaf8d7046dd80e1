// copse diff: what a new policy does otherwise than the old one, and what that costs.
#include "engine/analysis/diff.hpp"

#include "adapters/pod_requests.hpp"
#include "engine/analysis/whole.hpp"
#include "engine/json_writer.hpp"
#include "runner/cli/decider.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/task_input.hpp"
#include "runner/cli/verbs.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <unistd.h>

namespace copse::runner::cli {
namespace {

using engine::JsonWriter;
using engine::analysis::Difference;

// What one policy makes of one task.
struct Placed {
  std::string rule;
  engine::CompiledOutcome decided;  // its overrides as they are for the task
  std::string outcome;              // in words
  std::string template_key;         // `-`: a worker, or it fails
  std::optional<adapters::PodRequests> requests;
};

// Tasks of one template, and what they ask for while they run.
struct Use {
  std::size_t tasks = 0;
  double core_hours = 0;
  double gib_hours = 0;
};

struct Moved {
  std::string task;
  Placed before;
  Placed after;
};

Placed place(Decider& decider, const Basis& basis, const engine::Task& task) {
  const Row row = decider.decide(task);
  Placed made{row.rule, {}, "", row.template_key.value_or("-"), {}};
  if (!row.error.empty()) {
    made.decided.failure = made.outcome = "fails";
    return made;
  }
  if (!row.template_key) {
    made.decided.runner = engine::Runner::worker;
    made.outcome = "runner worker";
    return made;
  }
  made.decided.template_key = *row.template_key;
  made.decided.overrides = row.overrides;
  made.outcome = "template " + engine::quoted(*row.template_key);
  for (const engine::Override& each : row.overrides) made.outcome += "; " + in_words(each);
  if (basis.templates) {
    if (const auto pod = basis.templates->get(*row.template_key))
      made.requests = adapters::pod_requests(**pod, row.overrides);
  }
  return made;
}

std::string hours(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

std::string change(double before, double after) {
  char text[32];
  if (before == 0) return after == 0 ? "-" : "new";
  std::snprintf(text, sizeof text, "%+.0f %%", 100 * (after - before) / before);
  return text;
}

class Comparing {
 public:
  Comparing(const Arguments& arguments, Basis& before, Basis& after)
      : arguments_(arguments),
        before_(before),
        after_(after),
        old_decider_(before),
        new_decider_(after),
        colour_(is_terminal(STDOUT_FILENO) ? engine::Colour::on : engine::Colour::off) {}

  int run() {
    made_ = engine::analysis::compare(before_.policies, after_.policies, after_.template_names);
    int exit_code = made_.differences.empty() ? exit_fine : exit_findings;
    read_tasks(arguments_, [&](auto task) {
      if (task) return one(*task);
      show(task.error().said, arguments_.format == Format::json);
      exit_code = std::max(exit_code, task.error().exit_code);
    });
    if (!moved_.empty()) exit_code = std::max(exit_code, exit_findings);
    arguments_.format == Format::json ? print_json() : print();
    return exit_code;
  }

 private:
  void one(const engine::Task& task) {
    ++tasks_;
    if (task.duration_ms) ++timed_;
    Placed before = place(old_decider_, before_, task);
    Placed after = place(new_decider_, after_, task);
    add(use_[before.template_key].first, before, task);
    add(use_[after.template_key].second, after, task);
    if (!engine::analysis::same(before.decided, after.decided))
      moved_.push_back({task.id, std::move(before), std::move(after)});
  }

  void add(Use& to, const Placed& placed, const engine::Task& task) {
    ++to.tasks;
    if (!placed.requests || !task.duration_ms) return;
    has_hours_ = true;
    constexpr double millis_an_hour = 3'600'000;
    constexpr double gib = 1U << 30U;
    const double time = static_cast<double>(*task.duration_ms) / millis_an_hour;
    to.core_hours += time * placed.requests->cores;
    to.gib_hours += time * placed.requests->bytes / gib;
  }

  // ---- for people ----

  void print() const {
    for (const Difference& each : made_.differences) {
      std::printf("%s -> %s\n", paint(Hue::bold, each.before, colour_).c_str(),
                  paint(Hue::bold, each.after, colour_).c_str());
      std::printf("  %s %s\n  %s %s\n  example: %s\n\n", paint(Hue::bad, "-", colour_).c_str(),
                  each.from.c_str(), paint(Hue::good, "+", colour_).c_str(), each.to.c_str(),
                  engine::analysis::in_words(each.example).c_str());
    }
    std::printf("%s\n", summary().c_str());
    if (tasks_ > 0) print_tasks();
  }

  [[nodiscard]] std::string summary() const {
    const std::size_t count = made_.differences.size();
    if (count > 0) return counted(count, "difference") + (made_.is_certain ? "" : ", perhaps more");
    if (made_.is_certain && moved_.empty()) return "the policies decide alike";
    return made_.is_certain ? "no rule decides otherwise"
                            : "no difference was found; that there is none is not certain";
  }

  void print_tasks() const {
    std::printf("\n%s of %s would move\n", grouped(moved_.size()).c_str(),
                counted(tasks_, "task").c_str());
    std::map<std::tuple<std::string, std::string>, std::pair<std::size_t, std::string>> ways;
    for (const Moved& each : moved_) {
      auto& [count, example] = ways[{each.before.outcome, each.after.outcome}];
      if (count++ == 0) example = each.task;
    }
    Table moved({"FROM", "TO", "TASKS", "SUCH AS"});
    moved.right(2);
    for (const auto& [way, seen] : ways) {
      moved.add({clipped(std::get<0>(way), 50), clipped(std::get<1>(way), 50), grouped(seen.first),
                 clipped(seen.second, 50)});
    }
    if (!moved_.empty()) std::fputs(moved.text(colour_).c_str(), stdout);
    std::printf("\n");
    std::vector<std::string> heads{"TEMPLATE", "TASKS", ""};
    if (has_hours_) heads.insert(heads.end(), {"CPU-HOURS", "", "", "GIB-HOURS", "", ""});
    Table cost(heads);
    for (std::size_t column = 1; column < heads.size(); ++column) cost.right(column);
    Use before;
    Use after;
    for (const auto& [key, use] : use_) {
      cost.add(row(key, use.first, use.second));
      sum(before, use.first);
      sum(after, use.second);
    }
    cost.add(row("all", before, after));
    std::fputs(cost.text(colour_).c_str(), stdout);
    if (!has_hours_) {
      std::printf(
          "no hours: they need templates with requests, and tasks that ran: from an Overlord "
          "(--overlord), or as {\"task\": ID, \"payload\": {…}, \"duration\": MILLISECONDS}\n");
    } else if (timed_ < tasks_) {
      std::printf("hours are of %s of %s: the others have no duration\n", grouped(timed_).c_str(),
                  counted(tasks_, "task").c_str());
    }
  }

  static void sum(Use& to, const Use& part) {
    to.tasks += part.tasks;
    to.core_hours += part.core_hours;
    to.gib_hours += part.gib_hours;
  }

  [[nodiscard]] std::vector<std::string> row(const std::string& key, const Use& before,
                                             const Use& after) const {
    std::vector<std::string> cells{key, grouped(before.tasks), grouped(after.tasks)};
    if (!has_hours_) return cells;
    for (double Use::* const of : {&Use::core_hours, &Use::gib_hours}) {
      cells.push_back(hours(before.*of));
      cells.push_back(hours(after.*of));
      cells.push_back(change(before.*of, after.*of));
    }
    return cells;
  }

  // ---- for programs ----

  void print_json() const {
    JsonWriter out;
    out.begin_object().key("equal");
    const bool is_known = made_.is_certain || !made_.differences.empty() || !moved_.empty();
    is_known ? out.boolean(made_.differences.empty() && moved_.empty()) : out.null();
    out.key("certain").boolean(made_.is_certain).key("differences").begin_array();
    for (const Difference& each : made_.differences) {
      out.begin_object().key("before").begin_object().member("rule", each.before);
      out.member("outcome", each.from).end_object().key("after").begin_object();
      out.member("rule", each.after).member("outcome", each.to).end_object();
      out.key("example").raw(each.example.task);
      if (each.example.is_of_a_time)
        out.member("now", engine::in_words(*each.example.circumstances.now));
      out.end_object();
    }
    out.end_array();
    if (tasks_ > 0) {
      out.key("tasks").number(static_cast<std::int64_t>(tasks_));
      out.key("timed").number(static_cast<std::int64_t>(timed_)).key("moved").begin_array();
      for (const Moved& each : moved_) {
        out.begin_object().member("task", each.task).key("before").begin_object();
        out.member("rule", each.before.rule).member("outcome", each.before.outcome).end_object();
        out.key("after").begin_object().member("rule", each.after.rule);
        out.member("outcome", each.after.outcome).end_object().end_object();
      }
      out.end_array().key("templates").begin_array();
      for (const auto& [key, use] : use_) {
        out.begin_object().member("template", key);
        write(out, "before", use.first);
        write(out, "after", use.second);
        out.end_object();
      }
      out.end_array();
    }
    out.end_object();
    std::puts(out.take().c_str());
  }

  static void write(JsonWriter& out, std::string_view key, const Use& use) {
    out.key(key).begin_object().key("tasks").number(static_cast<std::int64_t>(use.tasks));
    out.key("cpuHours").decimal(use.core_hours).key("gibHours").decimal(use.gib_hours);
    out.end_object();
  }

  const Arguments& arguments_;
  Basis& before_;
  Basis& after_;
  Decider old_decider_;
  Decider new_decider_;
  engine::Colour colour_;
  engine::analysis::Comparison made_;
  std::size_t tasks_ = 0;
  std::size_t timed_ = 0;   // of these, those with a duration
  bool has_hours_ = false;  // some ran that long where requests are known
  std::vector<Moved> moved_;
  std::map<std::string, std::pair<Use, Use>> use_;
};

}  // namespace

int diff(const Arguments& arguments) {
  const bool as_json = arguments.format == Format::json;
  auto before = load_basis(arguments, Purpose::decide);
  Arguments other = arguments;
  other.policy = arguments.new_policy;
  auto after = load_basis(other, Purpose::decide);
  for (const auto* basis : {&before, &after}) {
    if (!*basis) show(basis->error().said, as_json);
  }
  if (!before) return before.error().exit_code;
  if (!after) return after.error().exit_code;
  return Comparing(arguments, *before, *after).run();
}

}  // namespace copse::runner::cli
