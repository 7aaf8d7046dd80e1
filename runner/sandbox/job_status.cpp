#include "runner/sandbox/job_status.hpp"

#include "runner/sandbox/document.hpp"
#include "runner/sandbox/json_text.hpp"

#include <boost/json.hpp>

namespace copse::runner::sandbox {
namespace {

namespace json = boost::json;

void append_conditions(std::string& out, const std::vector<JobCondition>& conditions) {
  out += '[';
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    if (i > 0) out += ',';
    const std::string at = timestamp(conditions[i].at);
    ObjectText text{out};
    text.text("type", conditions[i].type);
    text.text("status", conditions[i].is_true ? "True" : "False");
    text.text("lastProbeTime", at);
    text.text("lastTransitionTime", at);
    if (!conditions[i].reason.empty()) text.text("reason", conditions[i].reason);
    if (!conditions[i].message.empty()) text.text("message", conditions[i].message);
    text.close();
  }
  out += ']';
}

void append_uids(ObjectText& parent, std::string& out, std::string_view name,
                 const std::vector<std::string>& uids) {
  if (uids.empty()) return;
  parent.key(name);
  out += '[';
  for (std::size_t i = 0; i < uids.size(); ++i) {
    if (i > 0) out += ',';
    append_quoted(out, uids[i]);
  }
  out += ']';
}

std::vector<std::string> uids_at(const json::object& object, std::string_view path) {
  std::vector<std::string> uids;
  const json::value* list = member(object, path);
  if (list == nullptr || !list->is_array()) return uids;
  for (const json::value& item : list->get_array()) {
    if (item.is_string()) uids.emplace_back(item.get_string());
  }
  return uids;
}

std::vector<JobCondition> conditions_at(const json::object& object) {
  std::vector<JobCondition> conditions;
  const json::value* list = object.if_contains("conditions");
  if (list == nullptr || !list->is_array()) return conditions;
  for (const json::value& item : list->get_array()) {
    if (!item.is_object()) continue;
    const json::object& text = item.get_object();
    conditions.push_back(
        {.type = std::string{text_at(text, "type")},
         .is_true = text_at(text, "status") == "True",
         .reason = std::string{text_at(text, "reason")},
         .message = std::string{text_at(text, "message")},
         .at = parse_timestamp(text_at(text, "lastTransitionTime")).value_or(Moment{})});
  }
  return conditions;
}

}  // namespace

const JobCondition* find_condition(const JobStatus& status, std::string_view type) {
  for (const JobCondition& condition : status.conditions) {
    if (condition.type == type) return &condition;
  }
  return nullptr;
}

bool is_true(const JobStatus& status, std::string_view type) {
  const JobCondition* condition = find_condition(status, type);
  return condition != nullptr && condition->is_true;
}

bool is_finished(const JobStatus& status) {
  return is_true(status, "Complete") || is_true(status, "Failed");
}

std::string job_status_text(const JobStatus& status) {
  std::string out;
  ObjectText text{out};
  if (!status.conditions.empty()) {
    text.key("conditions");
    append_conditions(out, status.conditions);
  }
  if (status.started) text.text("startTime", timestamp(*status.started));
  if (status.completed) text.text("completionTime", timestamp(*status.completed));
  if (status.active > 0) text.number("active", status.active);
  if (status.succeeded > 0) text.number("succeeded", status.succeeded);
  if (status.failed > 0) text.number("failed", status.failed);
  if (status.synced) {
    text.number("terminating", status.terminating);
    text.key("uncountedTerminatedPods");
    ObjectText uncounted{out};
    append_uids(uncounted, out, "succeeded", status.uncounted_succeeded);
    append_uids(uncounted, out, "failed", status.uncounted_failed);
    uncounted.close();
    text.number("ready", status.ready);
  }
  text.close();
  return out;
}

JobStatus read_job_status(std::string_view text) {
  JobStatus status;
  if (text.empty() || text == "{}") return status;
  const auto parsed = parse_document(text);
  if (!parsed) return status;
  status.conditions = conditions_at(*parsed);
  status.started = parse_timestamp(text_at(*parsed, "startTime"));
  status.completed = parse_timestamp(text_at(*parsed, "completionTime"));
  status.active = number_at(*parsed, "active", 0);
  status.ready = number_at(*parsed, "ready", 0);
  status.terminating = number_at(*parsed, "terminating", 0);
  status.succeeded = number_at(*parsed, "succeeded", 0);
  status.failed = number_at(*parsed, "failed", 0);
  status.uncounted_succeeded = uids_at(*parsed, "uncountedTerminatedPods.succeeded");
  status.uncounted_failed = uids_at(*parsed, "uncountedTerminatedPods.failed");
  status.synced = parsed->contains("ready");
  return status;
}

}  // namespace copse::runner::sandbox
