#include "runner/cli/policy_in_force.hpp"

#include "adapters/job_name.hpp"
#include "engine/json_writer.hpp"
#include "runner/cli/file_state.hpp"
#include "runner/cli/override_json.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/task_input.hpp"
#include "runner/logs/log_file.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include <simdjson.h>

namespace copse::runner::cli {
namespace {

constexpr std::size_t version_size = 12;

std::expected<engine::Task, std::string> task_of(const std::string& document) {
  auto task = engine::read_task({"task from the Overlord", document});
  if (task) return std::move(*task);
  const engine::Diagnostic& first = task.error().front();
  return std::unexpected(first.title + (first.label.empty() ? "" : ": " + first.label));
}

// A policy that leaves every task to workers, as a published strategy does, needs no Job.
bool leaves_all_to_workers(const engine::PolicySet& policies) {
  const auto is_for_worker = [](const engine::Outcome& outcome) {
    return outcome.runner == engine::Runner::worker;
  };
  return policies.runner && is_for_worker(policies.runner->otherwise) &&
         std::ranges::all_of(policies.runner->rules, is_for_worker, &engine::Rule::outcome);
}

// Slots that the task takes of the worker's: above zero, or a snapshot would not parse.
std::int32_t required_capacity(const std::string& document) {
  simdjson::dom::parser parser;
  std::int64_t capacity = 1;
  if (parser.parse(document)["resource"]["requiredCapacity"].get_int64().get(capacity)) return 1;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(capacity, 1, INT32_MAX));
}

}  // namespace

std::expected<PolicyInForce, Refusal> PolicyInForce::load(Arguments arguments, std::string owner,
                                                          Said said) {
  PolicyInForce policy(std::move(arguments), std::move(owner), std::move(said));
  policy.fingerprint_ = policy.fingerprint();
  auto made = read(policy.arguments_, policy.workshop_.get());
  if (!made) return std::unexpected(std::move(made.error()));
  policy.force_ = std::move(*made);
  // Now with the templates that were found; else what has changed meanwhile is read at the next
  // look.
  std::string whole = policy.fingerprint();
  if (whole.starts_with(policy.fingerprint_)) policy.fingerprint_ = std::move(whole);
  return policy;
}

std::expected<PolicyInForce::Force, Refusal> PolicyInForce::read(const Arguments& arguments,
                                                                 Workshop* workshop) {
  auto basis = load_basis(arguments, Purpose::make_jobs, Needs::files, workshop);
  if (!basis) return std::unexpected(std::move(basis.error()));
  if (auto fault = jobs_fault(*basis); fault && !leaves_all_to_workers(basis->policies)) {
    if (!arguments.policy.empty()) fault->place = engine::whole_file(arguments.policy);
    return std::unexpected(Refusal{{std::move(*fault)}, exit_findings});
  }
  std::string all;
  for (const engine::Property& property : basis->properties.all())
    all += property.key + "=" + property.value + "\n";
  std::vector<std::string> files;
  if (!arguments.policy.empty()) files.push_back(arguments.policy);
  if (basis->templates) std::ranges::copy(basis->templates->paths(), std::back_inserter(files));
  for (const std::string& path : files) {
    if (const auto source = read_source(path, Accepts::regular_files))
      all += path + "\n" + source->text;
  }
  Force made;
  made.version = adapters::task_hash(all).substr(0, version_size);
  made.since = clock_now();
  made.basis = std::make_shared<Basis>(std::move(*basis));
  if (workshop != nullptr) workshop->keep(made.basis);
  made.decider = std::make_unique<Decider>(*made.basis);
  return made;
}

void PolicyInForce::follow(engine::Release release) {
  if (release == force_.basis->release) return;
  const std::string before = std::exchange(
      arguments_.druid, std::to_string(static_cast<unsigned>(std::to_underlying(release))));
  // What could be read for one release can be for another; were it not, the old one stays.
  // WHY without the workshop: another thread may be at work there.
  if (auto made = read(arguments_, nullptr)) {
    force_ = std::move(*made);
  } else {
    arguments_.druid = before;
  }
}

std::string PolicyInForce::fingerprint() const {
  std::vector<std::string> paths = arguments_.properties;
  paths.push_back(arguments_.policy);
  paths.push_back(arguments_.templates);
  if (force_.basis && force_.basis->templates)
    std::ranges::copy(force_.basis->templates->paths(), std::back_inserter(paths));
  return file_state(paths);
}

std::optional<PolicyInForce::Loading> PolicyInForce::look() {
  std::string now = fingerprint();
  is_changed_ = now != fingerprint_;
  // WHY again while it is refused: what it names may have come back.
  if (!is_changed_ && refused_.empty()) return std::nullopt;
  fingerprint_ = std::move(now);
  return [arguments = arguments_, workshop = workshop_] {
    return std::make_unique<Loaded>(read(arguments, workshop.get()), arguments.druid);
  };
}

