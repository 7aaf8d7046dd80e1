#pragma once
// A task's log as an answer over HTTP: a file, piece by piece as the client takes it.

#include "runner/http/responder.hpp"

#include <cstdint>
#include <string>

namespace copse::runner::service {

/// Where an answer begins: `offset` bytes are left out; below zero, so many are wanted from the
/// end; what is out of range gives the whole log (Druid: SwitchingTaskLogStreamer, LogUtils).
[[nodiscard]] std::uint64_t log_begin(std::uint64_t size, std::int64_t offset);

/// Bytes of one piece.
inline constexpr std::size_t log_piece_size = std::size_t{64} << 10U;

/// Sends the file at `path` as it is now. When there is none: 404 and `missing`, which the Overlord
/// shows to people in place of the log.
void send_log(const std::string& path, std::int64_t offset, const std::string& missing,
              http::Responder responder);

}  // namespace copse::runner::service
