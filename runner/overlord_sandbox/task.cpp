#include "runner/overlord_sandbox/task.hpp"

#include "engine/json_writer.hpp"
#include "engine/source.hpp"
#include "engine/task.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <simdjson.h>

namespace copse::runner::overlord_sandbox {
namespace {

// Members of an object in their order, the values as they were written.
using Members = std::vector<std::pair<std::string, std::string>>;

// WHY a name of its own: std::quoted is found first for a std::string.
std::string json_text(std::string_view text) {
  return engine::quoted(text);
}

std::optional<Members> members_of(std::string_view json) {
  simdjson::ondemand::parser parser;
  const simdjson::padded_string text(json);
  Members members;
  try {
    auto document = parser.iterate(text);
    for (auto field : document.get_object()) {
      std::string key(std::string_view(field.unescaped_key()));
      const std::string_view raw = simdjson::to_json_string(field.value());
      members.emplace_back(std::move(key), std::string(raw));
    }
  } catch (const simdjson::simdjson_error&) {
    return std::nullopt;
  }
  return members;
}

std::unexpected<Refusal> invalid(std::string text) {
  return std::unexpected(Refusal{"invalidInput", std::move(text)});
}

// As AbstractTask reads it: null is absent.
const std::string* find(const Members& members, std::string_view key) {
  for (const auto& [name, value] : members) {
    if (name == key && value != "null") return &value;
  }
  return nullptr;
}

void put(Members& members, std::string_view key, std::string value) {
  for (auto& [name, old] : members) {
    if (name == key) {
      old = std::move(value);
      return;
    }
  }
  members.emplace_back(key, std::move(value));
}

std::string joined(const Members& members) {
  std::string out = "{";
  for (const auto& [name, value] : members) {
    if (out.size() > 1) out += ',';
    out += json_text(name) + ":" + value;
  }
  return out + "}";
}

std::string text_of(const std::string* raw) {
  boost::json::error_code fault;
  const auto value = raw == nullptr ? boost::json::value() : boost::json::parse(*raw, fault);
  return value.is_string() ? std::string(value.as_string()) : std::string();
}

// IdUtils.validateId, in short.
std::optional<std::string> fault_of_id(const std::string& id) {
  if (id.empty()) return "Task ID cannot be null or empty. Please provide a Task ID.";
  if (id.starts_with('.')) return "Task ID cannot start with '.'.";
  if (id.find('/') != std::string::npos) return "Task ID cannot contain '/'.";
  if (id.find_first_of("\t\n\v\f\r") != std::string::npos)
    return "Task ID cannot contain whitespace character not space.";
  return std::nullopt;
}

void complete_context(Members& members) {
  const std::string* raw = find(members, "context");
  auto context = raw == nullptr ? std::optional(Members()) : members_of(*raw);
  if (!context) return;  // read_task has its say
  for (const char* key : {"forceTimeChunkLock", "useLineageBasedSegmentAllocation"}) {
    if (find(*context, key) == nullptr) put(*context, key, "true");
  }
  put(members, "context", joined(*context));
}

std::expected<void, std::string> complete_resource(Members& members, Task& task) {
  task.availability_group = task.id;
  const std::string* raw = find(members, "resource");
  if (raw == nullptr) {
    engine::JsonWriter out;
    out.begin_object().member("availabilityGroup", task.id).key("requiredCapacity").number(1);
    put(members, "resource", out.end_object().take());
    return {};
  }
  boost::json::error_code fault;
  const auto value = boost::json::parse(*raw, fault);
  if (!value.is_object()) return std::unexpected("resource is no object");
  const auto* group = value.as_object().if_contains("availabilityGroup");
  const auto* capacity = value.as_object().if_contains("requiredCapacity");
  if (group == nullptr || !group->is_string()) return std::unexpected("availabilityGroup is null");
  task.availability_group = std::string(group->as_string());
  if (capacity == nullptr || !capacity->is_int64() || capacity->as_int64() <= 0)
    return std::unexpected("requiredCapacity is not above 0");
  task.required_capacity = static_cast<std::int32_t>(capacity->as_int64());
  return {};
}

}  // namespace

std::expected<Task, Refusal> read_submitted(std::string_view json, std::string_view suffix,
                                            Moment now) {
  auto members = members_of(json);
  if (!members) return invalid("the body is no JSON object");
  if (find(*members, "type") == nullptr)
    return invalid("Could not resolve subtype of Task: missing type id property 'type'");
  const bool is_named = find(*members, "id") != nullptr;
  if (!is_named) put(*members, "id", json_text(std::string_view("unnamed")));
  auto read = engine::read_task(engine::Source{"the task", joined(*members)});
  if (!read) return invalid(read.error().front().title);
  Task task;
  task.type = read->type;
  task.data_source = read->data_source.value_or("");
  task.id = is_named ? read->id
                     : task.type + "_" + task.data_source + "_" + std::string(suffix) + "_" +
                           iso_text(now);
  if (auto fault = fault_of_id(task.id)) return invalid(std::move(*fault));
  task.group_id = find(*members, "groupId") == nullptr ? task.id : read->group_id;
  task.supervisor_id = text_of(find(*members, "supervisorId"));
  put(*members, "id", json_text(task.id));
  put(*members, "groupId", json_text(task.group_id));
  if (auto fitting = complete_resource(*members, task); !fitting) return invalid(fitting.error());
  if (read->data_source) put(*members, "dataSource", json_text(task.data_source));
  complete_context(*members);
  task.document = joined(*members);
  return task;
}

}  // namespace copse::runner::overlord_sandbox
