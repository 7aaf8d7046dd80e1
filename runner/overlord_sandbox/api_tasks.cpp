#include "engine/json_writer.hpp"
#include "runner/http/target.hpp"
#include "runner/kube/query.hpp"
#include "runner/overlord_sandbox/answers.hpp"
#include "runner/overlord_sandbox/api.hpp"
#include "runner/overlord_sandbox/task_queue.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include <boost/json.hpp>

namespace copse::runner::overlord_sandbox {
namespace {

using engine::JsonWriter;

// DruidException of the category INVALID_INPUT.
http::Response refusal_answer(const Refusal& refusal) {
  JsonWriter out;
  out.begin_object().member("error", "druidException").member("errorCode", refusal.code);
  out.member("persona", "USER").member("category", "INVALID_INPUT");
  out.member("errorMessage", refusal.text).key("context").begin_object().end_object();
  return json_answer(400, out.end_object().take());
}

void submit(ApiCall& call) {
  const auto id = call.leadership.submit(call.request.body);
  call.responder.send(id ? pair_answer("task", *id) : refusal_answer(id.error()));
}

// `{"task": id, "payload": …}`, `{"task": id, "status": …}`; null and 404 when it is unknown.
http::Response about_task(const std::string& id, std::string_view what,
                          const std::optional<std::string>& json) {
  JsonWriter out;
  out.begin_object().member("task", id).key(what);
  json ? out.raw(*json) : out.null();
  return json_answer(json ? 200 : 404, out.end_object().take());
}

http::Response payload(const ApiCall& call, const std::string& id) {
  const StoredTask* stored = call.metadata.find(id);
  return about_task(id, "payload",
                    stored == nullptr ? std::nullopt : std::optional(stored->task.document));
}

http::Response status(const ApiCall& call, const std::string& id) {
  const auto report = report_of(call.metadata, call.leadership.runner(), id);
  return about_task(id, "status", report ? std::optional(to_json(*report)) : std::nullopt);
}

// A file of the task-log store.
std::optional<std::string> stored_file(const Options& options, const std::string& name) {
  if (options.log_directory.empty() || name.find('/') != std::string::npos) return std::nullopt;
  std::ifstream file(options.log_directory + "/" + name, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Druid: LogUtils.streamFile.
http::Response stored_log(const Options& options, const std::string& id, std::int64_t offset) {
  auto text = stored_file(options, id + ".log");
  if (!text) {
    return text_answer(404,
                       "No log was found for this task. The task may not exist, or it may not "
                       "have begun running yet.");
  }
  const auto size = static_cast<std::int64_t>(text->size());
  const std::int64_t begin = offset >= 0 ? offset : std::max(size + offset, std::int64_t{0});
  return text_answer(200, begin < size ? text->substr(static_cast<std::size_t>(begin)) : *text);
}

// While the runner has the task its worker is asked; the status of that answer is not looked at.
void log(ApiCall& call, const std::string& id) {
  const std::string text = http::query_parameter(call.request.query, "offset").value_or("0");
  std::int64_t offset = 0;
  std::from_chars(text.data(), text.data() + text.size(), offset);
  const TaskRunner& runner = call.leadership.runner();
  const Item* item = runner.find(id);
  if (item == nullptr || !runner.workers().contains(item->worker))
    return call.responder.send(stored_log(call.options, id, offset));
  call.leadership.ask_worker(
      item->worker, "GET",
      "/druid/worker/v1/task/" + kube::percent_encoded(id) +
          "/log?offset=" + std::to_string(offset),
      [&options = call.options, id, offset, to = std::move(call.responder)](auto reply) mutable {
        to.send(reply ? text_answer(200, std::move(reply->body)) : stored_log(options, id, offset));
      });
}

http::Response reports(const ApiCall& call, const std::string& id) {
  auto text = stored_file(call.options, id + ".report.json");
  if (text) return json_answer(200, std::move(*text));
  return text_answer(404,
                     "No task reports were found for this task. The task may not exist, or it may "
                     "not have completed yet.");
}

// `POST taskStatus`
http::Response statuses(const ApiCall& call) {
  boost::json::error_code fault;
  const auto body = boost::json::parse(call.request.body, fault);
  if (fault || !body.is_array()) return error_answer(400, "the body is no JSON list of task ids");
  if (body.as_array().empty()) return text_answer(400, "No Task IDs provided.");
  std::set<std::string> ids;
  for (const auto& id : body.as_array()) {
    if (id.is_string()) ids.emplace(id.as_string());
  }
  JsonWriter out;
  out.begin_object();
  for (const std::string& id : ids) {
    if (const auto found = status_of(call.metadata, call.leadership.runner(), id))
      out.key(id).raw(to_json(*found));
  }
  return json_answer(200, out.end_object().take());
}

// Which of the lists a task is on.
std::string_view list_of(const TaskReport& report) {
  if (report.status.is_complete()) return "complete";
  switch (report.runner) {
    case RunnerState::pending:
      return "pending";
    case RunnerState::running:
      return "running";
    default:
      return "waiting";
  }
}

// `state` empty: all. `max` bounds the complete ones, of which the newest come.
http::Response list(const ApiCall& call, std::string_view state) {
  const auto parameter = [&](std::string_view name) {
    return http::query_parameter(call.request.query, name).value_or("");
  };
  const std::string source = parameter("datasource"), type = parameter("type"),
                    max = parameter("max");
  std::size_t left = std::string::npos;
  std::from_chars(max.data(), max.data() + max.size(), left);
  std::vector<TaskReport> reports;
  for (const auto& [id, stored] : call.metadata.tasks())
    reports.push_back(*report_of(call.metadata, call.leadership.runner(), id));
  const auto age = [&](const TaskReport& report) {
    return call.metadata.find(report.status.id)->number;
  };
  std::sort(reports.begin(), reports.end(),
            [&](const TaskReport& a, const TaskReport& b) { return age(a) > age(b); });
  JsonWriter out;
  out.begin_array();
  for (TaskReport& report : reports) {
    const std::string_view on = list_of(report);
    const bool is_complete = on == "complete";
    if ((!state.empty() && on != state) || (!source.empty() && report.data_source != source) ||
        (!type.empty() && report.type != type) || (is_complete && left == 0))
      continue;
    if (is_complete) --left;
    if (is_complete) report.runner = RunnerState::none;
    out.raw(to_json(report));
  }
  return json_answer(200, out.end_array().take());
}

http::Response list_by_query(const ApiCall& call) {
  std::string state = http::query_parameter(call.request.query, "state").value_or("");
  for (char& c : state) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const std::set<std::string_view> known{"", "pending", "waiting", "running", "complete"};
  if (known.contains(state)) return list(call, state);
  return text_answer(400, "Invalid task state[" + state +
                              "]. Must be one of [pending, waiting, running, complete].");
}

// `task/ID…`
bool serve_task(ApiCall& call, const std::vector<std::string>& segments) {
  const std::string& id = segments[1];
  const std::string_view verb = segments.size() > 2 ? std::string_view(segments[2]) : "";
  if (segments.size() > 3) return false;
  if (call.request.method == "POST") {
    if (verb != "shutdown") return false;
    call.leadership.kill(id);
    call.responder.send(pair_answer("task", id));
  } else if (verb.empty()) {
    call.responder.send(payload(call, id));
  } else if (verb == "status") {
    call.responder.send(status(call, id));
  } else if (verb == "log") {
    log(call, id);
  } else if (verb == "reports") {
    call.responder.send(reports(call, id));
  } else {
    return false;
  }
  return true;
}

}  // namespace

bool serve_tasks(ApiCall& call, const std::vector<std::string>& segments) {
  const std::string& first = segments[0];
  const bool is_post = call.request.method == "POST";
  if (first == "task" && segments.size() > 1) return serve_task(call, segments);
  if (segments.size() != 1) return false;
  if (first == "task" && is_post) {
    submit(call);
  } else if (first == "taskStatus" && is_post) {
    call.responder.send(statuses(call));
  } else if (first == "tasks" && !is_post) {
    call.responder.send(list_by_query(call));
  } else if (first.ends_with("Tasks") && !is_post) {
    call.responder.send(list(call, std::string_view(first).substr(0, first.size() - 5)));
  } else {
    return false;
  }
  return true;
}

}  // namespace copse::runner::overlord_sandbox
