#pragma once
// Which fields the Kubernetes API has, below Job, PodTemplate and Pod: names, kinds, what is
// required.
//
// A table of about 120 types and 570 fields, generated from the OpenAPI document of Kubernetes 1.34
// (see fields/generate.py) and compiled in: constant, no start-up cost, readable from any thread.
// Fields of a type stand in the order in which Druid's client (fabric8) writes them: apiVersion,
// kind, metadata, then by name. It knows names and kinds only; what values mean is not its
// business.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace copse::adapters {

/// What one value of a field is on the wire.
enum class FieldKind : std::uint8_t {
  text,
  int32,
  int64,
  boolean,
  quantity,     ///< text such as `500m`; a bare number is read as one
  int_or_text,  ///< a port number or its name
  time,         ///< RFC 3339 text
  any,          ///< free JSON
  object        ///< a value of Field::type
};

/// How many values a field holds.
enum class FieldShape : std::uint8_t {
  one,
  list,
  map  ///< from text keys
};

/// Index of a type in the table.
enum class TypeId : std::uint16_t {};

struct Field {
  std::string_view name;
  FieldKind kind;
  FieldShape shape;
  TypeId type;    ///< meaningful when kind is `object`
  bool required;  ///< the API server refuses an object without it
  std::string_view
      merge_key;  ///< key by which a strategic merge patch joins the list; empty: it replaces it
};

/// The type of that short name, e.g. `PodTemplateSpec`, `Container`, `Job`. Empty: not in the
/// table.
[[nodiscard]] std::optional<TypeId> find_type(std::string_view name);

/// The same for a name that the table is known to have; anything else is a bug (asserted).
[[nodiscard]] TypeId type_named(std::string_view name);

[[nodiscard]] std::string_view name(TypeId type);

[[nodiscard]] std::span<const Field> fields(TypeId type);

/// The field, or null when the type has none of that name. Names are case-sensitive, as in
/// Kubernetes.
[[nodiscard]] const Field* find_field(TypeId type, std::string_view name);

/// What a person calls such a value, e.g. `text`, `a list of text`, `a whole number`.
[[nodiscard]] std::string_view describe(FieldKind kind);

/// Number of types, for walks over the whole table.
[[nodiscard]] std::uint16_t type_count();

}  // namespace copse::adapters
