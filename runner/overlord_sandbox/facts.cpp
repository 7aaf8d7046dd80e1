#include "runner/overlord_sandbox/facts.hpp"

#include "engine/json_writer.hpp"

namespace copse::runner::overlord_sandbox {
namespace {

using engine::JsonWriter;
using std::chrono::microseconds;

std::int64_t since(Time start, Time at) {
  return std::chrono::duration_cast<microseconds>(at - start).count();
}

void write(JsonWriter& out, const std::optional<microseconds>& span) {
  span ? out.number(span->count()) : out.null();
}

void write(JsonWriter& out, const std::vector<std::string>& texts) {
  out.begin_array();
  for (const std::string& text : texts) out.text(text);
  out.end_array();
}

void write(JsonWriter& out, const TaskFacts& task, Time start) {
  out.begin_object().key("assignments").begin_array();
  for (const AssignmentFact& each : task.assignments) {
    out.begin_object().member("worker", each.worker).key("sent").number(since(start, each.sent));
    out.key("status").number(each.status).key("answered");
    write(out, each.answered);
    out.key("announced");
    write(out, each.announced);
    out.end_object();
  }
  out.end_array().key("seen").begin_array();
  for (const Seen& each : task.seen) {
    out.begin_object().key("at").number(since(start, each.at)).member("worker", each.worker);
    out.member("status", overlord::name(each.state)).key("located").boolean(each.is_located);
    out.end_object();
  }
  out.end_array().key("kills").begin_array();
  for (const Time kill : task.kills) out.number(since(start, kill));
  out.end_array().end_object();
}

}  // namespace

std::string to_json(const Facts& facts, Time start) {
  JsonWriter out;
  out.begin_object().key("violations");
  write(out, facts.violations);
  out.key("failures");
  write(out, facts.failures);
  out.key("tasks").begin_object();
  for (const auto& [id, task] : facts.tasks) {
    out.key(id);
    write(out, task, start);
  }
  return out.end_object().end_object().take();
}

}  // namespace copse::runner::overlord_sandbox
