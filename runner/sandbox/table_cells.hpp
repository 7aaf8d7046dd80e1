#pragma once
// The cells of one row, in the order of the resource's columns. Internal to `table`.

#include "runner/sandbox/document.hpp"

#include <string>
#include <vector>

namespace copse::runner::sandbox {

/// A cell as JSON.
using Cells = std::vector<std::string>;

[[nodiscard]] Cells job_cells(const Object& job, const boost::json::object& document, Moment now);
[[nodiscard]] Cells pod_cells(const Object& pod, const boost::json::object& document, Moment now);
[[nodiscard]] Cells node_cells(const Object& node, const boost::json::object& document, Moment now);
[[nodiscard]] Cells event_cells(const Object& event, const boost::json::object& document,
                                Moment now);

}  // namespace copse::runner::sandbox
