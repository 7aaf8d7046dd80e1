#pragma once
// Names and labels that Druid derives from a task: pure text functions, no I/O, callable from any
// thread.
//
// Equal to Druid's KubernetesOverlordUtils for every release (reference 1.2 and 1.3; vectors
// `names`). Texts are UTF-8. Java's texts are UTF-16 and may hold half of a surrogate pair; such a
// half is written here as its own three bytes (ED A0..BF xx), and counts as `?` where Java encodes
// it, i.e. in the hash.

#include "engine/release.hpp"

#include <string>
#include <string_view>

namespace copse::adapters {

/// Characters of the readable part of a Job name; with `-` and 32 hex digits that makes
/// Kubernetes' 63.
inline constexpr std::size_t job_name_stem_limit = 30;

/// Characters of a label value, a limit of Kubernetes.
inline constexpr std::size_t label_limit = 63;

/// The name of a task's Job: letters and digits of `prefix` (or, where that is empty, of the id),
/// lower-case, cut at job_name_stem_limit, then `-` and task_hash(task_id). May start with `-` or
/// hold a backslash, as in Druid: the API server refuses such a name (see is_valid_job_name).
[[nodiscard]] std::string job_name(std::string_view prefix, std::string_view task_id);

/// 32 hex digits: MurmurHash3 x64 128, seed 0, of the id.
[[nodiscard]] std::string task_hash(std::string_view task_id);

/// Value of `druid.task.id` and `druid.task.group.id`.
[[nodiscard]] std::string task_id_label(std::string_view task_id);

/// Value of `druid.task.type` and `druid.task.datasource`; releases differ in the order of cutting
/// and trimming, and the older order may end in `_`, `.` or `-`, which the API server refuses.
[[nodiscard]] std::string free_label(std::string_view text, engine::Release release);

/// How Druid's log writes a task id with its Job: `[ <id>, <job name>]`.
[[nodiscard]] std::string task_and_job(std::string_view prefix, std::string_view task_id);

/// True when Kubernetes accepts it as the name of a Job (RFC 1123 label).
[[nodiscard]] bool is_valid_job_name(std::string_view name);

/// True when Kubernetes accepts it as the value of a label.
[[nodiscard]] bool is_valid_label_value(std::string_view value);

}  // namespace copse::adapters
