#pragma once
// A container's log as one request sees it: what has been printed, cut by tailLines, sinceTime and
// limitBytes, and with `follow` what is printed until the container ends.

#include "runner/sandbox/node.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace copse::runner::sandbox {

struct LogRequest {
  std::string pod_uid;
  bool follow = false;
  bool timestamps = false;
  std::optional<std::size_t> tail_lines;
  std::optional<Moment> since;
  std::optional<std::size_t> limit_bytes;
};

class LogStream {
 public:
  LogStream(const Node& node, LogRequest request) : node_{node}, request_{std::move(request)} {}

  /// Text printed since the last call. May be empty.
  [[nodiscard]] std::string pull(Moment now);

  /// True when nothing more will come.
  [[nodiscard]] bool finished() const { return finished_; }

  /// Cluster time at which the next line is due, if that is known.
  [[nodiscard]] std::optional<Moment> wake(Moment now) const;

 private:
  const Node& node_;
  LogRequest request_;
  std::size_t lines_seen_ = 0;
  std::size_t bytes_sent_ = 0;
  bool begun_ = false;
  bool finished_ = false;
};

}  // namespace copse::runner::sandbox
