#include "runner/sandbox/resource.hpp"

#include <array>
#include <utility>

namespace copse::runner::sandbox {
namespace {

constexpr std::array<ResourceInfo, resource_count> table{{
    {Resource::namespaces, "namespaces", "namespace", "Namespace", "", "v1", "ns", false, true,
     false, false},
    {Resource::nodes, "nodes", "node", "Node", "", "v1", "no", false, true, false, false},
    {Resource::pods, "pods", "pod", "Pod", "", "v1", "po", true, true, true, true},
    {Resource::jobs, "jobs", "job", "Job", "batch", "v1", "", true, true, true, true},
    {Resource::events, "events", "event", "Event", "", "v1", "ev", true, false, false, false},
    {Resource::configmaps, "configmaps", "configmap", "ConfigMap", "", "v1", "cm", true, false,
     false, false},
}};

std::string with_group(std::string_view name, std::string_view group) {
  std::string out{name};
  if (!group.empty()) out.append(1, '.').append(group);
  return out;
}

}  // namespace

std::span<const ResourceInfo, resource_count> resources() {
  return table;
}

const ResourceInfo& info(Resource resource) {
  return table[std::to_underlying(resource)];
}

const ResourceInfo* find_resource(std::string_view group, std::string_view version,
                                  std::string_view plural) {
  for (const ResourceInfo& row : table) {
    if (row.plural == plural && row.group == group && row.version == version) return &row;
  }
  return nullptr;
}

std::string qualified_resource(Resource resource) {
  return with_group(info(resource).plural, info(resource).group);
}

std::string qualified_kind(Resource resource) {
  return with_group(info(resource).kind, info(resource).group);
}

std::string api_version(Resource resource) {
  const ResourceInfo& row = info(resource);
  if (row.group.empty()) return std::string{row.version};
  return std::string{row.group} + "/" + std::string{row.version};
}

}  // namespace copse::runner::sandbox
