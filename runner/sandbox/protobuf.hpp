#pragma once
// The few protobuf bodies that kubectl sends whatever the server prefers: `create namespace`,
// `create configmap` and `create job`. Read into the same documents as JSON; answers are always
// JSON.

#include "runner/sandbox/document.hpp"

#include <optional>
#include <string_view>

namespace copse::runner::sandbox {

inline constexpr std::string_view protobuf_media_type = "application/vnd.kubernetes.protobuf";

/// Reads a body in Kubernetes' protobuf envelope (`k8s\0` and a runtime.Unknown). Nothing: it is
/// malformed or of another kind. What those commands do not write is not read; the rules in the
/// .cpp file list what is.
[[nodiscard]] std::optional<boost::json::object> read_protobuf(std::string_view body);

}  // namespace copse::runner::sandbox
