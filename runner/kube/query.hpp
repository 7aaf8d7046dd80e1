#pragma once
// Building the path and query of a request, percent-encoded.

#include <cstdint>
#include <string>
#include <string_view>

namespace copse::runner::kube {

/// RFC 3986: everything but unreserved characters is encoded.
[[nodiscard]] std::string percent_encoded(std::string_view text);

/// A path with a query that grows: `Query("/api/v1/pods").add("limit", 1).text`.
struct Query {
  std::string text;

  explicit Query(std::string path) : text(std::move(path)) {}

  /// An empty value is left out.
  Query& add(std::string_view key, std::string_view value);
  Query& add(std::string_view key, std::uint64_t value);
};

/// `/apis/batch/v1/namespaces/NS/jobs[/NAME]`
[[nodiscard]] std::string jobs_path(std::string_view namespace_name, std::string_view name = {});

/// `/api/v1/namespaces/NS/pods[/NAME]`
[[nodiscard]] std::string pods_path(std::string_view namespace_name, std::string_view name = {});

/// `/api/v1/namespaces/NS/configmaps[/NAME]`
[[nodiscard]] std::string config_maps_path(std::string_view namespace_name,
                                           std::string_view name = {});

/// `/api/v1/namespaces/NS/events`
[[nodiscard]] std::string events_path(std::string_view namespace_name);

}  // namespace copse::runner::kube
