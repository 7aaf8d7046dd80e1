#include "runner/kube/watch_event.hpp"

#include "runner/kube/timestamp.hpp"
#include "runner/kube/transport.hpp"

#include <utility>

#include <simdjson.h>

namespace copse::runner::kube {
namespace {

namespace od = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;
using Key = od::raw_json_string;

static_assert(answer_padding >= simdjson::SIMDJSON_PADDING);

// Calls f(key, value) -> error_code for each member. Anything but an object has none.
template <class F>
error_code each_member(od::value value, F f) {
  od::json_type type{};
  if (const error_code error = value.type().get(type)) return error;
  if (type != od::json_type::object) return SUCCESS;
  od::object object;
  if (const error_code error = value.get_object().get(object)) return error;
  for (auto member : object) {
    od::field field;
    if (const error_code error = std::move(member).get(field)) return error;
    if (const error_code error = f(field.key(), field.value())) return error;
  }
  return SUCCESS;
}

// Calls f(value) -> error_code for each element. Anything but an array has none.
template <class F>
error_code each_element(od::value value, F f) {
  od::json_type type{};
  if (const error_code error = value.type().get(type)) return error;
  if (type != od::json_type::array) return SUCCESS;
  od::array array;
  if (const error_code error = value.get_array().get(array)) return error;
  for (auto element : array) {
    od::value item;
    if (const error_code error = std::move(element).get(item)) return error;
    if (const error_code error = f(item)) return error;
  }
  return SUCCESS;
}

// A member of an unexpected type (null above all) leaves `out` as it is.
error_code read(od::value value, std::string_view& out) {
  od::json_type type{};
  if (const error_code error = value.type().get(type)) return error;
  return type == od::json_type::string ? value.get_string().get(out) : SUCCESS;
}

error_code read(od::value value, std::int64_t& out) {
  od::json_type type{};
  if (const error_code error = value.type().get(type)) return error;
  if (type == od::json_type::number && value.get_int64().get(out) != SUCCESS) out = 0;
  return SUCCESS;
}

error_code read(od::value value, std::optional<std::chrono::sys_seconds>& out) {
  std::string_view text;
  const error_code error = read(value, text);
  out = parse_timestamp(text);
  return error;
}

error_code read(od::value value, Uid& out) {
  std::string_view text;
  const error_code error = read(value, text);
  if (!text.empty()) out = parse_uid(text);
  return error;
}

struct AnyCondition {
  std::string_view type;
  std::string_view status;
  Condition body;
};

error_code read(od::value value, AnyCondition& out) {
  return each_member(value, [&](Key key, od::value v) {
    if (key == "type") return read(v, out.type);
    if (key == "status") return read(v, out.status);
    if (key == "reason") return read(v, out.body.reason);
    if (key == "message") return read(v, out.body.message);
    if (key == "lastTransitionTime") return read(v, out.body.since);
    return SUCCESS;
  });
}

// Labels and annotations go to `mark(key, value)`, owner references to `owner(value)`.
template <class Mark, class Owner>
error_code read_meta(od::value value, ObjectMeta& meta, Mark mark, Owner owner) {
  return each_member(value, [&](Key key, od::value v) {
    if (key == "name") return read(v, meta.name);
    if (key == "namespace") return read(v, meta.namespace_name);
    if (key == "uid") return read(v, meta.uid_text);
    if (key == "resourceVersion") return read(v, meta.resource_version);
    if (key == "creationTimestamp") return read(v, meta.created);
    if (key == "deletionTimestamp") {
      od::json_type type{};
      const error_code error = v.type().get(type);
      meta.is_terminating = type == od::json_type::string;
      return error;
    }
    if (key == "labels" || key == "annotations") return each_member(v, mark);
    if (key == "ownerReferences") return each_element(v, owner);
    return SUCCESS;
  });
}

// Reads one View out of an object; scratch memory for what cannot be decided member by member.
class ObjectReader {
 public:
  bool initial_events_end = false;

  error_code read_object(od::value value, JobView& job) {
    const error_code error = each_member(value, [&](Key key, od::value v) {
      if (key == "metadata") {
        return read_meta(
            v, job.meta, [&](Key k, od::value x) { return read_job_mark(k, x, job); },
            [](od::value) { return SUCCESS; });
      }
      if (key == "status") return read_job_status(v, job);
      return SUCCESS;
    });
    job.meta.uid = parse_uid(job.meta.uid_text);
    return error;
  }

