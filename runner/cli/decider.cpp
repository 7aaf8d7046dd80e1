#include "runner/cli/decider.hpp"

#include "adapters/job_name.hpp"
#include "engine/failure_text.hpp"
#include "engine/json_writer.hpp"
#include "engine/settings.hpp"

#include <chrono>
#include <utility>

namespace copse::runner::cli {
namespace {

std::string rule_name(const engine::Image& image, const engine::Entry& entry,
                      const engine::Answer& answer) {
  return std::string(image.name(entry, answer.rule));
}

// What copse adds to Druid's Job: one row an addition.
adapters::Additions additions(const engine::Task& task, const Row& row, const std::string& owner) {
  engine::JsonWriter decision;
  decision.begin_object();
  if (!row.policy_version.empty()) decision.member("policy", row.policy_version);
  if (!row.policy_name.empty()) decision.member("name", row.policy_name);
  decision.member("rule", row.rule)
      .member("template", row.template_key.value_or(""))
      .key("attempt")
      .number(1);
  decision.end_object();
  adapters::Additions made;
  made.labels = {{"copse/owner", owner}, {"copse/task", adapters::task_hash(task.id)}};
  made.job_annotations = {{"copse/decision", decision.take()}};
  made.pod_replacement_policy = "Failed";
  return made;
}

}  // namespace

engine::Instant clock_now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return engine::Instant{
      std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count()};
}

std::string owner_label(std::string_view identity) {
  return adapters::task_hash(identity);
}

std::string_view name(engine::Runner runner) {
  return runner == engine::Runner::k8s ? "k8s" : "worker";
}

bool Decider::read(const engine::Task& task, Row& row) {
  row.policy_name = basis_.policies.name;
  engine::Circumstances circumstances;
  circumstances.now = basis_.now.value_or(clock_now());
  const auto facts = reader_.read(task.document, circumstances);
  if (!facts) {
    row.error_code = "I0102";
    row.error = facts.error();
    return false;
  }
  facts_ = *facts;
  row.decision = engine::evaluate(basis_.image, facts_);
  return true;
}

Row Decider::decide(const engine::Task& task) {
  Row row;
  if (!read(task, row)) return row;
  const engine::Image& image = basis_.image;
  row.runner = row.decision.runner;
  if (image.decides_runner)
    row.runner_rule = rule_name(image, image.runner, row.decision.runner_answer);
  if (row.runner == engine::Runner::worker) {
    row.rule = *row.runner_rule;
    return row;
  }
  placed(task, row);
  return row;
}

Row Decider::place(const engine::Task& task) {
  Row row;
  if (!read(task, row)) return row;
  const engine::Image& image = basis_.image;
  if (row.decision.runner == engine::Runner::worker) {
    row.runner = engine::Runner::worker;
    row.runner_rule = rule_name(image, image.runner, row.decision.runner_answer);
    row.warnings.push_back("runner rule `" + *row.runner_rule +
                           "` would send it to a worker; it runs on Kubernetes all the same");
    row.decision.placement = engine::place(image, facts_);
  }
  placed(task, row);
  return row;
}

void Decider::placed(const engine::Task& task, Row& row) {
  const engine::Image& image = basis_.image;
  const engine::Answer& placement = row.decision.placement;
  row.rule = rule_name(image, image.placement, placement);
  if (std::string failure = engine::failure_text(image, placement, facts_, task.id);
      !failure.empty()) {
    row.error_code = placement.failed() ? "D0201" : "D0202";
    row.error = std::move(failure);
    return;
  }
  const engine::CompiledOutcome outcome = image.outcome(placement.outcome);
  row.template_key = outcome.template_key;
  auto settings = engine::settings_of(image, placement.outcome, facts_);
  if (!settings) {
    row.template_key.reset();
    row.error_code = "D0203";
    row.error = "rule `" + row.rule + "` sets " + settings.error();
    return;
  }
  row.overrides = std::move(*settings);
  if (!outcome.wanted.empty())
    row.warnings.push_back("template `" + outcome.wanted + "` does not exist: `base` is used");
}

std::optional<engine::Diagnostic> adapter_fault(const adapters::Settings& settings) {
  if (settings.adapter == adapters::Adapter::pod_template) return std::nullopt;
  engine::Diagnostic missing;
  missing.code = "D0301";
  missing.title = "Jobs of the adapter `" + std::string(adapters::name(settings.adapter)) +
                  "` are not built by this version";
  missing.help =
      "set druid.indexer.runner.k8s.adapter.type to customTemplateAdapter and name pod templates";
  return missing;
}

std::optional<engine::Diagnostic> jobs_fault(const Basis& basis) {
  if (auto fault = adapter_fault(basis.settings)) return fault;
  if (basis.templates) return std::nullopt;
  engine::Diagnostic missing;
  missing.code = "D0301";
  missing.title = "a Job needs pod templates, and none were given";
  missing.help =
      "give --templates DIR, properties that name them, or `templates from` in the policy";
  return missing;
}

std::expected<adapters::Job, engine::Diagnostics> Decider::job(const engine::Task& task,
                                                               const Row& row,
                                                               const std::string& owner) {
  if (auto fault = jobs_fault(basis_)) {
    fault->place = engine::whole_file(task.origin);
    return std::unexpected(engine::Diagnostics{std::move(*fault)});
  }
  const std::vector<std::string>& open = basis_.namespaces;
  for (const engine::Override& each : row.overrides) {
    const bool is_elsewhere = each.field == engine::Field::namespace_name && !owner.empty() &&
                              std::find(open.begin(), open.end(), each.value) == open.end();
    if (!is_elsewhere) continue;
    engine::Diagnostic missing;
    missing.code = "D0302";
    missing.place = engine::whole_file(task.origin);
    missing.title = "rule `" + row.rule + "` sends the Job to namespace `" + each.value +
                    "`, which copse does not watch";
    missing.help = "add it to copse.namespaces, and give copse the same rights there";
    return std::unexpected(engine::Diagnostics{missing});
  }
  const auto pod_template = basis_.templates->get(*row.template_key);
  if (!pod_template) return std::unexpected(pod_template.error());
  const auto header = adapters::read_task_header({task.origin, task.document});
  if (!header) return std::unexpected(header.error());
  const adapters::TaskTraits traits = adapters::traits_of(task.type);
  const adapters::Additions added =
      owner.empty() ? adapters::Additions{} : additions(task, row, owner);
  auto job = adapters::build_job({.task_json = task.document,
                                  .task = *header,
                                  .traits = traits,
                                  .pod_template = **pod_template,
                                  .template_key = *row.template_key,
                                  .settings = basis_.settings,
                                  .release = row.release.value_or(basis_.release),
                                  .additions = added,
                                  .large_payload = owner.empty() ? adapters::LargePayload::omit
                                                                 : adapters::LargePayload::mount,
                                  .overrides = row.overrides});
  if (!job) return std::unexpected(engine::Diagnostics{job.error()});
  return std::move(*job);
}

}  // namespace copse::runner::cli
