#include "engine/json_writer.hpp"
#include "runner/http/target.hpp"
#include "runner/overlord_sandbox/answers.hpp"
#include "runner/overlord_sandbox/api.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

namespace copse::runner::overlord_sandbox {
namespace {

using engine::JsonWriter;

constexpr std::string_view config_key = "worker.config";

void write(JsonWriter& out, const WorkerView& worker) {
  const overlord::WorkerNode& node = worker.node();
  out.begin_object().key("worker").begin_object();
  out.member("scheme", node.tls ? "https" : "http").member("host", node.host_port());
  out.member("ip", node.host).key("capacity").number(node.capacity);
  // WHY empty: so Druid keeps tasks from a disabled worker.
  out.member("version", worker.is_disabled() ? "" : node.version);
  out.member("category", node.category).end_object();
  out.key("currCapacityUsed").number(worker.used());
  out.key("currParallelIndexCapacityUsed").number(worker.used_by_parallel());
  out.key("availabilityGroups").begin_array();
  for (const auto& [group, members] : worker.groups()) out.text(group);
  out.end_array().key("runningTasks").begin_array();
  for (const auto& [id, announced] : worker.tasks()) {
    if (announced.task.state == overlord::TaskState::running) out.text(id);
  }
  out.end_array().key("lastCompletedTaskTime").null().key("blacklistedUntil").null().end_object();
}

http::Response workers(const ApiCall& call) {
  JsonWriter out;
  out.begin_array();
  for (const auto& [host, worker] : call.leadership.runner().workers()) write(out, worker);
  return json_answer(200, out.end_array().take());
}

http::Response capacity(const ApiCall& call) {
  std::int64_t total = 0, used = 0;
  for (const auto& [host, worker] : call.leadership.runner().workers()) {
    total += worker.node().capacity;
    used += worker.used();
  }
  JsonWriter out;
  out.begin_object().key("currentClusterCapacity").number(total);
  out.key("maximumCapacityWithAutoScale").number(-1).key("usedClusterCapacity").number(used);
  return json_answer(200, out.end_object().take());
}

http::Response set_config(ApiCall& call) {
  auto config = read_worker_config(call.request.body);
  if (!config) return error_answer(400, config.error());
  const std::string& remote = call.request.remote;
  call.metadata.set_worker_config(
      std::move(*config),
      {.author = std::string(http::find_header(call.request.headers, "X-Druid-Author")),
       .comment = std::string(http::find_header(call.request.headers, "X-Druid-Comment")),
       .ip = remote.substr(0, remote.rfind(':')),
       .payload = std::string(call.request.body),
       .at = std::chrono::floor<milliseconds>(std::chrono::system_clock::now())});
  return empty_answer(200);
}

// Of all: oldest first; with `count` the newest, newest first (Druid: SQLAuditManager).
http::Response history(const ApiCall& call) {
  std::vector<ConfigChange> entries = call.metadata.config_history();
  if (const auto count = http::query_parameter(call.request.query, "count")) {
    std::size_t wanted = 0;
    std::from_chars(count->data(), count->data() + count->size(), wanted);
    if (wanted == 0) return error_answer(400, "count must be greater than 0");
    std::reverse(entries.begin(), entries.end());
    entries.resize(std::min(wanted, entries.size()));
  }
  JsonWriter out;
  out.begin_array();
  for (const ConfigChange& entry : entries) {
    out.begin_object().member("key", config_key).member("type", config_key);
    out.key("auditInfo").begin_object().member("author", entry.author);
    out.member("comment", entry.comment).member("ip", entry.ip).end_object();
    out.member("payload", entry.payload).member("auditTime", iso_text(entry.at)).end_object();
  }
  return json_answer(200, out.end_array().take());
}

// `worker/HOST/enable`, `worker/HOST/disable`
void set_enabled(ApiCall& call, const std::string& host, const std::string& verb) {
  call.leadership.ask_worker(host, "POST", "/druid/worker/v1/" + verb,
                             [host, verb, to = std::move(call.responder)](auto reply) mutable {
                               if (!reply) return to.send(error_answer(500, reply.error()));
                               if (reply->status != 200)
                                 return to.send(error_answer(500, reply->body));
                               to.send(pair_answer(host, verb + "d"));
                             });
}

}  // namespace

bool serve_workers(ApiCall& call, const std::vector<std::string>& segments) {
  const std::string& first = segments[0];
  const bool is_post = call.request.method == "POST";
  const std::string_view last = segments.back();
  if (first == "workers" && segments.size() == 1) {
    call.responder.send(workers(call));
  } else if (first == "totalWorkerCapacity" && segments.size() == 1) {
    call.responder.send(capacity(call));
  } else if (first != "worker") {
    return false;
  } else if (segments.size() == 1) {
    call.responder.send(is_post ? set_config(call)
                                : json_answer(200, call.metadata.worker_config_text()));
  } else if (segments.size() == 2 && last == "history") {
    call.responder.send(history(call));
  } else if (segments.size() == 3 && is_post && (last == "enable" || last == "disable")) {
    set_enabled(call, segments[1], segments[2]);
  } else {
    return false;
  }
  return true;
}

}  // namespace copse::runner::overlord_sandbox