  error_code read_object(od::value value, OwnedView& owned) {
    const error_code error = each_member(value, [&](Key key, od::value v) {
      if (!(key == "metadata")) return SUCCESS;
      return read_meta(
          v, owned.meta,
          [&](Key k, od::value x) {
            if (k == "copse/owner") return read(x, owned.owner);
            return k == "copse/task" ? read(x, owned.task) : SUCCESS;
          },
          [&](od::value x) { return read_owner(x, owned); });
    });
    owned.meta.uid = parse_uid(owned.meta.uid_text);
    return error;
  }

  error_code read_object(od::value value, EventView& event) {
    const error_code error = each_member(value, [&](Key key, od::value v) {
      if (key == "metadata") {
        return read_meta(
            v, event.meta, [&](Key k, od::value x) { return read_bookmark_mark(k, x); },
            [](od::value) { return SUCCESS; });
      }
      if (key == "involvedObject") return read_about(v, event);
      if (key == "reason") return read(v, event.reason);
      if (key == "message") return read(v, event.message);
      if (key == "count") return read(v, event.count);
      return SUCCESS;
    });
    event.meta.uid = parse_uid(event.meta.uid_text);
    return error;
  }

  error_code read_object(od::value value, PodView& pod) {
    containers_.clear();
    default_container_ = {};
    const error_code error = each_member(value, [&](Key key, od::value v) {
      if (key == "metadata") {
        return read_meta(
            v, pod.meta, [&](Key k, od::value x) { return read_pod_mark(k, x, pod); },
            [&](od::value x) { return read_owner(x, pod); });
      }
      if (key == "spec") {
        return each_member(
            v, [&](Key k, od::value x) { return k == "nodeName" ? read(x, pod.node) : SUCCESS; });
      }
      if (key == "status") return read_pod_status(v, pod);
      return SUCCESS;
    });
    pod.meta.uid = parse_uid(pod.meta.uid_text);
    choose_container(pod);
    return error;
  }

 private:
  std::vector<ContainerView> containers_;
  std::string_view default_container_;

  error_code read_job_mark(Key key, od::value v, JobView& job) {
    if (key == "copse/owner") return read(v, job.owner);
    if (key == "copse/task") return read(v, job.task);
    if (key == "task.id") return read(v, job.task_id);
    if (key == "copse/decision") return read(v, job.decision);
    return read_bookmark_mark(key, v);
  }

  error_code read_pod_mark(Key key, od::value v, PodView& pod) {
    if (key == "copse/owner") return read(v, pod.owner);
    if (key == "copse/task") return read(v, pod.task);
    if (key == "tls.enabled") return read(v, pod.tls_enabled);
    if (key == "kubectl.kubernetes.io/default-container") return read(v, default_container_);
    return read_bookmark_mark(key, v);
  }

  error_code read_bookmark_mark(Key key, od::value v) {
    if (!(key == "k8s.io/initial-events-end")) return SUCCESS;
    std::string_view text;
    const error_code error = read(v, text);
    initial_events_end = text == "true";
    return error;
  }

  template <class View>
  static error_code read_owner(od::value value, View& owned) {
    std::string_view kind;
    std::string_view name;
    Uid uid;
    const error_code error = each_member(value, [&](Key key, od::value v) {
      if (key == "kind") return read(v, kind);
      if (key == "name") return read(v, name);
      if (key == "uid") return read(v, uid);
      return SUCCESS;
    });
    if (kind == "Job") {
      owned.job_name = name;
      owned.job_uid = uid;
    }
    return error;
  }

  static error_code read_about(od::value value, EventView& event) {
    return each_member(value, [&](Key key, od::value v) {
      if (key == "kind") return read(v, event.about_kind);
      if (key == "name") return read(v, event.about_name);
      return key == "uid" ? read(v, event.about) : SUCCESS;
    });
  }

  static error_code read_job_status(od::value value, JobView& job) {
    return each_member(value, [&](Key key, od::value v) {
      if (key == "active") return read(v, job.active);
      if (key == "succeeded") return read(v, job.succeeded);
      if (key == "failed") return read(v, job.failures);
      if (key == "startTime") return read(v, job.started);
      if (key == "completionTime") return read(v, job.completed);
      if (!(key == "conditions")) return SUCCESS;
      return each_element(v, [&](od::value x) {
        AnyCondition condition;
        const error_code error = read(x, condition);
        if (condition.status != "True") return error;
        if (condition.type == "Complete") job.complete = condition.body;
        if (condition.type == "Failed") job.failed = condition.body;
        if (condition.type == "FailureTarget") job.failure_target = condition.body;
        if (condition.type == "SuccessCriteriaMet") job.success_criteria_met = condition.body;
        return error;
      });
    });
  }

