#pragma once
// The tasks of the demo: real ones of eleven kinds, and variations of them that differ in id,
// datasource and tags. Made from a number, so that every demo shows the same.

#include "engine/task.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace copse::runner::cli {

/// How a task of the demo is to end.
enum class Fate : std::uint8_t {
  succeed,
  fail,      ///< as a real one did: the peon exits with 0, its status says FAILED
  no_image,  ///< its template's image does not exist
  worker,    ///< the runner strategy keeps it from Kubernetes
  out_of_memory,
  evicted,
  no_status  ///< ends without a word
};

struct DemoTask {
  engine::Task task;
  Fate fate = Fate::succeed;
};

/// `count` tasks, at least thirteen. With `faults` every tenth meets a misfortune of the last three
/// kinds.
[[nodiscard]] std::vector<DemoTask> demo_tasks(std::uint32_t count, bool faults);

/// Id of the task that fails as a real one did.
inline constexpr std::string_view bad_rows_id = "bad_rows";

}  // namespace copse::runner::cli
