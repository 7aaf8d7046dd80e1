#include "runner/cli/strategy_preview.hpp"

#include "adapters/property_value.hpp"
#include "engine/json_writer.hpp"
#include "runner/overlord/ask.hpp"

#include <utility>

namespace copse::runner::cli {
namespace {

std::unexpected<Refusal> refuse(engine::Diagnostic diagnostic, int exit_code) {
  return std::unexpected(Refusal{{std::move(diagnostic)}, exit_code});
}

std::string text_of(const engine::Properties& properties, std::string_view key,
                    std::string otherwise) {
  const auto value = properties.value(key);
  return value && !value->empty() ? std::string(*value) : std::move(otherwise);
}

}  // namespace

bool wants_preview(const Arguments& arguments, const Basis& basis) {
  const auto publish = basis.properties.value("copse.runnerStrategy.publish");
  return !arguments.overlord.empty() && publish &&
         adapters::boolean_property(*publish).value_or(false);
}

std::expected<StrategyPreview, Refusal> preview_strategy(const Arguments& arguments,
                                                         const Basis& basis,
                                                         const overlord::TaskTypes& seen) {
  engine::Diagnostic said;
  if (!basis.policies.runner) {
    said.code = "C0008";
    said.title = "copse.runnerStrategy.publish has nothing to publish: there is no runner strategy";
    said.help = "set druid.indexer.runner.type to k8sAndWorker, or give a runner strategy";
    return refuse(std::move(said), exit_findings);
  }
  const auto in_force =
      overlord::Asker(arguments.overlord).get(std::string(overlord::worker_config_path));
  if (!in_force) {
    said.code = "I0002";
    said.title = in_force.error().title;
    said.help = in_force.error().help;
    return refuse(std::move(said), exit_world);
  }
  overlord::WorkerCategories categories;
  categories.copse =
      text_of(basis.properties, "copse.worker.category", std::move(categories.copse));
  auto made = overlord::plan_worker_config(*basis.policies.runner, categories, seen, *in_force);
  if (!made) {
    const int exit_code = made.error().code.starts_with("I") ? exit_unreadable : exit_findings;
    return refuse(std::move(made.error()), exit_code);
  }
  return StrategyPreview{overlord::shown(arguments.overlord), std::move(*made)};
}

std::string StrategyPreview::text() const {
  const std::string head = "runner strategy, as the worker configuration of " + overlord;
  if (!made) return head + ": nothing to change\n";
  const std::size_t count = made->changes.size();
  return head + ": " + std::to_string(count) + (count == 1 ? " change" : " changes") +
         " to publish\n" + to_text(made->changes);
}

std::string StrategyPreview::json() const {
  engine::JsonWriter out;
  out.begin_object().member("overlord", overlord).key("changes");
  out.raw(made ? to_json(made->changes) : "[]").key("document").raw(made ? made->document : "null");
  return out.end_object().take();
}

}  // namespace copse::runner::cli
