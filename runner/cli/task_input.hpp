#pragma once
// Tasks from wherever a person keeps them: JSON files, arrays, NDJSON, gzip of these, folders,
// standard input.

#include "engine/task.hpp"

#include <expected>
#include <functional>
#include <string>
#include <vector>

namespace copse::runner::cli {

/// Bytes of one input after decompression: a gzip bomb ends here.
inline constexpr std::size_t input_size_limit = std::size_t{1} << 30U;

using TaskVisitor = std::function<void(std::expected<engine::Task, engine::Diagnostics>)>;

/// Calls `visit` for each task of each input, in order; what cannot be read is given as diagnostics
/// with file and line, and the rest goes on.
void read_tasks(const std::vector<std::string>& inputs, const TaskVisitor& visit);

/// A whole file, decompressed where it is gzip; `-` is standard input. Fails with a place and a
/// cause.
[[nodiscard]] std::expected<engine::Source, engine::Diagnostics> read_source(
    const std::string& path);

}  // namespace copse::runner::cli
