#include "adapters/pod_requests.hpp"

#include "engine/json_fault.hpp"
#include "engine/number.hpp"

#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace copse::adapters {
namespace {

namespace json = boost::json;

double value_of(const engine::Number& number) {
  return static_cast<double>(number.whole) +
         static_cast<double>(number.nanos) / engine::nanos_a_unit;
}

double value_of(const json::value& quantity) {
  const std::string text =
      quantity.is_string() ? std::string(quantity.get_string()) : json::serialize(quantity);
  const auto number = engine::parse_quantity(text);
  return number ? value_of(*number) : 0;
}

double asked(const json::object& container, std::string_view resource) {
  const json::value* resources = container.if_contains("resources");
  if (resources == nullptr || !resources->is_object()) return 0;
  for (const std::string_view part : {"requests", "limits"}) {
    const json::value* map = resources->get_object().if_contains(part);
    if (map == nullptr || !map->is_object()) continue;
    if (const json::value* found = map->get_object().if_contains(resource)) return value_of(*found);
  }
  return 0;
}

// What runs as long as the pod does although it is called an init container: a sidecar.
bool is_sidecar(const json::object& container) {
  const json::value* policy = container.if_contains("restartPolicy");
  return policy != nullptr && policy->is_string() && policy->get_string() == "Always";
}

void add_sidecars(PodRequests& to, const json::value& pod) {
  json::error_code none;
  const json::value* containers = pod.find_pointer("/spec/initContainers", none);
  if (containers == nullptr || !containers->is_array()) return;
  for (const json::value& each : containers->get_array()) {
    if (!each.is_object() || !is_sidecar(each.get_object())) continue;
    to.cores += asked(each.get_object(), "cpu");
    to.bytes += asked(each.get_object(), "memory");
  }
}

// What the pod itself costs its node.
void add_overhead(PodRequests& to, const json::value& pod) {
  json::error_code none;
  if (const json::value* cores = pod.find_pointer("/spec/overhead/cpu", none))
    to.cores += value_of(*cores);
  if (const json::value* bytes = pod.find_pointer("/spec/overhead/memory", none))
    to.bytes += value_of(*bytes);
}

}  // namespace

PodRequests pod_requests(const PodTemplate& pod_template,
                         std::span<const engine::Override> overrides) {
  PodRequests made;
  const auto& pieces = pod_template.pieces;
  json::error_code fault;
  json::parse_options options;
  options.max_depth = engine::json_depth_limit;
  const json::value pod =
      json::parse(pieces[0] + "{}" + pieces[1] + "{}" + pieces[2] + pieces[3], fault, {}, options);
  if (fault) return made;
  const json::value* containers = pod.find_pointer("/spec/containers", fault);
  if (containers == nullptr || !containers->is_array()) return made;
  bool is_first = true;
  for (const json::value& each : containers->get_array()) {
    if (!each.is_object()) continue;
    double cores = asked(each.get_object(), "cpu");
    double bytes = asked(each.get_object(), "memory");
    for (const engine::Override& set : overrides) {
      const auto request = engine::parse_quantity(set.value);
      if (!is_first || !request) continue;
      if (set.field == engine::Field::cpu) cores = value_of(*request);
      if (set.field == engine::Field::memory) bytes = value_of(*request);
    }
    made.cores += cores;
    made.bytes += bytes;
    is_first = false;
  }
  add_sidecars(made, pod);
  add_overhead(made, pod);
  return made;
}

}  // namespace copse::adapters
