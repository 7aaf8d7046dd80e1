#pragma once
// The resources that the sandbox serves: one row each. Discovery, routes, tables and defaults are
// driven by this table; a further resource is a row here plus, where it needs them, columns,
// defaults and rules.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace copse::runner::sandbox {

enum class Resource : std::uint8_t { namespaces, nodes, pods, jobs, events, configmaps };

struct ResourceInfo {
  Resource id;
  std::string_view plural;      ///< as in a path: `jobs`
  std::string_view singular;    ///< `job`
  std::string_view kind;        ///< `Job`
  std::string_view group;       ///< empty for the core group
  std::string_view version;     ///< `v1`
  std::string_view short_name;  ///< kubectl's abbreviation; may be empty
  bool namespaced;
  bool has_status;      ///< has a status and the subresource `/status`
  bool in_all;          ///< category `all`
  bool has_generation;  ///< a change of spec counts metadata.generation up
};

inline constexpr std::size_t resource_count = 6;

/// All rows, ordered by Resource.
[[nodiscard]] std::span<const ResourceInfo, resource_count> resources();

[[nodiscard]] const ResourceInfo& info(Resource resource);

/// The row of a path such as `/apis/batch/v1/…/jobs`, or null.
[[nodiscard]] const ResourceInfo* find_resource(std::string_view group, std::string_view version,
                                                std::string_view plural);

/// `jobs.batch`, `pods`: how messages name a resource (GroupResource).
[[nodiscard]] std::string qualified_resource(Resource resource);

/// `Job.batch`, `Pod`: how validation messages name a kind (GroupKind).
[[nodiscard]] std::string qualified_kind(Resource resource);

/// `batch/v1`, `v1`.
[[nodiscard]] std::string api_version(Resource resource);

}  // namespace copse::runner::sandbox
