#pragma once
// A container's log as the API server streams it with timestamps, put together again without loss
// or duplicates when the stream breaks. Pure.
//
// A stream ends when the log is rotated, the kubelet restarts or a connection is cut, and goes on
// with `sinceTime`, which knows whole seconds only: the server sends again what was there already,
// and a line that was cut comes whole. Every line begins with its time to the nanosecond
// (`2026-11-26T13:30:12.000000001Z `, kubelet: ReadLogs), which is taken off; several lines may
// have the same.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace copse::runner::logs {

/// How far a log was passed on: what is needed to go on with it after a restart.
struct LogPosition {
  std::string newest;       ///< time of the newest line; empty: nothing was passed on
  std::uint64_t whole = 0;  ///< lines of that time that were passed on whole
  std::uint64_t part = 0;   ///< bytes that were passed on of the one behind them

  bool operator==(const LogPosition&) const = default;
};

class TimedLog {
 public:
  TimedLog() = default;

  /// Goes on behind what was passed on before.
  explicit TimedLog(LogPosition from)
      : newest_(std::move(from.newest)), whole_(from.whole), part_(from.part) {}

  /// Of everything that `feed` has returned.
  [[nodiscard]] LogPosition position() const { return {newest_, whole_, part_}; }

  /// The bytes that the log grows by: new lines without their times, and what is new of a line.
  [[nodiscard]] std::string feed(std::string_view bytes);

  /// The stream has ended; the next byte begins a line.
  void cut();

  /// What to ask the server for next, RFC 3339 in whole seconds; empty: everything.
  [[nodiscard]] std::string since() const;

 private:
  enum class At : std::uint8_t {
    time,  // within the time that a line begins with
    line,  // within a line that is passed on
    known  // within a line that was passed on before
  };

  void begin_line(std::string& out);

  At at_ = At::time;
  std::string time_;         // of the line that is being read, as far as it was
  std::string newest_;       // the time of the newest line
  std::uint64_t whole_ = 0;  // lines of that time that were passed on whole
  std::uint64_t part_ = 0;   // bytes that were passed on of the one behind them
  std::uint64_t again_ = 0;  // lines of that time seen since the stream began anew
  std::uint64_t skip_ = 0;   // bytes of the line at hand that were passed on before
};

}  // namespace copse::runner::logs
