#include "grammar/language/units.hpp"

#include "engine/number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace copse::grammar::language {
namespace {

using Unit = std::pair<std::string_view, std::string_view>;

constexpr std::array duration_words{
    Unit{"sec", "s"},          Unit{"secs", "s"}, Unit{"second", "s"},  Unit{"seconds", "s"},
    Unit{"min", "m"},          Unit{"mins", "m"}, Unit{"minute", "m"},  Unit{"minutes", "m"},
    Unit{"hr", "h"},           Unit{"hrs", "h"},  Unit{"hour", "h"},    Unit{"hours", "h"},
    Unit{"day", "d"},          Unit{"days", "d"}, Unit{"millis", "ms"}, Unit{"msec", "ms"},
    Unit{"milliseconds", "ms"}};

// What is written so is meant so; `g` may be `G` or `Gi`, and is none of these.
constexpr std::array quantity_words{
    Unit{"kB", "k"},   Unit{"KB", "k"},   Unit{"MB", "M"},   Unit{"GB", "G"},   Unit{"TB", "T"},
    Unit{"PB", "P"},   Unit{"KiB", "Ki"}, Unit{"MiB", "Mi"}, Unit{"GiB", "Gi"}, Unit{"TiB", "Ti"},
    Unit{"PiB", "Pi"}, Unit{"ki", "Ki"},  Unit{"mi", "Mi"},  Unit{"gi", "Gi"},  Unit{"ti", "Ti"},
    Unit{"KI", "Ki"},  Unit{"MI", "Mi"},  Unit{"GI", "Gi"},  Unit{"TI", "Ti"}};

template <std::size_t N>
std::string with_unit(std::string_view text, const std::array<Unit, N>& units) {
  const std::size_t end = text.find_first_not_of("0123456789.");
  if (end == 0 || end == std::string_view::npos) return {};
  const std::string_view unit = text.substr(end);
  const auto* const at = std::find_if(units.begin(), units.end(),
                                      [&](const Unit& each) { return each.first == unit; });
  if (at == units.end()) return {};
  return std::string(text.substr(0, end)) + std::string(at->second);
}

// A number and the letter behind it: taken off the front of `text`.
std::optional<std::pair<std::int64_t, char>> take_part(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() + text.size() || number > INT32_MAX)
    return std::nullopt;
  const char letter = *end;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return std::pair(number, letter);
}

// Seconds of `P1DT2H30M`, as Druid's own properties write durations.
std::optional<std::int64_t> iso_seconds(std::string_view text) {
  if (!text.starts_with('P') || text.size() < 3) return std::nullopt;
  text.remove_prefix(1);
  std::int64_t seconds = 0;
  bool is_time = false;
  while (!text.empty()) {
    if (text.starts_with('T') && !is_time) {
      is_time = true;
      text.remove_prefix(1);
      continue;
    }
    const auto part = take_part(text);
    if (!part) return std::nullopt;
    const auto [number, letter] = *part;
    const std::int64_t unit = !is_time && letter == 'D'  ? 86'400
                              : is_time && letter == 'H' ? 3'600
                              : is_time && letter == 'M' ? 60
                              : is_time && letter == 'S' ? 1
                                                         : 0;
    if (unit == 0) return std::nullopt;
    seconds += number * unit;
  }
  return seconds;
}

}  // namespace

std::string duration_meant(std::string_view text) {
  const auto seconds = iso_seconds(text);
  if (!seconds) return with_unit(text, duration_words);
  constexpr std::array<std::pair<std::int64_t, char>, 3> units{
      {{86'400, 'd'}, {3'600, 'h'}, {60, 'm'}}};
  for (const auto& [length, unit] : units) {
    if (*seconds != 0 && *seconds % length == 0) return std::to_string(*seconds / length) + unit;
  }
  return std::to_string(*seconds) + "s";
}

std::string quantity_meant(std::string_view text) {
  return with_unit(text, quantity_words);
}

std::string number_with_unit(std::string_view number, std::string_view unit) {
  const std::string together = std::string(number) + std::string(unit);
  const bool is_one = !unit.empty() && (engine::parse_quantity(together) ||
                                        engine::parse_duration(together) || unit == "%");
  if (is_one) return together;
  const std::string quantity = quantity_meant(together);
  return quantity.empty() ? duration_meant(together) : quantity;
}

}  // namespace copse::grammar::language
