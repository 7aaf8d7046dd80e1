#include "adapters/scalar_coercion.hpp"

#include "adapters/quantity.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace copse::adapters {
namespace {

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

template <typename Int>
std::optional<Int> to_integer(std::string_view text, int base = 10) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The digits of `0644` or `0o644`, else empty: fabric8 reads the fields `mode` and `defaultMode`
// so.
std::string_view octal_digits(std::string_view text) {
  if (text.size() < 2 || text.front() != '0') return {};
  text.remove_prefix(text[1] == 'o' || text[1] == 'O' ? 2 : 1);
  return std::all_of(text.begin(), text.end(), is_octal) ? text : std::string_view{};
}

template <typename Int>
Coercion become_integer(Node& node, std::optional<Int> value) {
  if (!value) return Coercion::refused;
  const bool fits = node.kind == NodeKind::integer;
  node.kind = NodeKind::integer;
  node.text = std::to_string(*value);
  return fits ? Coercion::fits : Coercion::coerced;
}

Coercion to_int32(Node& node, const Field& field) {
  if (field.name == "mode" || field.name == "defaultMode") {
    const std::string_view octal = octal_digits(node.text);
    if (!octal.empty()) {
      static_cast<void>(become_integer(node, to_integer<std::int32_t>(octal, 8)));
      return Coercion::fits;
    }
  }
  return become_integer(node, to_integer<std::int32_t>(node.text));
}

Coercion to_int64(Node& node) {
  if (node.kind == NodeKind::real) {
    double value = std::nan("");
    std::from_chars(node.text.data(), node.text.data() + node.text.size(), value);
    constexpr double bound = 9.2e18;
    if (!(std::abs(value) < bound)) return Coercion::refused;
    return become_integer(node, std::optional(static_cast<std::int64_t>(value)));
  }
  if (node.kind == NodeKind::boolean) return Coercion::refused;
  const std::string_view text = without_blanks(node.text);
  if (text.empty() || text == "null") return Coercion::becomes_null;
  return become_integer(node, to_integer<std::int64_t>(text));
}

Coercion to_boolean(Node& node) {
  if (node.kind == NodeKind::boolean) return Coercion::fits;
  if (node.kind == NodeKind::real) return Coercion::refused;
  const std::string_view text = without_blanks(node.text);
  bool value = false;
  if (node.kind == NodeKind::integer) {
    value = text != "0";
  } else if (text.empty() || text == "null") {
    return Coercion::becomes_null;
  } else if (text == "true" || text == "True" || text == "TRUE") {
    value = true;
  } else if (text != "false" && text != "False" && text != "FALSE") {
    return Coercion::refused;
  }
  node.kind = NodeKind::boolean;
  node.text = value ? "true" : "false";
  return Coercion::coerced;
}

Coercion to_text(Node& node) {
  if (node.kind == NodeKind::text) return Coercion::fits;
  node.kind = NodeKind::text;
  return Coercion::coerced;
}

Coercion to_quantity(Node& node) {
  if (is_refused_quantity(node.text)) return Coercion::refused;
  const bool number = node.kind == NodeKind::integer || node.kind == NodeKind::real;
  const bool fits = number || node.kind == NodeKind::text;
  node.kind = NodeKind::text;
  return fits ? Coercion::fits : Coercion::coerced;
}

Coercion to_int_or_text(Node& node) {
  if (node.kind == NodeKind::integer && to_integer<std::int32_t>(node.text)) return Coercion::fits;
  return to_text(node);
}

}  // namespace

Coercion coerce_scalar(Node& node, const Field& field) {
  if (field.kind == FieldKind::any) return Coercion::fits;
  if (node.kind == NodeKind::list || node.kind == NodeKind::map) return Coercion::refused;
  switch (field.kind) {
    case FieldKind::text:
    case FieldKind::time:
      return to_text(node);
    case FieldKind::int32:
      return to_int32(node, field);
    case FieldKind::int64:
      return to_int64(node);
    case FieldKind::boolean:
      return to_boolean(node);
    case FieldKind::quantity:
      return to_quantity(node);
    case FieldKind::int_or_text:
      return to_int_or_text(node);
    case FieldKind::any:
    case FieldKind::object:
      break;
  }
  return Coercion::refused;
}

}  // namespace copse::adapters
