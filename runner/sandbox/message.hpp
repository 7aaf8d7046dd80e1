#pragma once
// Requests and replies of the API server, independent of any HTTP library.

#include "runner/sandbox/log_stream.hpp"
#include "runner/sandbox/refusal.hpp"
#include "runner/sandbox/watch.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace copse::runner::sandbox {

/// One request as it came. The texts belong to whoever holds the message.
struct Request {
  std::string_view method{};  ///< upper case
  std::string_view target{};  ///< path and query, percent-encoded
  std::string_view body{};
  std::string_view accept{};
  std::string_view content_type{};
  std::string_view authorization{};
  bool has_certificate = false;  ///< the connection showed a client certificate of our authority
  bool is_second_look = false;   ///< it was Pending before: not counted again
};

/// A complete answer.
struct Reply {
  int code = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::string> warnings;  ///< each becomes a header `Warning: 299 - "…"`
  int retry_after_seconds = 0;        ///< > 0: header Retry-After
};

/// The answer is not known yet: handle the request again once the store has reached `rv`, or give
/// `otherwise` when that has not happened within rv_patience.
struct Pending {
  Rv rv{};
  Refusal otherwise;
};

/// How long a request for a future resourceVersion waits (watch cache: blockTimeout).
inline constexpr milliseconds rv_patience = std::chrono::seconds{3};

/// A watch goes on as chunks of JSON lines, a log as plain text.
using Answer = std::variant<Reply, std::unique_ptr<Watch>, std::unique_ptr<LogStream>, Pending>;

/// A refusal says what there was to warn of, too.
[[nodiscard]] Reply reply_of(const Refusal& refusal, std::vector<std::string> warnings = {});

}  // namespace copse::runner::sandbox
