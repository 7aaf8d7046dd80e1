// copse explain: why one task gets its decision.
#include "engine/explain.hpp"

#include "engine/facts.hpp"
#include "engine/json_writer.hpp"
#include "engine/words.hpp"
#include "runner/cli/decider.hpp"
#include "runner/cli/provenance.hpp"
#include "runner/cli/repeated.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/task_input.hpp"
#include "runner/cli/verbs.hpp"

#include <cstdio>
#include <utility>

#include <unistd.h>

namespace copse::runner::cli {
namespace {

using engine::JsonWriter;

// Everything that is to be told of one task.
struct Story {
  const engine::Task& task;
  Row row;
  std::vector<std::pair<std::string, std::string>> facts;  // attribute, in words
  std::optional<engine::EntryReport> runner;
  std::optional<engine::EntryReport> placement;
  std::vector<OutcomeOrigin> overrides;
  std::vector<FieldOrigin> fields;
};

// Who says each override of the decision: the rule or one of its profiles, and the task.
std::vector<OutcomeOrigin> origins_of(const Basis& basis, const Row& row,
                                      std::span<const engine::Fact> facts) {
  const engine::Answer& answer = row.decision.placement;
  const engine::CompiledOutcome outcome = basis.image.outcome(answer.outcome);
  engine::Locator places(basis.policies.placement.source);
  std::vector<OutcomeOrigin> all;
  auto value = outcome.values.begin();
  for (std::size_t i = 0; i < row.overrides.size(); ++i) {
    const engine::Override& said = outcome.overrides[i];
    const bool is_profile = !said.profile.empty();
    std::string origin =
        is_profile ? "profile " + said.profile : "rule " + engine::quoted(row.rule);
    if (!basis.is_compiled) {
      origin += is_profile ? " (used in line " : " (line ";
      origin += std::to_string(places.place(said.span).line) + ")";
    }
    if (said.attribute) {
      const engine::Fact::State state = facts[std::to_underlying(*value++)].state();
      const bool has_it =
          state == engine::Fact::State::text || state == engine::Fact::State::number;
      origin += has_it ? ", from the task's " + said.attribute->name
                       : ", as its `else` says: the task has no such " + said.attribute->name;
    }
    all.push_back({row.overrides[i], std::move(origin)});
  }
  return all;
}

// Druid then takes the default of the type, and so does copse.
bool has_ill_typed_priority(const engine::Task& task) {
  engine::Attribute as_written = engine::priority_attribute();
  as_written.name = "context.priority";
  engine::FactReader reader({as_written});
  const auto facts = reader.read(task.document);
  return facts && (*facts)[0].state() == engine::Fact::State::ill_typed;
}

Story tell(Basis& basis, const Arguments& arguments, const engine::Task& task) {
  Decider decider(basis);
  Story story{.task = task,
              .row = decider.decide(task),
              .facts = {},
              .runner = {},
              .placement = {},
              .overrides = {},
              .fields = {}};
  const engine::Image& image = basis.image;
  for (std::size_t i = 0; i < decider.facts().size(); ++i) {
    const engine::Attribute& asked = image.attributes[i];
    std::string fact = engine::in_words(asked, decider.facts()[i]);
    if (asked == engine::priority_attribute() && has_ill_typed_priority(task))
      fact += ", its type's own: context.priority is no whole number";
    const bool is_again = std::any_of(story.facts.begin(), story.facts.end(),
                                      [&](const auto& other) { return other.first == asked.name; });
    story.facts.emplace_back(
        is_again ? asked.name + " as " + std::string(engine::in_words(asked.type)) : asked.name,
        std::move(fact));
  }
  const engine::Decision& decision = story.row.decision;
  if (image.decides_runner)
    story.runner = engine::explain(image, image.runner, decision.runner_answer, decider.facts());
  if (story.row.runner == engine::Runner::k8s) {
    story.placement = engine::explain(image, image.placement, decision.placement, decider.facts());
  }
  for (const std::string& name : repeated(task.document, image.attributes))
    story.row.warnings.push_back("`" + name + "` stands in the task twice: the first counts");
  if (story.row.template_key) story.overrides = origins_of(basis, story.row, decider.facts());
  if (arguments.render == Render::none || !story.row.template_key) return story;
  const bool posted = arguments.render == Render::posted;
  const auto job = decider.job(task, story.row, posted ? owner_label("dry-run") : "");
  if (job) {
    story.fields = field_origins(job->json, basis.settings, "`" + *story.row.template_key + "`");
    mark_overrides(story.fields, story.overrides);
  } else {
    story.row.error_code = job.error()[0].code;
    story.row.error = job.error()[0].title;
  }
  return story;
}

std::string_view word(engine::Verdict verdict) {
  switch (verdict) {
    case engine::Verdict::yes:
      return "yes";
    case engine::Verdict::no:
      return "no";
    case engine::Verdict::fail:
      return "fails";
  }
  return "";
}

void write(JsonWriter& out, const engine::RuleReport& rule) {
  out.begin_object().member("rule", rule.name).key("tests").begin_array();
  for (const engine::TestReport& test : rule.tests) {
    out.begin_object().member("attribute", test.attribute).member("wants", test.wants);
    out.member("has", test.has).member("verdict", word(test.verdict)).end_object();
  }
  out.end_array().end_object();
}

void write(JsonWriter& out, std::string_view key,
           const std::optional<engine::EntryReport>& report) {
  out.key(key);
  if (!report) {
    out.null();
    return;
  }
  out.begin_object().key("winner");
  write(out, report->winner);
  out.key("passedOver")
      .number(static_cast<std::int64_t>(report->passed_over))
      .key("nearMisses")
      .begin_array();
  for (const engine::RuleReport& miss : report->near_misses) write(out, miss);
  out.end_array().end_object();
}

void print_json(const Story& story) {
  JsonWriter out;
  out.begin_object()
      .member("task", story.task.id)
      .member("runner", name(story.row.runner))
      .key("template");
  story.row.template_key ? out.text(*story.row.template_key) : out.null();
  out.key("facts").begin_object();
  for (const auto& [attribute, text] : story.facts) out.member(attribute, text);
  out.end_object();
  write(out, "runnerDecision", story.runner);
  write(out, "templateDecision", story.placement);
  out.key("overrides").begin_array();
  for (const OutcomeOrigin& each : story.overrides) {
    out.begin_object().member("says", in_words(each.setting));
    out.member("origin", each.origin).end_object();
  }
  out.end_array().key("warnings").begin_array();
  for (const std::string& warning : story.row.warnings) out.text(warning);
  out.end_array();
  if (!story.row.error.empty()) {
    out.key("error")
        .begin_object()
        .member("code", story.row.error_code)
        .member("message", story.row.error)
        .end_object();
  }
  if (!story.fields.empty()) {
    out.key("fields").begin_array();
    for (const FieldOrigin& field : story.fields) {
      out.begin_object()
          .member("path", field.path)
          .key("value")
          .raw(field.value)
          .member("origin", field.origin)
          .end_object();
    }
    out.end_array();
  }
  out.end_object();
  std::puts(out.take().c_str());
}

class Page {
 public:
  explicit Page(engine::Colour colour) : colour_(colour) {}

