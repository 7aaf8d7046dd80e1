#pragma once
// Tasks from wherever a person keeps them: JSON files, arrays, NDJSON, gzip of these, folders,
// standard input, and from a live Overlord.

#include "engine/task.hpp"
#include "runner/cli/arguments.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

namespace copse::runner::cli {

/// Bytes of one input after decompression: a gzip bomb ends here.
inline constexpr std::size_t input_size_limit = std::size_t{1} << 30U;

/// What is no task, and what the program's exit code is at least because of it.
struct InputFault {
  engine::Diagnostics said;
  int exit_code = exit_unreadable;
};

using TaskVisitor = std::function<void(std::expected<engine::Task, InputFault>)>;

/// Calls `visit` for each task of each input, in order, then for those of the Overlord; what cannot
/// be read is given with file and line or with what was asked, and the rest goes on.
void read_tasks(const Arguments& arguments, const TaskVisitor& visit);

/// What may stand at a path.
enum class Accepts : std::uint8_t {
  anything,      ///< also a pipe: whoever reads waits for whoever writes
  regular_files  ///< what else is there is refused at once
};

/// A whole file, decompressed where it is gzip; `-` is standard input. Fails with a place and a
/// cause.
[[nodiscard]] std::expected<engine::Source, engine::Diagnostics> read_source(
    const std::string& path, Accepts accepts = Accepts::anything);

}  // namespace copse::runner::cli