  error_code read_pod_status(od::value value, PodView& pod) {
    return each_member(value, [&](Key key, od::value v) {
      if (key == "phase") return read(v, pod.phase);
      if (key == "reason") return read(v, pod.reason);
      if (key == "message") return read(v, pod.message);
      if (key == "podIP") return read(v, pod.ip);
      if (key == "conditions") {
        return each_element(v, [&](od::value x) { return read_pod_condition(x, pod); });
      }
      if (key == "containerStatuses") {
        return each_element(
            v, [&](od::value x) { return read_container(x, containers_.emplace_back()); });
      }
      if (key == "initContainerStatuses") {
        return each_element(v, [&](od::value x) { return read_init_container(x, pod); });
      }
      return SUCCESS;
    });
  }

  static error_code read_pod_condition(od::value value, PodView& pod) {
    AnyCondition condition;
    const error_code error = read(value, condition);
    if (condition.type == "PodScheduled") {
      pod.is_scheduled = condition.status == "True";
      if (condition.status == "False") {
        pod.unscheduled_reason = condition.body.reason;
        pod.unscheduled_message = condition.body.message;
      }
    }
    if (condition.type == "DisruptionTarget" && condition.status == "True")
      pod.disruption = condition.body;
    return error;
  }

  static error_code read_container(od::value value, ContainerView& container) {
    return each_member(value, [&](Key key, od::value v) {
      if (key == "name") return read(v, container.name);
      if (key == "restartCount") return read(v, container.restarts);
      if (!(key == "state")) return SUCCESS;
      return each_member(v, [&](Key state, od::value x) {
        if (state == "terminated") return read_terminated(x, container);
        return each_member(x, [&](Key k, od::value y) {
          if (state == "running" && k == "startedAt") return read(y, container.running_since);
          if (state == "waiting" && k == "reason") return read(y, container.waiting_reason);
          if (state == "waiting" && k == "message") return read(y, container.waiting_message);
          return SUCCESS;
        });
      });
    });
  }

  static error_code read_terminated(od::value value, ContainerView& container) {
    od::json_type type{};
    if (const error_code error = value.type().get(type)) return error;
    container.is_terminated = type == od::json_type::object;
    return each_member(value, [&](Key key, od::value v) {
      if (key == "exitCode") return read(v, container.exit_code);
      if (key == "signal") return read(v, container.signal);
      if (key == "reason") return read(v, container.reason);
      if (key == "message") return read(v, container.message);
      if (key == "finishedAt") return read(v, container.finished);
      return SUCCESS;
    });
  }

  static error_code read_init_container(od::value value, PodView& pod) {
    ContainerView container;
    const error_code error = read_container(value, container);
    const bool has_trouble =
        !container.waiting_reason.empty() && container.waiting_reason != "PodInitializing";
    if (has_trouble && pod.init_waiting_reason.empty()) {
      pod.init_waiting_reason = container.waiting_reason;
      pod.init_waiting_message = container.waiting_message;
    }
    if (container.is_terminated && container.exit_code != 0 && !pod.failed_init)
      pod.failed_init = container;
    return error;
  }

  void choose_container(PodView& pod) const {
    const ContainerView* chosen = nullptr;
    for (const ContainerView& container : containers_) {
      if (chosen == nullptr || container.name == default_container_) chosen = &container;
      if (container.name == "main" && chosen->name != default_container_) chosen = &container;
    }
    if (chosen != nullptr) pod.container = *chosen;
  }
};

EventType type_of(std::string_view text) {
  if (text == "ADDED") return EventType::added;
  if (text == "MODIFIED") return EventType::modified;
  if (text == "DELETED") return EventType::removed;
  if (text == "BOOKMARK") return EventType::bookmark;
  return text == "ERROR" ? EventType::error : EventType::unknown;
}

// simdjson 3.0 has no at_end; past the last token there is no location any more.
bool is_at_end(od::document& document) {
  const char* location = nullptr;
  return document.current_location().get(location) == simdjson::OUT_OF_BOUNDS;
}

std::unexpected<ParseFault> fault(std::string text) {
  return std::unexpected(ParseFault{std::move(text)});
}

std::unexpected<ParseFault> fault(error_code error) {
  return fault(std::string("broken JSON: ") + simdjson::error_message(error));
}

bool is_identified(const ObjectMeta& meta) {
  return !meta.name.empty() && !meta.uid_text.empty() && !meta.resource_version.empty();
}

}  // namespace

struct Parser::Buffers {
  od::parser json;
  ObjectReader reader;