std::optional<engine::Diagnostics> PolicyInForce::take(Loaded& loaded) {
  if (loaded.druid_ != arguments_.druid) {
    fingerprint_.clear();  // the Overlord is of another release meanwhile: they are read again
    return std::nullopt;
  }
  if (!loaded.made_) {
    engine::Diagnostics& said = loaded.made_.error().said;
    const bool is_told = !is_changed_ && said == refused_;
    refused_ = std::move(said);
    return is_told ? std::nullopt : std::optional(refused_);
  }
  const bool was_refused = !std::exchange(refused_, {}).empty();
  std::swap(force_, *loaded.made_);
  if (force_.version == loaded.made_->version && !was_refused) return std::nullopt;
  return engine::Diagnostics{};
}

std::expected<service::TaskHead, std::string> PolicyInForce::head(const std::string& document) {
  auto task = task_of(document);
  if (!task) return std::unexpected(task.error());
  const bool is_new =
      std::find(seen_types_.begin(), seen_types_.end(), task->type) == seen_types_.end();
  if (is_new && seen_types_.size() < seen_types_limit) seen_types_.push_back(task->type);
  return service::TaskHead{std::move(task->id), std::move(task->type),
                           task->data_source.value_or(""), required_capacity(document)};
}

std::expected<service::Launchable, std::string> PolicyInForce::decide(const std::string& document) {
  auto task = task_of(document);
  if (!task) return std::unexpected(task.error());
  if (!logs::is_file_name(task->id))
    return std::unexpected("the task id names no file: it has over " +
                           std::to_string(logs::task_id_limit) +
                           " bytes, begins with a dot, or holds `/` or NUL");
  Row row = force_.decider->place(*task);
  const auto facts = force_.decider->facts();
  const bool is_ill_typed = std::any_of(facts.begin(), facts.end(), [](const engine::Fact& fact) {
    return fact.state() == engine::Fact::State::ill_typed;
  });
  ill_typed_ += is_ill_typed ? 1 : 0;
  if (!row.error.empty())
    return std::unexpected(row.rule.empty() ? row.error : "rule " + row.rule + ": " + row.error);
  bool is_misdirected = row.runner == engine::Runner::worker;
  for (const std::string& warning : row.warnings)
    said_(task->id, warning, std::exchange(is_misdirected, false));
  row.policy_version = force_.version;
  auto spec = build(*task, row);
  if (!spec) return std::unexpected(spec.error());
  store::Decided decided;
  decided.task_id = task->id;
  decided.rule = row.rule;
  decided.template_key = *row.template_key;
  decided.policy_version = force_.version;
  decided.druid_release = force_.basis->release;
  decided.job_name = spec->job_name;
  decided.name_space = spec->namespace_name;
  if (!row.overrides.empty()) decided.overrides = to_json(row.overrides);
  return service::Launchable{std::move(*spec), std::move(decided)};
}

std::expected<service::TaskSpec, std::string> PolicyInForce::rebuild(
    const std::string& document, const store::Decided& decided) {
  auto task = task_of(document);
  if (!task) return std::unexpected(task.error());
  Row row;
  row.policy_name = force_.basis->policies.name;
  row.rule = decided.rule;
  row.template_key = decided.template_key;
  row.policy_version = decided.policy_version;
  auto overrides = overrides_from_json(decided.overrides);
  if (!overrides) return std::unexpected("the journal holds overrides that cannot be read");
  row.overrides = std::move(*overrides);
  row.release = decided.druid_release;
  auto spec = build(*task, row);
  // A prefix that was changed meanwhile does not make it another Job.
  if (spec && spec->job_name != decided.job_name)
    return std::unexpected("its Job would have another name now");
  // It stays where it was created, wherever the policy sends such tasks now.
  if (spec && !decided.name_space.empty()) spec->namespace_name = decided.name_space;
  return spec;
}

std::string PolicyInForce::describe() const {
  engine::JsonWriter out;
  out.begin_object()
      .member("version", force_.version)
      .member("policy", force_.basis->policies.name);
  out.member("source", arguments_.policy).member("what", force_.basis->what);
  out.member("since", engine::in_words(force_.since));
  out.key("rules").number(static_cast<std::int64_t>(force_.basis->image.rules.size()));
  out.key("refused").begin_array();
  for (const engine::Diagnostic& each : refused_) out.raw(to_json(each));
  return out.end_array().end_object().take();
}

std::expected<service::TaskSpec, std::string> PolicyInForce::build(const engine::Task& task,
                                                                   const Row& row) {
  auto job = force_.decider->job(task, row, owner_);
  if (!job) {
    const engine::Diagnostic& why = job.error().front();
    return std::unexpected("template " + row.template_key.value_or("") + ": " + why.title);
  }
  service::TaskSpec spec;
  spec.id = task.id;
  spec.namespace_name = job->namespace_name;
  spec.job_name = job->name;
  spec.task_label = adapters::task_hash(task.id);
  spec.job_json = std::move(job->json);
  spec.payload = std::move(job->mounted);
  return spec;
}

}  // namespace copse::runner::cli
