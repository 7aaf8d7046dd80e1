#pragma once
// Numbers of tasks and policies, exact to nine digits behind the point: integers, decimals,
// durations in milliseconds, quantities. One kind for all, so that a threshold is one comparison.
//
// What is finer than a nanounit is cut off towards minus infinity; what is beyond 64 bits stops at
// the largest or smallest number. So every JSON number has a defined place in the order.

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace copse::engine {

/// `whole` plus `nanos` billionths; 0 <= nanos < 1,000,000,000, also of negative numbers.
struct Number {
  std::int64_t whole = 0;
  std::uint32_t nanos = 0;
  std::uint32_t unused = 0;  ///< so that equal numbers are equal bytes

  auto operator<=>(const Number&) const = default;

  [[nodiscard]] bool is_integer() const { return nanos == 0; }
};

inline constexpr std::uint32_t nanos_a_unit = 1'000'000'000;
inline constexpr Number smallest_number{std::numeric_limits<std::int64_t>::min(), 0};
inline constexpr Number largest_number{std::numeric_limits<std::int64_t>::max(), 0};

/// The number next to it; none after the largest or before the smallest.
[[nodiscard]] Number next(Number number);
[[nodiscard]] Number before(Number number);

/// A JSON number, or a decimal of the policy language: `-1.5`, `42`, `2e9`. Nothing when it is
/// none.
[[nodiscard]] std::optional<Number> parse_number(std::string_view text);

/// A Kubernetes quantity: `500m` is half, `16Gi` 17179869184. Nothing when the API server would
/// refuse it.
[[nodiscard]] std::optional<Number> parse_quantity(std::string_view text);

/// True when the API server accepts it as a quantity: a decimal number with a suffix of SI, of
/// powers of two, or an exponent.
[[nodiscard]] bool is_quantity(std::string_view text);

/// `10m`, `2h`, `1d`, `30s`, `250ms`: milliseconds. Nothing when it is no such duration.
[[nodiscard]] std::optional<Number> parse_duration(std::string_view text);

/// As short as it can be said: `42`, `0.5`, `-1.25`.
[[nodiscard]] std::string in_words(Number number);

}  // namespace copse::engine
