#include "tests/runner/sandbox/world.hpp"

#include <algorithm>
#include <stdexcept>

#include <boost/json.hpp>

namespace sandbox_test {
namespace {

namespace json = boost::json;
using namespace copse::runner::sandbox;

constexpr Moment start{std::chrono::seconds{1'780'000'000}};

std::string shown(const json::value& value) {
  return value.is_string() ? std::string{value.get_string()} : json::serialize(value);
}

const json::value* step_into(const json::value& value, const std::string& step) {
  if (value.is_object()) return value.get_object().if_contains(step);
  if (!value.is_array()) return nullptr;
  const std::size_t index = std::stoul(step);
  return index < value.get_array().size() ? &value.get_array()[index] : nullptr;
}

}  // namespace

std::string at(std::string_view text, std::string_view path) {
  json::error_code fault;
  const json::value root = json::parse(text, fault);
  if (fault) return "not JSON";
  const json::value* here = &root;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    std::string step{path.substr(0, dot)};
    std::replace(step.begin(), step.end(), '|', '.');  // for keys that have dots
    here = step_into(*here, step);
    if (here == nullptr) return "absent";
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  }
  return shown(*here);
}

std::string job(std::string_view name, std::string_view script, std::string_view spec) {
  json::object container{{"name", "main"}, {"image", "druid:33"}};
  json::object pod_spec{{"restartPolicy", "Never"}, {"containers", json::array{container}}};
  json::object annotations;
  annotations[script_annotation] = json::string(script);
  const json::object pod_template{{"metadata", json::object{{"annotations", annotations}}},
                                  {"spec", pod_spec}};
  json::object members{{"template", pod_template}};
  if (!spec.empty()) {
    const json::value extra = json::parse("{" + std::string{spec} + "}");
    for (const auto& [key, value] : extra.as_object()) {
      members[key] = value;
    }
  }
  json::object document{{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"spec", members}};
  document["metadata"] = json::object{{"name", json::string(name)}};
  return json::serialize(document);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto place = text.find(from);
  if (place == std::string::npos)
    throw std::invalid_argument{"nothing to replace: " + std::string{from}};
  return text.replace(place, from.size(), to);
}

World::World(ApiOptions options, ClusterOptions cluster_options)
    : cluster{std::move(cluster_options), start}, api{cluster, std::move(options)} {}

Answered World::ask(std::string_view method, std::string_view target, std::string_view body,
                    std::string_view content_type, std::string_view accept,
                    std::string_view authorization) {
  const Request request{.method = method,
                        .target = target,
                        .body = body,
                        .accept = accept,
                        .content_type = content_type,
                        .authorization = authorization};
  Answer answer = api.handle(request, cluster.now());
  cluster.settle();
  if (auto* reply = std::get_if<Reply>(&answer)) {
    return {reply->code, std::move(reply->body), std::move(reply->warnings)};
  }
  if (auto* log = std::get_if<std::unique_ptr<LogStream>>(&answer)) {
    return {200, (*log)->pull(cluster.now()), {}};
  }
  return {};
}

Answered World::pod() {
  const Answered list = get(pods);
  if (list["items.1"] != "absent" || list["items.0"] == "absent") return {0, "{}", {}};
  return get(std::string{pods} + "/" + list["items.0.metadata.name"]);
}

std::vector<std::string> World::reasons() {
  std::vector<std::pair<Rv, std::string>> found;
  for (const auto& [key, event] : cluster.store().all(Resource::events)) {
    found.emplace_back(event->rv, field(*event, "reason"));
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> reasons;
  for (auto& [rv, reason] : found) reasons.push_back(std::move(reason));
  return reasons;
}

std::unique_ptr<Watch> World::watch(std::string_view target) {
  Answer answer = api.handle({.method = "GET", .target = target}, cluster.now());
  auto* found = std::get_if<std::unique_ptr<Watch>>(&answer);
  return found == nullptr ? nullptr : std::move(*found);
}

std::vector<std::string> World::events(Watch& watch) {
  std::vector<std::string> events;
  for (const Frame& frame : watch.pull(cluster.now(), 1U << 30)) {
    std::string type = at(*frame, "type");
    if (type == "ERROR") {
      type += " " + at(*frame, "object.code");
    } else if (type != "BOOKMARK") {
      type += " " + at(*frame, "object.metadata.name");
    }
    events.push_back(std::move(type));
  }
  return events;
}

void World::advance(std::chrono::milliseconds step) {
  cluster.advance_to(cluster.now() + step);
}

}  // namespace sandbox_test
