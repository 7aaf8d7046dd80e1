// Druid's configuration objects as Druid writes them back.
#include "engine/json_writer.hpp"
#include "grammar/dynamic_configuration.hpp"
#include "grammar/runner_strategy.hpp"

namespace copse::grammar {
namespace {

using engine::JsonWriter;

void write(JsonWriter& out, const std::optional<Texts>& texts) {
  if (!texts) {
    out.null();
    return;
  }
  out.begin_array();
  for (const auto& text : *texts) text ? out.text(*text) : out.null();
  out.end_array();
}

void write(JsonWriter& out, const Selector& selector) {
  if (selector.is_null) {
    out.null();
    return;
  }
  out.begin_object().key("selectionKey");
  selector.selection_key ? out.text(*selector.selection_key) : out.null();
  out.key("context.tags");
  if (selector.tags) {
    out.begin_object();
    for (const TagCondition& condition : *selector.tags) {
      out.key(condition.tag);
      write(out, condition.values);
    }
    out.end_object();
  } else {
    out.null();
  }
  out.key("type");
  write(out, selector.types);
  out.key("dataSource");
  write(out, selector.data_sources);
  out.end_object();
}

void write(JsonWriter& out, const Strategy& strategy) {
  const auto* by_selector = std::get_if<SelectorBased>(&strategy);
  out.begin_object().member("type", by_selector == nullptr ? "default" : "selectorBased");
  if (by_selector != nullptr) {
    out.key("selectors").begin_array();
    for (const Selector& selector : by_selector->selectors) write(out, selector);
    out.end_array();
  }
  out.end_object();
}

}  // namespace

std::string to_json(const DynamicConfiguration& configuration, engine::Release release) {
  JsonWriter out;
  out.begin_object().member("type", "default").key("podTemplateSelectStrategy");
  if (configuration.strategy) {
    write(out, *configuration.strategy);
  } else {
    out.null();
  }
  if (engine::has(release, engine::Behaviour::capacity_is_dynamic)) {
    out.key("capacity");
    configuration.capacity ? out.number(*configuration.capacity) : out.null();
  }
  out.end_object();
  return out.take();
}

std::string to_json(const RunnerStrategy& strategy) {
  JsonWriter out;
  out.begin_object().member("type", strategy.type);
  if (strategy.type == "taskType") {
    out.member("default", strategy.default_text);
    if (strategy.overrides) {
      out.key("overrides").begin_object();
      for (const RunnerOverride& entry : *strategy.overrides) {
        out.member(entry.task_type, entry.runner == engine::Runner::k8s ? "k8s" : "worker");
      }
      out.end_object();
    }
  }
  out.end_object();
  return out.take();
}

}  // namespace copse::grammar
