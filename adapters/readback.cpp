#include "adapters/readback.hpp"

#include "adapters/payload.hpp"
#include "engine/json_fault.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace copse::adapters {
namespace {

namespace json = boost::json;

using Text = std::expected<std::string, std::string>;

// A Job's text nests deeper than Boost's default allows; the API server stops at 10000 itself.
constexpr std::size_t depth_limit = engine::json_depth_limit;

const json::value* descend(const json::value& root, std::initializer_list<std::string_view> path) {
  const json::value* at = &root;
  for (const std::string_view key : path) {
    const json::object* object = at->if_object();
    at = object == nullptr ? nullptr : object->if_contains({key.data(), key.size()});
    if (at == nullptr || at->is_null()) return nullptr;
  }
  return at;
}

struct JobView {
  json::value root;
  const json::value* pod_metadata = nullptr;

  // An annotation of the pod template, when it is there and not null.
  std::optional<std::string> annotation(std::string_view key) const {
    if (pod_metadata == nullptr) return std::nullopt;
    const json::value* found = descend(*pod_metadata, {"annotations", key});
    if (found == nullptr || !found->is_string()) return std::nullopt;
    return std::string(found->get_string());
  }

  // Druid prints a missing name as Java prints null.
  std::string name() const {
    const json::value* found = descend(root, {"metadata", "name"});
    return found == nullptr || !found->is_string() ? "null" : std::string(found->get_string());
  }
};

std::expected<JobView, std::string> view(std::string_view job_json) {
  json::parse_options options;
  options.max_depth = depth_limit;
  json::error_code error;
  JobView job{json::parse({job_json.data(), job_json.size()}, error, {}, options), nullptr};
  if (error) return std::unexpected("the Job is not JSON: " + error.message());
  job.pod_metadata = descend(job.root, {"spec", "template", "metadata"});
  if (job.pod_metadata == nullptr) {
    return std::unexpected("the pod template of job [" + job.name() + "] has no metadata");
  }
  return job;
}

Text task_id(const JobView& job) {
  auto id = job.annotation("task.id");
  if (id) return std::move(*id);
  return std::unexpected("No task_id annotation found on pod spec for job [" + job.name() + "]");
}

Text checked(std::string text) {
  const auto fault = engine::find_json_fault(text);
  if (!fault) return text;
  // Jackson reads one value and leaves what follows.
  if (fault->begin > 0 &&
      !engine::find_json_fault(std::string_view(text).substr(0, fault->begin))) {
    return text.substr(0, fault->begin);
  }
  return std::unexpected("the task is not JSON: " + fault->title);
}

}  // namespace

Text read_task_id(std::string_view job_json) {
  const auto job = view(job_json);
  if (!job) return std::unexpected(job.error());
  return task_id(*job);
}

Text read_task(std::string_view job_json, const PayloadLookup& stored) {
  const auto job = view(job_json);
  if (!job) return std::unexpected(job.error());
  if (const auto packed = job->annotation("task")) {
    auto text = unpack_payload(*packed);
    return text ? checked(std::move(*text)) : Text(std::unexpected(text.error()));
  }
  const auto id = task_id(*job);
  if (!id) return id;
  auto text = stored(*id);
  if (!text) {
    return std::unexpected(
        "Could not load task payload from deep storage for job [" + job->name() +
        "]. Check the overlord logs for errors uploading task payloads to deep storage.");
  }
  return checked(std::move(*text));
}

}  // namespace copse::adapters
