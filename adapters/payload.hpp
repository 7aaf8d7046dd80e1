#pragma once
// How a task travels inside a Job: its JSON text, gzipped, in base64 (Druid's Base64Compression).
// Pure.

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace copse::adapters {

/// Characters of base64 text that Druid still puts into a Job; a longer payload goes to the
/// task-log store. Druid's MAX_ENV_VARIABLE_KBS, which counts characters whatever its name says
/// (reference 2.2).
inline constexpr std::size_t payload_limit = 130048;

/// Bytes that a payload may have once unpacked. A Job is read from the cluster, where others write
/// too: without a limit, 130048 characters could unpack to 100 MB.
inline constexpr std::size_t unpacked_limit = std::size_t{64} * 1024 * 1024;

/// gzip at zlib's default level. The same bytes each time.
[[nodiscard]] std::string gzip(std::string_view text);

/// gzip, then base64 with padding and without line breaks; the length is the one that Druid's Java
/// gets.
[[nodiscard]] std::string pack_payload(std::string_view text);

/// The reverse, or what is wrong, in Java's words where they are known (`Not in GZIP format`).
[[nodiscard]] std::expected<std::string, std::string> unpack_payload(std::string_view base64);

}  // namespace copse::adapters
