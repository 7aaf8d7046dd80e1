#pragma once
// POSTs by libcurl and nothing else: no queue, no watch, no JSON. The baseline of launching, and
// who asks when a server's answers are timed.

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <vector>

namespace copse::runner::bench {

/// Requests under way at a time when Jobs are created: as many connections as the runner uses on
/// plain HTTP.
inline constexpr std::size_t loop_connections = 16;

struct Posts {
  std::string url;
  std::string content_type;
  const std::vector<std::string>& bodies;  ///< one request each, in this order
  std::size_t connections = 1;             ///< and requests under way at a time
  long expected_status = 200;
};

struct Posted {
  std::vector<std::chrono::microseconds> took;  ///< from handing over to the whole answer
  double seconds = 0;                           ///< from the first to the last
};

/// Blocks. Fails with a text when one is not answered as expected.
[[nodiscard]] std::expected<Posted, std::string> post_all(const Posts& posts);

}  // namespace copse::runner::bench
