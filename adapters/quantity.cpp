#include "adapters/quantity.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace copse::adapters {
namespace {

constexpr std::string_view digits = "0123456789";

constexpr std::array<std::string_view, 16> suffixes{"",  "n", "u",  "m",  "k",  "M",  "G",  "T",
                                                    "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void drop_sign(std::string_view& text) {
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
}

// Removes the digits at the front and says how many there were.
std::size_t drop_digits(std::string_view& text) {
  const std::size_t count = std::min(text.find_first_not_of(digits), text.size());
  text.remove_prefix(count);
  return count;
}

bool is_exponent(std::string_view text) {
  if (text.empty() || (text.front() != 'e' && text.front() != 'E')) return false;
  text.remove_prefix(1);
  drop_sign(text);
  return drop_digits(text) > 0 && text.empty();
}

}  // namespace

bool is_quantity(std::string_view text) {
  drop_sign(text);
  std::size_t count = drop_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    count += drop_digits(text);
  }
  if (count == 0) return false;
  return std::find(suffixes.begin(), suffixes.end(), text) != suffixes.end() || is_exponent(text);
}

std::optional<double> quantity_value(std::string_view text) {
  if (!is_quantity(text)) return std::nullopt;
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const char* const end = text.data() + text.size();
  // Takes an exponent, too, and leaves the `E` of exa alone.
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view suffix(rest, static_cast<std::size_t>(end - rest));
  constexpr std::string_view binary = "KMGTPE";
  if (suffix.size() == 2)
    return std::ldexp(number, 10 * (static_cast<int>(binary.find(suffix.front())) + 1));
  constexpr std::string_view decimal = "num kMGTPE";
  if (suffix.empty()) return number;
  return number * std::pow(10.0, 3 * (static_cast<int>(decimal.find(suffix.front())) - 3));
}

bool is_refused_quantity(std::string_view text) {
  if (text.empty()) return true;
  const std::size_t unit_at = text.find_first_of("eEinumkKMGTP");
  if (unit_at == std::string_view::npos) return false;
  const std::string_view unit = text.substr(unit_at);
  return std::any_of(unit.begin(), unit.end(), is_digit) && is_letter(unit.back());
}

}  // namespace copse::adapters
