// copse dry-run: what would run where, in input order.
#include "adapters/yaml.hpp"
#include "engine/json_writer.hpp"
#include "runner/cli/decider.hpp"
#include "runner/cli/override_json.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/strategy_preview.hpp"
#include "runner/cli/task_input.hpp"
#include "runner/cli/verbs.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include <unistd.h>

namespace copse::runner::cli {
namespace {

using engine::JsonWriter;

class DryRun {
 public:
  DryRun(const Arguments& arguments, Basis& basis)
      : arguments_(arguments), basis_(basis), decider_(basis) {}

  int run() {
    read_tasks(arguments_, [&](auto task) {
      if (task) {
        one(*task);
      } else {
        show(task.error().said, arguments_.format == Format::json);
        raise(task.error().exit_code);
      }
    });
    preview();
    finish();
    return exit_code_;
  }

 private:
  void raise(int code) { exit_code_ = std::max(exit_code_, code); }

  // What the strategy would become at the Overlord, when the properties ask for that.
  void preview() {
    if (!wants_preview(arguments_, basis_) || exit_code_ == exit_world) return;
    auto made = preview_strategy(arguments_, basis_, types_);
    if (made) {
      preview_ = std::move(*made);
    } else {
      show(made.error().said, arguments_.format == Format::json);
      raise(made.error().exit_code);
    }
  }

  void one(const engine::Task& task) {
    types_.insert(task.type);
    Row row = decider_.decide(task);
    std::string job;
    if (row.template_key && arguments_.render != Render::none) {
      const bool posted = arguments_.render == Render::posted;
      auto made = decider_.job(task, row, posted ? owner_label("dry-run") : "");
      if (made) {
        job = std::move(made->json);
        if (made->payload_omitted) {
          row.warnings.push_back("the payload has " + std::to_string(made->payload_characters) +
                                 " characters: too many for the Job; it " +
                                 (made->mounted
                                      ? "comes from the ConfigMap " + made->mounted->config_map
                                      : "has to be pushed to the task-log store"));
        }
      } else {
        row.error_code = made.error()[0].code;
        row.error = made.error()[0].title;
        show(made.error(), arguments_.format == Format::json);
      }
    }
    if (!row.error.empty()) raise(exit_findings);
    ++totals_[{row.error.empty() ? row.template_key.value_or("-") : "(fails)",
               std::string(name(row.runner)), row.rule}];
    ++tasks_;
    if (arguments_.summary) return;
    arguments_.format == Format::json ? print_json(task, row, job) : print_text(task, row, job);
  }

  static void print_json(const engine::Task& task, const Row& row, const std::string& job) {
    JsonWriter out;
    const auto text_or_null = [&](std::string_view key, const std::optional<std::string>& value) {
      out.key(key);
      value ? out.text(*value) : out.null();
    };
    out.begin_object().member("task", task.id).member("type", task.type);
    text_or_null("dataSource", task.data_source);
    if (!row.policy_name.empty()) out.member("policy", row.policy_name);
    out.member("rule", row.rule).member("runner", name(row.runner));
    text_or_null("runnerRule", row.runner_rule);
    text_or_null("template", row.template_key);
    out.key("overrides").raw(to_json(row.overrides)).key("warnings").begin_array();
    for (const std::string& warning : row.warnings) out.text(warning);
    out.end_array();
    if (!row.error.empty()) {
      out.key("error")
          .begin_object()
          .member("code", row.error_code)
          .member("message", row.error)
          .end_object();
    }
    if (!job.empty()) out.key("job").raw(job);
    out.end_object();
    std::puts(out.take().c_str());
  }

  void print_text(const engine::Task& task, const Row& row, const std::string& job) {
    if (arguments_.render == Render::none) {
      lines_.push_back({task.id, task.type, task.data_source.value_or("-"), row.rule,
                        std::string(name(row.runner)),
                        row.error.empty() ? row.template_key.value_or("-") : "fails"});
      if (!row.error.empty()) notes_.push_back(task.id + ": " + row.error);
      for (const std::string& warning : row.warnings) notes_.push_back(task.id + ": " + warning);
      std::string overrides;
      for (const engine::Override& each : row.overrides)
        overrides += (overrides.empty() ? "" : "; ") + in_words(each);
      lines_.back().push_back(std::move(overrides));
      return;
    }
    std::string head = task.id + ": " + row.rule + ", " + std::string(name(row.runner));
    if (row.template_key) head += ", template " + *row.template_key;
    for (const engine::Override& each : row.overrides) head += "; " + in_words(each);
    std::puts("---");
    // What a task or a policy calls itself stays within its comment.
    const auto comment = [](const std::string& text) {
      std::printf("# %s\n", engine::printable(text).c_str());
    };
    comment(head);
    for (const std::string& warning : row.warnings) comment(warning);
    if (!row.error.empty()) comment("fails: " + row.error);
    if (!job.empty()) std::fputs(adapters::json_to_yaml(job).value_or(job + "\n").c_str(), stdout);
  }

