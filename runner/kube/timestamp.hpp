#pragma once
// Times as Kubernetes writes them: RFC 3339, to the second (`metav1.Time`) or finer
// (`metav1.MicroTime`).

#include <chrono>
#include <optional>
#include <string_view>

namespace copse::runner::kube {

/// `2026-11-24T13:52:52Z`, with a fraction (dropped) or an offset such as `+02:00`. Nothing for any
/// other text. A leap second counts as the second after it.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_timestamp(std::string_view text);

}  // namespace copse::runner::kube
