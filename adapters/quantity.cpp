#include "adapters/quantity.hpp"

#include <algorithm>

namespace copse::adapters {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

bool is_refused_quantity(std::string_view text) {
  if (text.empty()) return true;
  const std::size_t unit_at = text.find_first_of("eEinumkKMGTP");
  if (unit_at == std::string_view::npos) return false;
  const std::string_view unit = text.substr(unit_at);
  return std::any_of(unit.begin(), unit.end(), is_digit) && is_letter(unit.back());
}

}  // namespace copse::adapters
