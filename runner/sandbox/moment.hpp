#pragma once
// The cluster's time: a point of wall-clock time in milliseconds, and the texts that Kubernetes
// makes of it.
//
// Nothing in this folder but `clock` reads a real clock: a Moment is always handed in, so that time
// can be driven by hand or run at a factor.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace copse::runner::sandbox {

using Moment = std::chrono::sys_time<std::chrono::milliseconds>;
using std::chrono::milliseconds;

/// Appends `2026-11-24T13:52:52Z`: metav1.Time, cut to seconds.
void append_timestamp(std::string& out, Moment moment);

[[nodiscard]] std::string timestamp(Moment moment);

/// `2026-11-24T13:52:52.123000Z`: metav1.MicroTime, also the prefix of a log line under
/// `timestamps=true`.
[[nodiscard]] std::string micro_timestamp(Moment moment);

/// Reads RFC 3339 in UTC (`Z`), with or without a fraction of which milliseconds are kept.
[[nodiscard]] std::optional<Moment> parse_timestamp(std::string_view text);

/// Age as kubectl's tables print it: `5s`, `2m30s`, `3h`, `5d`.
/// Source: apimachinery util/duration HumanDuration.
[[nodiscard]] std::string human_duration(milliseconds span);

}  // namespace copse::runner::sandbox