  void print(const Story& story) const {
    line(paint(Hue::bold, engine::printable(story.task.id), colour_));
    Table facts({"ASKED OF THE TASK", "IT HAS"});
    for (const auto& [attribute, text] : story.facts) facts.add({attribute, clipped(text, 80)});
    if (!story.facts.empty()) std::fputs(facts.text(colour_).c_str(), stdout);
    if (story.runner) section("runner", std::string(name(story.row.runner)), *story.runner);
    if (story.placement)
      section("template", story.row.template_key.value_or("fails"), *story.placement);
    if (!story.overrides.empty()) {
      line("");
      Table table({"OVERRIDES", "SET BY"});
      for (const OutcomeOrigin& each : story.overrides)
        table.add({clipped(in_words(each.setting), 60), each.origin});
      std::fputs(table.text(colour_).c_str(), stdout);
    }
    for (const std::string& warning : story.row.warnings)
      line(paint(Hue::warn, "! ", colour_) + warning);
    if (!story.row.error.empty())
      line(paint(Hue::bad, "fails: ", colour_) + engine::printable(story.row.error));
    if (story.fields.empty()) return;
    line("");
    Table fields({"FIELD OF THE JOB", "VALUE", "SET BY"});
    for (const FieldOrigin& field : story.fields)
      fields.add({field.path, clipped(field.value, 44), field.origin});
    std::fputs(fields.text(colour_).c_str(), stdout);
  }

 private:
  static void line(const std::string& text) { std::puts(text.c_str()); }

  void section(const std::string& what, const std::string& answer,
               const engine::EntryReport& report) const {
    line("");
    line(what + " " + paint(Hue::good, answer, colour_) + " by " +
         paint(Hue::bold, report.winner.name, colour_) +
         (report.winner.tests.empty()
              ? (report.winner.rule == engine::no_rule ? ": no rule matched"
                                                       : ": it asks for nothing")
              : ""));
    for (const engine::TestReport& test : report.winner.tests) tests(test);
    if (report.passed_over > 0) {
      line("  " + grouped(report.passed_over) + (report.passed_over == 1 ? " rule" : " rules") +
           " before it did not match" +
           (report.near_misses.empty() ? ""
            : report.near_misses.size() == engine::near_miss_limit
                ? "; of those that lacked one thing the nearest " +
                      std::to_string(engine::near_miss_limit) + " are:"
                : "; these lacked one thing:"));
    }
    for (const engine::RuleReport& miss : report.near_misses) {
      line("    " + miss.name);
      for (const engine::TestReport& test : miss.tests) tests(test);
    }
  }

  void tests(const engine::TestReport& test) const {
    const std::string mark = test.verdict == engine::Verdict::yes ? paint(Hue::good, "✓", colour_)
                                                                  : paint(Hue::bad, "✗", colour_);
    line("      " + mark + " " + test.attribute + " wants " + test.wants + ", has " + test.has);
  }

  engine::Colour colour_;
};

}  // namespace

int explain(const Arguments& arguments) {
  const bool as_json = arguments.format == Format::json;
  auto basis =
      load_basis(arguments, arguments.render == Render::none ? Purpose::decide : Purpose::make_jobs,
                 Needs::image);
  if (!basis) {
    show(basis.error().said, as_json);
    return basis.error().exit_code;
  }
  show(basis->findings, as_json);
  int exit_code = exit_fine;
  bool first = true;
  read_tasks(arguments, [&](auto task) {
    if (!task) {
      show(task.error().said, as_json);
      exit_code = std::max(exit_code, task.error().exit_code);
      return;
    }
    const Story story = tell(*basis, arguments, *task);
    if (!story.row.error.empty()) exit_code = std::max(exit_code, exit_findings);
    if (as_json) return print_json(story);
    if (!std::exchange(first, false)) std::puts("");
    Page(is_terminal(STDOUT_FILENO) ? engine::Colour::on : engine::Colour::off).print(story);
  });
  return exit_code;
}

}  // namespace copse::runner::cli
