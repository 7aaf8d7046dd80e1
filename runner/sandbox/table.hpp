#pragma once
// Objects as the rows that `kubectl get` prints: meta.k8s.io/v1 Table, with the columns of
// Kubernetes 1.34.

#include "runner/sandbox/object.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace copse::runner::sandbox {

/// What each row carries of its object (query parameter includeObject).
enum class TableForm : std::uint8_t { metadata, object, none };

/// The form asked for, or nothing when the client does not want a Table.
[[nodiscard]] std::optional<TableForm> table_form(std::string_view accept,
                                                  std::string_view include_object);

/// Whether a Table explains its columns: a watch does so in its first event only.
enum class Columns : std::uint8_t { all, none };

/// Appends a Table of the objects. `list_metadata`: the Table's metadata as JSON; empty: it carries
/// the resourceVersion of its only object.
void append_table(std::string& out, Resource resource, std::span<const ObjectPtr> objects,
                  TableForm form, Moment now, std::string_view list_metadata,
                  Columns columns = Columns::all);

}  // namespace copse::runner::sandbox
