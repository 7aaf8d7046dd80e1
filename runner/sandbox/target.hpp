#pragma once
// The target of a request taken apart: which resource, namespace, name and subresource, and the
// query.

#include "runner/sandbox/resource.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::runner::sandbox {

struct Target {
  std::string path;  ///< decoded
  std::vector<std::pair<std::string, std::string>> query;
  const ResourceInfo* resource = nullptr;  ///< null: the path is not one of a served resource
  std::string ns;                          ///< of a namespaced resource; empty: all namespaces
  std::string name;                        ///< empty: the collection
  std::string subresource;                 ///< `status`, `log`, `binding`; may be empty

  /// First value of a query parameter, or empty.
  [[nodiscard]] std::string_view get(std::string_view key) const;
  /// True for `true`, `1` and a bare parameter.
  [[nodiscard]] bool flag(std::string_view key) const;
  /// A whole number ≥ 0.
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view key) const;
};

[[nodiscard]] Target parse_target(std::string_view target);

}  // namespace copse::runner::sandbox
