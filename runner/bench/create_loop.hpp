#pragma once
// The baseline of launching: libcurl and nothing else. No queue, no watch, no JSON.

#include <expected>
#include <string>
#include <vector>

namespace copse::runner::bench {

/// Requests under way at a time: as many connections as the runner uses on plain HTTP.
inline constexpr std::size_t loop_connections = 16;

/// POSTs every Job to namespace `default` of the server at `url`; blocks. Fails with a text when
/// one is refused.
[[nodiscard]] std::expected<void, std::string> create_all(
    const std::string& url, const std::vector<std::string>& documents);

}  // namespace copse::runner::bench
