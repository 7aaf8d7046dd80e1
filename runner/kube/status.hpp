#pragma once
// Reading a `Status` object (the API server's form of an error) from a body that may be anything.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace copse::runner::kube {

struct Status {
  int code = 0;
  std::string reason;
  std::string message;
  std::string cause;  ///< `reason` of the first cause
  std::optional<std::chrono::seconds> retry_after;
};

/// The Status in `body`; nothing when the body is not a JSON object of kind Status (plain text from
/// priority and fairness, HTML from a proxy, cut JSON, nothing at all).
[[nodiscard]] std::optional<Status> read_status(std::string_view body);

/// The Status inside a watch line of type ERROR; nothing when there is none.
[[nodiscard]] std::optional<Status> read_watch_status(std::string_view line);

}  // namespace copse::runner::kube