  void finish() {
    const engine::Colour colour =
        is_terminal(STDOUT_FILENO) ? engine::Colour::on : engine::Colour::off;
    if (arguments_.summary) return summarise(colour);
    if (arguments_.format == Format::json) {
      if (preview_) std::puts(("{\"workerConfig\":" + preview_->json() + "}").c_str());
      return;
    }
    if (arguments_.render == Render::none) print_table(colour);
    if (preview_) {
      // Among Jobs it is a document of its own, all of it a comment.
      const std::string text = preview_->text();
      const bool comment = arguments_.render != Render::none;
      std::fputs((comment ? "---\n" + commented(text) : "\n" + text).c_str(), stdout);
    }
  }

  static std::string commented(std::string_view lines) {
    std::string out;
    for (std::size_t at = 0; at < lines.size();) {
      const std::size_t end = lines.find('\n', at) + 1;
      out += "# " + std::string(lines.substr(at, end - at));
      at = end;
    }
    return out;
  }

  void print_table(engine::Colour colour) {
    const bool overrides = std::any_of(lines_.begin(), lines_.end(),
                                       [](const auto& cells) { return !cells.back().empty(); });
    std::vector<std::string> head{"TASK", "TYPE", "DATASOURCE", "RULE", "RUNNER", "TEMPLATE"};
    if (overrides) head.emplace_back("OVERRIDES");
    Table table(std::move(head));
    for (auto& cells : lines_) {
      cells[0] = clipped(cells[0], 60);
      // Words of the task, and of the policy.
      for (std::string& cell : cells) cell = engine::printable(cell);
      if (!overrides) cells.pop_back();
      table.add(std::move(cells));
    }
    std::fputs(table.text(colour).c_str(), stdout);
    for (const std::string& note : notes_)
      std::printf("%s %s\n", paint(Hue::warn, "!", colour).c_str(), note.c_str());
  }

  void summarise(engine::Colour colour) const {
    if (arguments_.format == Format::json) {
      JsonWriter out;
      out.begin_object()
          .key("tasks")
          .number(static_cast<std::int64_t>(tasks_))
          .key("by")
          .begin_array();
      for (const auto& [key, count] : totals_) {
        out.begin_object().member("template", std::get<0>(key)).member("runner", std::get<1>(key));
        out.member("rule", std::get<2>(key))
            .key("tasks")
            .number(static_cast<std::int64_t>(count))
            .end_object();
      }
      out.end_array();
      if (preview_) out.key("workerConfig").raw(preview_->json());
      out.end_object();
      std::puts(out.take().c_str());
      return;
    }
    Table table({"TEMPLATE", "RUNNER", "RULE", "TASKS"});
    table.right(3);
    for (const auto& [key, count] : totals_) {
      table.add({std::get<0>(key), std::get<1>(key), std::get<2>(key), grouped(count)});
    }
    table.add({"", "", "all", grouped(tasks_)});
    std::fputs(table.text(colour).c_str(), stdout);
    if (preview_) std::fputs(("\n" + preview_->text()).c_str(), stdout);
  }

  const Arguments& arguments_;
  const Basis& basis_;
  Decider decider_;
  int exit_code_ = exit_fine;
  std::vector<std::vector<std::string>> lines_;
  std::vector<std::string> notes_;
  std::map<std::tuple<std::string, std::string, std::string>, std::uint64_t> totals_;
  std::uint64_t tasks_ = 0;
  overlord::TaskTypes types_;
  std::optional<StrategyPreview> preview_;
};

}  // namespace

int dry_run(const Arguments& arguments) {
  auto basis =
      load_basis(arguments, arguments.render == Render::none ? Purpose::decide : Purpose::make_jobs,
                 Needs::image);
  if (!basis) {
    show(basis.error().said, arguments.format == Format::json);
    return basis.error().exit_code;
  }
  show(basis->findings, arguments.format == Format::json);
  return DryRun(arguments, *basis).run();
}

}  // namespace copse::runner::cli
