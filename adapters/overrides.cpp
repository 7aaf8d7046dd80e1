#include "adapters/overrides.hpp"

#include "engine/json_fault.hpp"
#include "engine/number.hpp"

#include <algorithm>

#include <boost/json.hpp>

namespace copse::adapters {
namespace {

namespace json = boost::json;
using engine::Field;
using engine::Override;

// The object or list of that name, made when it is not there (templates may say null).
json::object& object_at(json::object& parent, std::string_view name) {
  json::value& found = parent[name];
  if (!found.is_object()) found.emplace_object();
  return found.get_object();
}

json::array& list_at(json::object& parent, std::string_view name) {
  json::value& found = parent[name];
  if (!found.is_array()) found.emplace_array();
  return found.get_array();
}

// The entry for which `is` holds, or a new one at the end.
template <class Predicate>
json::object& entry(json::array& list, Predicate is) {
  for (json::value& each : list) {
    if (each.is_object() && is(each.get_object())) return each.get_object();
  }
  return list.emplace_back(json::object()).get_object();
}

bool says(const json::object& object, std::string_view member, std::string_view text) {
  const json::value* found = object.if_contains(member);
  if (found == nullptr || !found->is_string()) return text.empty() && found == nullptr;
  return std::string_view(found->get_string()) == text;
}

class Merge {
 public:
  explicit Merge(json::value& job)
      : job_(job.get_object()),
        spec_(object_at(job_, "spec")),
        template_(object_at(spec_, "template")),
        pod_(object_at(template_, "spec")),
        main_(list_at(pod_, "containers")[0].get_object()) {}

  void apply(const Override& each) {
    switch (each.field) {
      case Field::cpu:
        return resource("cpu", each);
      case Field::memory:
        return resource("memory", each);
      case Field::storage:
        return resource("ephemeral-storage", each);
      case Field::label:
        return metadata("labels", each);
      case Field::annotation:
        return metadata("annotations", each);
      case Field::node:
        object_at(pod_, "nodeSelector")[each.key] = each.value;
        return;
      case Field::tolerate:
        return toleration(each);
      case Field::env:
        return variable(each.key, each.value);
      case Field::java_opts:
        return variable("JAVA_OPTS", each.value);
      case Field::priority_class:
        pod_["priorityClassName"] = each.value;
        pod_.erase("priority");  // the class decides; a number beside it is refused
        return;
      case Field::deadline:
        spec_["activeDeadlineSeconds"] = seconds(each);
        return;
      case Field::grace:
        pod_["terminationGracePeriodSeconds"] = seconds(each);
        return;
      case Field::namespace_name:
        object_at(job_, "metadata")["namespace"] = each.value;
        return;
    }
  }

 private:
  static std::int64_t seconds(const Override& each) {
    return engine::parse_duration(each.value).value_or(engine::Number{}).whole / 1000;
  }

  void resource(std::string_view name, const Override& each) {
    json::object& resources = object_at(main_, "resources");
    object_at(resources, "requests")[name] = each.value;
    object_at(resources, "limits")[name] = each.upper;
  }

  void metadata(std::string_view map, const Override& each) {
    for (json::object* owner : {&job_, &template_})
      object_at(object_at(*owner, "metadata"), map)[each.key] = each.value;
  }

  void toleration(const Override& each) {
    const auto is_it = [&](const json::object& other) {
      return says(other, "key", each.key) && says(other, "effect", each.upper);
    };
    json::object& made = entry(list_at(pod_, "tolerations"), is_it);
    made = {{"key", each.key}, {"operator", each.value.empty() ? "Exists" : "Equal"}};
    if (!each.value.empty()) made["value"] = each.value;
    if (!each.upper.empty()) made["effect"] = each.upper;
    keep_first(list_at(pod_, "tolerations"), is_it);
  }

  void variable(std::string_view name, std::string_view value) {
    json::array& list = list_at(main_, "env");
    const auto is_it = [&](const json::object& each) { return says(each, "name", name); };
    entry(list, is_it) = json::object{{"name", name}, {"value", value}};
    keep_first(list, is_it);
  }

  // A template may say it twice.
  static void keep_first(json::array& list, auto is_it) {
    bool is_first = true;
    for (std::size_t i = 0; i < list.size();) {
      const bool is_one = list[i].is_object() && is_it(list[i].get_object());
      if (is_one && !std::exchange(is_first, false)) {
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
      } else {
        ++i;
      }
    }
  }

  json::object& job_;
  json::object& spec_;
  json::object& template_;
  json::object& pod_;
  json::object& main_;
};

}  // namespace

std::string with_overrides(std::string_view job_json, std::span<const Override> overrides) {
  json::parse_options options;
  options.max_depth = engine::json_depth_limit;
  json::error_code fault;
  json::value job = json::parse(job_json, fault, {}, options);
  if (fault) return std::string(job_json);
  Merge merge(job);
  for (const Override& each : overrides) merge.apply(each);
  return json::serialize(job);
}

}  // namespace copse::adapters