  // The root as a value; nothing may follow it, which the caller checks with at_end.
  error_code open(std::string_view text, od::document& document, od::value& root) {
    const simdjson::padded_string_view padded(text, text.size() + answer_padding);
    if (const error_code error = json.iterate(padded).get(document)) return error;
    return document.get_value().get(root);
  }
};

Parser::Parser() : buffers_(std::make_unique<Buffers>()) {}

Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;
Parser::~Parser() = default;

template <class View>
std::expected<WatchEvent<View>, ParseFault> Parser::event(std::string_view line) {
  od::document document;
  od::value root;
  if (const error_code error = buffers_->open(line, document, root)) return fault(error);
  WatchEvent<View> event;
  std::string_view type;
  buffers_->reader.initial_events_end = false;
  const error_code error = each_member(root, [&](Key key, od::value v) {
    if (key == "type") return read(v, type);
    if (key == "object") return buffers_->reader.read_object(v, event.object);
    return SUCCESS;
  });
  if (error) return fault(error);
  if (!is_at_end(document)) return fault("something follows the event");
  if (type.empty()) return fault("an event without a type");
  event.type = type_of(type);
  if (event.type == EventType::error) {
    std::optional<Status> status = read_watch_status(line);
    if (!status) return fault("an ERROR event without a Status");
    event.status = std::move(*status);
    return event;
  }
  event.ends_initial_events = buffers_->reader.initial_events_end;
  if (event.type == EventType::bookmark && event.object.meta.resource_version.empty()) {
    return fault("a bookmark without a resourceVersion");
  }
  const bool has_object = event.type != EventType::unknown && event.type != EventType::bookmark;
  if (has_object && !is_identified(event.object.meta)) {
    return fault("an object without name, uid or resourceVersion");
  }
  return event;
}

template <class View>
std::expected<View, ParseFault> Parser::object(std::string_view json) {
  od::document document;
  od::value root;
  if (const error_code error = buffers_->open(json, document, root)) return fault(error);
  View view;
  if (const error_code error = buffers_->reader.read_object(root, view)) return fault(error);
  if (!is_at_end(document)) return fault("something follows the object");
  if (!is_identified(view.meta)) return fault("an object without name, uid or resourceVersion");
  return view;
}

template <class View>
std::expected<std::vector<View>, ParseFault> Parser::items(std::string_view json) {
  od::document document;
  od::value root;
  if (const error_code error = buffers_->open(json, document, root)) return fault(error);
  std::vector<View> views;
  bool is_list = false;
  const error_code error = each_member(root, [&](Key key, od::value v) {
    if (!(key == "items")) return SUCCESS;
    is_list = true;
    return each_element(v, [&](od::value item) {
      return buffers_->reader.read_object(item, views.emplace_back());
    });
  });
  if (error) return fault(error);
  if (!is_at_end(document)) return fault("something follows the list");
  if (!is_list) return fault("not a list");
  for (const View& view : views) {
    if (!is_identified(view.meta)) return fault("an object without name, uid or resourceVersion");
  }
  return views;
}

template std::expected<WatchEvent<JobView>, ParseFault> Parser::event(std::string_view);
template std::expected<WatchEvent<PodView>, ParseFault> Parser::event(std::string_view);
template std::expected<WatchEvent<EventView>, ParseFault> Parser::event(std::string_view);
template std::expected<JobView, ParseFault> Parser::object(std::string_view);
template std::expected<PodView, ParseFault> Parser::object(std::string_view);
template std::expected<EventView, ParseFault> Parser::object(std::string_view);
template std::expected<OwnedView, ParseFault> Parser::object(std::string_view);
template std::expected<std::vector<JobView>, ParseFault> Parser::items(std::string_view);
template std::expected<std::vector<PodView>, ParseFault> Parser::items(std::string_view);

}  // namespace copse::runner::kube
