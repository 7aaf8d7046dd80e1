#include "runner/overlord_sandbox/snapshot.hpp"

#include "runner/overlord/smile.hpp"

#include <cstdint>
#include <utility>

#include <boost/json.hpp>

namespace copse::runner::overlord_sandbox {
namespace {

namespace json = boost::json;
using overlord::TaskState;

// What a constructor of Druid's would throw; caught in read_snapshot.
struct Fault {
  std::string text;
};

// Absent and null are the same to Jackson.
const json::value* find(const json::object& in, std::string_view key) {
  const json::value* at = in.if_contains(key);
  return at == nullptr || at->is_null() ? nullptr : at;
}

const json::object& object_at(const json::object& in, std::string_view key) {
  const json::value* at = find(in, key);
  if (at == nullptr || !at->is_object()) throw Fault{"`" + std::string(key) + "` is no object"};
  return at->as_object();
}

std::string text_at(const json::object& in, std::string_view key) {
  const json::value* at = find(in, key);
  if (at == nullptr) return "";
  if (!at->is_string()) throw Fault{"`" + std::string(key) + "` is no text"};
  return std::string(at->as_string());
}

std::string demanded_text(const json::object& in, std::string_view key) {
  if (find(in, key) == nullptr) throw Fault{"`" + std::string(key) + "` is null"};
  return text_at(in, key);
}

std::int64_t number_at(const json::object& in, std::string_view key) {
  const json::value* at = find(in, key);
  if (at == nullptr) return 0;
  if (!at->is_int64()) throw Fault{"`" + std::string(key) + "` is no whole number"};
  return at->as_int64();
}

bool truth_at(const json::object& in, std::string_view key) {
  const json::value* at = find(in, key);
  if (at == nullptr) return false;
  if (!at->is_bool()) throw Fault{"`" + std::string(key) + "` is no boolean"};
  return at->as_bool();
}

TaskState state_of(const std::string& text) {
  for (const TaskState state : {TaskState::running, TaskState::success, TaskState::failed}) {
    if (text == overlord::name(state)) return state;
  }
  throw Fault{"there is no status `" + text + "`"};
}

overlord::TaskLocation location_of(const json::object& in) {
  return {.host = text_at(in, "host"),
          .port = static_cast<std::int32_t>(number_at(in, "port")),
          .tls_port = static_cast<std::int32_t>(number_at(in, "tlsPort")),
          .pod = text_at(in, "k8sPodName")};
}

Announced announced_of(const json::object& in) {
  Announced read;
  overlord::Announcement& task = read.task;
  task.type = text_at(in, "type");
  task.data_source = text_at(in, "taskDataSource");
  const bool is_whole = find(in, "taskStatus") != nullptr;
  const json::object& status = is_whole ? object_at(in, "taskStatus") : in;
  task.id = demanded_text(status, "id");
  task.state = state_of(demanded_text(status, "status"));
  task.duration_ms = is_whole ? number_at(status, "duration") : -1;
  task.error = is_whole ? text_at(status, "errorMsg") : "";
  if (find(in, "taskLocation") != nullptr)
    task.location = location_of(object_at(in, "taskLocation"));
  read.availability_group = task.id;
  if (find(in, "taskResource") != nullptr) {
    const json::object& resource = object_at(in, "taskResource");
    read.availability_group = demanded_text(resource, "availabilityGroup");
    task.required_capacity = static_cast<std::int32_t>(number_at(resource, "requiredCapacity"));
    if (task.required_capacity <= 0) throw Fault{"`requiredCapacity` is not above 0"};
  }
  return read;
}

ChangeItem item_of(const json::value& value) {
  if (!value.is_object()) throw Fault{"one of `requests` is no object"};
  const json::object& in = value.as_object();
  const std::string type = text_at(in, "type");
  if (type == "taskUpdate") return announced_of(object_at(in, "taskAnnouncement"));
  if (type == "taskRemoval") return overlord::change::Removal{demanded_text(in, "taskId")};
  if (type == "metadata") return overlord::change::Availability{truth_at(in, "disabled")};
  throw Fault{"there is no request of type `" + type + "`"};
}

Snapshot snapshot_of(const json::value& document) {
  if (!document.is_object()) throw Fault{"the snapshot is no object"};
  const json::object& in = document.as_object();
  Snapshot read;
  read.is_reset = truth_at(in, "resetCounter");
  if (read.is_reset) {
    if (find(in, "resetCause") == nullptr) throw Fault{"a reset without `resetCause`"};
    return read;
  }
  const json::object& counter = object_at(in, "counter");
  read.counter = {number_at(counter, "counter"), number_at(counter, "hash")};
  const json::value* requests = find(in, "requests");
  if (requests == nullptr || !requests->is_array()) throw Fault{"`requests` is no list"};
  for (const json::value& value : requests->as_array()) read.items.push_back(item_of(value));
  return read;
}

}  // namespace

std::expected<Snapshot, std::string> read_snapshot(std::string_view smile) {
  const auto text = overlord::smile_to_json(smile);
  if (!text) {
    return std::unexpected("byte " + std::to_string(text.error().offset) + ": " +
                           text.error().text);
  }
  json::error_code fault;
  const json::value document = json::parse(*text, fault);
  if (fault) return std::unexpected(fault.message());
  try {
    return snapshot_of(document);
  } catch (const Fault& found) {
    return std::unexpected(found.text);
  }
}

}  // namespace copse::runner::overlord_sandbox
