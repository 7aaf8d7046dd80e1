#pragma once
// Which Druid release's behaviour is followed, and in what releases differ.
//
// The one table of differences is in release.cpp: each row names a behaviour and the first release
// that has it. Code asks `has(release, Behaviour::…)`; nowhere else is a release number compared.
// Known are the releases whose Java classes gave the test vectors: 33.0.0, the main line before 38
// (37), and the main line of 2026-08-22 (39).

#include <cstdint>
#include <optional>
#include <string_view>

namespace copse::engine {

/// A Druid release by its major number. Any number is valid; behaviours follow the newest row that
/// is not newer than it.
enum class Release : std::uint16_t {};

inline constexpr Release newest_release{39};
inline constexpr Release oldest_release{33};

enum class Behaviour : std::uint8_t {
  task_dir_ends_in_task_id,      ///< template adapter: TASK_DIR is `<baseDir>/<taskId>`, not
                                 ///< `<baseDir>`
  base_task_dir_in_environment,  ///< template adapter: sets druid_indexer_task_baseTaskDir
  pod_template_in_environment,   ///< template adapter: sets DRUID_POD_TEMPLATE (PR #20001)
  broadcast_segments_by_mode,    ///< LOAD_BROADCAST_SEGMENTS follows the mode, not supportsQueries
  label_cut_before_trim,         ///< free-string labels: cut at 63 first, then trim `_.-`
  absent_strategy_is_by_type,    ///< a null or missing podTemplateSelectStrategy may be read
  capacity_is_dynamic,         ///< the dynamic configuration has the member `capacity` (PR #18591)
  task_may_choose_template,    ///< context key podTemplateSelectionKey exists (PR #19419)
  worker_type_remote_is_gone,  ///< k8sAndWorker accepts workerType `httpRemote` only
  grace_period_is_read,  ///< graceTerminationPeriodSeconds is bound (and must be a whole number)
};

/// True when `release` behaves so.
[[nodiscard]] bool has(Release release, Behaviour behaviour);

/// Reads `33`, `37.0.0` or `39-SNAPSHOT`. Empty when it does not begin with a number.
[[nodiscard]] std::optional<Release> parse_release(std::string_view text);

/// True for a release whose answers were compared with Druid's own classes (33, 37, 39).
[[nodiscard]] bool is_verified(Release release);

}  // namespace copse::engine
