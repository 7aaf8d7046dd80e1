#include "runner/overlord_sandbox/selection.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <boost/json.hpp>

namespace copse::runner::overlord_sandbox {
namespace {

namespace json = boost::json;

using Workers = std::vector<const WorkerView*>;

// Null is absent, as in Jackson.
const json::object* object_at(const json::object& in, std::string_view key) {
  const json::value* at = in.if_contains(key);
  return at == nullptr ? nullptr : at->if_object();
}

std::map<std::string, std::string> texts_at(const json::object& in, std::string_view key) {
  std::map<std::string, std::string> texts;
  if (const json::object* at = object_at(in, key)) {
    for (const auto& [name, value] : *at) {
      if (value.is_string()) texts.emplace(name, value.as_string());
    }
  }
  return texts;
}

CategoryConfig category_of(const json::object& in) {
  CategoryConfig category;
  const json::value* by_default = in.if_contains("defaultCategory");
  if (by_default != nullptr && by_default->is_string())
    category.default_category = std::string(by_default->as_string());
  category.by_data_source = texts_at(in, "categoryAffinity");
  category.by_supervisor = texts_at(in, "supervisorIdCategoryAffinity");
  return category;
}

void read_categories(const json::object& spec, WorkerConfig& config) {
  const json::value* strong = spec.if_contains("strong");
  config.is_strong = strong != nullptr && strong->is_bool() && strong->as_bool();
  if (const json::object* map = object_at(spec, "categoryMap")) {
    for (const auto& [type, value] : *map) {
      if (value.is_object()) config.categories.emplace(type, category_of(value.as_object()));
    }
  }
}

std::int64_t free_slots(const WorkerView& worker) {
  return std::int64_t{worker.node().capacity} - worker.used();
}

const WorkerView* by_slots(Distribution distribution, const Workers& workers) {
  const auto fewer = [](const WorkerView* a, const WorkerView* b) {
    return free_slots(*a) < free_slots(*b);
  };
  if (workers.empty()) return nullptr;
  return distribution == Distribution::equal
             ? *std::max_element(workers.begin(), workers.end(), fewer)
             : *std::min_element(workers.begin(), workers.end(), fewer);
}

std::optional<std::string> preferred(const CategoryConfig& config, const Task& task) {
  const auto supervisor = config.by_supervisor.find(task.supervisor_id);
  if (!task.supervisor_id.empty() && supervisor != config.by_supervisor.end())
    return supervisor->second;
  const auto source = config.by_data_source.find(task.data_source);
  return source != config.by_data_source.end() ? source->second : config.default_category;
}

}  // namespace

std::expected<WorkerConfig, std::string> read_worker_config(std::string_view text) {
  json::error_code fault;
  const json::value document = json::parse(text, fault);
  if (fault || !document.is_object()) return std::unexpected("the body is no JSON object");
  WorkerConfig config;
  const json::object* strategy = object_at(document.as_object(), "selectStrategy");
  if (strategy == nullptr) return config;
  const json::value* type = strategy->if_contains("type");
  std::string name = type != nullptr && type->is_string() ? std::string(type->as_string()) : "";
  const bool has_categories = name.ends_with("WithCategorySpec");
  if (has_categories) name.resize(name.size() - std::string_view("WithCategorySpec").size());
  if (name == "fillCapacity") {
    config.distribution = Distribution::fill;
  } else if (name != "equalDistribution") {
    return std::unexpected("the sandbox knows no select strategy `" + name + "`");
  }
  const json::object* spec = object_at(*strategy, "workerCategorySpec");
  if (has_categories && spec != nullptr) read_categories(*spec, config);
  return config;
}

bool can_run(const WorkerView& worker, const Task& task, const SlotRules& rules) {
  const double capacity = worker.node().capacity;
  if (worker.node().version < rules.minimal_version) return false;
  if (free_slots(worker) < task.required_capacity) return false;
  if (task.type == "index_parallel") {
    const double allowed =
        std::clamp(std::floor(rules.parallel_ratio * capacity), 1.0, std::max(capacity, 1.0));
    if (allowed - static_cast<double>(worker.used_by_parallel()) < task.required_capacity)
      return false;
  }
  return !worker.groups().contains(task.availability_group);
}

const WorkerView* select_worker(const WorkerConfig& config, const Workers& eligible,
                                const Task& task, const SlotRules& rules) {
  Workers able;
  std::copy_if(eligible.begin(), eligible.end(), std::back_inserter(able),
               [&](const WorkerView* worker) { return can_run(*worker, task, rules); });
  const auto listed = config.categories.find(task.type);
  const auto category =
      listed == config.categories.end() ? std::nullopt : preferred(listed->second, task);
  if (category) {
    Workers of_category;
    std::copy_if(able.begin(), able.end(), std::back_inserter(of_category),
                 [&](const WorkerView* worker) { return worker->node().category == *category; });
    const WorkerView* found = by_slots(config.distribution, of_category);
    if (found != nullptr || config.is_strong) return found;
  }
  return by_slots(config.distribution, able);
}

}  // namespace copse::runner::overlord_sandbox
