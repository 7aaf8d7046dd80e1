#pragma once
// Questions to a live Overlord over its public API, for verbs that people wait for: blocks, and
// changes nothing. An Overlord that does not lead answers with a redirect, which is followed.

#include <cstddef>
#include <expected>
#include <memory>
#include <string>

namespace copse::runner::overlord {

/// From connecting to the last byte of one answer.
inline constexpr long answer_deadline_seconds = 60;
inline constexpr long connect_deadline_seconds = 10;

/// Bytes of one answer.
inline constexpr std::size_t answer_limit = std::size_t{64} << 20U;

/// Redirects that are followed for one question.
inline constexpr long redirect_limit = 5;

/// Why the Overlord could not be asked.
struct AskFailure {
  std::string title;  ///< what was asked, and what came instead
  std::string help;   ///< what to check
};

class Asker {
 public:
  /// `url` of the Overlord or Router: `http://host:8090`, with `user:password@` where it wants
  /// that.
  explicit Asker(std::string url);
  Asker(const Asker&) = delete;
  Asker& operator=(const Asker&) = delete;
  ~Asker();

  /// The body of a 200; empty where Druid has nothing to say. Every other answer is a failure.
  [[nodiscard]] std::expected<std::string, AskFailure> get(const std::string& path);

 private:
  struct Handle;
  std::string base_;
  std::unique_ptr<Handle> handle_;
};

/// `text` as one segment of a path.
[[nodiscard]] std::string path_segment(const std::string& text);

/// `url` as people may see it: without a password.
[[nodiscard]] std::string shown(const std::string& url);

}  // namespace copse::runner::overlord
