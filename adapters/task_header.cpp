#include "adapters/task_header.hpp"

#include "adapters/json_text.hpp"
#include "engine/json_fault.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <simdjson.h>

namespace copse::adapters {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

struct TypeTraits {
  std::string_view type;
  bool supports_queries;
  bool loads_no_broadcast;
};

// Classes of Druid that differ from AbstractTask. SeekableStreamIndexTask's children and
// MSQWorkerTask override supportsQueries; KillUnusedSegmentsTask and MSQControllerTask answer NONE
// whatever the context says.
constexpr std::array type_traits{TypeTraits{"index_kafka", true, false},
                                 TypeTraits{"index_kinesis", true, false},
                                 TypeTraits{"index_rabbit", true, false},
                                 TypeTraits{"index_realtime_appenderator", true, false},
                                 TypeTraits{"query_worker", true, false},
                                 TypeTraits{"kill", false, true},
                                 TypeTraits{"query_controller", false, true}};

constexpr std::array mode_names{std::string_view("ALL"), std::string_view("NONE"),
                                std::string_view("ONLY_REQUIRED")};

// The last member of that name, as Jackson takes it; null counts as absent.
std::optional<element> member(const object& parent, std::string_view key) {
  std::optional<element> found;
  for (const auto field : parent) {
    if (field.key == key) found = field.value;
  }
  return found && !found->is_null() ? found : std::nullopt;
}

std::optional<object> object_member(const object& parent, std::string_view key) {
  const auto found = member(parent, key);
  object value;
  return found && found->get(value) == simdjson::SUCCESS ? std::optional(value) : std::nullopt;
}

// A scalar as Java's toString of it; a structure as its JSON.
std::string text_of(const element& value) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  double number = 0;
  if (value.type() == element_type::DOUBLE && value.get(number) == simdjson::SUCCESS)
    return java_double_text(number);
  return simdjson::minify(value);
}

std::optional<std::string> text_member(const object& parent, std::string_view key) {
  const auto found = member(parent, key);
  return found ? std::optional(text_of(*found)) : std::nullopt;
}

std::optional<std::string> data_source(const object& task, std::string_view type) {
  if (auto own = text_member(task, "dataSource")) return own;
  const auto spec = object_member(task, "spec");
  const auto schema = spec ? object_member(*spec, "dataSchema") : std::nullopt;
  if (schema) {
    if (auto nested = text_member(*schema, "dataSource")) return nested;
  }
  return type == "noop" ? std::optional<std::string>("none") : std::nullopt;
}

void read_context(const object& task, TaskHeader& header) {
  const auto context = object_member(task, "context");
  if (!context) return;
  header.broadcast_mode = text_member(*context, "broadcastDatasourceLoadingMode");
  const auto sources = member(*context, "broadcastDatasourcesToLoad");
  if (!sources) return;
  simdjson::dom::array list;
  if (sources->get(list) != simdjson::SUCCESS) {
    header.broadcast_sources = BroadcastSources::not_a_list;
  } else {
    header.broadcast_sources =
        list.begin() == list.end() ? BroadcastSources::empty : BroadcastSources::listed;
  }
}

engine::Diagnostics one(engine::Diagnostic diagnostic) {
  engine::Diagnostics all;
  all.push_back(std::move(diagnostic));
  return all;
}

engine::Diagnostics problem(const engine::Source& source, std::string code, std::string title,
                            std::string help) {
  engine::Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.title = std::move(title);
  diagnostic.place = engine::locate(source, {0, source.text.empty() ? 0U : 1U});
  diagnostic.help = std::move(help);
  return one(std::move(diagnostic));
}

engine::Diagnostics not_json(const engine::Source& source, simdjson::error_code error) {
  engine::Diagnostic diagnostic;
  diagnostic.code = "I0101";
  diagnostic.title = std::string("the task is not JSON: ") + simdjson::error_message(error);
  diagnostic.place = engine::whole_file(source.name);
  if (const auto fault = engine::find_json_fault(source.text)) {
    diagnostic.title = "the task is not JSON: " + fault->title;
    diagnostic.place = engine::locate(source, {fault->begin, fault->end});
    diagnostic.help = fault->help;
  }
  return one(std::move(diagnostic));
}

}  // namespace

std::string_view name(BroadcastMode mode) {
  return mode_names.at(std::to_underlying(mode));
}

std::expected<TaskHeader, engine::Diagnostics> read_task_header(const engine::Source& source) {
  simdjson::dom::parser parser;
  element document;
  const auto error = parser.parse(source.text.data(), source.text.size()).get(document);
  if (error != simdjson::SUCCESS) return std::unexpected(not_json(source, error));
  object task;
  if (document.get(task) != simdjson::SUCCESS) {
    return std::unexpected(
        problem(source, "I0102", "a task is a JSON object", "is this the right file?"));
  }
  TaskHeader header;
  for (const auto& [key, target] : {std::pair{"id", &header.id}, std::pair{"type", &header.type}}) {
    auto value = text_member(task, key);
    if (!value) {
      return std::unexpected(
          problem(source, "I0103", std::string("the task has no `") + key + "`", "add it"));
    }
    *target = std::move(*value);
  }
  header.group_id = text_member(task, "groupId").value_or(header.id);
  header.data_source = data_source(task, header.type);
  read_context(task, header);
  return header;
}

TaskTraits traits_of(std::string_view type) {
  TaskTraits traits;
  const auto* row =
      std::find_if(type_traits.begin(), type_traits.end(),
                   [&](const TypeTraits& candidate) { return candidate.type == type; });
  if (row == type_traits.end()) return traits;
  traits.supports_queries = row->supports_queries;
  traits.broadcast_is_fixed = row->loads_no_broadcast;
  if (row->loads_no_broadcast) traits.broadcast_default = BroadcastMode::none;
  return traits;
}

std::expected<BroadcastMode, std::string> broadcast_mode(const TaskHeader& task,
                                                         const TaskTraits& traits) {
  if (traits.broadcast_is_fixed || !task.broadcast_mode) return traits.broadcast_default;
  const auto* at = std::find(mode_names.begin(), mode_names.end(), *task.broadcast_mode);
  if (at == mode_names.end()) {
    return std::unexpected("Invalid value of broadcastDatasourceLoadingMode[" +
                           *task.broadcast_mode +
                           "]. Allowed values are [ALL, NONE, ONLY_REQUIRED]");
  }
  const auto mode = static_cast<BroadcastMode>(at - mode_names.begin());
  if (mode != BroadcastMode::only_required) return mode;
  switch (task.broadcast_sources) {
    case BroadcastSources::listed:
      return mode;
    case BroadcastSources::absent:
    case BroadcastSources::empty:
      return std::unexpected(std::string("Set of broadcast datasources to load cannot be ") +
                             (task.broadcast_sources == BroadcastSources::empty ? "[]" : "null") +
                             " for mode[ONLY_REQUIRED].");
    case BroadcastSources::not_a_list:
      break;
  }
  return std::unexpected(
      std::string("Invalid value of broadcastDatasourcesToLoad. Please provide a comma-separated "
                  "list of broadcast "
                  "datasource names."));
}

}  // namespace copse::adapters
