#pragma once
// The log of one task in a task-log store of Druid's type `file`: `DIR/ID.log`, written as it comes
// and gone on with after a restart. Blocks on the file system.
//
// How far it has come stands in a second file, which is written behind each piece: after a crash
// the log is cut back to what that file says, so nothing is in it twice. Neither is synced: a log
// that is lost with a machine can be fetched again while its pod is there.

#include "runner/logs/timed_log.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace copse::runner::logs {

/// `DIR/ID.log`.
[[nodiscard]] std::string log_path(std::string_view directory, std::string_view task_id);

/// Bytes of a task id whose every file fits a folder; `ID.position.log` has the longest name.
/// Druid's ids may have 255 characters, of more than a byte each.
inline constexpr std::size_t task_id_limit = 255 - 13;

/// False for an id that would lead out of a folder, of which Druid accepts none
/// (IdUtils.validateId), and for one that is too long.
[[nodiscard]] bool is_file_name(std::string_view task_id);

class LogFile {
 public:
  /// Opens or makes the log. Without a readable position it begins anew, empty. Fails with path and
  /// cause.
  [[nodiscard]] static std::expected<LogFile, std::string> open(std::string path,
                                                                std::string position_path);

  LogFile(LogFile&& other) noexcept;
  LogFile& operator=(LogFile&& other) noexcept;
  ~LogFile();

  /// How far it had come when it was opened.
  [[nodiscard]] const LogPosition& position() const { return position_; }

  /// Adds bytes, with which the log has come to `position`. After a failure it must be opened anew.
  [[nodiscard]] std::expected<void, std::string> append(std::string_view bytes,
                                                        const LogPosition& position);

  /// The log is whole: its position is not needed any more.
  void finish();

 private:
  LogFile(std::string path, std::string position_path);
  [[nodiscard]] std::expected<void, std::string> write_position();

  std::string path_;
  std::string position_path_;
  int file_ = -1;
  int position_file_ = -1;
  std::uint64_t size_ = 0;
  LogPosition position_;
};

}  // namespace copse::runner::logs
