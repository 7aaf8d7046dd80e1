#pragma once
// Instants and intervals as ISO 8601 writes them, and what a clock shows at an instant in a zone.
//
// Intervals are those of Druid's specs: `2026-01-01/2026-02-01`, `2026-01-01T12:00Z/P1D`,
// `P1M/2026-03-01`. Without an offset a time is UTC, as in Druid.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace copse::engine {

/// Milliseconds since 1970-01-01T00:00Z.
enum class Instant : std::int64_t {};

/// `2026-11-24T23:00:00+01:00`, `2026-11-24`, `2026-11-24T23:00Z`. Nothing when it is none, or its
/// day does not exist. Years 0 to 9999.
[[nodiscard]] std::optional<Instant> parse_instant(std::string_view text);

/// `2026-11-24T22:00:00Z`: the same in UTC.
[[nodiscard]] std::string in_words(Instant instant);

/// The length of an interval in milliseconds; years may have a sign and nine digits, as Druid's
/// eternity has. Nothing when it is none, or ends before it starts.
[[nodiscard]] std::optional<std::int64_t> interval_millis(std::string_view text);

/// What a clock on the wall shows.
struct WallClock {
  std::int32_t minute = 0;   ///< of the day, 0 to 1439
  std::int32_t weekday = 0;  ///< 1 Monday to 7 Sunday
};

/// A zone of the tz database (`Europe/Berlin`), with its changes for daylight saving. It lives as
/// long as the program.
class Zone {
 public:
  /// Nothing when the system's tz database does not know it. Reads the database the first time.
  [[nodiscard]] static std::optional<Zone> named(std::string_view name);

  [[nodiscard]] WallClock at(Instant instant) const;

 private:
  explicit Zone(const void* zone) : zone_(zone) {}

  const void* zone_;  // date::time_zone
};

}  // namespace copse::engine
