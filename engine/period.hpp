#pragma once
// ISO 8601 periods as Joda-Time reads them, which is how Druid reads `PT4H` in a property.
//
// More is accepted than the standard allows: lower case, a sign before each number (`PT-5S`), a
// comma as decimal point (`PT,5S`), a bare `P`. Less than one may expect: no sign before the `P`,
// decimals only in seconds. Pure.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace copse::engine {

struct Period {
  std::int32_t years = 0;
  std::int32_t months = 0;
  std::int32_t weeks = 0;
  std::int32_t days = 0;
  std::int32_t hours = 0;
  std::int32_t minutes = 0;
  std::int32_t seconds = 0;
  std::int32_t millis = 0;

  bool operator==(const Period&) const = default;
};

/// The period that `text` says, or why not, in Joda's words (`Invalid format: "PT" is too short`).
/// Blanks around it are not removed here.
[[nodiscard]] std::expected<Period, std::string> parse_period(std::string_view text);

/// Its length in milliseconds, with days of 24 hours. Fails, in Joda's words, when it has months or
/// years: how long these are depends on the day they start.
[[nodiscard]] std::expected<std::int64_t, std::string> standard_millis(const Period& period);

/// The same in whole seconds; a fraction is cut towards zero.
[[nodiscard]] std::expected<std::int64_t, std::string> standard_seconds(const Period& period);

}  // namespace copse::engine
