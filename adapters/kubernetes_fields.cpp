#include "adapters/kubernetes_fields.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace copse::adapters {
namespace {

struct TypeRow {
  std::string_view name;
  std::uint16_t first;  // in field_table
  std::uint16_t count;
};

constexpr auto one = FieldShape::one;
constexpr auto list = FieldShape::list;
constexpr auto map = FieldShape::map;
constexpr auto text = FieldKind::text;
constexpr auto int32 = FieldKind::int32;
constexpr auto int64 = FieldKind::int64;
constexpr auto boolean = FieldKind::boolean;
constexpr auto quantity = FieldKind::quantity;
constexpr auto int_or_text = FieldKind::int_or_text;
constexpr auto time = FieldKind::time;
constexpr auto any = FieldKind::any;
constexpr auto object = FieldKind::object;

// INVARIANT: sorted by name, so that find_type may search by halves.
constexpr std::array type_table{
#define TYPE(name, first, count) TypeRow{name, first, count},
#include "adapters/fields/kubernetes.inc"
#undef TYPE
};

constexpr std::array field_table{
#define FIELD(name, kind, shape, type, required, merge_key) \
  Field{name, kind, shape, TypeId{type}, (required) != 0, merge_key},
#include "adapters/fields/kubernetes.inc"
#undef FIELD
};

const TypeRow& row(TypeId type) {
  assert(std::to_underlying(type) < type_table.size());
  return type_table.at(std::to_underlying(type));
}

}  // namespace

std::optional<TypeId> find_type(std::string_view name) {
  const auto* at =
      std::lower_bound(type_table.begin(), type_table.end(), name,
                       [](const TypeRow& r, std::string_view n) { return r.name < n; });
  if (at == type_table.end() || at->name != name) return std::nullopt;
  return TypeId{static_cast<std::uint16_t>(at - type_table.begin())};
}

TypeId type_named(std::string_view name) {
  const auto found = find_type(name);
  assert(found.has_value());
  return found.value_or(TypeId{0});
}

std::string_view name(TypeId type) {
  return row(type).name;
}

std::span<const Field> fields(TypeId type) {
  return std::span(field_table).subspan(row(type).first, row(type).count);
}

const Field* find_field(TypeId type, std::string_view name) {
  const auto all = fields(type);
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const Field& f) { return f.name == name; });
  return at == all.end() ? nullptr : &*at;
}

std::string_view describe(FieldKind kind) {
  switch (kind) {
    case FieldKind::text:
      return "text";
    case FieldKind::int32:
    case FieldKind::int64:
      return "a whole number";
    case FieldKind::boolean:
      return "`true` or `false`";
    case FieldKind::quantity:
      return "a quantity such as `500m` or `2Gi`";
    case FieldKind::int_or_text:
      return "a whole number or text";
    case FieldKind::time:
      return "a time such as `2026-01-31T12:00:00Z`";
    case FieldKind::any:
      return "any value";
    case FieldKind::object:
      return "an object";
  }
  return "";
}

std::uint16_t type_count() {
  return static_cast<std::uint16_t>(type_table.size());
}

}  // namespace copse::adapters
